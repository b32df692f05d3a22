import { fault } from '../../../domain/errors.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { OrderLookup, VenueOrder } from '../../../ports/venue/venue-order.js';
import type { SignedRequests } from '../rest/signed-requests.js';
import type { RequestParams } from '../rest/signature.js';
import { venueCodeOf } from '../rest/usdm-line.js';
import type { VenueOffset } from '../rest/venue-offset.js';
import { plainIdOf, type KnownOrders } from './known-orders.js';
import { algoOrder, numberIn, plainOrder, type AlgoAnswer } from './order-answers.js';
import { NO_SUCH_ORDER } from './refusals.js';

/** So long after the venue has taken an order, a question may not find it yet. */
const LAG_MS = 10_000;
/**
 * Cancelled or expired without a fill: forgotten after so long; with one, or open, known for so much longer. Each has a
 * day to spare. Source: Binance, "Query Order".
 */
const UNFILLED_MS = 2 * DAY_MS;
const FILLED_MS = 89 * DAY_MS;

export interface OrderLookupPorts {
  readonly requests: SignedRequests;
  readonly time: VenueOffset;
  readonly known: KnownOrders;
  /** What is open of a symbol, of both services. */
  readonly open: (symbol: string) => Promise<readonly VenueOrder[]>;
}

/** Finds orders of both services, and what conditional ones have become. */
export class OrderFinder {
  constructor(private readonly ports: OrderLookupPorts) {}

  /**
   * Rejects with VENUE-002 where the venue's not knowing it says nothing: a moment after it was taken, and beyond all
   * that the venue remembers.
   */
  async find(ref: OrderRef): Promise<OrderLookup> {
    const isConditional = this.ports.known.isConditional(ref);
    const found =
      isConditional === true
        ? ((await this.conditional(ref)) ?? (await this.plain(ref)))
        : ((await this.plain(ref)) ?? (isConditional === false ? undefined : await this.conditional(ref)));
    if (found !== undefined) return { found: true, order: found };
    const { clientId, symbol, sentAt } = ref;
    const now = this.ports.time.now();
    const takenAt = this.ports.known.find(clientId)?.takenAt;
    if (takenAt !== undefined && now - takenAt < LAG_MS)
      throw fault('VENUE-002', `${clientId} was taken a moment ago: not to be found yet, it is not denied.`);
    if (sentAt === undefined || now - sentAt <= UNFILLED_MS) return { found: false };
    if (now - sentAt > FILLED_MS)
      throw fault('VENUE-002', `${clientId} is older than all that the venue remembers: nobody can say what it did.`);
    // What is open it knows however old it is: one word more before it is taken for over.
    const open = (await this.ports.open(symbol)).find((order) => order.clientId === clientId);
    return open === undefined ? { found: false, forgotten: true } : { found: true, order: open };
  }

  /** The order of the plain service. */
  async plain(ref: OrderRef): Promise<VenueOrder | undefined> {
    const id = plainIdOf(ref);
    const name = id === undefined ? { origClientOrderId: ref.clientId } : { orderId: numberIn(id) };
    const said = await this.asked('/fapi/v1/order', { symbol: ref.symbol, ...name });
    return said === undefined ? undefined : this.noted(plainOrder(said));
  }

  private async conditional(ref: OrderRef): Promise<VenueOrder | undefined> {
    const said = await this.asked('/fapi/v1/algoOrder', { clientAlgoId: ref.clientId });
    if (said === undefined) return undefined;
    const answer = algoOrder(said);
    this.ports.known.note(ref.clientId, { isConditional: true });
    return answer.isTriggered ? this.child(answer) : answer.order;
  }

  /** One that has triggered is what it has become. */
  private async child({ order, childId }: AlgoAnswer): Promise<VenueOrder> {
    const { symbol, clientId = '', stopPrice, closePosition } = order;
    const name = childId === undefined ? { origClientOrderId: clientId } : { orderId: childId };
    const said = await this.asked('/fapi/v1/order', { symbol, ...name });
    if (said === undefined)
      throw fault('VENUE-002', `What became of ${clientId}, which has triggered, must be told, and is not yet.`);
    const child = this.noted(plainOrder(said));
    return {
      ...child,
      clientId,
      type: order.type,
      ...(stopPrice && { stopPrice }),
      ...(closePosition === true ? { closePosition } : {}),
    };
  }

  private noted(order: VenueOrder): VenueOrder {
    if (order.clientId !== undefined) this.ports.known.named(order.symbol, order.venueId, order.clientId);
    return order;
  }

  /** Undefined is the venue's word that it knows no such order. */
  private async asked(path: string, params: RequestParams): Promise<unknown> {
    try {
      return await this.ports.requests.ask({ method: 'GET', path, params, weight: 1, isUrgent: true });
    } catch (error) {
      if (venueCodeOf(error) === NO_SUCH_ORDER) return undefined;
      throw error;
    }
  }
}
