import type { EventStore, Payload } from '../../ports/storage/event-store.js';
import { Throttles } from '../../flow/throttle.js';
import type { Assessment, RiskFinding } from './assessment.js';

/** Everything risk says in the journal stands under this id. */
const RISK_ENGINE = 'risk_engine';

/**
 * Writes refusals, one a minute for each symbol and check: a strategy that asks on every bar must not flood the
 * journal.
 */
export class RiskJournal {
  private readonly throttles = new Throttles();

  constructor(private readonly events: EventStore) {}

  record(type: string, payload: Payload): void {
    this.events.append(type, payload, RISK_ENGINE);
  }

  refusal(order: Assessment, { check, reason }: RiskFinding): void {
    const { symbol } = order.intent.instrument;
    const suppressed = this.suppressed(symbol, check, order.now);
    if (suppressed === undefined) return;
    const repeated = suppressed === 0 ? {} : { suppressed };
    if (check === 'kill_switch' || check === 'reduce_only_block') {
      this.record(check, { symbol, message: reason, component: 'risk_manager', ...repeated });
    } else if (check !== 'market_impact_guard') {
      const { side, instrument } = order.intent;
      this.record('risk_rejected', {
        symbol,
        side,
        check,
        reason,
        quantity: instrument.size(order.intent.lots).toString(),
        ...repeated,
      });
    }
  }

  /** How many of this kind were left out since the last one; undefined when this one is to be left out too. */
  suppressed(symbol: string, kind: string, now: number): number | undefined {
    return this.throttles.pass(symbol, kind, now);
  }
}
