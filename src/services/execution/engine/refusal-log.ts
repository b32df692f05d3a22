import type { EventStore } from '../../../ports/storage/event-store.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { orderFacts } from '../orders/order-facts.js';

const QUIET_MS = 60_000;

/** Journals and logs refusals: one record per symbol and check a minute, with the number left out since the last. */
export class RefusalLog {
  private readonly last = new Map<string, { at: number; suppressed: number }>();

  constructor(
    private readonly journal: EventStore,
    private readonly logger: Logger,
  ) {}

  record(intent: OrderIntent, check: string, reason: string, now: number): void {
    const key = `${intent.instrument.symbol}|${check}`;
    const before = this.last.get(key);
    if (before !== undefined && now - before.at < QUIET_MS) {
      before.suppressed += 1;
      return;
    }
    const suppressed = before?.suppressed ?? 0;
    this.last.set(key, { at: now, suppressed: 0 });
    const facts = { ...orderFacts(intent), check, reason };
    this.journal.append('order_rejected', suppressed === 0 ? facts : { ...facts, suppressed });
    this.logger.warn('Order refused', facts);
  }
}
