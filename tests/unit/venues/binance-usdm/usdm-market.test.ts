import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { HOUR_MS, MINUTE_MS } from '#src/domain/time-spans.js';
import { level, NOW } from '../../wire/binance-usdm/scene.js';
import { UsdmScene } from './usdm-scene.js';

describe("Binance USD-M's public market, asked for", () => {
  let scene: UsdmScene;
  beforeEach(async () => {
    scene = await new UsdmScene().serve();
    scene.btc.show([level('100.1', '2'), level('100', '1.5')], [level('100.3', '0.25')], NOW);
    scene.btc.value(new Decimal('100.2'), new Decimal('100.15'), NOW);
    scene.btc.funding(new Decimal('0.0001'), NOW + HOUR_MS);
  });

  it('lists what it trades by the rules that it states, funding of eight hours where none is said', async () => {
    const specs = await scene.within(scene.market.listProducts());
    expect(specs.map(({ symbol, fundingIntervalHours }) => [symbol, fundingIntervalHours])).toEqual([
      ['BTCUSDT', 8],
      ['ETHUSDT', 4],
    ]);
    const [btc] = specs;
    expect(btc).toMatchObject({ base: 'BTC', quote: 'USDT', settle: 'USDT', kind: 'perpetual', status: 'trading' });
    const { tick, step, minSize, minNotional } = scene.btc.instrument.spec;
    expect([btc?.tick, btc?.step, btc?.minSize, btc?.minNotional].map(String)).toEqual(
      [tick, step, minSize, minNotional].map(String),
    );
    expect(String(btc?.maintenanceRate)).toBe('0.004');
  });

  it('tells quotes, books, funding and time', async () => {
    const { market } = scene;
    expect(await scene.within(market.getQuote('BTCUSDT'))).toEqual({
      symbol: 'BTCUSDT',
      bid: new Decimal('100.1'),
      bidSize: new Decimal('2'),
      ask: new Decimal('100.3'),
      askSize: new Decimal('0.25'),
      mark: new Decimal('100.2'),
      index: new Decimal('100.15'),
      at: NOW,
    });
    const book = await scene.within(market.getOrderBook('BTCUSDT', 1));
    expect([book.bids, book.asks].map((side) => side.map(({ price }) => price.toString()))).toEqual([
      ['100.1'],
      ['100.3'],
    ]);
    expect(await scene.within(market.getFundingRate('BTCUSDT'))).toMatchObject({
      rate: new Decimal('0.0001'),
      nextAt: NOW + HOUR_MS,
    });
    expect(await scene.within(market.getServerTime())).toBe(scene.clock.now());
  });

  it('tells candles that have closed, oldest first', async () => {
    const { btc, market } = scene;
    for (const [at, price] of [
      [NOW + 1_000, '100'],
      [NOW + MINUTE_MS, '102'],
      [NOW + 2 * MINUTE_MS, '101'],
    ] as const)
      btc.trade(new Decimal(price), new Decimal('0.5'), at);
    scene.clock.set(NOW + 2 * MINUTE_MS + 5_000);
    const candles = await scene.within(market.getCandles('BTCUSDT', MINUTE_MS, 2));
    expect(candles.map(({ openAt, close, volume }) => [openAt - NOW, close.toString(), volume.toString()])).toEqual([
      [0, '100', '0.5'],
      [MINUTE_MS, '102', '0.5'],
    ]);
    await expect(scene.within(market.getCandles('BTCUSDT', 7_000, 2))).rejects.toMatchObject({ code: 'VENUE-003' });
  });

  it('refuses what the venue does not know, in its words, and streams of it too', async () => {
    await expect(scene.within(scene.market.getQuote('XRPUSDT'))).rejects.toMatchObject({
      code: 'VENUE-003',
      message: expect.stringContaining('-1121') as unknown,
    });
    await expect(scene.book(1, ['BTCUSDT', 'XRPUSDT'])).rejects.toMatchObject({ code: 'VENUE-003' });
    await expect(scene.trades(['XRPUSDT'])).rejects.toMatchObject({ code: 'VENUE-003' });
  });

  it('leaves a symbol out that cannot be read, and says so once', async () => {
    scene.rewrite = (body) => body.replace('"tickSize":"0.1"', '"tickSize":""');
    for (let time = 0; time < 2; time += 1)
      expect((await scene.within(scene.market.listProducts())).map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
    expect(scene.warnings).toEqual([expect.stringMatching(/BTCUSDT is left out: .*tickSize/)]);
  });
});

describe('requests to Binance USD-M', () => {
  let scene: UsdmScene;
  beforeEach(async () => {
    scene = await new UsdmScene().serve();
    scene.btc.show([level('100.1', '2')], [level('100.3', '0.25')], NOW);
  });

  it('stop before the weight of a minute is used up, and go on with the next', async () => {
    const { market } = scene;
    let asked = 0;
    for (;;) {
      const answer = await scene.within(market.getOrderBook('BTCUSDT', 1_000)).catch((error: unknown) => error);
      if (answer instanceof Error) {
        expect(answer).toMatchObject({ code: 'VENUE-002', retryAfterMs: MINUTE_MS });
        break;
      }
      asked += 1;
    }
    // Three quarters of 2,400, in requests of 20.
    expect(asked).toBe(90);
    await scene.scheduler.advance(MINUTE_MS);
    await expect(scene.within(market.getOrderBook('BTCUSDT', 1_000))).resolves.toMatchObject({ symbol: 'BTCUSDT' });
  });

  it.each([
    [
      429,
      { 'retry-after': '7' },
      '{"code":-1003,"msg":"Too many requests."}',
      { code: 'VENUE-002', retryAfterMs: 7_000 },
    ],
    [418, {}, '<html>banned</html>', { code: 'VENUE-002', retryAfterMs: 120_000 }],
    [503, {}, '<html>Service Unavailable</html>', { code: 'VENUE-002' }],
    [200, {}, '<html>Maintenance</html>', { code: 'VENUE-005' }],
    [200, {}, '{"lastUpdateId":1,"bids":[["1', { code: 'VENUE-005' }],
    [200, {}, '{"lastUpdateId":1,"E":1,"T":1,"bids":[[100.1,"2"]],"asks":[]}', { code: 'VENUE-005' }],
    [400, {}, '{"code":-1121,"msg":"Invalid symbol."}', { code: 'VENUE-003' }],
    [403, {}, '<html>WAF</html>', { code: 'VENUE-005' }],
    [401, {}, '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}', { code: 'VENUE-004' }],
  ])('tell what an answer of %d means: %j %s', async (status, headers, body, error) => {
    scene.answer = { status, headers, body };
    await expect(scene.within(scene.market.getOrderBook('BTCUSDT', 5))).rejects.toMatchObject(error);
    const { retryAfterMs } = error as { readonly retryAfterMs?: number };
    scene.answer = undefined;
    if (retryAfterMs === undefined) return;
    // Nothing is asked before the pause is over.
    await expect(scene.within(scene.market.getOrderBook('BTCUSDT', 5))).rejects.toMatchObject({ code: 'VENUE-002' });
    await scene.scheduler.advance(retryAfterMs);
    await expect(scene.within(scene.market.getOrderBook('BTCUSDT', 5))).resolves.toMatchObject({ symbol: 'BTCUSDT' });
  });

  it('lose no digit of a number on the way: one beyond what is held is refused as it was written', async () => {
    scene.rewrite = (body) => body.replace(/"lastUpdateId":\d+/, '"lastUpdateId":9007199254740993');
    await expect(scene.within(scene.market.getOrderBook('BTCUSDT', 5))).rejects.toMatchObject({
      code: 'VENUE-005',
      message: expect.stringContaining('9007199254740993') as unknown,
    });
  });

  it('say where nobody answers', async () => {
    scene.network.outage = 'refused';
    await expect(scene.within(scene.market.getServerTime())).rejects.toMatchObject({ code: 'VENUE-002' });
  });
});
