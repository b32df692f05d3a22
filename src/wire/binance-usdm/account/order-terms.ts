import { Decimal } from '../../../domain/decimal.js';
import type { OrderOptions, OrderTerms, OrderType, PositionMode } from '../../../domain/order.js';
import { lots, ticks, type Lots, type Ticks } from '../../../domain/units.js';
import type { WireMarket } from '../market/wire-market.js';
import type { Params } from '../params.js';
import { illegal, missing, WireRefusal } from '../refusal.js';
import type { WireTerms } from './wire-order.js';

/** An order as it is asked for, on the grid, and in the venue's own words. */
export interface WantedOrder {
  readonly market: WireMarket;
  readonly clientId: string | undefined;
  readonly terms: WireTerms;
  readonly request: Omit<OrderTerms, 'clientId'>;
  readonly callbackRate?: Decimal;
}

const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const AMOUNT = /^\d{1,20}(?:\.\d{1,20})?$/;
const CONDITIONAL: Readonly<Record<string, OrderType>> = {
  STOP: 'stop_limit',
  STOP_MARKET: 'stop_market',
  TAKE_PROFIT: 'take_profit_limit',
  TAKE_PROFIT_MARKET: 'take_profit_market',
  TRAILING_STOP_MARKET: 'trailing_stop',
};
const ELSEWHERE = 'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.';
const BPS_PER_PERCENT = 100;
/** In percent. Source: Binance, change log of 2026-10-23. */
const MOST_CALLBACK = 20;
/** A GTD order lives for ten minutes at least. Source: Binance, "New Order", goodTillDate. */
const LEAST_LIFE_MS = 600_000;

const decimalOf = (params: Params, name: string): Decimal | undefined => {
  const text = params.get(name);
  if (text === undefined) return undefined;
  if (!AMOUNT.test(text)) throw illegal(name);
  return new Decimal(text);
};

const flagOf = (params: Params, name: string): boolean => {
  const text = params.get(name)?.toLowerCase() ?? 'false';
  if (text !== 'true' && text !== 'false') throw illegal(name);
  return text === 'true';
};

/** `POST /fapi/v1/order`. Throws the refusal of the first thing that is wrong, in the order of the documentation. */
export function plainOrder(market: WireMarket, params: Params, mode: PositionMode, now: number): WantedOrder {
  const type = params.need('type');
  if (CONDITIONAL[type] !== undefined) throw new WireRefusal(-4120, ELSEWHERE);
  if (type !== 'LIMIT' && type !== 'MARKET') throw new WireRefusal(-1116, 'Invalid orderType.');
  if (type === 'LIMIT') for (const name of ['timeInForce', 'quantity', 'price']) params.need(name);
  else params.need('quantity');
  for (const name of ['stopPrice', 'closePosition', 'activationPrice', 'callbackRate'])
    if (params.get(name) !== undefined) throw tooMany(name);
  const isLimit = type === 'LIMIT';
  if (!isLimit) for (const name of ['price', 'timeInForce']) if (params.get(name) !== undefined) throw tooMany(name);
  const shared = sharedTerms(params, mode, { type, hasLimit: isLimit, now });
  const orderType = isLimit ? 'limit' : 'market';
  return { market, clientId: clientIdOf(params, 'newClientOrderId'), ...complete(market, shared, orderType, params) };
}

