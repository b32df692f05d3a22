import { beforeEach, describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { KEY, level, NOW, Scene, signed } from './scene.js';

describe('requests that Binance USD-M turns away', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await new Scene().serve();
    scene.btc.show([level('100.1', '2')], [level('100.3', '0.25')], NOW);
  });

  it.each([
    ['/fapi/v1/nothing', 404, -5000],
    ['/fapi/v1/depth', 400, -1102],
    ['/fapi/v1/depth?symbol=&limit=5', 400, -1102],
    ['/fapi/v1/depth?symbol=DOGEUSDT', 400, -1121],
    ['/fapi/v1/depth?symbol=DOGEUSDT&limit=7', 400, -1121],
    ['/fapi/v1/depth?symbol=BTCUSDT&limit=7', 400, -4021],
    ['/fapi/v1/depth?symbol=BTCUSDT&limit=five', 400, -1130],
    ['/fapi/v1/depth?symbol=BTCUSDT&symbol=ETHUSDT', 400, -1101],
    ['/fapi/v1/klines?symbol=BTCUSDT', 400, -1102],
    ['/fapi/v1/klines?symbol=BTCUSDT&interval=7m', 400, -1120],
    ['/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=0', 400, -1130],
    ['/fapi/v1/aggTrades?symbol=BTCUSDT&startTime=2&endTime=1', 400, -4007],
  ])('%s', async (target, status, code) => {
    expect(await scene.refusal(target)).toEqual([status, code]);
  });

  describe('signed ones', () => {
    const bracket = (query: string): string => `/fapi/v1/leverageBracket?${query}`;
    const who = { 'X-MBX-APIKEY': KEY.key };

    it('are answered when key, time and signature are right', async () => {
      const good = bracket(signed(`symbol=BTCUSDT&recvWindow=5000&timestamp=${NOW - 5_000}`));
      const { status, body } = await scene.ask(good, who);
      expect([status, JSON.parse(body)]).toEqual([
        200,
        [
          {
            symbol: 'BTCUSDT',
            notionalCoef: 1,
            brackets: [
              {
                bracket: 1,
                initialLeverage: 125,
                notionalCap: Number.MAX_SAFE_INTEGER,
                notionalFloor: 0,
                maintMarginRatio: 0.004,
                cum: 0,
              },
            ],
          },
        ],
      ]);
      const fees = await scene.ask(`/fapi/v1/commissionRate?${signed(`symbol=BTCUSDT&timestamp=${NOW + 999}`)}`, who);
      expect(JSON.parse(fees.body)).toEqual({
        symbol: 'BTCUSDT',
        makerCommissionRate: '0.0002',
        takerCommissionRate: '0.0005',
      });
    });

    it.each([
      ['no key', signed(`timestamp=${NOW}`), {}, 401, -2014],
      ['a key of nobody', signed(`timestamp=${NOW}`), { 'X-MBX-APIKEY': 'other' }, 401, -2015],
      ['no signature', `timestamp=${NOW}`, who, 400, -1102],
      ['no time', signed('recvWindow=1'), who, 400, -1102],
      ['a window too wide', signed(`recvWindow=60001&timestamp=${NOW}`), who, 400, -1131],
      ['a time too early', signed(`timestamp=${NOW + 1_000}`), who, 400, -1021],
      ['a time too late', signed(`timestamp=${NOW - 5_001}`), who, 400, -1021],
      ['another secret', signed(`timestamp=${NOW}`, 'other'), who, 400, -1022],
      ['another text', `symbol=BTCUSDT&${signed(`timestamp=${NOW}`)}`, who, 400, -1022],
      ['no hexadecimal signature', `timestamp=${NOW}&signature=zz`, who, 400, -1022],
    ])('with %s are not', async (_name, query, headers, status, code) => {
      expect(await scene.refusal(bracket(query), headers as Record<string, string>)).toEqual([status, code]);
    });
  });

  describe('beyond their weight', () => {
    const heavy = '/fapi/v1/depth?symbol=BTCUSDT&limit=1000';
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 120; i += 1) await scene.ask(heavy);
    };

    it('are counted by the minute, refused ones too, and every answer says how many', async () => {
      const used = async (target: string): Promise<unknown> =>
        (await scene.ask(target)).headers.get('x-mbx-used-weight-1m');
      expect(await used(heavy)).toBe('20');
      expect(await used('/fapi/v1/ticker/24hr')).toBe('60');
      expect(await used('/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500')).toBe('70');
      expect(await used('/fapi/v1/nothing')).toBe('71');
      expect(await used('/fapi/v1/depth?symbol=DOGEUSDT')).toBe('81');
      await scene.scheduler.advance(MINUTE_MS);
      expect(await used('/fapi/v1/ping')).toBe('1');
    });

    it('are refused until the minute is over', async () => {
      await fill();
      await scene.scheduler.advance(20_500);
      const refused = await scene.ask('/fapi/v1/ping');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '40']);
      expect(JSON.parse(refused.body)).toMatchObject({ code: -1003 });
      await scene.scheduler.advance(39_500);
      expect((await scene.ask('/fapi/v1/ping')).status).toBe(200);
    });

    it('are shut out when they go on all the same, beyond the minute', async () => {
      await fill();
      for (let i = 0; i < 20; i += 1) expect((await scene.ask('/fapi/v1/ping')).status).toBe(429);
      const banned = await scene.ask('/fapi/v1/ping');
      expect([banned.status, banned.headers.get('retry-after')]).toEqual([418, '120']);
      expect(banned.body).toContain(`IP banned until ${NOW + 120_000}`);
      await scene.scheduler.advance(119_999);
      expect((await scene.ask('/fapi/v1/ping')).status).toBe(418);
      await scene.scheduler.advance(1);
      expect((await scene.ask('/fapi/v1/ping')).status).toBe(200);
    });
  });
});
