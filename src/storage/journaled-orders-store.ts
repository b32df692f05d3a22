import { injectable } from 'inversify';
import type { Instrument } from '../domain/instrument.js';
import type { Order, VenueOrderId } from '../domain/order.js';
import { isTerminal } from '../domain/order-state.js';
import { orderFromRecord, orderToRecord } from '../domain/records.js';
import { fault } from '../domain/errors.js';
import { SymbolMap } from '../domain/symbol-map.js';
import { inject } from '../injection/inject.js';
import { EventStore } from '../ports/storage/event-store.js';
import { FOLDS } from '../ports/storage/journal-folds.js';
import type { OrdersStore } from '../ports/storage/orders-store.js';

const KEPT = Promise.resolve();

/**
 * Orders of this account in memory, each change a record of the journal: `order` with every field, and beside it
 * `order_status_change` and, once, `order_round_trip`. The last record of an order is the order.
 */
@injectable()
export class JournaledOrdersStore implements OrdersStore {
  private readonly orders = new SymbolMap<Order>();
  /** Those that have not ended: asked for every cycle, of a history that only grows. */
  private readonly living = new Map<string, Order>();
  /** Client ids by the venue's, for each symbol: some venues number orders by market. */
  private readonly byVenueId = new SymbolMap<Map<string, string>>();

  constructor(@inject(EventStore) private readonly events: EventStore) {}

  upsert(order: Order): boolean {
    const before = this.orders.get(order.request.clientId);
    if (before !== undefined && isSame(before, order)) return false;
    if (this.events.discards !== true) this.events.append('order', orderToRecord(order));
    this.keep(order, before);
    this.recordProgress(before, order);
    return true;
  }

  /** Rejects with STORE-004 and keeps what it had when the record could not be written. */
  upsertDurable(order: Order): Promise<void> {
    if (this.events.discards !== true) return this.writeDurable(order);
    this.upsert(order);
    return KEPT;
  }

  private async writeDurable(order: Order): Promise<void> {
    const { clientId } = order.request;
    const before = this.orders.get(clientId);
    if (before !== undefined && isSame(before, order)) return this.events.flush();
    // Found at once: whoever asks while the record is being written must not take the order for unknown.
    this.keep(order, before);
    try {
      await this.events.appendDurable('order', orderToRecord(order));
    } catch (error) {
      if (this.orders.get(clientId) === order) this.putBack(order, before);
      throw error;
    }
    this.recordProgress(before, order);
  }

  find(clientId: string): Order | undefined {
    return this.orders.get(clientId);
  }

  findByVenueId(venueId: VenueOrderId, symbol: string): Order | undefined {
    const clientId = this.byVenueId.get(symbol)?.get(venueId);
    return clientId === undefined ? undefined : this.orders.get(clientId);
  }

  open(): Order[] {
    return [...this.living.values()];
  }

  all(): IterableIterator<Order> {
    return this.orders.values();
  }

  /** Throws STORE-001 for a record that is not an order. `unresolved` holds client ids. */
  load(resolve: (symbol: string) => Instrument | undefined): {
    readonly loaded: number;
    readonly unresolved: readonly string[];
  } {
    this.orders.clear();
    this.living.clear();
    this.byVenueId.clear();
    const unresolved: string[] = [];
    for (const { seq, payload } of this.events.fold(FOLDS.orders)) {
      const id = payload['client_id'];
      if (typeof id !== 'string')
        throw fault('STORE-001', `Record ${seq} must name an order's client_id, was ${JSON.stringify(id)}.`);
      const order = orderFromRecord(payload, resolve);
      if (order === undefined) unresolved.push(id);
      else this.keep(order);
    }
    return { loaded: this.orders.size, unresolved };
  }

  private keep(order: Order, before?: Order): void {
    const { request, venueIds } = order;
    this.orders.set(request.clientId, order);
    if (isTerminal(order.status)) this.living.delete(request.clientId);
    else this.living.set(request.clientId, order);
    if (venueIds === before?.venueIds || venueIds.length === 0) return;
    const { symbol } = request;
    const known = this.byVenueId.get(symbol) ?? new Map<string, string>();
    this.byVenueId.set(symbol, known);
    for (const id of venueIds) known.set(id, request.clientId);
  }

  private putBack(order: Order, before: Order | undefined): void {
    this.orders.delete(order.request.clientId);
    this.living.delete(order.request.clientId);
    for (const id of order.venueIds) this.byVenueId.get(order.request.symbol)?.delete(id);
    if (before !== undefined) this.keep(before);
  }

  private recordProgress(before: Order | undefined, order: Order): void {
    if (before === undefined || before.status === order.status || this.events.discards === true) return;
    const { status, venueIds, reason = null, createdAt, updatedAt } = order;
    const order_id = venueIds[venueIds.length - 1] ?? null;
    const client_order_id = order.request.clientId;
    this.events.append('order_status_change', {
      order_id,
      client_order_id,
      from_status: before.status,
      to_status: status,
      reason,
    });
    if (status === 'filled') {
      this.events.append('order_round_trip', {
        order_id,
        client_order_id,
        round_trip_ms: updatedAt - createdAt,
        submitted_ts: createdAt,
        filled_ts: updatedAt,
      });
    }
  }
}

/** Equal in everything but the time of the last news: news that says nothing new is not a change. */
function isSame(a: Order, b: Order): boolean {
  if (a === b) return true;
  if (a.status !== b.status || a.filled !== b.filled || a.filledNotional !== b.filledNotional || a.reason !== b.reason)
    return false;
  return textOf(a) === textOf(b);
}

const textOf = (order: Order): string => JSON.stringify({ ...orderToRecord(order), updated_at: 0 });
