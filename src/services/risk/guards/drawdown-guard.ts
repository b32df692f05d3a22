import { units, type Units } from '../../../domain/units.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { tighten } from '../../../flow/tighten.js';
import type { EquityBaselines } from './equity-baselines.js';
import { PPM, share } from '../parts-per-million.js';
import type { LimitBook } from '../risk-limits.js';
import type { RiskJournal } from '../risk-journal.js';
import { amount } from '../amount-text.js';

/**
 * Fall of equity from its high-water mark. Beyond the limit the safety state becomes REDUCE_ONLY, which only an
 * operator lifts. Doing so accepts the loss: the mark begins again at the equity of that moment, or the next check
 * would undo it.
 */
export class DrawdownGuard {
  private beyond = false;
  /** Largest fall allowed from `peak`, at `limit`: both change seldom, and every event asks. */
  private allowed: Units = units(0);
  private peak: Units = units(0);
  private limit = 0;

  constructor(
    private readonly limits: LimitBook,
    private readonly portfolio: Portfolio,
    private readonly ladder: SafetyLadder,
    private readonly journal: RiskJournal,
    baselines: EquityBaselines,
    private readonly logger: Logger,
  ) {
    ladder.onChange(({ to }) => {
      if (to === 'NORMAL' && this.beyond) baselines.restartPeak();
    });
  }

  check(): boolean {
    const { drawdown } = this.limits.current;
    const { equity, equityPeak } = this.portfolio;
    if (
      drawdown === Infinity ||
      equityPeak <= 0 ||
      equity >= equityPeak ||
      equityPeak - equity <= this.allowance(equityPeak, drawdown)
    ) {
      this.beyond = false;
      return false;
    }
    if (!this.beyond) {
      this.beyond = true;
      this.journal.record('drawdown_breach', {
        equity: amount(equity),
        peak: amount(equityPeak),
        drawdown: amount(units(equityPeak - equity)),
        limit_pct: drawdown / PPM,
        action: 'REDUCE_ONLY',
      });
    }
    if (this.ladder.state === 'NORMAL') tighten(this.ladder, 'REDUCE_ONLY', 'max_drawdown', this.logger);
    return true;
  }

  /** Within the limit as last worked out, and not beyond it before. */
  isQuiet(): boolean {
    const { drawdown } = this.limits.current;
    const { equity, equityPeak: peak } = this.portfolio;
    return (
      !this.beyond &&
      (drawdown === Infinity ||
        equity >= peak ||
        (peak === this.peak && drawdown === this.limit && peak - equity <= this.allowed))
    );
  }

  private allowance(peak: Units, limit: number): Units {
    if (peak !== this.peak || limit !== this.limit) {
      this.allowed = share(peak, limit);
      this.peak = peak;
      this.limit = limit;
    }
    return this.allowed;
  }
}
