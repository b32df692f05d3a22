import type { Order } from '../domain/order.js';
import type { Lots, MarkUnits, Ticks } from '../domain/units.js';
import type { OrderFacts } from './run-record.js';

/** What is known of the decision behind an order. */
export interface DecisionFacts {
  readonly reason: string;
  readonly decidedAt: number;
  /** The mark when it was decided, of an order that waits for a price that price; undefined before there was one. */
  readonly mark: MarkUnits | undefined;
}

interface Watched {
  /** Price that it waits for, as amended last. */
  trigger: MarkUnits | undefined;
  readonly decision: DecisionFacts | undefined;
  readonly lots: number;
  readonly type: string;
  filled: Lots;
  status: string;
  unknownSince: number | undefined;
}

/** Follows orders from their changes: outcome, size, and the decision they came from. */
export class OrderWatch {
  private readonly orders = new Map<string, Watched>();
  private readonly stops = new Map<string, Ticks>();
  private unknown = 0;
  private unknownMs = 0;

  constructor(private readonly markOf: (symbol: string) => MarkUnits | undefined) {}

  observe(order: Order): void {
    const { request, origin } = order;
    let watched = this.orders.get(request.clientId);
    if (watched === undefined) {
      const decision =
        origin === undefined
          ? undefined
          : { reason: origin.reason, decidedAt: origin.decidedAt, mark: this.markOf(request.symbol) };
      watched = {
        trigger: undefined,
        decision,
        lots: request.lots,
        type: request.type,
        filled: order.filled,
        status: order.status,
        unknownSince: undefined,
      };
      this.orders.set(request.clientId, watched);
      if (request.stop !== undefined && request.type.startsWith('stop'))
        this.stops.set(`${request.symbol} ${request.side}`, request.stop);
    }
    watched.trigger = request.stop === undefined ? undefined : request.instrument.marksOfTicks(request.stop);
    watched.status = order.status;
    watched.filled = order.filled;
    this.followUnknown(watched, order);
  }

  decisionOf(clientId: string): DecisionFacts | undefined {
    const { trigger, decision } = this.orders.get(clientId) ?? {};
    return decision === undefined || trigger === undefined ? decision : { ...decision, mark: trigger };
  }

  /** The newest stop price asked for on this side of a symbol. */
  stopOf(symbol: string, side: string): Ticks | undefined {
    return this.stops.get(`${symbol} ${side}`);
  }

  forgetStops(symbol: string): void {
    this.stops.delete(`${symbol} buy`);
    this.stops.delete(`${symbol} sell`);
  }

  facts(): OrderFacts {
    const outcomes: Record<string, number> = {};
    const byType: Record<string, number> = {};
    let ordered = 0;
    let filled = 0;
    for (const order of this.orders.values()) {
      outcomes[order.status] = (outcomes[order.status] ?? 0) + 1;
      byType[order.type] = (byType[order.type] ?? 0) + 1;
      ordered += order.lots;
      filled += order.filled;
    }
    return { outcomes, byType, ordered, filled, unknown: this.unknown, unknownMs: this.unknownMs };
  }

  private followUnknown(watched: Watched, order: Order): void {
    if (order.status === 'unknown' && watched.unknownSince === undefined) {
      this.unknown += 1;
      watched.unknownSince = order.updatedAt;
    } else if (order.status !== 'unknown' && watched.unknownSince !== undefined) {
      this.unknownMs = Math.max(this.unknownMs, order.updatedAt - watched.unknownSince);
      watched.unknownSince = undefined;
    }
  }
}
