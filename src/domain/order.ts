import type { Decimal } from './decimal.js';
import type { Instrument } from './instrument.js';
import type { OrderOrigin } from './orders/origin.js';
import { lots, type Lots, type Ticks, type Units } from './units.js';

export type { AskedBy, OrderOrigin, OrderRole, Values } from './orders/origin.js';

export type Side = 'buy' | 'sell';
export type OrderType =
  'market' | 'limit' | 'stop_market' | 'stop_limit' | 'take_profit_market' | 'take_profit_limit' | 'trailing_stop';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTD';
export type TriggerPrice = 'mark' | 'index' | 'last';

export type MarginMode = 'cross' | 'isolated';
/** One net position an instrument, or a long and a short one beside each other. */
export type PositionMode = 'one_way' | 'hedge';
/** Which position of a hedged account an order belongs to. */
export type PositionSide = 'long' | 'short';
export type SelfTradePrevention = 'expire_taker' | 'expire_maker' | 'expire_both';

declare const venueOrder: unique symbol;
/**
 * A venue's own name of an order. A space of its own: never a client id, and of one instrument (some venues number
 * orders by market).
 */
export type VenueOrderId = string & { readonly [venueOrder]: true };

/**
 * What a venue calls an order, as an adapter hands it in. `space` tells apart what a venue numbers twice, as its plain
 * and its conditional orders.
 */
export const venueOrderId = (id: string, space?: string): VenueOrderId =>
  (space === undefined ? id : `${space}:${id}`) as VenueOrderId;

export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');
export const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);

const LIMIT_TYPES: ReadonlySet<OrderType> = new Set<OrderType>(['limit', 'stop_limit', 'take_profit_limit']);

/** Types that have a limit price. */
export const hasLimit = (type: OrderType): boolean => LIMIT_TYPES.has(type);
/** Types that wait for a trigger. */
export const hasTrigger = (type: OrderType): boolean => type !== 'market' && type !== 'limit';
/** Takes its size from the position when it triggers. */
export const closesPosition = ({ options }: Pick<OrderTerms, 'options'>): boolean => options?.closePosition === true;

/**
 * Life of an order:
 * `planned → sending → open → partially_filled → filled | cancelled | expired | rejected_late`, or
 * `sending → rejected`, or `sending → unknown → …`. Unknown is never terminal; only proof ends it (`lost`).
 */
export type OrderStatus =
  | 'planned'
  | 'sending'
  | 'unknown'
  | 'open'
  | 'partially_filled'
  | 'filled'
  | 'cancelled'
  | 'expired'
  | 'rejected'
  | 'rejected_late'
  | 'lost'
  | 'liquidated';

/** What is asked of a venue. Integers inside; decimals by getter. */
export interface OrderTerms {
  /** Deterministic: the same intent and attempt always give the same id. */
  readonly clientId: string;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly type: OrderType;
  readonly lots: Lots;
  /** Limit price; present exactly for limit types. */
  readonly limit?: Ticks;
  /** Trigger price; present exactly for stop and take-profit types, which trailing stops are not. */
  readonly stop?: Ticks;
  readonly triggerBy?: TriggerPrice;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly leverage?: number;
  /** The venue must not accept the request after this instant (epoch ms): what makes "never arrived" provable. */
  readonly expiresAt?: number;
  readonly options?: OrderOptions;
}

/** What few orders ask for. */
export interface OrderOptions {
  /** Instant (epoch ms) at which a GTD order ends; present exactly with GTD. */
  readonly goodTill?: number;
  /**
   * Distance of a trailing stop from the best price since its activation, in basis points; present exactly for them.
   */
  readonly trailBps?: number;
  /** Price from which a trailing stop begins to follow; absent: at once. */
  readonly activation?: Ticks;
  /**
   * Closes whatever is open when it executes; the order's own lots are zero then. Stop and take-profit market orders
   * only. The bot's own count as reduce-only; on the wire this says it alone.
   */
  readonly closePosition?: true;
  /** Required by a hedged account, refused by a one-way account. */
  readonly positionSide?: PositionSide;
  /**
   * Orders of one group end each other: the first execution of one cancels the rest (OCO). Those that also follow the
   * same entry (`after`) reduce each other by what each executes, so that the rest of a position keeps its stop.
   */
  readonly group?: string;
  /** Client id of an open entry: this order sleeps until that one fills, and takes its filled size (brackets). */
  readonly after?: string;
  readonly selfTrade?: SelfTradePrevention;
}

/** A request as a venue adapter receives it. */
export class OrderRequest implements OrderTerms {
  declare readonly clientId: string;
  declare readonly instrument: Instrument;
  declare readonly side: Side;
  declare readonly type: OrderType;
  declare readonly lots: Lots;
  declare readonly limit?: Ticks;
  declare readonly stop?: Ticks;
  declare readonly triggerBy?: TriggerPrice;
  declare readonly timeInForce: TimeInForce;
  declare readonly postOnly: boolean;
  declare readonly reduceOnly: boolean;
  declare readonly leverage?: number;
  declare readonly expiresAt?: number;
  declare readonly options?: OrderOptions;

