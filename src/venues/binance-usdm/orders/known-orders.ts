import type { Side, VenueOrderId } from '../../../domain/order.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import { isAlgoId } from './order-answers.js';

/** Names that are kept of each kind; the oldest go first. */
const MOST = 20_000;

/** What a change of an order must name besides what changes. */
export interface OrderStanding {
  readonly side: Side;
  /** As texts of the venue. */
  readonly price: string;
  readonly size: string;
}

interface KnownOrder {
  readonly isConditional: boolean;
  /** When the venue has taken it; absent: its answer is not known. */
  readonly takenAt?: number;
  /** Absent: it must be asked for. */
  readonly standing?: OrderStanding;
}

/**
 * What has been learnt of orders by the way, so that nobody need ask again. Nothing is concluded from what is not
 * here.
 */
export class KnownOrders {
  private readonly byClientId = new Map<string, KnownOrder>();
  private readonly clientIds = new Map<string, string>();

  note(clientId: string, order: KnownOrder): void {
    keep(this.byClientId, clientId, { ...this.byClientId.get(clientId), ...order });
  }

  /** It stands as nobody knows. */
  forgetStanding(clientId: string): void {
    const known = this.byClientId.get(clientId);
    if (known === undefined) return;
    const { isConditional, takenAt } = known;
    this.byClientId.set(clientId, { isConditional, ...(takenAt === undefined ? {} : { takenAt }) });
  }

  find(clientId: string): KnownOrder | undefined {
    return this.byClientId.get(clientId);
  }

  /** Orders are numbered by symbol. */
  named(symbol: string, orderId: string, clientId: string): void {
    keep(this.clientIds, `${symbol} ${orderId}`, clientId);
  }

  clientIdOf(symbol: string, orderId: string): string | undefined {
    return this.clientIds.get(`${symbol} ${orderId}`);
  }

  /** Whose service an order is of; undefined where nobody has said. */
  isConditional({ clientId, venueIds = [] }: OrderRef): boolean | undefined {
    const [newest] = venueIds.slice(-1);
    if (newest !== undefined) return isAlgoId(newest);
    return this.byClientId.get(clientId)?.isConditional;
  }
}

/** The number of an order among its names that the plain service knows. */
export const plainIdOf = ({ venueIds = [] }: OrderRef): VenueOrderId | undefined =>
  venueIds.findLast((id) => !isAlgoId(id));

function keep<V>(map: Map<string, V>, name: string, value: V): void {
  map.delete(name);
  map.set(name, value);
  if (map.size <= MOST) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
