import { parseDecimal } from '../../../domain/decimal.js';
import type { Order } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Ticks } from '../../../domain/units.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import { exitSide } from './cover.js';

const RECORD = 'planned_protection';
interface Plan {
  readonly clientId: string;
  readonly price: string;
}

/**
 * The stop of each entry, written down before the entry leaves: a process that dies before its strategy could write
 * what it remembers still knows where the position must be left.
 */
export class PlannedStops {
  /** Of each symbol, oldest first; undefined until the journal has been read. */
  private known: Map<string, Plan[]> | undefined;

  constructor(
    private readonly journal: EventStore,
    private readonly log: OrderLog,
  ) {}

  write({ request }: Order, stop: Ticks): void {
    if (this.journal.discards === true) return;
    const { clientId, symbol, instrument } = request;
    const price = instrument.priceText(stop);
    const newest = this.known?.get(symbol)?.findLast((plan) => plan.clientId === clientId);
    if (newest?.price === price) return;
    this.journal.append(RECORD, { client_id: clientId, symbol, stop_price: price });
    if (this.known !== undefined) keep(this.known, symbol, { clientId, price });
  }

  /** A stop was planned for this entry, by this process or one before. */
  has({ clientId, symbol }: Pick<Order['request'], 'clientId' | 'symbol'>): boolean {
    return (
      this.plans()
        .get(symbol)
        ?.some((plan) => plan.clientId === clientId) === true
    );
  }

  /** Of the newest entry that made this position. */
  of(position: Position): Ticks | undefined {
    const { instrument, openedAt } = position;
    if (openedAt === undefined) return undefined;
    const plans = this.plans().get(instrument.symbol) ?? [];
    for (let i = plans.length - 1; i >= 0; i -= 1) {
      const { clientId, price } = plans[i] as Plan;
      const entry = this.log.find(clientId);
      if (entry === undefined || entry.filled === 0 || entry.updatedAt < openedAt) continue;
      if (entry.request.side !== exitSide(position))
        return instrument.toTicks(parseDecimal(price, 'stop_price'), 'nearest');
    }
    return undefined;
  }

  /** Read when it is first needed: positions are looked at again and again. */
  private plans(): ReadonlyMap<string, readonly Plan[]> {
    if (this.known !== undefined) return this.known;
    this.known = new Map();
    for (const { payload } of this.journal.fold(FOLDS.plannedStops)) {
      const { client_id: clientId, symbol, stop_price: price } = payload;
      if (typeof symbol !== 'string' || typeof clientId !== 'string' || typeof price !== 'string') continue;
      keep(this.known, symbol, { clientId, price });
    }
    return this.known;
  }
}

function keep(plans: Map<string, Plan[]>, symbol: string, plan: Plan): void {
  const known = plans.get(symbol);
  if (known === undefined) plans.set(symbol, [plan]);
  else known.push(plan);
}
