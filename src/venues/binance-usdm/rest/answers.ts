import { levelsOf, rowsOf, WireFields } from '../../../connect/wire-fields.js';
import type { BookLevel, BookSnapshot, Candle, FundingRate, Quote } from '../../../domain/market.js';

/** Answers of the public requests. Each throws VENUE-005 for one that cannot be read. */

export interface DepthAnswer {
  readonly lastUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly at: number;
}

/** `GET /fapi/v1/depth`. */
export function depthAnswer(said: unknown, symbol: string): DepthAnswer {
  const what = `Depth of ${symbol}`;
  const fields = new WireFields(said, what);
  return {
    lastUpdateId: fields.whole('lastUpdateId'),
    bids: levelsOf(fields.list('bids'), what),
    asks: levelsOf(fields.list('asks'), what),
    at: fields.whole('E'),
  };
}

export const bookAnswer = (said: unknown, symbol: string): BookSnapshot => {
  const { bids, asks, at } = depthAnswer(said, symbol);
  return { symbol, bids, asks, at };
};

/** `GET /fapi/v1/aggTrades`: number of the newest; undefined where there is none. */
export function newestTradeAnswer(said: unknown): number | undefined {
  const newest = rowsOf(said, 'Trades').at(-1);
  return newest === undefined ? undefined : new WireFields(newest, 'A trade').whole('a');
}

/** `GET /fapi/v1/ticker/bookTicker` and `/premiumIndex` of one symbol. A side without orders is not known. */
export function quoteAnswer(ticker: unknown, premium: unknown, symbol: string): Quote {
  const book = symbolOf(ticker, `Best prices of ${symbol}`, symbol);
  const marks = symbolOf(premium, `Marks of ${symbol}`, symbol);
  const mark = positive(marks, 'markPrice');
  const index = positive(marks, 'indexPrice');
  return {
    symbol,
    ...side(book, 'bid'),
    ...side(book, 'ask'),
    ...(mark && { mark }),
    ...(index && { index }),
    at: book.whole('time'),
  };
}

function side(book: WireFields, name: 'bid' | 'ask'): Partial<Quote> {
  const price = positive(book, `${name}Price`);
  if (price === undefined) return {};
  const size = book.decimal(`${name}Qty`);
  return name === 'bid' ? { bid: price, bidSize: size } : { ask: price, askSize: size };
}

/** Zero is how the venue writes that there is none. */
function positive(fields: WireFields, name: string) {
  const value = fields.decimal(name);
  return value.gt(0) ? value : undefined;
}

/** `GET /fapi/v1/premiumIndex` of one symbol: the rate of the interval that ends next. */
export function fundingAnswer(said: unknown, symbol: string): FundingRate {
  const fields = symbolOf(said, `Funding of ${symbol}`, symbol);
  const nextAt = fields.whole('nextFundingTime');
  return {
    symbol,
    rate: fields.decimal('lastFundingRate'),
    at: fields.whole('time'),
    ...(nextAt > 0 ? { nextAt } : {}),
  };
}

/** `GET /fapi/v1/klines`: what had closed at `now`, oldest first. */
export function candlesAnswer(said: unknown, symbol: string, now: number): Candle[] {
  const what = `Candle of ${symbol}`;
  return rowsOf(said, what)
    .map((row) => {
      const [openAt, open, high, low, close, volume, closeAt] = rowsOf(row, what);
      const fields = new WireFields({ openAt, open, high, low, close, volume, closeAt }, what);
      return {
        closeAt: fields.whole('closeAt'),
        candle: {
          openAt: fields.whole('openAt'),
          open: fields.above('open'),
          high: fields.above('high'),
          low: fields.above('low'),
          close: fields.above('close'),
          volume: fields.decimal('volume'),
        },
      };
    })
    .filter(({ closeAt }) => closeAt < now)
    .map(({ candle }) => candle);
}

/** `GET /fapi/v1/time`. */
export const timeAnswer = (said: unknown): number => new WireFields(said, 'Time of the venue').whole('serverTime');

/** Hours between stamps of the symbols that have others than the usual ones, or why they cannot be read. */
export type FundingHours = ReadonlyMap<string, number | Error>;

/** `GET /fapi/v1/fundingInfo`. A row that cannot be read costs its own symbol; one that names none costs all. */
export function fundingHoursAnswer(said: unknown): FundingHours {
  return new Map(
    rowsOf(said, 'Funding terms').map((row) => {
      const symbol = new WireFields(row, 'Funding terms').text('symbol');
      return [symbol, hoursIn(new WireFields(row, `Funding terms of ${symbol}`))];
    }),
  );
}

function hoursIn(fields: WireFields): number | Error {
  try {
    return fields.count('fundingIntervalHours');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** An answer about another symbol than was asked for is no answer. */
function symbolOf(said: unknown, what: string, symbol: string): WireFields {
  const fields = new WireFields(said, what);
  fields.is('symbol', symbol);
  return fields;
}
