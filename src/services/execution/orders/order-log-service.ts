import { injectable } from 'inversify';
import { ZERO, type Decimal } from '../../../domain/decimal.js';
import { messageOf } from '../../../domain/errors.js';
import type { Fill, Order } from '../../../domain/order.js';
import {
  applyFill,
  isTerminal,
  type OrderStatus,
  type SendingReport,
  type StatusReport,
} from '../../../domain/order-state.js';
import type { Lots } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { OrderLog } from '../../../ports/core-services/execution.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import { OrdersStore } from '../../../ports/storage/orders-store.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { Trace } from '../../../ports/runtime-state/trace.js';
import { tighten } from '../../../flow/tighten.js';
import { nextOf } from './order-step.js';
import { UnclaimedFills } from './unclaimed-fills.js';

const WORTH_A_WARNING: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'rejected',
  'rejected_late',
  'lost',
  'unknown',
  'liquidated',
]);

type Listener = (order: Order, previous: Order | undefined) => void;

/** Applies every change of an order to exposure, store, trace and listeners, in that order. */
@injectable()
export class OrderLogService implements OrderLog {
  private readonly listeners = new Set<Listener>();
  /** Anomalies already journaled: the same contradiction repeated by a venue is one record. */
  private readonly anomalies = new Set<string>();
  /** Of orders that filled on a finer grid than theirs: what makes no whole lot yet. */
  private readonly parts = new Map<string, Decimal>();
  private readonly unclaimed = new UnclaimedFills();

