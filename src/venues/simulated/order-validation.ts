import { PerpsBotError } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { feeOf } from '../../domain/fees.js';
import { signOf, type OrderRequest } from '../../domain/order.js';
import { lots, ticks, units, type Ticks, type Units } from '../../domain/units.js';
import type { RejectReason } from '../../ports/brokerage.js';
import type { SimulatedAccount } from './account.js';
import { equityOf, initialMargin, marginElsewhere } from './margin.js';
import { wouldTake, type Market } from './market.js';

/** Rules of the venue that are no property of one instrument. */
export interface VenueRules {
  /** Open orders per instrument. */
  readonly maxOpenOrders: number;
  /** Largest distance of a limit price from the mark, as a fraction; absent: none. */
  readonly priceBand?: number;
  /** Half of the spread that bars are given, an integer of RATE_SCALE. */
  readonly halfSpread: number;
}

export interface Refusal {
  readonly reason: RejectReason;
  readonly message: string;
}

/** What the checks look at. */
export interface OrderContext {
  readonly market: Market;
  readonly account: SimulatedAccount;
  readonly markets: ReadonlyMap<string, Market>;
  readonly rules: VenueRules;
}

type Check = (request: OrderRequest, context: OrderContext) => Refusal | undefined;
const no = (reason: RejectReason, message: string): Refusal => ({ reason, message });

const ORDER_TYPES: ReadonlySet<string> = new Set(['market', 'limit', 'stop_market', 'stop_limit']);
const TIMES_IN_FORCE: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK']);

/** Type and time in force, and that the fields they need are there and no others. */
const shape: Check = (request, { market }) => {
  const { type, timeInForce, limit, stop, postOnly, triggerBy } = request;
  if (!ORDER_TYPES.has(type)) return no('unsupported', `Order type ${type} is not offered.`);
  if (!TIMES_IN_FORCE.has(timeInForce)) return no('unsupported', `Time in force ${timeInForce} is not offered.`);
  if ((limit !== undefined) !== (type === 'limit' || type === 'stop_limit')) return no('unsupported', `A ${type} order must ${limit === undefined ? '' : 'not '}have a limit price.`);
  if ((stop !== undefined) !== (type === 'stop_market' || type === 'stop_limit')) return no('unsupported', `A ${type} order must ${stop === undefined ? '' : 'not '}have a trigger price.`);
  if (postOnly && (type !== 'limit' || timeInForce !== 'GTC')) return no('unsupported', 'Post-only needs a resting limit order.');
  if (triggerBy === 'index' && Number.isNaN(market.index)) return no('unsupported', `There is no index of ${market.symbol} to trigger by.`);
  return undefined;
};

const liquidity: Check = (_request, { market }) => (market.hasPrice ? undefined : no('no_liquidity', `No price of ${market.symbol} has been seen yet.`));

const priceFilter: Check = (request, { market, rules }) => {
  for (const price of [request.limit, request.stop]) {
    if (price !== undefined && !(Number.isSafeInteger(price) && price > 0)) return no('price_filter', `A price must be at least one tick, was ${price} ticks.`);
  }
  if (rules.priceBand === undefined || request.limit === undefined) return undefined;
  const distance = Math.abs(request.limit * market.instrument.marksPerTick - market.mark);
  return distance <= rules.priceBand * market.mark ? undefined : no('price_filter', `The price must be within ${rules.priceBand * 100} % of the mark.`);
};

const lotSize: Check = (request, { market }) => {
  const { instrument, position } = market;
  if (!(Number.isSafeInteger(request.lots) && request.lots > 0)) return no('lot_size', `The size must be at least one step, was ${request.lots} steps.`);
  const closesAll = request.reduceOnly && request.lots >= Math.abs(position.lots);
  if (request.lots < instrument.minLots && !closesAll) return no('lot_size', `The size must be at least ${instrument.size(instrument.minLots).toString()}, was ${request.size.toString()}.`);
  if (request.lots > instrument.maxLots) return no('lot_size', `The size must be at most ${instrument.size(instrument.maxLots).toString()}, was ${request.size.toString()}.`);
  const value = orderPrice(request, market) * request.lots * instrument.unitsPerTickLot;
  return value <= Number.MAX_SAFE_INTEGER ? undefined : no('lot_size', `The order's value cannot be held exactly.`);
};

const minNotional: Check = (request, { market }) => {
  if (request.reduceOnly) return undefined;
  const value = orderValue(request, market);
  if (value >= market.instrument.minNotional) return undefined;
  const { instrument } = market;
  return no('min_notional', `The order's value must be at least ${instrument.money(instrument.minNotional).toString()}, was ${instrument.money(value).toString()}.`);
};

const maxOrders: Check = (_request, { market, rules }) =>
  market.book.size < rules.maxOpenOrders ? undefined : no('max_orders', `There must be at most ${rules.maxOpenOrders} open orders of ${market.symbol}.`);

