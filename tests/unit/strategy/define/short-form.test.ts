import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { defineStrategy, flag, choice, int, number, percent, type EntryOrder, type StrategyBar } from 'perpsbot';
import { bars, runStrategy } from 'perpsbot/testing';
import emaCross from '../../../../docs/examples/ema-cross.js';

const FALL_AND_RISE = [
  20, 19.5, 19, 18.5, 18, 17.5, 17, 16.5, 16, 15.5, 15, 14.5, 14, 13.5, 13, 12.5, 12, 13, 14.5, 16, 17, 18, 18.5, 19,
];

/** Enters on the bar of the given index and does nothing else. */
const entering = (order: (bar: StrategyBar) => EntryOrder, side: 'long' | 'short' = 'long', on = 2) => {
  let seen = -1;
  return defineStrategy({
    name: 'entering',
    setup: () => (seen = -1),
    onBar(desk) {
      seen += 1;
      if (seen === on) desk[side](order(desk.bar));
    },
  });
};

describe('the sample of fifteen lines', () => {
  const run = () => runStrategy(emaCross, { params: { fast: 2, slow: 5 }, bars: bars.closes('15m', FALL_AND_RISE) });

  it('buys once on a cross, and a protective stop rests at the venue behind it', async () => {
    const { orders } = await run();
    expect(orders.map(({ side, type, reduceOnly, why }) => [side, type, reduceOnly, why])).toEqual([
      ['buy', 'market', false, 'fast EMA crossed above slow'],
      ['sell', 'stop_market', true, expect.stringMatching(/^Protective stop at /)],
    ]);
    expect(orders[1]).toMatchObject({ reason: undefined, status: 'open', size: orders[0]?.size });
  });

  it('says of every bar of warm-up what it waits for, and how much of it is there', async () => {
    const { explain } = await run();
    expect(explain(2)).toBe(
      'bar 2: hold, Indicators are warming up (not ready: slow ema(5) 3 of 5 bars, atr atr(14) 3 of 14 bars)',
    );
    expect(explain(13)).toBe('bar 13: hold, onBar asked for nothing');
  });

  it('does not look ahead', async () => {
    const report = await (await run()).noLookAhead({ cuts: 4 });
    expect(report).toMatchObject({ passed: true, cuts: 4 });
    expect(report.compared).toBeGreaterThan(40);
  });

  it('refuses a parameter it does not know with the nearest one, and one out of range', async () => {
    await expect(
      runStrategy(emaCross, { params: { fats: 3 }, bars: bars.closes('15m', [1, 2]) }),
    ).rejects.toMatchObject({ code: 'CFG-008', fix: 'Did you mean fast?' });
    await expect(
      runStrategy(emaCross, { params: { fast: 1 }, bars: bars.closes('15m', [1, 2]) }),
    ).rejects.toMatchObject({
      code: 'CFG-002',
      message: 'strategy.params.fast must be a whole number from 2 to 100, was 1.',
    });
  });

  it('tells a sweep what may be tried', () => {
    expect(emaCross.ranges).toEqual({
      fast: { kind: 'int', min: 2, max: 100, step: 1 },
      slow: { kind: 'int', min: 5, max: 400, step: 1 },
      risk: { kind: 'percent', min: 0, max: 1 },
    });
  });
});