/** `POST /fapi/v1/algoOrder`. */
export function conditionalOrder(market: WireMarket, params: Params, mode: PositionMode, now: number): WantedOrder {
  if (params.need('algoType') !== 'CONDITIONAL') throw illegal('algoType');
  const type = params.need('type');
  const orderType = CONDITIONAL[type];
  if (orderType === undefined) throw new WireRefusal(-1116, 'Invalid orderType.');
  const hasLimit = type === 'STOP' || type === 'TAKE_PROFIT';
  if (hasLimit) params.need('price');
  else if (params.get('price') !== undefined) throw tooMany('price');
  if (type === 'TRAILING_STOP_MARKET') params.need('callbackRate');
  else params.need('triggerPrice');
  const closes = flagOf(params, 'closePosition');
  if (closes) {
    if (type !== 'STOP_MARKET' && type !== 'TAKE_PROFIT_MARKET') throw illegal('closePosition');
    for (const name of ['quantity', 'reduceOnly']) if (params.get(name) !== undefined) throw tooMany(name);
  } else params.need('quantity');
  const shared = sharedTerms(params, mode, { type, hasLimit, now, closes });
  const rate = decimalOf(params, 'callbackRate');
  return {
    market,
    clientId: clientIdOf(params, 'clientAlgoId'),
    ...complete(market, shared, orderType, params),
    ...(rate === undefined ? {} : { callbackRate: rate }),
  };
}

interface Kind {
  readonly type: string;
  readonly hasLimit: boolean;
  readonly now: number;
  readonly closes?: boolean;
}