  constructor(terms: OrderTerms);
  /** Terms that had no id yet, under this one. */
  constructor(terms: Omit<OrderTerms, 'clientId' | 'expiresAt'>, clientId: string, expiresAt: number);
  constructor(
    terms: Omit<OrderTerms, 'clientId'> & { readonly clientId?: string },
    clientId = terms.clientId ?? '',
    expiresAt = terms.expiresAt,
  ) {
    this.clientId = clientId;
    this.instrument = terms.instrument;
    this.side = terms.side;
    this.type = terms.type;
    this.lots = terms.lots;
    this.timeInForce = terms.timeInForce;
    this.postOnly = terms.postOnly;
    this.reduceOnly = terms.reduceOnly;
    if (terms.limit !== undefined) this.limit = terms.limit;
    if (terms.stop !== undefined) this.stop = terms.stop;
    if (terms.triggerBy !== undefined) this.triggerBy = terms.triggerBy;
    if (terms.leverage !== undefined) this.leverage = terms.leverage;
    if (expiresAt !== undefined) this.expiresAt = expiresAt;
    if (terms.options !== undefined) this.options = terms.options;
  }

  get symbol(): string {
    return this.instrument.symbol;
  }

  get size(): Decimal {
    return this.instrument.size(this.lots);
  }

  get price(): Decimal | undefined {
    return this.limit === undefined ? undefined : this.instrument.price(this.limit);
  }

  get stopPrice(): Decimal | undefined {
    return this.stop === undefined ? undefined : this.instrument.price(this.stop);
  }
}

/** An order and what has become of it. Immutable: every step is a new value (`advance` in order-state.ts). */
export interface Order {
  readonly request: OrderRequest;
  readonly status: OrderStatus;
  /** All ids the venue has used for it, oldest first (ids change on trigger or amendment). */
  readonly venueIds: readonly VenueOrderId[];
  readonly filled: Lots;
  /** Sum of price x size over its fills, in units. */
  readonly filledNotional: Units;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The limit at which a market order left, where it left as an immediate limit; absent: it left as it is. */
  readonly collar?: Ticks;
  /** Why it was refused, lost or cancelled, where that is known. */
  readonly reason?: string;
  /** A change of it that is on its way, or whose outcome is not known: it counts at the larger of its terms. */
  readonly changing?: PendingChange;
  /** Client id of the order whose rest it is, under other terms. */
  readonly replaces?: string;
  /** The decision it came from. */
  readonly origin?: OrderOrigin;
}

/** What an open order is to become; what is absent stays. */
export interface OrderChange {
  readonly limit?: Ticks;
  readonly stop?: Ticks;
  /** The whole size, what has been filled included. */
  readonly lots?: Lots;
}
export interface PendingChange extends OrderChange {
  readonly askedAt: number;
  /** The venue must not apply it after this instant. */
  readonly expiresAt: number;
  /** The order is being cancelled, and its rest sent anew. */
  readonly anew?: true;
}

/** What may still fill, by the order's own size. One that closes the position has none. */
export const remaining = ({ request, filled }: Pick<Order, 'request' | 'filled'>): Lots =>
  lots(closesPosition(request) ? 0 : request.lots - filled);

/**
 * What an order that stands can fill by now. One that sleeps behind an entry is worth what that has filled, and no
 * more; `entryOf` finds the entry.
 */
export function wakefulLots(order: Order, entryOf: (clientId: string) => Order | undefined): Lots {
  const after = order.request.options?.after;
  const entry = after === undefined ? undefined : entryOf(after);
  return entry === undefined
    ? remaining(order)
    : lots(Math.min(remaining(order), Math.max(0, entry.filled - order.filled)));
}

/** The same of sizes, as the journal has them; `entryFilled` is undefined where there is no entry to wait for. */
export function wakefulSize(size: Decimal, filled: Decimal, entryFilled: Decimal | undefined): Decimal {
  const awake = entryFilled === undefined || entryFilled.gt(size) ? size : entryFilled;
  return awake.gt(filled) ? awake.minus(filled) : filled.minus(filled);
}

export type Liquidity = 'maker' | 'taker';

/** What a venue charged in one currency; signed as `Fill.fee`. */
export interface Fee {
  readonly asset: string;
  readonly amount: Decimal;
}

/** One execution. Applied exactly once, by `tradeId`. */
export interface Fill {
  /** The venue's own id, stable across sources (stream, query, reconciliation). */
  readonly tradeId: string;
  readonly clientId: string;
  readonly venueId: VenueOrderId;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly lots: Lots;
  readonly price: Ticks;
  /**
   * What is booked, in settlement currency, signed from the account's side: paid is negative, a rebate positive.
   * `bookFees` makes it of what was charged.
   */
  readonly fee: Units;
  /** What was really charged, where any of it was in another currency. */
  readonly fees?: readonly Fee[];
  /** `fee` is made from a price, or from a rate where no price was known: it may differ from what was charged. */
  readonly feeEstimated?: true;
  readonly liquidity: Liquidity;
  readonly at: number;
  readonly cause?: 'liquidation' | 'adl' | 'settlement';
  /** Which position of a hedged account it belongs to. */
  readonly positionSide?: PositionSide;
}

/** One funding payment of the venue. */
export interface FundingPayment {
  readonly id: string;
  readonly instrument: Instrument;
  readonly at: number;
  /** Fraction of notional; undefined where the venue named no rate (a gap, never zero). */
  readonly rate: Decimal | undefined;
  /** Undefined where the venue told the amount alone. */
  readonly markPrice: Decimal | undefined;
  /** Signed position at the stamp; undefined where the venue did not say. */
  readonly lots: Lots | undefined;
  /** Signed from the account's side; undefined for a gap. */
  readonly amount: Units | undefined;
  /** It is no funding: what the venue takes for a liquidation, apart from its fills. Booked among the fees. */
  readonly cause?: 'liquidation';
}