describe('the size of an entry', () => {
  const flatBars = bars.closes('1m', [100, 100, 100, 100, 100, 100]);

  it('loses the given risk at the stop, rounded down to the step', async () => {
    const { orders } = await runStrategy(
      entering(() => ({ why: 'test', stop: 97, risk: '1%' })),
      { bars: flatBars },
    );
    // 1% of 10,000 is 100, over a distance of 3.
    expect(orders[0]).toMatchObject({ side: 'buy', size: 33.333 });
    expect(orders[1]).toMatchObject({ side: 'sell', type: 'stop_market', stop: 97, size: 33.333 });
  });

  it('counts the fees of both trades into the risk', async () => {
    const { Decimal } = await import('perpsbot');
    const { orders } = await runStrategy(
      entering(() => ({ why: 'test', stop: 97, risk: '1%' })),
      { bars: flatBars, instrument: { takerFee: new Decimal('0.001') } },
    );
    expect(orders[0]?.size).toBe(Math.floor((100 / (3 + 0.197)) * 1000) / 1000);
  });

  it('is never above the leverage aimed at, however near the stop', async () => {
    const { orders, result } = await runStrategy(
      entering(() => ({ why: 'test', stop: 99.99, risk: '1%' })),
      { bars: flatBars, config: { strategy: { targetLeverage: 2 } } },
    );
    // 200 would be twice the equity. At the collar of 1% each takes 50.5 of margin, and loses 1 of the equity at once.
    expect(orders[0]).toMatchObject({ size: 194.174, status: 'filled' });
    expect(result.cuts).toMatchObject([{ limit: 'risk.priceCollar' }]);
  });

  it('is never above what risk would let pass, and an entry of nothing is turned away with its reason', async () => {
    const capped = await runStrategy(
      entering(() => ({ why: 'test', stop: 97, risk: '1%' })),
      { bars: flatBars, config: { risk: { maxOrderNotional: '1500 USDT' } } },
    );
    expect(capped.orders[0]).toMatchObject({ status: 'filled', size: 15 });
    // A limit that changes a size leaves a record of it.
    expect(capped.result.cuts).toMatchObject([
      { limit: 'risk.maxOrderNotional', times: 1, detail: 'wanted 33.333 TEST, left 15' },
    ]);
    const none = await runStrategy(
      entering(() => ({ why: 'test', stop: 97, risk: '1%' })),
      { bars: flatBars, config: { risk: { maxPositionSize: '0.05 USDT' } } },
    );
    expect([none.orders.length, none.explain(2)]).toEqual([
      0,
      'bar 2: hold, Not one step of 0.001 TEST fits: risk.maxPositionSize allows less',
    ]);
  });

  it('is a share of equity where no stop is wanted, and then none is placed', async () => {
    const { orders } = await runStrategy(
      entering(() => ({ why: 'test', stop: 'none', fraction: '25%' })),
      { bars: flatBars },
    );
    expect(orders).toHaveLength(1);
    expect(orders[0]).toMatchObject({ side: 'buy', size: 25 });
  });

  it('turns an entry away whose share of equity is a bare number, and says how to write it', async () => {
    const bare = await runStrategy(
      entering(() => ({ why: 'test', stop: 'none', fraction: 0.1 as unknown as `${number}%` })),
      { bars: flatBars },
    );
    expect([bare.orders.length, bare.explain(2)]).toEqual([
      0,
      'bar 2: hold, A share of equity must be a Decimal or text such as 0.5%, was 0.1',
    ]);
  });

  it('turns an entry away whose stop is on the wrong side or no number', async () => {
    const above = await runStrategy(
      entering(() => ({ why: 'test', stop: 101, risk: '1%' })),
      { bars: flatBars },
    );
    expect([above.orders.length, above.explain(2)]).toEqual([
      0,
      'bar 2: hold, Stop of a long must be below the mark 100, was 101',
    ]);
    const unknown = await runStrategy(
      entering(() => ({ why: 'test', stop: NaN, risk: '1%' })),
      { bars: flatBars },
    );
    expect([unknown.orders.length, unknown.explain(2)]).toEqual([
      0,
      'bar 2: hold, Stop must be a positive price, was NaN',
    ]);
  });
});

describe('the stop', () => {
  it('closes the position at the venue, without the strategy being asked', async () => {
    const { orders, result } = await runStrategy(
      entering(() => ({ why: 'test', stop: 97, risk: '1%' })),
      { bars: bars.closes('1m', [100, 100, 100, 100, 96, 96, 96]) },
    );
    expect(orders.map(({ type, status }) => [type, status])).toEqual([
      ['market', 'filled'],
      ['stop_market', 'filled'],
    ]);
    expect(result['position']).toMatchObject({ quantity: '0' });
  });

  it.each([
    ['the venue ends it', true, 'expired'],
    ['the bot withdraws it where the venue leaves it', false, 'cancelled'],
  ])('goes with the position that it was for: %s', async (_, exitsEndWithPosition, ended) => {
    let seen = 0;
    const leaving = defineStrategy({
      name: 'leaving',
      setup: () => (seen = 0),
      onBar({ long, flat, position }) {
        seen += 1;
        if (seen === 2) long({ why: 'in', stop: 90, fraction: '10%' });
        if (seen === 5 && position.isLong) flat('out');
      },
    });
    const { orders, result } = await runStrategy(leaving, {
      bars: bars.closes(
        '1m',
        Array.from({ length: 9 }, () => 100),
      ),
      config: { simulation: { matching: { exitsEndWithPosition } } },
    });
    expect(orders.map(({ type, status, why }) => [type, status, why])).toEqual([
      ['market', 'filled', 'in'],
      ['stop_market', ended, 'Protective stop at 90'],
      ['market', 'filled', 'out'],
    ]);
    expect(result['openOrders']).toBe(0);
  });

  it('of a short stands above it', async () => {
    const { orders } = await runStrategy(
      entering(() => ({ why: 'test', stop: 103, risk: '1%' }), 'short'),
      { bars: bars.closes('1m', [100, 100, 100, 100, 104, 104]) },
    );
    expect(orders.map(({ side, type, status }) => [side, type, status])).toEqual([
      ['sell', 'market', 'filled'],
      ['buy', 'stop_market', 'filled'],
    ]);
  });
});

