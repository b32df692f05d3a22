import { messageOf } from '../../domain/errors.js';
import { units } from '../../domain/units.js';
import type { Logger } from '../../ports/logger.js';
import type { Portfolio } from '../../ports/portfolio.js';
import type { SafetyLadder } from '../../ports/safety-ladder.js';
import { PPM, share } from './ppm.js';
import type { LimitBook } from './risk-limits.js';
import type { RiskJournal } from './risk-journal.js';
import { amount } from './text.js';

/** Fall of equity from its high-water mark. Beyond the limit the safety state becomes REDUCE_ONLY, which only an operator lifts. */
export class Drawdown {
  private beyond = false;

  constructor(
    private readonly limits: LimitBook,
    private readonly portfolio: Portfolio,
    private readonly ladder: SafetyLadder,
    private readonly journal: RiskJournal,
    private readonly logger: Logger,
  ) {}

  check(): boolean {
    const { drawdown } = this.limits.current;
    const { equity, equityPeak } = this.portfolio;
    if (drawdown === Infinity || equityPeak <= 0 || equityPeak - equity <= share(equityPeak, drawdown)) {
      this.beyond = false;
      return false;
    }
    if (!this.beyond) {
      this.beyond = true;
      this.journal.record('drawdown_breach', { equity: amount(equity), peak: amount(equityPeak), drawdown: amount(units(equityPeak - equity)), limit_pct: drawdown / PPM, action: 'REDUCE_ONLY' });
    }
    if (this.ladder.state === 'NORMAL') tighten(this.ladder, 'REDUCE_ONLY', 'max_drawdown', this.logger);
    return true;
  }
}

/** Tightens without waiting: the state holds at once, and a record that cannot be written is reported. */
export function tighten(ladder: SafetyLadder, to: 'REDUCE_ONLY' | 'HALTED', reason: string, logger: Logger): void {
  ladder.tighten(to, reason).catch((error: unknown) => {
    logger.error('Safety state is tight but not on disk', { state: to, reason, error: messageOf(error) });
  });
}
