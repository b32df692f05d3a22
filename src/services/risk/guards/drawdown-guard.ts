import { units, type Units } from '../../../domain/units.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { tighten } from '../../../flow/tighten.js';
import type { EquityBaselines } from './equity-baselines.js';
import { PPM, share } from '../parts-per-million.js';
import type { LimitBook } from '../risk-limits.js';
import type { RiskJournal } from '../risk-journal.js';
import { amount } from '../amount-text.js';

const RECORD = 'drawdown_breach';
/**
 * Fall of equity from its high-water mark. Beyond the limit the safety state becomes REDUCE_ONLY, which only an
 * operator lifts. Doing so accepts the loss: the mark begins again at the equity of that moment, or the next check
 * would undo it. That holds too where a restart came between the breach and the operator.
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
    private readonly events: EventStore,
    private readonly journal: RiskJournal,
    baselines: EquityBaselines,
    private readonly logger: Logger,
  ) {
    ladder.onChange(({ to }) => {
      if (to !== 'NORMAL') return;
      baselines.takeUp();
      if (this.beyond || (this.isBeyond() && this.wasAnnounced())) baselines.restartPeak();
    });
  }

  check(): boolean {
    if (!this.isBeyond()) {
      this.beyond = false;
      return false;
    }
    if (!this.beyond) {
      const { drawdown } = this.limits.current;
      const { equity, equityPeak, unit } = this.portfolio;
      this.beyond = true;
      this.journal.record(RECORD, {
        equity: amount(unit, equity),
        peak: amount(unit, equityPeak),
        drawdown: amount(unit, units(equityPeak - equity)),
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

  private isBeyond(): boolean {
    const { drawdown } = this.limits.current;
    const { equity, equityPeak } = this.portfolio;
    return !(
      drawdown === Infinity ||
      equityPeak <= 0 ||
      equity >= equityPeak ||
      equityPeak - equity <= this.allowance(equityPeak, drawdown)
    );
  }

  /** The journal tells of a breach that stood when the operator, whose record is there already, loosened. */
  private wasAnnounced(): boolean {
    let stands = false;
    let accepted = false;
    for (const { type, payload } of this.events.fold(FOLDS.drawdownBreaches)) {
      if (type === RECORD) stands = true;
      else if (payload['to'] === 'NORMAL') {
        accepted = stands;
        stands = false;
      }
    }
    return accepted;
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
