import type { DataKind } from '../columns.js';
import { HOUR_MS, MINUTE_MS } from '../../domain/time-spans.js';

export const FORMATS = ['auto', 'csv', 'parquet', 'binance', 'tardis', 'freqtrade', 'lean', 'ccxt'] as const;
export type SourceFormat = (typeof FORMATS)[number];

/** Which texts of a column mean that the aggressor bought (or that a level is a bid), and which that he sold. */
export interface SideRule {
  readonly column: string;
  readonly buys: readonly string[];
  readonly sells: readonly string[];
}

/** How the rows of a known table become rows of a kind. */
export interface Layout {
  /** For people. */
  readonly name: string;
  readonly format: Exclude<SourceFormat, 'auto' | 'parquet'>;
  readonly kind: DataKind;
  /** Columns it is known by. */
  readonly columns: readonly string[];
  /**
   * `ms` is strict; `epoch` takes seconds to nanoseconds, told by size; `any` those and text; `date` is `yyyyMMdd
   * HH:mm[:ss]`; `day` is milliseconds since a midnight that the file's name tells.
   */
  readonly time: {
    readonly column: string;
    readonly unit: 'ms' | 'epoch' | 'any' | 'date' | 'day';
    readonly addMs?: number;
  };
  readonly symbol?: string;
  /** Our columns, and where they stand. */
  readonly values: Readonly<Record<string, string>>;
  readonly side?: SideRule;
  /** The venue's own count of its rows, without holes. */
  readonly id?: string;
  /** Messages of a book: rows with equal text here belong together. */
  readonly message?: string;
  readonly snapshot?: SideRule;
  /** Rows that need more than one row of ours: whole books, and Tardis' tickers of mark, index and funding. */
  /** Its rows stand in the order in which they arrived at the recorder, and not in that of the venue's stamps. */
  readonly arrival?: true;
  readonly special?: 'books' | 'ticker';
}

const MAKER: SideRule = {
  column: 'is_buyer_maker',
  buys: ['false', 'False', 'FALSE', '0'],
  sells: ['true', 'True', 'TRUE', '1'],
};
const SIDE: SideRule = {
  column: 'side',
  buys: ['buy', 'bid', 'BUY', 'Buy', 'b', '1'],
  sells: ['sell', 'ask', 'SELL', 'Sell', 's', '-1'],
};
const OHLC = { open: 'open', high: 'high', low: 'low', close: 'close' } as const;
const CANDLE = { ...OHLC, volume: 'volume' } as const;

/** One value a candle: what was quoted at its open. The order of its other prices is not known. */
const opens = (base: Omit<Layout, 'kind' | 'values'>, kind: 'mark' | 'index' | 'funding'): Layout => ({
  ...base,
  name: `${base.name}, of ${kind}`,
  kind,
  values: kind === 'funding' ? { rate: 'open' } : { price: 'open' },
});
const candles = (base: Omit<Layout, 'kind' | 'values'>): Layout[] => [
  { ...base, kind: 'bars', values: CANDLE },
  opens(base, 'mark'),
  opens(base, 'index'),
];

