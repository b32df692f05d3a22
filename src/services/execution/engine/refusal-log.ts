import type { EventStore } from '../../../ports/storage/event-store.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { Throttles } from '../../../flow/throttle.js';
import { orderFacts } from '../orders/order-facts.js';

/** Journals and logs refusals: one record per symbol and check a minute, with the number left out since the last. */
export class RefusalLog {
  private readonly throttles = new Throttles();

  constructor(
    private readonly journal: EventStore,
    private readonly logger: Logger,
  ) {}

  record(intent: OrderIntent, check: string, reason: string, now: number): void {
    const suppressed = this.throttles.pass(intent.instrument.symbol, check, now);
    if (suppressed === undefined) return;
    const facts = { ...orderFacts(intent), check, reason };
    this.journal.append('order_rejected', suppressed === 0 ? facts : { ...facts, suppressed });
    this.logger.warn('Order refused', facts);
  }
}
