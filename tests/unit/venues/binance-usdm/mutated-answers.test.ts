import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { usdmListing } from '#src/venues/binance-usdm/instruments.js';
import { misread, mutationsOf, READERS } from './mutated.js';

const NOW = 1_800_000_000_000;
const filters = [
  { filterType: 'PRICE_FILTER', minPrice: '0.1', maxPrice: '4529764', tickSize: '0.1' },
  { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' },
  { filterType: 'MARKET_LOT_SIZE', minQty: '0.001', maxQty: '120', stepSize: '0.001' },
  { filterType: 'MIN_NOTIONAL', notional: '50' },
  { filterType: 'PERCENT_PRICE', multiplierUp: '1.05', multiplierDown: '0.95', multiplierDecimal: '4' },
];
const symbol = {
  ...{ symbol: 'BTCUSDT', pair: 'BTCUSDT', contractType: 'PERPETUAL', status: 'TRADING' },
  ...{ maintMarginPercent: '2.5000', requiredMarginPercent: '5.0000', liquidationFee: '0.012500' },
  ...{ baseAsset: 'BTC', quoteAsset: 'USDT', marginAsset: 'USDT', pricePrecision: 2, filters },
};
/** Written by hand, in the shapes that the venue documents. */
const SAID: Readonly<Record<string, unknown>> = {
  depthUpdate: {
    ...{ e: 'depthUpdate', E: NOW, T: NOW, s: 'BTCUSDT', ps: 'BTCUSDT', st: 1, U: 157, u: 160, pu: 149 },
    ...{ b: [['68930.0', '1.2']], a: [['68930.1', '0']] },
  },
  bookTicker: { e: 'bookTicker', u: 4009, E: NOW, T: NOW, s: 'BTCUSDT', b: '68930.0', B: '3', a: '68930.1', A: '4' },
  markPriceUpdate: {
    ...{ e: 'markPriceUpdate', E: NOW, s: 'BTCUSDT', p: '68931.15', i: '68925.02', P: '68926.0' },
    ...{ r: '0.00010000', T: NOW + 1, ap: '68931.0' },
  },
  aggTrade: { e: 'aggTrade', E: NOW, s: 'BTCUSDT', a: 59, p: '68930.1', q: '0.1', f: 100, l: 105, T: NOW, m: true },
  depth: { lastUpdateId: 160, E: NOW, T: NOW, bids: [['68930.0', '1.2']], asks: [['68930.1', '2']] },
  klines: [[NOW, '1.5', '1.8', '1.4', '1.6', '148.9', NOW + 59_999, '2434.1', 308, '75.8', '28.4', '0']],
  premiumIndex: {
    ...{ symbol: 'BTCUSDT', markPrice: '68931.15', indexPrice: '68925.02', estimatedSettlePrice: '68926.0' },
    ...{ lastFundingRate: '0.00010000', interestRate: '0.00010000', nextFundingTime: NOW + 1, time: NOW },
  },
  'ticker/bookTicker': {
    ...{ symbol: 'BTCUSDT', bidPrice: '68930.0', bidQty: '3', askPrice: '68930.1', askQty: '4' },
    ...{ time: NOW, lastUpdateId: 160 },
  },
  time: { serverTime: NOW },
  fundingInfo: [{ symbol: 'BTCUSDT', adjustedFundingRateCap: '0.02', fundingIntervalHours: 4, disclaimer: false }],
  exchangeInfo: { timezone: 'UTC', symbols: [symbol, { ...symbol, symbol: 'ETHUSDT', baseAsset: 'ETH' }] },
};

/** The flag may be the other one. */
const MAY_DIFFER: ReadonlySet<string> = new Set(['aggTrade m is true']);

const wrongOf = (name: string, said: unknown): readonly string[] => {
  const read = READERS[name];
  if (read === undefined) throw new Error(`Nobody reads ${name}.`);
  return [...mutationsOf(said)]
    .filter((mutation) => !MAY_DIFFER.has(`${name} ${mutation.name}`))
    .flatMap((mutation) => misread(read, said, mutation) ?? []);
};

describe('what the venue says, with anything wrong in it', () => {
  it.each(Object.keys(READERS))('is read as it is, or refused by name: %s', (name) => {
    expect(READERS[name]?.(SAID[name])).toBeDefined();
    expect(wrongOf(name, SAID[name])).toEqual([]);
  });

  it('costs a listing the symbol that it is wrong in, and no other', () => {
    for (const mutation of mutationsOf(symbol)) {
      const said = { symbols: [mutation.said, { ...symbol, symbol: 'ETHUSDT' }] };
      const { specs, unread } = usdmListing(said, new Map());
      expect(specs.map((spec) => spec.symbol)).toContain('ETHUSDT');
      expect(specs.length + unread.size).toBe(2);
    }
  });
});

const RECORDED = '../shared/data/venue/binance.jsonl';

interface RecordedRow {
  readonly name: string;
  readonly path?: string;
  readonly response?: unknown;
  readonly frames?: readonly { readonly json?: { readonly data?: { readonly e?: string } } }[];
}

(existsSync(RECORDED) ? describe : describe.skip)('recorded messages of the venue', () => {
  const rows = (existsSync(RECORDED) ? readFileSync(RECORDED, 'utf8').trim().split('\n') : [])
    .map((line) => JSON.parse(line) as RecordedRow)
    .filter(({ name }) => name.startsWith('UsdFutures/'));
  const said = rows.flatMap(({ path, response, frames = [] }) => [
    ...(path === undefined ? [] : [[path.replace('/fapi/v1/', ''), response] as const]),
    ...frames.flatMap(({ json }) => (json?.data?.e === undefined ? [] : [[json.data.e, json.data] as const])),
  ]);

  it('are read, and with anything wrong in them as they are or not at all', () => {
    const read = said.filter(([name, each]) => READERS[name] !== undefined && each !== undefined);
    expect(new Set(read.map(([name]) => name)).size).toBeGreaterThan(8);
    for (const [name, each] of read) expect([name, wrongOf(name, each)]).toEqual([name, []]);
  });

  it('of events that nobody follows are passed over, and none of them throws', () => {
    const others = said.filter(([name]) => READERS[name] === undefined);
    expect(others.length).toBeGreaterThan(5);
    for (const read of Object.values(READERS).slice(0, 4))
      for (const [, each] of others) if (hasEvent(each)) read(each);
  });
});

const hasEvent = (said: unknown): boolean => typeof said === 'object' && said !== null && 'e' in said;