  constructor(
    @inject(OrdersStore) private readonly orders: OrdersStore,
    @inject(OpenOrders) private readonly openOrders: OpenOrders,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(Trace) private readonly trace: Trace,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  find(clientId: string): Order | undefined {
    return this.openOrders.find(clientId) ?? this.orders.find(clientId);
  }

  match(fill: Fill): Order | undefined {
    return this.find(fill.clientId) ?? this.orders.findByVenueId(fill.venueId, fill.instrument.symbol);
  }

  open(): readonly Order[] {
    const found = new Map<string, Order>();
    for (const order of this.orders.open()) found.set(order.request.clientId, order);
    for (const order of this.openOrders.all()) found.set(order.request.clientId, order);
    return [...found.values()].filter((order) => !isTerminal(order.status));
  }

  all(): IterableIterator<Order> {
    return this.orders.all();
  }

  reserve(order: Order): void {
    this.openOrders.put(order);
    this.trace.order(order);
    this.tell(order, undefined);
  }

  makeDurable(order: Order): Promise<void> {
    return this.orders.upsertDurable(order);
  }

  report(clientId: string, report: StatusReport | SendingReport): Order | undefined {
    const order = this.find(clientId);
    if (order === undefined) return undefined;
    if (order.status === 'lost' && (report.status === 'open' || report.status === 'partially_filled'))
      return this.revive(order, report);
    try {
      const next = nextOf(order, report);
      return next === order ? order : this.keep(next, order);
    } catch (error) {
      this.anomaly(order, `${order.status} to ${report.status}`, messageOf(error), report.at);
      return order;
    }
  }

  fill(order: Order, fill: Fill): void {
    if (fill.side !== order.request.side || fill.instrument.symbol !== order.request.symbol) {
      this.anomaly(
        order,
        `fill ${fill.tradeId}`,
        `A ${fill.side} of ${fill.instrument.symbol} must not fill a ${order.request.side} of ${order.request.symbol}.`,
        fill.at,
      );
      tighten(this.ladder, 'HALTED', 'order_fill_contradicts', this.logger);
      return;
    }
    let next: Order;
    try {
      next = applyFill(order, fill, this.whole(order, fill));
    } catch (error) {
      this.anomaly(order, `fill ${fill.tradeId}`, messageOf(error), fill.at);
      tighten(this.ladder, 'HALTED', 'order_overfilled', this.logger);
      return;
    }
    if (isTerminal(order.status))
      this.anomaly(
        order,
        `fill ${fill.tradeId}`,
        `A fill arrived after the order was ${order.status}.`,
        fill.at,
        'info',
      );
    if (order.status === 'lost') tighten(this.ladder, 'HALTED', 'lost_order_filled', this.logger);
    if (order.request.postOnly && fill.liquidity === 'taker')
      this.anomaly(
        order,
        `taker fill ${fill.tradeId}`,
        'A post-only order has taken: its fee is a taker fee.',
        fill.at,
      );
    this.keep(next, order);
  }

  unmatched(fill: Fill): void {
    this.unclaimed.add(fill);
  }

  /** Lots of the order; a part of one waits for the fill that makes it whole. */
  private whole({ request }: Order, fill: Fill): Lots {
    const { instrument, clientId } = request;
    if (fill.instrument === instrument || fill.instrument.spec.step.eq(instrument.spec.step)) return fill.lots;
    const size = fill.instrument.size(fill.lots).plus(this.parts.get(clientId) ?? ZERO);
    const whole = instrument.toLots(size, 'floor');
    this.parts.set(clientId, size.minus(instrument.size(whole)));
    return whole;
  }

  replace(order: Order): void {
    this.keep(order, this.find(order.request.clientId));
  }

  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * An order proven dead that lives after all: its exposure counts again, and nothing more is sent until a person has
   * looked.
   */
  private revive(order: Order, report: StatusReport): Order {
    const { status, venueId, at } = report;
    const isKnown = venueId === undefined || order.venueIds.includes(venueId);
    const venueIds = isKnown ? order.venueIds : [...order.venueIds, venueId];
    const next: Order = { ...order, status, venueIds, updatedAt: Math.max(order.updatedAt, at) };
    this.anomaly(order, `lost to ${report.status}`, 'An order proven lost is open at the venue.', report.at);
    tighten(this.ladder, 'HALTED', 'lost_order_open', this.logger);
    return this.keep(next, order);
  }

  /** Returns the value that holds: what the order learned may have found it fills that were told before. */
  private keep(next: Order, previous: Order | undefined): Order {
    this.openOrders.put(next);
    if (!this.orders.upsert(next)) return next;
    this.trace.order(next);
    this.logChange(next, previous);
    this.tell(next, previous);
    if (next.venueIds === previous?.venueIds) return next;
    return this.claim(next);
  }

  /** After all have heard of the order itself, so that nobody hears of its fills first. */
  private claim(order: Order): Order {
    const { clientId } = order.request;
    for (const fill of this.unclaimed.take(order)) this.fill(this.find(clientId) ?? order, fill);
    return this.find(clientId) ?? order;
  }

  private logChange(next: Order, previous: Order | undefined): void {
    if (next.status === previous?.status) return;
    const warn = WORTH_A_WARNING.has(next.status);
    if (!warn && !this.logger.debugEnabled) return;
    const fields = {
      client_order_id: next.request.clientId,
      order_id: next.venueIds.at(-1),
      from_status: previous?.status,
      to_status: next.status,
      reason: next.reason,
    };
    if (warn) this.logger.warn('order_status_change', fields);
    else this.logger.debug('order_status_change', fields);
  }

  private tell(order: Order, previous: Order | undefined): void {
    for (const listener of this.listeners) {
      try {
        listener(order, previous);
      } catch (error) {
        this.logger.error('Order listener failed', {
          client_order_id: order.request.clientId,
          error: messageOf(error),
        });
      }
    }
  }

  /** A fill that was on its way when its order ended is recorded, and nothing to wake a person for. */
  private anomaly(order: Order, what: string, message: string, at: number, level: 'error' | 'info' = 'error'): void {
    const { clientId, symbol } = order.request;
    const key = `${clientId} ${what}`;
    if (this.anomalies.has(key)) return;
    this.anomalies.add(key);
    this.logger[level]('order_anomaly', { client_order_id: clientId, what, message });
    this.journal.append('order_anomaly', { client_id: clientId, symbol, what, message, reported_at: at });
  }
}
