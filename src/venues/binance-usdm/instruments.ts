import { WireFields } from '../../connect/wire-fields.js';
import { Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec, InstrumentStatus } from '../../domain/instrument.js';
import type { FundingHours } from './rest/answers.js';

/** What the venue trades by default. Source: Binance, "Fee rate", VIP 0. An account's own rates need its key. */
const MAKER_FEE = new Decimal('0.0002');
const TAKER_FEE = new Decimal('0.0005');
/** `fundingInfo` lists only symbols whose terms were adjusted. */
const USUAL_FUNDING_HOURS = 8;
const PERCENT = 100;
/**
 * Whether it is a perpetual. Those of shares have sessions and an agreement of their own: they are left out.
 * Source: Binance, "Public endpoints info", contractType.
 */
const IS_PERPETUAL: Readonly<Record<string, boolean>> = {
  PERPETUAL: true,
  TRADIFI_PERPETUAL: false,
  PERPETUAL_DELIVERING: false,
  'PERPETUAL DELIVERING': false,
  'CURRENT_MONTH DELIVERING': false,
  CURRENT_MONTH: false,
  NEXT_MONTH: false,
  'CURRENT_QUARTER DELIVERING': false,
  CURRENT_QUARTER: false,
  'NEXT_QUARTER DELIVERING': false,
  NEXT_QUARTER: false,
};

/** Source: Binance, "Public endpoints info", contractStatus. What another one means nobody knows. */
const STATUS: Readonly<Record<string, InstrumentStatus>> = {
  TRADING: 'trading',
  PENDING_TRADING: 'halted',
  PRE_DELIVERING: 'reduce_only',
  DELIVERING: 'halted',
  DELIVERED: 'closed',
  PRE_SETTLE: 'reduce_only',
  SETTLING: 'halted',
  CLOSE: 'closed',
};

export interface UsdmListing {
  readonly specs: readonly InstrumentSpec[];
  /** Symbols of perpetuals that could not be read, each with why: one bad row costs the others nothing. */
  readonly unread: ReadonlyMap<string, string>;
}

/** `GET /fapi/v1/exchangeInfo`. Throws VENUE-005 where it holds no list of symbols. */
export function usdmListing(said: unknown, fundingHours: FundingHours): UsdmListing {
  const specs: InstrumentSpec[] = [];
  const unread = new Map<string, string>();
  for (const row of new WireFields(said, 'exchangeInfo').list('symbols')) {
    let symbol = 'a symbol without a name';
    try {
      const fields = new WireFields(row, 'A symbol');
      symbol = fields.text('symbol');
      if (fields.meaning('contractType', IS_PERPETUAL))
        specs.push(specOf(new WireFields(row, symbol), symbol, fundingHours));
    } catch (error) {
      unread.set(symbol, error instanceof Error ? error.message : String(error));
    }
  }
  return { specs, unread };
}

function specOf(fields: WireFields, symbol: string, fundingHours: FundingHours): InstrumentSpec {
  const hours = fundingHours.get(symbol);
  if (hours instanceof Error) throw hours;
  const filters = filtersOf(fields, symbol);
  const price = filter(filters, 'PRICE_FILTER', symbol);
  const lot = filter(filters, 'LOT_SIZE', symbol);
  const market = filters.get('MARKET_LOT_SIZE');
  const band = filters.get('PERCENT_PRICE');
  const liquidationFee = fields.allowDecimal('liquidationFee');
  return {
    symbol,
    base: fields.text('baseAsset'),
    quote: fields.text('quoteAsset'),
    settle: fields.text('marginAsset'),
    kind: 'perpetual',
    tick: price.above('tickSize'),
    step: lot.above('stepSize'),
    minSize: lot.decimal('minQty'),
    maxSize: lot.above('maxQty'),
    ...(market === undefined ? {} : { maxMarketSize: market.above('maxQty') }),
    minNotional: filter(filters, 'MIN_NOTIONAL', symbol).decimal('notional'),
    ...(band === undefined
      ? {}
      : {
          band: {
            above: band.decimal('multiplierUp').minus(1),
            below: new Decimal(1).minus(band.decimal('multiplierDown')),
          },
        }),
    status: fields.meaning('status', STATUS),
    // Without brackets, which need a key, the margins that the venue prints beside the symbol are the careful ones.
    maxLeverage: new Decimal(PERCENT).div(fields.above('requiredMarginPercent')).floor(),
    maintenanceRate: fields.above('maintMarginPercent').div(PERCENT),
    makerFee: MAKER_FEE,
    takerFee: TAKER_FEE,
    fundingIntervalHours: hours ?? USUAL_FUNDING_HOURS,
    ...(liquidationFee === undefined ? {} : { liquidationFee }),
  };
}

function filtersOf(fields: WireFields, symbol: string): ReadonlyMap<string, WireFields> {
  return new Map(
    fields.list('filters').map((row) => {
      const type = new WireFields(row, `A filter of ${symbol}`).text('filterType');
      return [type, new WireFields(row, `${type} of ${symbol}`)];
    }),
  );
}

/** A filter that is missing is not one that lets everything pass. */
function filter(filters: ReadonlyMap<string, WireFields>, name: string, symbol: string): WireFields {
  return filters.get(name) ?? new WireFields(undefined, `${name} of ${symbol}`);
}
