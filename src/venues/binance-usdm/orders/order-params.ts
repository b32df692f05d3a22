import { fault } from '../../../domain/errors.js';
import { hasTrigger, type OrderRequest, type OrderType, type TimeInForce } from '../../../domain/order.js';
import type { RequestParams } from '../rest/signature.js';

/** Orders of the one service, and of the one for those that wait for a trigger. */
const PLAIN: Readonly<Partial<Record<OrderType, string>>> = { limit: 'LIMIT', market: 'MARKET' };
const CONDITIONAL: Readonly<Partial<Record<OrderType, string>>> = {
  stop_limit: 'STOP',
  stop_market: 'STOP_MARKET',
  take_profit_limit: 'TAKE_PROFIT',
  take_profit_market: 'TAKE_PROFIT_MARKET',
  trailing_stop: 'TRAILING_STOP_MARKET',
};
/** Source: Binance, "New Algo Order", closePosition. */
const CLOSING: ReadonlySet<OrderType> = new Set<OrderType>(['stop_market', 'take_profit_market']);
const BPS_PER_PERCENT = 100;
/** In percent. Source: Binance, "New Algo Order"; 20 since 2026-10-23. */
const CALLBACK = { least: 10, most: 2_000, step: 10 } as const;

/** An order in the venue's words, and whose service takes it. */
export interface UsdmOrder {
  readonly path: '/fapi/v1/order' | '/fapi/v1/algoOrder';
  readonly isConditional: boolean;
  readonly params: RequestParams;
}

/**
 * What the venue is asked for. Every term that was named is in it, or is refused with VENUE-003 by name: none is left
 * out silently.
 */
export function orderParams(request: OrderRequest): UsdmOrder {
  const { type, clientId, instrument, lots, options = {} } = request;
  if (options.after !== undefined) throw lacking('an order that sleeps until another fills');
  if (options.group !== undefined) throw lacking('orders that end each other');
  if (request.leverage !== undefined) throw lacking('a leverage of one order: it is set by symbol');
  const isConditional = hasTrigger(type);
  const closes = options.closePosition === true;
  if (closes && !CLOSING.has(type)) throw lacking(`${type} orders that close the position`);
  // Prevention that the venue would leave out silently. Source: Binance, "New Order", selfTradePreventionMode.
  if (options.selfTrade !== undefined && (request.postOnly || request.timeInForce === 'FOK'))
    throw lacking('prevention of self-trades for post-only or FOK orders');
  if (request.reduceOnly && !closes && opens(request)) throw lacking('reductions on the side that opens a position');
  const word = (isConditional ? CONDITIONAL : PLAIN)[type] as string;
  const shared = {
    symbol: request.symbol,
    side: request.side === 'buy' ? 'BUY' : 'SELL',
    type: word,
    positionSide: options.positionSide?.toUpperCase(),
    quantity: closes ? undefined : instrument.sizeText(lots),
    price: request.limit === undefined ? undefined : instrument.priceText(request.limit),
    timeInForce: timeInForceOf(request),
    // Of a hedged account the side says it.
    reduceOnly: request.reduceOnly && !closes && options.positionSide === undefined ? true : undefined,
    goodTillDate: options.goodTill,
    selfTradePreventionMode: options.selfTrade?.toUpperCase(),
  };
  if (!isConditional)
    return {
      path: '/fapi/v1/order',
      isConditional,
      params: { ...shared, newClientOrderId: clientId, newOrderRespType: 'RESULT' },
    };
  return {
    path: '/fapi/v1/algoOrder',
    isConditional,
    params: {
      ...{ ...shared, algoType: 'CONDITIONAL', clientAlgoId: clientId, newOrderRespType: 'RESULT' },
      triggerPrice: request.stop === undefined ? undefined : instrument.priceText(request.stop),
      workingType: workingType(request),
      closePosition: closes ? true : undefined,
      callbackRate: callbackRate(request),
      activatePrice: options.activation === undefined ? undefined : instrument.priceText(options.activation),
    },
  };
}

/** Of a hedged account the side and the position say together whether an order opens or closes. */
const opens = ({ side, options }: OrderRequest): boolean =>
  options?.positionSide !== undefined && (options.positionSide === 'long') === (side === 'buy');

/** The venue has a word of its own for post-only, and none for how long an order without a price lives. */
function timeInForceOf({ type, timeInForce, postOnly, limit, options }: OrderRequest): string | undefined {
  if (postOnly) {
    if (limit === undefined || timeInForce !== 'GTC') throw lacking(`post-only orders that are ${timeInForce}`);
    return 'GTX';
  }
  if (limit !== undefined) return timeInForce;
  const usual: readonly TimeInForce[] = hasTrigger(type) ? ['GTC', 'IOC'] : ['GTC', 'IOC', 'FOK'];
  if (!usual.includes(timeInForce) || options?.goodTill !== undefined)
    throw lacking(`${type} orders that are ${timeInForce}`);
  return undefined;
}

function workingType({ triggerBy }: OrderRequest): string {
  if (triggerBy === 'index') throw lacking('triggers by the index price');
  return triggerBy === 'mark' ? 'MARK_PRICE' : 'CONTRACT_PRICE';
}

function callbackRate({ options }: OrderRequest): string | undefined {
  const bps = options?.trailBps;
  if (bps === undefined) return undefined;
  const { least, most, step } = CALLBACK;
  if (bps < least || bps > most || bps % step !== 0)
    throw lacking(`a trailing stop of ${bps} basis points: it takes ${least} to ${most}, in steps of ${step}`);
  return String(bps / BPS_PER_PERCENT);
}

const lacking = (what: string): Error =>
  fault('VENUE-003', `binance-usdm must support ${what}, and does not.`, {
    fix: 'Ask for something else: docs/venues.md says what it takes.',
  });
