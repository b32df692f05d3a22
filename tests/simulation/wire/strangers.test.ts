import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveVenue } from '#di/wire/serve-venue.js';
import type { ServedVenue } from '#src/ports/venue/serving/served-venue.js';

const SECRET = 'test-secret';
const NEAR = 0.05;

/** Programs that others wrote read the generated market and trade on it; they know nothing of this repository. */
describe('strangers on a served venue', () => {
  let served: ServedVenue;
  beforeAll(async () => {
    served = await serveVenue({
      protocol: 'binance-usdm',
      market: { from: 'generated' },
      port: 0,
      keys: [{ key: 'test', secret: SECRET }],
    });
  });
  afterAll(() => served.close());

  async function reads<T>(program: string): Promise<T> {
    const words = [`tests/simulation/wire/${program}.mjs`, `${served.host}:${served.port}`, SECRET];
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 50_000 });
    return JSON.parse(stdout) as T;
  }

  interface CcxtSaw {
    readonly market: unknown;
    readonly book: { readonly bid: [number, number]; readonly ask: [number, number]; readonly nonce: number };
    readonly watched: CcxtSaw['book'];
    readonly trades: number;
    readonly candles: readonly (readonly number[])[];
    readonly watchedCandle: readonly number[];
    readonly funding: { readonly markPrice: number; readonly fundingRate: number };
    readonly ticker: { readonly last: number };
    readonly tiers: number;
    readonly refused: string;
    readonly watchedTrade: number;
    readonly watchedMark: number;
    readonly watchedBest: number;
  }

  it('ccxt reads markets, book, trades, mark and candles, by requests and by streams; a wrong signature is refused', async () => {
    const saw = await reads<CcxtSaw>('ccxt');
    expect(saw.market).toMatchObject({
      ...{ active: true, linear: true, minAmount: 0.001, minCost: 50 },
      precision: { amount: 0.001, price: 0.1 },
    });
    const [bid, size] = saw.book.bid;
    expect([bid > 0, size > 0, saw.book.ask[0] > bid]).toEqual([true, true, true]);
    expect(saw.watched.nonce).toBeGreaterThan(saw.book.nonce);
    expect(saw.watched.ask[0]).toBeGreaterThan(saw.watched.bid[0]);
    expect(saw.candles).toHaveLength(5);
    const minutes = saw.candles.map(([openAt]) => openAt as number);
    expect(minutes.slice(1).map((at, i) => at - (minutes[i] as number))).toEqual([60_000, 60_000, 60_000, 60_000]);
    const prices = [
      ...[saw.funding.markPrice, saw.ticker.last, saw.watchedTrade, saw.watchedMark, saw.watchedBest],
      ...[saw.watched.bid[0], saw.watchedCandle[4] as number],
    ];
    expect(prices.filter((price) => !(Math.abs(price / bid - 1) < NEAR))).toEqual([]);
    expect([saw.funding.fundingRate !== 0, saw.tiers, saw.refused]).toEqual([true, 1, 'AuthenticationError']);
  });

  interface BinanceSaw {
    readonly market: unknown;
    readonly book: { readonly bid: [string, string]; readonly lastUpdateId: number };
    readonly candles: readonly unknown[];
    readonly mark: { readonly markPrice: string; readonly lastFundingRate: string };
    readonly brackets: number;
    readonly refused: number;
    readonly streams: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }

  it('the package binance reads the same, and is refused likewise', async () => {
    const saw = await reads<BinanceSaw>('binance');
    expect(saw.market).toEqual([
      ['BTCUSDT', 'TRADING', 7],
      ['ETHUSDT', 'TRADING', 7],
    ]);
    const bid = Number(saw.book.bid[0]);
    const { depthUpdate, bookTicker, aggTrade, markPriceUpdate, kline } = saw.streams;
    const close = (kline?.['k'] as { readonly c: string }).c;
    const prices = [saw.mark.markPrice, bookTicker?.['b'], aggTrade?.['p'], markPriceUpdate?.['p'], close].map(Number);
    expect(prices.filter((price) => !(Math.abs(price / bid - 1) < NEAR))).toEqual([]);
    expect(Number(depthUpdate?.['u'])).toBeGreaterThan(saw.book.lastUpdateId);
    expect([saw.candles.length, saw.brackets, saw.refused]).toEqual([5, 1, -1022]);
  });

  type Traded = Readonly<Record<string, unknown>>;

  it('ccxt trades: limit, post-only, cancel, market, reduce-only, a stop of the other service, refusals, the account stream', async () => {
    const did = await reads<Traded>('ccxt-trades');
    expect(did).toMatchObject({
      resting: { status: 'open', filled: 0, clientOrderId: 'rests' },
      open: ['rests'],
      cancelled: { status: 'canceled' },
      cancelledTwice: 'OrderNotFound -2011',
      postOnly: 'InvalidOrder -5022',
      market: { status: 'closed', filled: 0.01 },
      tooMuch: 'ExchangeError -2019',
      position: [{ contracts: 0.01, side: 'long' }],
      stop: { status: 'open' },
      stopCancelled: true,
      reduced: { status: 'closed', filled: 0.01 },
      reducedTwice: 'ExchangeError -2022',
      trades: [{ side: 'buy' }, { side: 'sell' }],
      heard: [{ status: 'open' }],
    });
    expect(Math.abs(Number(did['balance']) / 100_000 - 1)).toBeLessThan(0.001);
  });

  it('the package binance trades likewise, and hears of it in the order in which it happened', async () => {
    expect(await reads<Traded>('binance-trades')).toMatchObject({
      resting: { status: 'NEW', clientOrderId: 'x-15PC4ZJyrests' },
      cancelled: { status: 'CANCELED' },
      postOnly: -5022,
      market: { status: 'FILLED', executedQty: '0.010' },
      stopAtOldAddress: -4120,
      stop: { status: 'NEW' },
      stopCancelled: '200',
      position: ['0.010'],
      reduced: { status: 'FILLED' },
      reducedTwice: -2022,
      heard: [
        ...['ORDER_TRADE_UPDATE NEW', 'ORDER_TRADE_UPDATE CANCELED', 'ORDER_TRADE_UPDATE NEW', 'TRADE_LITE'],
        ...['ACCOUNT_UPDATE', 'ORDER_TRADE_UPDATE TRADE', 'ALGO_UPDATE', 'ALGO_UPDATE', 'ORDER_TRADE_UPDATE NEW'],
        ...['TRADE_LITE', 'ACCOUNT_UPDATE', 'ORDER_TRADE_UPDATE TRADE'],
      ],
    });
  });
});
