import { DAY_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import { Throttles } from '../../../flow/throttle.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { EventStore } from '../../../ports/storage/event-store.js';

/** Fewer messages than this in a day are no ratio. */
const FEWEST_MESSAGES = 100;
const RECORD = 'message_budget';

/**
 * Counts what is sent to the venue against what venues tolerate: cancellations a minute, and messages of a UTC day for
 * each order that traded. It warns and holds nothing back: an order that must go, goes. What empties the book for
 * safety is not counted, or a halt would be reported as a fault.
 */
export class MessageBudget {
  private readonly cancels: number[] = [];
  private readonly throttles = new Throttles();
  private day = Number.NaN;
  private messages = 0;
  private trades = 0;

  constructor(
    private readonly config: ConfigController,
    private readonly journal: EventStore,
    private readonly logger: Logger,
  ) {}

  /** An order, or a change of one, is about to be sent. */
  sent(now: number): void {
    if (this.config.current.risk.maxOrderToTrade !== undefined) this.count(now);
  }

  /** A cancellation is about to be sent. */
  cancelled(now: number): void {
    const { cancelsPerMinute: limit, maxOrderToTrade } = this.config.current.risk;
    if (maxOrderToTrade !== undefined) this.count(now);
    if (limit === undefined) return;
    while (this.cancels.length > 0 && !(now - (this.cancels[0] as number) < MINUTE_MS)) this.cancels.shift();
    this.cancels.push(now);
    if (!(this.cancels.length <= limit)) this.warn('cancel_rate', { cancels: this.cancels.length, limit }, now);
  }

  /** An order has executed for the first time. */
  traded(now: number): void {
    this.turnTo(now);
    this.trades += 1;
  }

  private count(now: number): void {
    this.turnTo(now);
    this.messages += 1;
    const limit = this.config.current.risk.maxOrderToTrade;
    if (limit === undefined || this.messages < FEWEST_MESSAGES) return;
    const ratio = this.messages / Math.max(1, this.trades);
    if (!(ratio <= limit)) this.warn('order_to_trade', { messages: this.messages, trades: this.trades, limit }, now);
  }

  private turnTo(now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (day === this.day) return;
    this.day = day;
    this.messages = 0;
    this.trades = 0;
  }

  private warn(budget: string, counts: Readonly<Record<string, number>>, now: number): void {
    if (this.throttles.pass('', budget, now) === undefined) return;
    this.journal.append(RECORD, { budget, ...counts });
    this.logger.warn('More is sent than venues tolerate', { budget, ...counts });
  }
}