const leverage: Check = (request, { market }) => {
  if (request.leverage === undefined) return undefined;
  return isLeverage(request.leverage, market.instrument) ? undefined : no('leverage', `Leverage must be from 1 to ${market.instrument.spec.maxLeverage.toString()}, was ${request.leverage}.`);
};

/** Spot: what is sold must be held. Else: equity must cover the initial margin and the fee, unless the order adds none. */
const margin: Check = (request, context) => {
  const { market, account, markets } = context;
  if (request.reduceOnly) return undefined;
  if (market.instrument.spec.kind === 'spot' && request.side === 'sell') return holdings(request, market);
  const chosen = leverageFor(request, context);
  const value = orderValue(request, market);
  const before = initialMargin(market, account.leverageOf(market.symbol));
  const after = initialMargin(market, chosen, { side: request.side, value });
  if (after <= before) return undefined;
  const needed = after + marginElsewhere(account, markets.values(), market) - feeOf(value, Math.max(0, market.takerRate));
  const equity = equityOf(account, markets.values());
  if (needed <= equity) return undefined;
  return no('insufficient_margin', `Margin and fee of ${market.instrument.money(units(needed)).toString()} must not exceed the equity of ${market.instrument.money(equity).toString()}.`);
};

/** What the order's own kind demands of the present moment. */
const moment: Check = (request, { market, rules }) => {
  const { side, limit, stop } = request;
  if (request.postOnly && wouldTake(market, side, limit, rules.halfSpread)) return no('post_only_would_take', 'A post-only order must not take.');
  if (request.timeInForce === 'FOK' && stop === undefined && market.quoted) {
    const shown = side === 'buy' ? market.askLots : market.bidLots;
    if (!wouldTake(market, side, limit, 0) || shown < request.lots) return no('not_fillable', 'The whole order must be fillable at once.');
  }
  if (stop !== undefined && reached(side, stop * market.instrument.marksPerTick, market.reference(request.triggerBy ?? 'last'))) {
    return no('would_trigger', 'The trigger price must not be reached already.');
  }
  return undefined;
};

const reduceOnly: Check = (request, { market }) => {
  const reduces = -signOf(request.side) * market.position.lots > 0;
  return !request.reduceOnly || reduces ? undefined : no('reduce_only', 'A reduce-only order must reduce the position.');
};

/** In the order in which Binance USD-M filters (the first that refuses names the reason). */
const CHECKS: readonly Check[] = [shape, liquidity, priceFilter, lotSize, minNotional, maxOrders, leverage, margin, moment, reduceOnly];

/** The venue's refusal, or undefined when it takes the order. */
export function refusalOf(request: OrderRequest, context: OrderContext): Refusal | undefined {
  try {
    for (const check of CHECKS) {
      const refusal = check(request, context);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  } catch (error) {
    // Position and order together leave the exact range: too large is a refusal, nothing has happened yet.
    if (PerpsBotError.is(error) && error.code === 'NUM-001') return no('insufficient_margin', error.message);
    throw error;
  }
}

/** A trigger is reached at its price or beyond; an unknown reference reaches none. Both in mark units. */
export const reached = (side: 'buy' | 'sell', stop: number, reference: number): boolean => (side === 'buy' ? reference >= stop : reference <= stop);

export const isLeverage = (value: number, instrument: Instrument): boolean => value >= 1 && instrument.spec.maxLeverage.gte(value);

/** Price at which an order is valued: its limit, its trigger, else the mark rounded up to the tick. */
export const orderPrice = (request: OrderRequest, market: Market): Ticks =>
  request.limit ?? request.stop ?? ticks(Math.max(1, Math.ceil(market.mark / market.instrument.marksPerTick)));

/** Leverage the position will have once the order is accepted; spot has none. */
export const leverageFor = (request: OrderRequest, { account, market }: Pick<OrderContext, 'account' | 'market'>): number =>
  market.instrument.spec.kind === 'spot' ? 1 : (request.leverage ?? account.leverageOf(market.symbol));

/** Value of an order; market orders at the mark itself. */
function orderValue(request: OrderRequest, market: Market): Units {
  const { instrument } = market;
  return request.limit === undefined && request.stop === undefined ? instrument.notionalAtMark(market.mark, request.lots) : instrument.notional(orderPrice(request, market), request.lots);
}

function holdings(request: OrderRequest, market: Market): Refusal | undefined {
  let free: number = market.position.lots;
  for (const order of market.book.all()) if (order.request.side === 'sell') free -= order.remaining;
  if (request.lots <= free) return undefined;
  return no('insufficient_margin', `What is sold must be held and free: ${market.instrument.size(lots(Math.max(0, free))).toString()}, was ${request.size.toString()}.`);
}
