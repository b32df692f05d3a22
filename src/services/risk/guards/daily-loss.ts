import { units } from '../../../domain/units.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { LimitBook } from '../risk-limits.js';
import type { RiskJournal } from '../risk-journal.js';
import { amount } from '../amount-text.js';

/**
 * Loss of the UTC day: equity at its start less equity now. Once the limit is passed the day is closed for increasing
 * orders, even if equity recovers and after a restart; the next UTC day opens again by itself.
 */
export class DailyLoss {
  private closedDay: number | undefined;
  private restored = false;

  constructor(
    private readonly limits: LimitBook,
    private readonly portfolio: Portfolio,
    private readonly events: EventStore,
    private readonly journal: RiskJournal,
  ) {}

  check(now: number): boolean {
    const limit = this.limits.current.dailyLoss;
    if (limit === Infinity) return false;
    if (!this.restored) this.restore();
    if (this.closedDay !== undefined && this.closedDay === dayOf(now)) return true;
    const start = this.portfolio.dayStartEquity;
    if (start === undefined || start - this.portfolio.equity <= limit) return false;
    this.close(dayOf(now), start - this.portfolio.equity, limit);
    return true;
  }

  /** No limit, or one that neither today nor an earlier day has passed. */
  isQuiet(): boolean {
    const limit = this.limits.current.dailyLoss;
    if (limit === Infinity) return true;
    const start = this.portfolio.dayStartEquity;
    return (
      this.restored && this.closedDay === undefined && start !== undefined && start - this.portfolio.equity <= limit
    );
  }

  private close(day: number, loss: number, limit: number): void {
    this.closedDay = day;
    const { unit } = this.portfolio;
    this.journal.record('daily_loss_breach', {
      day,
      daily_pnl: amount(unit, units(-loss)),
      daily_loss_abs: amount(unit, units(loss)),
      limit: amount(unit, units(limit)),
      action: 'increasing_orders_refused_until_next_utc_day',
    });
  }

  private restore(): void {
    this.restored = true;
    const day = this.events.query({ types: ['daily_loss_breach'], limit: 1 }).at(-1)?.payload['day'];
    if (typeof day === 'number') this.closedDay = day;
  }
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS);