function sharedTerms(params: Params, mode: PositionMode, kind: Kind): WireTerms {
  const { type, hasLimit, now, closes = false } = kind;
  const side = params.need('side');
  if (side !== 'BUY' && side !== 'SELL') throw new WireRefusal(-1117, 'Invalid side.');
  const timeInForce = params.get('timeInForce') ?? 'GTC';
  if (!(hasLimit ? ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'] : ['GTC', 'IOC', 'FOK']).includes(timeInForce))
    throw new WireRefusal(-1115, 'Invalid timeInForce.');
  const goodTillDate = params.whole('goodTillDate', 0);
  if ((timeInForce === 'GTD') !== goodTillDate > 0)
    throw timeInForce === 'GTD' ? missing('goodTillDate') : tooMany('goodTillDate');
  if (goodTillDate > 0 && goodTillDate < now + LEAST_LIFE_MS) throw illegal('goodTillDate');
  const positionSide = params.get('positionSide') ?? 'BOTH';
  if (positionSide !== 'BOTH' && positionSide !== 'LONG' && positionSide !== 'SHORT') throw illegal('positionSide');
  if ((positionSide === 'BOTH') !== (mode === 'one_way'))
    throw new WireRefusal(-4061, "Order's position side does not match user's setting.");
  if (mode === 'hedge' && params.get('reduceOnly') !== undefined) throw tooMany('reduceOnly');
  const workingType = params.get('workingType') ?? 'CONTRACT_PRICE';
  if (workingType !== 'CONTRACT_PRICE' && workingType !== 'MARK_PRICE') throw illegal('workingType');
  const selfTrade = params.get('selfTradePreventionMode') ?? 'EXPIRE_MAKER';
  if (!['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'].includes(selfTrade)) throw illegal('selfTradePreventionMode');
  if ((params.get('priceMatch') ?? 'NONE') !== 'NONE') throw illegal('priceMatch');
  return {
    side,
    positionSide,
    type,
    timeInForce,
    reduceOnly: flagOf(params, 'reduceOnly'),
    closePosition: closes,
    workingType,
    priceProtect: flagOf(params, 'priceProtect'),
    goodTillDate,
    selfTradePreventionMode: selfTrade,
  };
}

/** Prices, then sizes, on the grid of the market. */
function complete(
  market: WireMarket,
  terms: WireTerms,
  type: OrderType,
  params: Params,
): Pick<WantedOrder, 'terms' | 'request'> {
  const { timeInForce } = terms;
  const prices = {
    limit: priceOf(market, params, 'price'),
    stop: priceOf(market, params, 'triggerPrice'),
    activation: priceOf(market, params, 'activatePrice'),
  };
  const size = terms.closePosition ? lots(0) : sizeOf(market, params, type);
  const options = optionsOf(terms, params, prices.activation);
  return {
    terms,
    request: {
      instrument: market.instrument,
      side: terms.side === 'BUY' ? 'buy' : 'sell',
      type,
      lots: size,
      timeInForce: timeInForce === 'GTX' ? 'GTC' : (timeInForce as OrderTerms['timeInForce']),
      postOnly: timeInForce === 'GTX',
      reduceOnly: terms.reduceOnly,
      ...(prices.limit === undefined ? {} : { limit: prices.limit }),
      ...(prices.stop === undefined ? {} : { stop: prices.stop }),
      ...(type === 'market' || type === 'limit'
        ? {}
        : { triggerBy: terms.workingType === 'MARK_PRICE' ? ('mark' as const) : ('last' as const) }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
    },
  };
}

function optionsOf(terms: WireTerms, params: Params, activation: Ticks | undefined): OrderOptions {
  const rate = decimalOf(params, 'callbackRate');
  if (rate !== undefined && (rate.lt('0.1') || rate.gt(MOST_CALLBACK) || rate.dp() > 1)) throw illegal('callbackRate');
  return {
    ...(terms.goodTillDate > 0 ? { goodTill: terms.goodTillDate } : {}),
    ...(rate === undefined ? {} : { trailBps: rate.times(BPS_PER_PERCENT).toNumber() }),
    ...(activation === undefined ? {} : { activation }),
    ...(terms.closePosition ? { closePosition: true as const } : {}),
    ...(terms.positionSide === 'BOTH'
      ? {}
      : { positionSide: terms.positionSide === 'LONG' ? ('long' as const) : 'short' }),
    selfTrade: terms.selfTradePreventionMode.toLowerCase() as NonNullable<OrderOptions['selfTrade']>,
  };
}

/** Source: Binance, "Error Codes", -4001 to -4014 and -1111. */
export function priceOf(market: WireMarket, params: Params, name: string): Ticks | undefined {
  const price = decimalOf(params, name);
  if (price === undefined) return undefined;
  const { tick } = market.instrument.spec;
  if (price.isZero()) throw new WireRefusal(-4001, 'Price less than 0.');
  if (price.dp() > tick.dp()) throw precise();
  if (price.lt(tick)) throw new WireRefusal(-4013, `Price less than min price.`);
  if (price.gt(market.mostPrice)) throw new WireRefusal(-4002, 'Price greater than max price.');
  if (!price.mod(tick).isZero()) throw new WireRefusal(-4014, 'Price not increased by tick size.');
  return ticks(market.instrument.toTicks(price, 'nearest'));
}

export function sizeOf(market: WireMarket, params: Params, type: OrderType): Lots {
  const size = decimalOf(params, 'quantity');
  if (size === undefined) throw missing('quantity');
  const { step, minSize, maxSize, maxMarketSize } = market.instrument.spec;
  const isMarket =
    type === 'market' || type === 'stop_market' || type === 'take_profit_market' || type === 'trailing_stop';
  const most = isMarket ? (maxMarketSize ?? maxSize) : maxSize;
  if (size.isZero()) throw new WireRefusal(-4003, 'Quantity less than or equal to zero.');
  if (size.dp() > step.dp()) throw precise();
  if (size.lt(minSize)) throw new WireRefusal(-4004, 'Quantity less than min quantity.');
  if (most !== undefined && size.gt(most)) throw new WireRefusal(-4005, 'Quantity greater than max quantity.');
  if (!size.mod(step).isZero()) throw new WireRefusal(-4023, 'Qty not increased by step size.');
  return lots(market.instrument.toLots(size, 'nearest'));
}

function clientIdOf(params: Params, name: string): string | undefined {
  const id = params.get(name);
  if (id !== undefined && !CLIENT_ID.test(id)) throw new WireRefusal(-4015, 'Client order id is not valid.');
  return id;
}

const precise = (): WireRefusal => new WireRefusal(-1111, 'Precision is over the maximum defined for this asset.');
const tooMany = (name: string): WireRefusal => new WireRefusal(-1106, `Parameter '${name}' sent when not required.`);