describe('onBar', () => {
  it('sees recorded bars of its timeframe whole, volume included, and only when they are over', async () => {
    const seen: StrategyBar[] = [];
    const watcher = defineStrategy({
      name: 'watcher',
      timeframe: '3m',
      setup: () => undefined,
      onBar: ({ bar }) => void seen.push({ ...bar }),
    });
    const rows = [10, 11, 12, 13, 14, 15, 16].map((close, i) => ({
      open: close - 0.5,
      high: close + 2,
      low: close - 2,
      close,
      volume: i + 1,
    }));
    await runStrategy(watcher, { bars: bars.ohlc('1m', rows) });
    expect(seen).toEqual([
      { at: expect.any(Number), open: 9.5, high: 14, low: 8, close: 12, volume: 6, madeOf: 'bars' },
      { at: expect.any(Number), open: 12.5, high: 17, low: 11, close: 15, volume: 15, madeOf: 'bars' },
    ]);
    expect((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)).toBe(180_000);
  });

  it.each(['7d', '1w', '1M'])('sees weeks from Monday and months from the first: %s', async (timeframe) => {
    const ends: Date[] = [];
    const watcher = defineStrategy({
      name: 'watcher',
      timeframe,
      setup: () => undefined,
      onBar: ({ bar }) => void ends.push(new Date(bar.at)),
    });
    await runStrategy(watcher, {
      bars: bars.closes(
        '1d',
        Array.from({ length: 150 }, (_, i) => 100 + i),
      ),
    });
    expect(ends.length).toBeGreaterThan(2);
    const begin = (end: Date): readonly number[] => [
      timeframe === '1M' ? end.getUTCDate() : end.getUTCDay(),
      end.getUTCHours(),
    ];
    expect(ends.map(begin)).toEqual(ends.map(() => [1, 0]));
  });

  it('has no timeframe of which nobody knows where it begins', () => {
    for (const timeframe of ['2w', '3M', '31d', '14d'])
      expect(() =>
        defineStrategy({ name: 'watcher', timeframe, setup: () => undefined, onBar: () => undefined }),
      ).toThrow(/Timeframe of watcher must be/);
  });

  it('does not invent a volume that the data does not know', async () => {
    const seen: (number | undefined)[] = [];
    const watcher = defineStrategy({
      name: 'watcher',
      setup: () => undefined,
      onBar: ({ bar }) => void seen.push(bar.volume),
    });
    await runStrategy(watcher, { bars: bars.closes('1m', [1, 2, 3]) });
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('turns a position round in two steps: out, and in once it is gone', async () => {
    let seen = 0;
    const turning = defineStrategy({
      name: 'turning',
      setup: () => (seen = 0),
      onBar({ long, short }) {
        seen += 1;
        if (seen === 1) long({ why: 'up', stop: 'none', fraction: '10%' });
        if (seen === 4) short({ why: 'down', stop: 'none', fraction: '10%' });
      },
    });
    const { orders, result } = await runStrategy(turning, {
      bars: bars.closes(
        '1m',
        Array.from({ length: 9 }, () => 100),
      ),
    });
    expect(orders.map(({ side, reduceOnly, why }) => [side, reduceOnly, why])).toEqual([
      ['buy', false, 'up'],
      ['sell', true, 'down'],
      ['sell', false, 'down'],
    ]);
    expect(result['position']).toMatchObject({ quantity: '-10' });
  });

  it('must say why, and ask for one thing a bar', async () => {
    const silent = runStrategy(
      defineStrategy({ name: 'silent', setup: () => undefined, onBar: ({ flat }) => flat('') }),
      { bars: bars.closes('1m', [1, 2]) },
    );
    await expect(silent).rejects.toMatchObject({
      code: 'STRAT-005',
      exitCode: 4,
      message: expect.stringMatching(
        /^silent must decide at every step, and failed 2 times in 2 steps, first at .* on TEST-PERP: STRAT-001 flat must say why/,
      ),
    });
    const greedy = runStrategy(
      defineStrategy({
        name: 'greedy',
        setup: () => undefined,
        onBar({ flat, hold }) {
          flat('one');
          hold('two');
        },
      }),
      { bars: bars.closes('1m', [1, 2]) },
    );
    await expect(greedy).rejects.toMatchObject({ code: 'STRAT-005', cause: { code: 'STRAT-001' } });
  });

  it('is refused bars that the interval cannot make', async () => {
    await expect(runStrategy(emaCross, { bars: bars.closes('1h', [1, 2]) })).rejects.toMatchObject({
      code: 'STRAT-001',
      message: expect.stringContaining('multiple of updateInterval'),
    });
  });
});

describe('parameters', () => {
  it('are read in their own grammar', () => {
    expect(percent('0.5%').read('2.5%', 'risk').toString()).toBe('0.025');
    expect(percent('1%', { max: '5%' }).range).toEqual({ kind: 'percent', min: 0, max: 0.05 });
    expect([
      int(3).read('7', 'n'),
      number(1).read('-2.5', 'x'),
      flag(true).read('false', 'on'),
      choice('a', ['a', 'b']).read('b', 'mode'),
    ]).toEqual([7, -2.5, false, 'b']);
  });

  it.each([
    ['int', () => int(3).read('3.5', 'n')],
    ['number', () => number(1, { min: 0 }).read(-1, 'x')],
    ['percent', () => percent('1%').read('150%', 'risk')],
    ['flag', () => flag(true).read('yes', 'on')],
    ['choice', () => choice('a', ['a', 'b']).read('c', 'mode')],
    ['an initial value out of range', () => int(1, { min: 2 })],
  ])('of kind %s refuse what is none', (_name, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'CFG-002' }));
  });
});