/** Our own tables, which anybody may write. */
// prettier-ignore
export const TABLES: readonly Layout[] = [
  { name: 'bars', format: 'csv', kind: 'bars', columns: ['ts_ms', 'symbol', 'open', 'high', 'low', 'close', 'volume'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol', values: CANDLE },
  opens({ name: 'candles', format: 'csv', columns: ['ts_ms', 'symbol', 'open', 'high', 'low', 'close'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol' }, 'mark'),
  opens({ name: 'candles', format: 'csv', columns: ['ts_ms', 'symbol', 'open', 'high', 'low', 'close'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol' }, 'index'),
  { name: 'funding rates', format: 'csv', kind: 'funding', columns: ['ts_ms', 'symbol', 'funding_rate'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol', values: { rate: 'funding_rate' } },
  { name: 'trades', format: 'csv', kind: 'trades', columns: ['ts_ms', 'symbol', 'price', 'size', 'side'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol', values: { price: 'price', size: 'size' }, side: SIDE },
  { name: 'quotes', format: 'csv', kind: 'quotes', columns: ['ts_ms', 'symbol', 'bid', 'bid_size', 'ask', 'ask_size'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol', values: { bid: 'bid', bidLots: 'bid_size', ask: 'ask', askLots: 'ask_size' } },
  { name: 'mark prices', format: 'csv', kind: 'mark', columns: ['ts_ms', 'symbol', 'mark_price'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol', values: { price: 'mark_price' } },
  { name: 'index prices', format: 'csv', kind: 'index', columns: ['ts_ms', 'symbol', 'index_price'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'symbol', values: { price: 'index_price' } },
];

// prettier-ignore
const RECORDED: readonly Layout[] = [
  { name: 'funding rates of coins', format: 'csv', kind: 'funding', columns: ['ts_ms', 'coin', 'funding_rate'], time: { column: 'ts_ms', unit: 'ms' }, symbol: 'coin', values: { rate: 'funding_rate' } },
  { name: 'recorded trades', format: 'binance', kind: 'trades', columns: ['trade_ts_ms', 'symbol', 'trade_id', 'price', 'qty', 'buyer_is_maker'], time: { column: 'trade_ts_ms', unit: 'ms' }, symbol: 'symbol', values: { price: 'price', size: 'qty' }, side: { ...MAKER, column: 'buyer_is_maker' }, id: 'trade_id' },
  { name: 'recorded best prices', format: 'binance', kind: 'quotes', columns: ['txn_ts_ms', 'bid', 'bid_qty', 'ask', 'ask_qty'], time: { column: 'txn_ts_ms', unit: 'ms' }, values: { bid: 'bid', bidLots: 'bid_qty', ask: 'ask', askLots: 'ask_qty' } },
  { name: 'book snapshot', format: 'binance', kind: 'depth', columns: ['T', 'lastUpdateId', 'asks[0].price', 'asks[0].amount', 'bids[0].price', 'bids[0].amount'], time: { column: 'T', unit: 'ms' }, values: {}, special: 'books' },
  { name: 'recorded book changes', format: 'binance', kind: 'depth', columns: ['txn_ts_ms', 'final_update_id', 'side', 'price', 'qty'], time: { column: 'txn_ts_ms', unit: 'ms' }, values: { price: 'price', size: 'qty' }, side: SIDE, message: 'final_update_id' },
];

// prettier-ignore
const BINANCE: readonly Layout[] = [
  ...candles({ name: 'Binance klines', format: 'binance', columns: ['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time'], time: { column: 'open_time', unit: 'epoch' } }),
  { name: 'Binance trades', format: 'binance', kind: 'trades', columns: ['id', 'price', 'qty', 'time', 'is_buyer_maker'], time: { column: 'time', unit: 'epoch' }, values: { price: 'price', size: 'qty' }, side: MAKER, id: 'id' },
  { name: 'Binance aggTrades', format: 'binance', kind: 'trades', columns: ['agg_trade_id', 'price', 'quantity', 'transact_time', 'is_buyer_maker'], time: { column: 'transact_time', unit: 'epoch' }, values: { price: 'price', size: 'quantity' }, side: MAKER, id: 'agg_trade_id' },
  { name: 'Binance bookTicker', format: 'binance', kind: 'quotes', columns: ['best_bid_price', 'best_bid_qty', 'best_ask_price', 'best_ask_qty', 'transaction_time'], time: { column: 'transaction_time', unit: 'epoch' }, values: { bid: 'best_bid_price', bidLots: 'best_bid_qty', ask: 'best_ask_price', askLots: 'best_ask_qty' } },
  { name: 'Binance fundingRate', format: 'binance', kind: 'funding', columns: ['calc_time', 'funding_interval_hours', 'last_funding_rate'], time: { column: 'calc_time', unit: 'epoch' }, values: { rate: 'last_funding_rate' } },
];

const TARDIS_TIME = { column: 'timestamp', unit: 'epoch' } as const;
const TARDIS_KEYS = ['exchange', 'symbol', 'timestamp', 'local_timestamp'];
// prettier-ignore
const TARDIS_FILES: readonly Layout[] = [
  { name: 'Tardis trades', format: 'tardis', kind: 'trades', columns: [...TARDIS_KEYS, 'id', 'side', 'price', 'amount'], time: TARDIS_TIME, symbol: 'symbol', values: { price: 'price', size: 'amount' }, side: SIDE },
  { name: 'Tardis quotes', format: 'tardis', kind: 'quotes', columns: [...TARDIS_KEYS, 'ask_amount', 'ask_price', 'bid_price', 'bid_amount'], time: TARDIS_TIME, symbol: 'symbol', values: { bid: 'bid_price', bidLots: 'bid_amount', ask: 'ask_price', askLots: 'ask_amount' } },
  { name: 'Tardis incremental_book_L2', format: 'tardis', kind: 'depth', columns: [...TARDIS_KEYS, 'is_snapshot', 'side', 'price', 'amount'], time: TARDIS_TIME, symbol: 'symbol', values: { price: 'price', size: 'amount' }, side: SIDE, message: 'local_timestamp', snapshot: { column: 'is_snapshot', buys: MAKER.sells, sells: MAKER.buys } },
  { name: 'Tardis book_snapshot', format: 'tardis', kind: 'depth', columns: [...TARDIS_KEYS, 'asks[0].price', 'asks[0].amount', 'bids[0].price', 'bids[0].amount'], time: TARDIS_TIME, symbol: 'symbol', values: {}, special: 'books' },
  { name: 'Tardis derivative_ticker', format: 'tardis', kind: 'mark', columns: [...TARDIS_KEYS, 'funding_timestamp', 'funding_rate', 'index_price', 'mark_price'], time: TARDIS_TIME, symbol: 'symbol', values: {}, special: 'ticker' },
];

const TARDIS = TARDIS_FILES.map((layout): Layout => ({ ...layout, arrival: true }));

const FREQTRADE_CANDLES = {
  name: 'freqtrade candles',
  format: 'freqtrade',
  columns: ['date', 'open', 'high', 'low', 'close', 'volume'],
  time: { column: 'date', unit: 'epoch' },
} as const;
const LEAN_TIME = { column: 'lean_time', unit: 'date' } as const;
const LEAN_DAY = { column: 'ms_of_day', unit: 'day' } as const;
const QUOTE_BAR = { bid: 'bid_close', bidLots: 'bid_size', ask: 'ask_close', askLots: 'ask_size' } as const;
const QUOTE_COLUMNS = [
  'bid_open',
  'bid_high',
  'bid_low',
  'bid_close',
  'bid_size',
  'ask_open',
  'ask_high',
  'ask_low',
  'ask_close',
  'ask_size',
];

// prettier-ignore
const OTHERS: readonly Layout[] = [
  ...candles(FREQTRADE_CANDLES),
  opens(FREQTRADE_CANDLES, 'funding'),
  { name: 'freqtrade trades', format: 'freqtrade', kind: 'trades', columns: ['timestamp', 'id', 'type', 'side', 'price', 'amount', 'cost'], time: { column: 'timestamp', unit: 'epoch' }, values: { price: 'price', size: 'amount' }, side: SIDE },
  ...candles({ name: 'ccxt OHLCV', format: 'ccxt', columns: ['timestamp', 'open', 'high', 'low', 'close', 'volume'], time: { column: 'timestamp', unit: 'epoch' } }),
  { name: 'LEAN trade bars', format: 'lean', kind: 'bars', columns: ['ms_of_day', 'open', 'high', 'low', 'close', 'volume'], time: LEAN_DAY, values: CANDLE },
  { name: 'LEAN quote bars', format: 'lean', kind: 'quotes', columns: ['ms_of_day', ...QUOTE_COLUMNS], time: { ...LEAN_DAY, addMs: MINUTE_MS }, values: QUOTE_BAR },
  { name: 'LEAN quote bars in one table', format: 'lean', kind: 'quotes', columns: ['ts_ms', 'symbol', ...QUOTE_COLUMNS], time: { column: 'ts_ms', unit: 'ms', addMs: MINUTE_MS }, symbol: 'symbol', values: QUOTE_BAR },
  { name: 'LEAN trade bars of hours or days', format: 'lean', kind: 'bars', columns: ['lean_time', 'open', 'high', 'low', 'close', 'volume'], time: LEAN_TIME, values: CANDLE },
  { name: 'LEAN quote bars of hours or days', format: 'lean', kind: 'quotes', columns: ['lean_time', ...QUOTE_COLUMNS], time: { ...LEAN_TIME, addMs: HOUR_MS }, values: QUOTE_BAR },
  { name: 'LEAN margin interest', format: 'lean', kind: 'funding', columns: ['date', 'interest_rate'], time: { column: 'date', unit: 'date' }, values: { rate: 'interest_rate' } },
];

/** Every layout that is known; of several that fit a table the one with most columns is meant. */
export const LAYOUTS: readonly Layout[] = [...TABLES, ...RECORDED, ...BINANCE, ...TARDIS, ...OTHERS];
