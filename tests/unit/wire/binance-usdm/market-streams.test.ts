import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { DAY_MS, MINUTE_MS } from '#src/domain/time-spans.js';
import { level, NOW, Scene } from './scene.js';
import { Reader } from './reader.js';

describe("streams of Binance USD-M's public market", () => {
  let scene: Scene;
  let first: number;
  beforeEach(async () => {
    scene = await new Scene().serve();
    scene.btc.show([level('100.1', '2'), level('100', '1.5')], [level('100.3', '0.25')], NOW);
    first = scene.btc.updateId;
  });
  const open = (target: string): Promise<Reader> => Reader.open(scene, target);

  it('tell the changes of a book, each after the one before, and none that changed nothing', async () => {
    const reader = await open('/ws/btcusdt@depth@0ms');
    scene.btc.update([level('100', '0')], [level('100.2', '1'), level('100.3', '2')], NOW + 1);
    scene.btc.update([level('100.1', '1')], [], NOW + 2);
    scene.btc.show([level('100.1', '1')], [level('100.2', '1'), level('100.3', '2')], NOW + 3);
    const diff = (T: number, U: number, u: number, pu: number, b: string[][], a: string[][]): unknown => ({
      ...{ e: 'depthUpdate', E: NOW, T, s: 'BTCUSDT' },
      ...{ U, u, pu, b, a },
    });
    expect(await reader.heard()).toEqual([
      diff(
        NOW + 1,
        first + 1,
        first + 3,
        first,
        [['100.0', '0.000']],
        [
          ['100.2', '1.000'],
          ['100.3', '2.000'],
        ],
      ),
      diff(NOW + 2, first + 4, first + 4, first + 3, [['100.1', '1.000']], []),
    ]);
  });

  it.each([
    ['btcusdt@depth@100ms', 100],
    ['btcusdt@depth', 250],
    ['btcusdt@depth@500ms', 500],
  ])('sum the changes up: %s', async (name, everyMs) => {
    const reader = await open(`/ws/${name}`);
    scene.btc.update([level('100', '7')], [], NOW);
    await scene.scheduler.advance(everyMs - 1);
    scene.btc.update([level('100', '8'), level('99', '1')], [], NOW);
    expect(await reader.heard()).toEqual([]);
    await scene.scheduler.advance(1);
    expect(await reader.heard()).toMatchObject([
      {
        U: first + 1,
        u: first + 3,
        pu: first,
        b: [
          ['100.0', '8.000'],
          ['99.0', '1.000'],
        ],
        a: [],
      },
    ]);
    await scene.scheduler.advance(3 * everyMs);
    expect(await reader.heard()).toEqual([]);
    scene.btc.update([], [level('101', '1')], NOW);
    await scene.scheduler.advance(everyMs);
    expect(await reader.heard()).toMatchObject([{ U: first + 4, u: first + 4, pu: first + 3 }]);
  });

  it('tell the best levels whole', async () => {
    const reader = await open('/ws/btcusdt@depth5@100ms');
    scene.btc.update([level('99', '1')], [], NOW);
    await scene.scheduler.advance(100);
    expect(await reader.heard()).toMatchObject([
      {
        b: [
          ['100.1', '2.000'],
          ['100.0', '1.500'],
          ['99.0', '1.000'],
        ],
        a: [['100.3', '0.250']],
      },
    ]);
  });

  it('tell best prices when they move, with the number of the update', async () => {
    const reader = await open('/public/ws/btcusdt@bookTicker');
    scene.btc.update([level('99', '1')], [], NOW + 1);
    scene.btc.update([level('100.1', '3')], [], NOW + 2);
    scene.btc.update([], [level('100.3', '0')], NOW + 3);
    const ticker = { e: 'bookTicker', E: NOW, s: 'BTCUSDT', b: '100.1', B: '3.000' };
    expect(await reader.heard()).toEqual([
      { ...ticker, u: first + 2, T: NOW + 2, a: '100.3', A: '0.250' },
      { ...ticker, u: first + 3, T: NOW + 3, a: '0', A: '0' },
    ]);
  });

  it('tell trades, one by one and as aggregates', async () => {
    const reader = await open('/stream?streams=btcusdt@trade/btcusdt@aggTrade');
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.1'), NOW + 1, 'sell');
    expect(await reader.heard()).toEqual([
      {
        stream: 'btcusdt@trade',
        data: {
          ...{ e: 'trade', E: NOW, T: NOW + 1, s: 'BTCUSDT', t: 1, p: '100.3', q: '0.100', X: 'MARKET', m: true },
        },
      },
      {
        stream: 'btcusdt@aggTrade',
        data: {
          ...{ e: 'aggTrade', E: NOW, s: 'BTCUSDT', a: 1, p: '100.3', q: '0.100', f: 1, l: 1, T: NOW + 1, m: true },
          nq: '0.100',
        },
      },
    ]);
  });

  it('tell marks every three seconds, or every one, once there is one', async () => {
    const often = await open('/market/ws/btcusdt@markPrice@1s');
    const seldom = await open('/market/ws/btcusdt@markPrice');
    await scene.scheduler.advance(1_000);
    expect(await often.heard()).toEqual([]);
    scene.btc.value(new Decimal('100.25'), new Decimal('100.5'), NOW + 1_000);
    scene.btc.funding(new Decimal('0.0001'), NOW + DAY_MS);
    await scene.scheduler.advance(2_000);
    expect(await often.heard()).toHaveLength(2);
    expect(await seldom.heard()).toEqual([
      {
        ...{ e: 'markPriceUpdate', E: NOW + 3_000, s: 'BTCUSDT', p: '100.25000000', i: '100.50000000' },
        ...{ P: '100.50000000', r: '0.00010000', T: NOW + DAY_MS },
      },
    ]);
  });

  it('tell a candle while it changes, and that it is closed', async () => {
    const reader = await open('/market/ws/btcusdt@kline_1m');
    await scene.scheduler.advance(500);
    expect(await reader.heard()).toEqual([]);
    scene.btc.trade(new Decimal('100.3'), new Decimal('2'), NOW + 500, 'buy');
    await scene.scheduler.advance(1_000);
    expect(await reader.heard()).toEqual([
      {
        ...{ e: 'kline', E: NOW + 750, s: 'BTCUSDT' },
        k: {
          ...{ t: NOW, T: NOW + MINUTE_MS - 1, s: 'BTCUSDT', i: '1m', f: 1, L: 1 },
          ...{ o: '100.3', c: '100.3', h: '100.3', l: '100.3', v: '2.000', n: 1, x: false },
          ...{ q: '200.60000', V: '2.000', Q: '200.60000', B: '0' },
        },
      },
    ]);
    await scene.scheduler.advance(MINUTE_MS - 1_500);
    const after = (await reader.heard()) as { readonly k: Readonly<Record<string, unknown>> }[];
    expect(after.map(({ k: { t, o, n, x } }) => [t, o, n, x])).toEqual([
      [NOW, '100.3', 1, true],
      [NOW + MINUTE_MS, '100.3', 0, false],
    ]);
  });

  it('sum up the day', async () => {
    const reader = await open('/ws/btcusdt@ticker');
    scene.btc.trade(new Decimal('100'), new Decimal('1'), NOW, 'buy');
    await scene.scheduler.advance(2_000);
    expect(await reader.heard()).toMatchObject([{ e: '24hrTicker', s: 'BTCUSDT', c: '100.0', v: '1.000', n: 1 }]);
  });

  it('are chosen and left while the socket stands', async () => {
    const reader = await open('/ws');
    const moved = async (): Promise<unknown[]> => {
      scene.btc.update([level('99', '1')], [], NOW);
      scene.btc.update([level('99', '0')], [], NOW);
      return reader.heard();
    };
    expect(await reader.ask({ method: 'SUBSCRIBE', params: ['btcusdt@depth@0ms', 'nobody@trade'], id: 1 })).toEqual([
      { result: null, id: 1 },
    ]);
    expect(await moved()).toHaveLength(2);
    expect(await reader.ask({ method: 'LIST_SUBSCRIPTIONS', id: 'x' })).toEqual([
      { result: ['btcusdt@depth@0ms', 'nobody@trade'], id: 'x' },
    ]);
    expect(await reader.ask({ method: 'SUBSCRIBE', params: ['btcusdt@depth@0ms'], id: 2 })).toHaveLength(1);
    expect(await moved()).toHaveLength(2);
    expect(await reader.ask({ method: 'SET_PROPERTY', params: ['combined', true], id: 3 })).toHaveLength(1);
    expect(await reader.ask({ method: 'GET_PROPERTY', params: ['combined'], id: 4 })).toEqual([
      { result: true, id: 4 },
    ]);
    expect((await moved())[0]).toMatchObject({ stream: 'btcusdt@depth@0ms', data: { e: 'depthUpdate' } });
    await reader.ask({ method: 'UNSUBSCRIBE', params: ['btcusdt@depth@0ms', 'other@trade'], id: 5 });
    expect(await moved()).toEqual([]);
    expect(scene.btc.listeners.size).toBe(0);
  });

  it.each([
    ['no JSON', '{', 3, null],
    ['no object', '[]', 3, null],
    ['no method', '{"id":1}', 2, 1],
    ['an unknown one', '{"method":"LISTEN","id":1}', 2, 1],
    ['no names', '{"method":"SUBSCRIBE","id":1}', 2, 1],
    ['names that are none', '{"method":"SUBSCRIBE","params":[1],"id":1}', 2, 1],
    ['a broken id', '{"method":"SUBSCRIBE","params":[],"id":-1}', 2, null],
    ['an unknown property', '{"method":"GET_PROPERTY","params":["other"],"id":1}', 0, 1],
    ['a property of another kind', '{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1, 1],
    [
      'too many streams',
      JSON.stringify({ method: 'SUBSCRIBE', params: Array.from({ length: 1_025 }, (_, i) => `s${i}@trade`), id: 1 }),
      2,
      1,
    ],
  ])('answer a message with %s', async (_name, text, code, id) => {
    const reader = await open('/ws');
    expect(await reader.ask(text)).toMatchObject([{ error: { code }, id }]);
  });

  it('are served under their own addresses alone, and under the old ones all', async () => {
    const readers = await Promise.all(
      ['/public', '/market', ''].map((route) => open(`${route}/stream?streams=btcusdt@bookTicker/btcusdt@aggTrade`)),
    );
    scene.btc.update([level('100.2', '1')], [], NOW);
    scene.btc.trade(new Decimal('100.3'), new Decimal('0.1'), NOW, 'buy');
    const heard = await Promise.all(readers.map(async (reader) => (await reader.heard()) as { stream: string }[]));
    expect(heard.map((messages) => messages.map(({ stream }) => stream.split('@')[1]))).toEqual([
      ['bookTicker'],
      ['aggTrade'],
      ['bookTicker', 'aggTrade'],
    ]);
    for (const target of ['/other/ws', '/wss', '/'])
      await expect(open(target)).rejects.toThrow('Unexpected server response: 404');
    expect(await (await open('/ws/BTCUSDT@bookTicker')).heard()).toEqual([]);
  });

  it('end with a reader that asks too often, that answers no ping, and after a day', async () => {
    const hasty = await open('/ws/btcusdt@trade');
    for (let id = 0; id < 10; id += 1) hasty.socket.send(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`);
    expect(await hasty.heard()).toHaveLength(10);
    await scene.scheduler.advance(1_000);
    for (let id = 0; id < 11; id += 1) hasty.socket.send(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`);
    await hasty.heard();
    expect(hasty.end).toBe('1008 Too many requests');

    const present = await open('/ws/btcusdt@trade');
    const gone = await open('/ws/btcusdt@trade');
    gone.socket.pause();
    await scene.scheduler.advance(15 * MINUTE_MS);
    gone.socket.resume();
    await scene.scheduler.advance(0);
    expect([gone.end, present.end, scene.btc.listeners.size]).toEqual(['1006', undefined, 1]);
    expect(present.pings).toBe(5);
    await scene.scheduler.advance(DAY_MS - 15 * MINUTE_MS);
    expect([present.end, scene.btc.listeners.size]).toEqual(['1001 a day is over', 0]);
  });

  it('drop a reader behind whom too much piles up, and stop when nobody reads', async () => {
    const slow = await open('/ws/btcusdt@depth@0ms');
    await slow.ask({ method: 'SUBSCRIBE', params: ['x'.repeat(900_000)], id: 1 });
    slow.socket.pause();
    for (let id = 2; id < 22; id += 1) {
      slow.socket.send(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`);
      await scene.scheduler.advance(150);
    }
    scene.btc.update([level('99', '1')], [], NOW);
    await scene.scheduler.advance(0);
    expect([slow.end, scene.btc.listeners.size]).toEqual(['1006', 0]);
    expect(scene.scheduler.pending).toBe(0);
  });
});
