import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { level, NOW, Scene } from './scene.js';

describe("requests of Binance USD-M's public market", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await new Scene().serve();
    scene.btc.show([level('100.1', '2'), level('100', '1.5')], [level('100.3', '0.25')], NOW);
  });

  it('say who is there, and when it is', async () => {
    expect(await scene.get('/fapi/v1/ping')).toEqual({});
    expect(await scene.get('/fapi/v1/time')).toEqual({ serverTime: NOW });
  });

  it('list the markets with their filters, in the order of the venue', async () => {
    const info = (await scene.get('/fapi/v1/exchangeInfo')) as {
      readonly rateLimits: readonly object[];
      readonly symbols: readonly { readonly symbol: string; readonly status: string; readonly filters: object[] }[];
    };
    expect(info.rateLimits[0]).toEqual({
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit: 2_400,
    });
    expect(info.symbols.map(({ symbol, status }) => `${symbol} ${status}`)).toEqual([
      'BTCUSDT TRADING',
      'ETHUSDT TRADING',
    ]);
    expect(info.symbols[0]?.filters.slice(0, 2)).toEqual([
      { filterType: 'PRICE_FILTER', minPrice: '0.1', maxPrice: '4529764.0', tickSize: '0.1' },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000000.000', stepSize: '0.001' },
    ]);
    scene.btc.isTrading = false;
    expect(JSON.stringify(await scene.get('/fapi/v1/exchangeInfo'))).toContain('PENDING_TRADING');
  });

  it('give the book, best first, with the number of its newest update', async () => {
    const first = scene.btc.updateId;
    scene.btc.update([level('100.1', '0'), level('99', '3')], [level('100.2', '1')], NOW + 5);
    expect(await scene.get('/fapi/v1/depth?symbol=BTCUSDT&limit=5')).toEqual({
      lastUpdateId: first + 3,
      E: NOW,
      T: NOW + 5,
      bids: [
        ['100.0', '1.500'],
        ['99.0', '3.000'],
      ],
      asks: [
        ['100.2', '1.000'],
        ['100.3', '0.250'],
      ],
    });
    expect(await scene.get('/fapi/v1/ticker/bookTicker?symbol=BTCUSDT')).toEqual({
      symbol: 'BTCUSDT',
      bidPrice: '100.0',
      bidQty: '1.500',
      askPrice: '100.2',
      askQty: '1.000',
      time: NOW + 5,
      lastUpdateId: first + 3,
    });
  });

  it('name a time of a market that has not begun', async () => {
    expect(await scene.get('/fapi/v1/depth?symbol=ETHUSDT')).toMatchObject({ E: NOW, T: NOW, bids: [], asks: [] });
    for (const ticker of ['bookTicker', 'price'])
      expect(await scene.get(`/fapi/v1/ticker/${ticker}?symbol=ETHUSDT`)).toMatchObject({ time: NOW });
  });

  it('take what a whole book shows no more for gone', async () => {
    scene.btc.show([level('100', '1.5')], [level('100.2', '1'), level('100.3', '0.25')], NOW);
    const { bids, asks } = (await scene.get('/fapi/v1/depth?symbol=BTCUSDT')) as Record<string, string[][]>;
    expect([bids, asks]).toEqual([
      [['100.0', '1.500']],
      [
        ['100.2', '1.000'],
        ['100.3', '0.250'],
      ],
    ]);
  });

  it('give trades, and whoever was resting in them; a trade without a side is told by the middle of the book', async () => {
    scene.btc.trade(new Decimal('100.1'), new Decimal('0.4'), NOW + 1);
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.1'), NOW + 2);
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.2'), NOW + 3, 'sell');
    expect(await scene.get('/fapi/v1/trades?symbol=BTCUSDT&limit=2')).toEqual([
      { id: 2, price: '100.3', qty: '0.100', quoteQty: '10.03', time: NOW + 2, isBuyerMaker: false },
      { id: 3, price: '100.3', qty: '0.200', quoteQty: '20.06', time: NOW + 3, isBuyerMaker: true },
    ]);
    const ids = async (query: string): Promise<unknown> =>
      ((await scene.get(`/fapi/v1/aggTrades?symbol=BTCUSDT&${query}`)) as { a: number }[]).map(({ a }) => a);
    expect(await ids('limit=2')).toEqual([2, 3]);
    expect(await ids('fromId=1&limit=2')).toEqual([1, 2]);
    expect(await ids(`startTime=${NOW + 2}`)).toEqual([2, 3]);
    expect(await ids(`endTime=${NOW + 1}`)).toEqual([1]);
  });

  it('make candles of trades, minutes without one included', async () => {
    const trade = (price: string, size: string, at: number): void =>
      scene.btc.trade(new Decimal(price), new Decimal(size), at, price === '99.0' ? 'sell' : 'buy');
    trade('100.0', '1', NOW + 1);
    trade('101.0', '2', NOW + 2);
    trade('99.0', '1', NOW + 3);
    trade('102.0', '0.5', NOW + 2 * MINUTE_MS);
    await scene.scheduler.advance(2 * MINUTE_MS + 1);
    const row = (minute: number, prices: readonly string[], rest: readonly unknown[]): unknown => [
      NOW + minute * MINUTE_MS,
      ...prices,
      rest[0],
      NOW + (minute + 1) * MINUTE_MS - 1,
      ...rest.slice(1),
      '0',
    ];
    expect(await scene.get('/fapi/v1/klines?symbol=BTCUSDT&interval=1m')).toEqual([
      row(0, ['100.0', '101.0', '99.0', '99.0'], ['4.000', '401.00000', 3, '3.000', '302.00000']),
      row(1, ['99.0', '99.0', '99.0', '99.0'], ['0.000', '0.00000', 0, '0.000', '0.00000']),
      row(2, ['102.0', '102.0', '102.0', '102.0'], ['0.500', '51.00000', 1, '0.500', '51.00000']),
    ]);
    expect(await scene.get('/fapi/v1/klines?symbol=BTCUSDT&interval=3m')).toEqual([
      [
        NOW,
        ...['100.0', '102.0', '99.0', '102.0', '4.500'],
        NOW + 3 * MINUTE_MS - 1,
        ...['452.00000', 4, '3.500', '353.00000', '0'],
      ],
    ]);
    const opens = async (query: string): Promise<unknown> =>
      ((await scene.get(`/fapi/v1/klines?symbol=BTCUSDT&interval=1m&${query}`)) as number[][]).map(
        ([openAt = 0]) => (openAt - NOW) / MINUTE_MS,
      );
    expect(await opens('limit=1')).toEqual([2]);
    expect(await opens(`startTime=${NOW}&limit=1`)).toEqual([0]);
    expect(await opens(`startTime=${NOW + 1}&endTime=${NOW + 2 * MINUTE_MS}`)).toEqual([1, 2]);
  });

  it('value a market by what it was told, and say nothing of what it was not', async () => {
    const premium = (): Promise<unknown> => scene.get('/fapi/v1/premiumIndex?symbol=BTCUSDT');
    const unknown = {
      symbol: 'BTCUSDT',
      markPrice: '',
      indexPrice: '',
      estimatedSettlePrice: '',
      lastFundingRate: '',
      interestRate: '0.00010000',
      nextFundingTime: 0,
      time: NOW,
    };
    expect(await premium()).toEqual(unknown);
    scene.btc.value(new Decimal('100.25'), new Decimal('100.5'), NOW + 1);
    scene.btc.funding(new Decimal('0.0001'), NOW + MINUTE_MS);
    expect(await premium()).toEqual({
      ...unknown,
      markPrice: '100.25000000',
      indexPrice: '100.50000000',
      estimatedSettlePrice: '100.50000000',
      lastFundingRate: '0.00010000',
      nextFundingTime: NOW + MINUTE_MS,
    });
    scene.btc.funding(new Decimal('0.0003'), NOW + 2 * MINUTE_MS);
    expect(await scene.get('/fapi/v1/fundingRate?symbol=BTCUSDT')).toEqual([
      { symbol: 'BTCUSDT', fundingTime: NOW + MINUTE_MS, fundingRate: '0.00010000', markPrice: '100.25000000' },
    ]);
    expect(await scene.get('/fapi/v1/fundingRate?symbol=ETHUSDT')).toEqual([]);
    const marks = (await scene.get('/fapi/v1/markPriceKlines?symbol=BTCUSDT&interval=1m')) as unknown[][];
    expect(marks[0]?.slice(0, 5)).toEqual([NOW, ...Array<string>(4).fill('100.25000000')]);
    const index = (await scene.get('/fapi/v1/indexPriceKlines?pair=BTCUSDT&interval=1m')) as unknown[][];
    expect(index[0]?.[1]).toBe('100.50000000');
  });

  it('list funding terms that are not the usual ones, and no others', async () => {
    expect(await scene.get('/fapi/v1/fundingInfo')).toMatchObject([{ symbol: 'ETHUSDT', fundingIntervalHours: 4 }]);
  });

  it('sum up a day', async () => {
    scene.btc.trade(new Decimal('100'), new Decimal('1'), NOW + 1, 'buy');
    scene.btc.trade(new Decimal('110'), new Decimal('3'), NOW + 2, 'buy');
    expect(await scene.get('/fapi/v1/ticker/24hr?symbol=BTCUSDT')).toMatchObject({
      symbol: 'BTCUSDT',
      priceChange: '10.0',
      priceChangePercent: '10.000',
      weightedAvgPrice: '107.5',
      lastPrice: '110.0',
      lastQty: '3.000',
      openPrice: '100.0',
      highPrice: '110.0',
      lowPrice: '100.0',
      volume: '4.000',
      quoteVolume: '430.00',
      count: 2,
    });
    const price = (await scene.get('/fapi/v2/ticker/price')) as unknown[];
    expect(price).toMatchObject([
      { symbol: 'BTCUSDT', price: '110.0' },
      { symbol: 'ETHUSDT', price: '' },
    ]);
    expect(await scene.get('/fapi/v1/ticker/24hr')).toHaveLength(2);
  });
});
