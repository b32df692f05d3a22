import { Decimal } from '../../../domain/decimal.js';
import type { InstrumentStatus } from '../../../domain/instrument.js';
import { WEIGHT_LIMIT } from '../request-weights.js';
import type { WireMarket } from '../market/wire-market.js';

/** A perpetual's end, as the venue writes that it has none. */
const NEVER = 4_133_404_800_000;
const ONBOARDED = Date.UTC(2019, 8, 8);
const MOST_SIZE = new Decimal('1000000');
const DIGITS = 8;

const STATUS: Readonly<Record<InstrumentStatus, string>> = {
  trading: 'TRADING',
  post_only: 'TRADING',
  limit_only: 'TRADING',
  reduce_only: 'TRADING',
  cancel_only: 'PENDING_TRADING',
  halted: 'PENDING_TRADING',
  closed: 'SETTLING',
};

const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: WEIGHT_LIMIT },
  { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
];

export function exchangeInfo(markets: Iterable<WireMarket>, now: number): Readonly<Record<string, unknown>> {
  const all = [...markets];
  const settled = [...new Set(all.map(({ instrument }) => instrument.spec.settle))];
  return {
    timezone: 'UTC',
    serverTime: now,
    futuresType: 'U_MARGINED',
    rateLimits: RATE_LIMITS,
    exchangeFilters: [],
    assets: settled.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: '-10000' })),
    symbols: all.map(symbolOf),
  };
}

function symbolOf(market: WireMarket): Readonly<Record<string, unknown>> {
  const { spec } = market.instrument;
  const { tick, step } = spec.orderGrid ?? spec;
  const maintenance = spec.maintenanceRate;
  const lots = (most: Decimal | undefined): Readonly<Record<string, string>> => ({
    minQty: market.size(spec.minSize),
    maxQty: market.size(most ?? MOST_SIZE),
    stepSize: plain(step),
  });
  return {
    symbol: market.name,
    pair: market.name,
    contractType: 'PERPETUAL',
    deliveryDate: NEVER,
    onboardDate: ONBOARDED,
    status: market.isTrading ? STATUS[spec.status ?? 'trading'] : STATUS.halted,
    maintMarginPercent: percent(maintenance),
    requiredMarginPercent: percent(new Decimal(1).div(spec.maxLeverage)),
    baseAsset: spec.base,
    quoteAsset: spec.quote,
    marginAsset: spec.settle,
    pricePrecision: tick.dp(),
    quantityPrecision: step.dp(),
    baseAssetPrecision: DIGITS,
    quotePrecision: DIGITS,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: plain(spec.liquidationFee ?? new Decimal('0.0125')),
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10_000,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: plain(tick),
        maxPrice: market.price(market.mostPrice),
        tickSize: plain(tick),
      },
      { filterType: 'LOT_SIZE', ...lots(spec.maxSize) },
      { filterType: 'MARKET_LOT_SIZE', ...lots(spec.maxMarketSize ?? spec.maxSize) },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'MIN_NOTIONAL', notional: plain(spec.minNotional) },
      {
        filterType: 'PERCENT_PRICE',
        multiplierUp: new Decimal(1).plus(spec.band?.above ?? '0.05').toFixed(4),
        multiplierDown: new Decimal(1).minus(spec.band?.below ?? '0.05').toFixed(4),
        multiplierDecimal: '4',
      },
      { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE', notionalLimit: '0' },
    ],
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
  };
}

const plain = (value: Decimal): string => value.toFixed();
const percent = (fraction: Decimal): string => fraction.times(100).toFixed(4);
