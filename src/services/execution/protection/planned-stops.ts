import { parseDecimal } from '../../../domain/decimal.js';
import type { Order } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Ticks } from '../../../domain/units.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { exitSide } from './cover.js';

const RECORD = 'planned_protection';

/**
 * The stop of each entry, written down before the entry leaves: a process that dies before its strategy could write
 * what it remembers still knows where the position must be left.
 */
export class PlannedStops {
  constructor(
    private readonly journal: EventStore,
    private readonly log: OrderLog,
  ) {}

  write({ request }: Order, stop: Ticks): void {
    if (this.journal.discards === true) return;
    const { clientId, symbol, instrument } = request;
    this.journal.append(RECORD, { client_id: clientId, symbol, stop_price: instrument.priceText(stop) });
  }

  /** Of the newest entry that made this position. */
  of(position: Position): Ticks | undefined {
    const { instrument, openedAt } = position;
    if (openedAt === undefined) return undefined;
    const records = this.journal.query({ types: [RECORD] });
    for (let i = records.length - 1; i >= 0; i -= 1) {
      const { client_id: clientId, symbol, stop_price: price } = records[i]?.payload ?? {};
      if (symbol !== instrument.symbol || typeof clientId !== 'string' || typeof price !== 'string') continue;
      const entry = this.log.find(clientId);
      if (entry === undefined || entry.filled === 0 || entry.updatedAt < openedAt) continue;
      if (entry.request.side !== exitSide(position))
        return instrument.toTicks(parseDecimal(price, 'stop_price'), 'nearest');
    }
    return undefined;
  }
}
