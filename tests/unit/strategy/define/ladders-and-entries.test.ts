import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun, type StrategyRunOptions, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { defineStrategy, limit, r, stopEntry, type BarContext } from '#src/services/strategy/define/index.js';
import donchian from '../../../../docs/examples/donchian-breakout.js';
import emaLadder from '../../../../docs/examples/ema-ladder.js';

type Row = readonly [open: number, high: number, low: number, close: number];
const NO_FEES = {
  ...{ tick: new Decimal(1), step: new Decimal('0.001') },
  ...{ makerFee: new Decimal(0), takerFee: new Decimal(0) },
};

const over = (
  definition: StrategyDefinition,
  interval: string,
  rows: readonly Row[],
  options: Partial<StrategyRunOptions> = {},
): Promise<StrategyRun> =>
  runStrategy(definition, {
    bars: bars.ohlc(
      interval,
      rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
    ),
    instrument: NO_FEES,
    config: { simulation: { matching: { barPath: 'pessimistic' } } },
    ...options,
  });

const fills = (run: StrategyRun): readonly string[] =>
  run.fills.map(({ side, price, lots }) => `${side} ${lots / 1000} @${price}`);
const orders = (run: StrategyRun): readonly string[] =>
  run.orders.map(
    ({ side, size, type, limit, stop, status }) =>
      `${side} ${size} ${type}${limit === undefined ? '' : ` @${limit}`}${stop === undefined ? '' : ` ${stop}`} ${status}`,
  );
const gained = (run: StrategyRun): string =>
  new Decimal(run.result.equity.end).minus(run.result.equity.start).toString();

const RISE: readonly Row[] = [
  [112, 112, 108, 110],
  [110, 111, 107, 108],
  [108, 109, 105, 106],
  [106, 107, 103, 104],
  [104, 112, 104, 112],
];
const LADDER: readonly Row[] = [
  ...RISE,
  [112, 118, 110, 117],
  [117, 125, 116, 124],
  [124, 137, 120, 130],
  [130, 131, 111, 113],
];
const params = { fast: 2, slow: 3, atr: 2, risk: '1%' };

describe('a ladder of take-profits', () => {
  it('takes its shares off, stands behind break-even, and ends with the position: to the last unit', async () => {
    const run = await over(emaLadder, '15m', LADDER, { params });
    expect(fills(run)).toEqual(['buy 8.333 @112', 'sell 4.166 @124', 'sell 2.083 @136', 'sell 2.084 @112']);
    expect(gained(run)).toBe('99.984');
    expect(orders(run)).toEqual([
      'buy 8.333 market filled',
      'sell 4.166 limit @124 filled',
      'sell 2.083 limit @136 filled',
      'sell 2.084 limit @160 expired',
      'sell 8.333 stop_market 100 cancelled',
      'sell 4.167 stop_market 112 expired',
    ]);
  });

  it('is stopped out whole although a rung has filled in the bar of the entry', async () => {
    const run = await over(emaLadder, '15m', [...RISE, [112, 125, 110, 124], [124, 124, 90, 95]], { params });
    expect(fills(run)).toEqual(['buy 8.333 @112', 'sell 4.166 @124', 'sell 4.167 @112']);
  });
});

describe('entries on both sides', () => {
  it('wait for a price: the first ends the other, and the stop trails to the last unit', async () => {
    const run = await over(
      donchian,
      '1h',
      [
        [100, 102, 98, 100],
        [100, 102, 98, 100],
        [100, 102, 98, 100],
        [100, 105, 99, 104],
        [104, 112, 103, 111],
        [111, 116, 110, 115],
        [115, 115, 109, 110],
      ],
      { params: { channel: 3, atr: 2, trail: 1, risk: '1%' } },
    );
    expect(fills(run)).toEqual(['buy 12.5 @102', 'sell 12.5 @111']);
    expect(gained(run)).toBe('112.5');
    expect(orders(run).slice(0, 6)).toEqual([
      'buy 12.5 stop_market 102 filled',
      'sell 12.5 stop_market 98 cancelled',
      'sell 12.5 stop_market 94 cancelled',
      'buy 12.5 stop_market 106 cancelled',
      'sell 12.5 stop_market 107 cancelled',
      'sell 12.5 stop_market 111 filled',
    ]);
    // Flat again: the next two wait at the channel of the newest bar, each with its stop.
    expect(orders(run).slice(6)).toEqual([
      ...['buy 8.427 stop_market 116 open', 'sell 8.427 stop_market 103 open'],
      ...['sell 8.427 stop_market 104 open', 'buy 8.427 stop_market 115 open'],
    ]);
  });
});

/** Asks at the close of bars of a number that counts from 1. */
const scripted = (
  acts: Readonly<Record<number, (context: BarContext<unknown>) => void>>,
  extra: { readonly onRestart?: 'keep' } = {},
): StrategyDefinition =>
  defineStrategy({
    name: 'scripted',
    timeframe: '1h',
    ...extra,
    setup: () => ({ seen: { bars: 0 } }),
    onBar(context, { seen }) {
      seen.bars += 1;
      const act = acts[seen.bars];
      if (act === undefined) context.hold('nothing to do');
      else act(context);
    },
  });
const FLAT: Row = [100, 100, 100, 100];
const long = { why: 'the test says so', quantity: 10, stop: 80 } as const;

describe('an entry at a limit', () => {
  it('moves with what is asked, in its place, and is gone after its bars', async () => {
    const at = (price: number) => limit(price, { timeout: '3 bars' });
    const run = await over(
      scripted({
        1: ({ long: enter }) => enter({ ...long, entry: at(90) }),
        2: ({ long: enter }) => enter({ ...long, entry: at(91) }),
        3: ({ long: enter }) => enter({ ...long, stop: 85, quantity: 8, entry: at(92) }),
      }),
      '1h',
      [FLAT, FLAT, FLAT, FLAT, [100, 100, 91, 95]],
    );
    // The stop behind it moves with it, in price and size.
    expect(orders(run)).toEqual(['buy 8 limit @92 cancelled', 'sell 8 stop_market 85 cancelled']);
    expect(run.fills).toEqual([]);
  });

  it('of which a part has filled keeps its exits, and goes to the market with the rest where that was said', async () => {
    const run = await over(
      scripted({
        1: ({ long: enter }) =>
          enter({ ...long, takeProfit: { at: 130 }, entry: limit(95, { timeout: '90m', then: 'market' }) }),
      }),
      '1h',
      [FLAT, FLAT, [98, 99, 97, 98], [98, 131, 97, 130]],
    );
    expect(fills(run)).toEqual(['buy 10 @98', 'sell 10 @130']);
  });

  it('leaves with what it was asked by, and flat ends it', async () => {
    const run = await over(
      scripted({
        1: ({ long: enter }) => enter({ ...long, entry: limit(90) }),
        2: ({ flat }) => flat('no more'),
        3: ({ long: enter }) => enter({ ...long, entry: limit(95) }),
      }),
      '1h',
      [FLAT, FLAT, FLAT, [100, 100, 94, 96], [96, 96, 79, 80]],
    );
    expect(orders(run).filter((line) => line.includes('limit'))).toEqual([
      'buy 10 limit @90 cancelled',
      'buy 10 limit @95 filled',
    ]);
    expect(fills(run)).toEqual(['buy 10 @95', 'sell 10 @80']);
  });

  it('does not go to the market with its rest when its time is over and the strategy wants out in the same bar', async () => {
    const run = await over(
      scripted({
        1: ({ long: enter }) => enter({ ...long, entry: limit(90, { timeout: '1 bar', then: 'market' }) }),
        2: ({ flat }) => flat('no more'),
      }),
      '1h',
      [FLAT, FLAT, FLAT, FLAT],
    );
    expect(fills(run)).toEqual([]);
  });

  it('gives way to one of the other side, within the bar', async () => {
    const run = await over(
      scripted({
        1: ({ long: enter }) => enter({ ...long, entry: limit(90) }),
        2: ({ short: enter }) => enter({ ...long, stop: 120, entry: limit(104) }),
      }),
      '1h',
      [FLAT, FLAT, [100, 105, 89, 100], FLAT],
    );
    expect(fills(run)).toEqual(['sell 10 @104']);
    expect(run.orders.filter(({ status }) => status === 'open').map(({ type, stop }) => `${type} ${stop}`)).toEqual([
      'stop_market 120',
    ]);
  });
});

describe('a ladder without break-even', () => {
  it('loses at its stop what its first rung has not taken off, to the last unit', async () => {
    const takeProfit = [
      { at: r(1), share: '50%' },
      { at: r(2), share: '25%' },
      { at: r(4), share: '25%' },
    ] as const;
    const run = await over(
      scripted({ 1: ({ long: enter }) => enter({ why: 'in', quantity: 8.333, stop: 100, takeProfit }) }),
      '1h',
      [
        [112, 112, 112, 112],
        [112, 125, 110, 124],
        [124, 124, 90, 95],
      ],
    );
    expect(fills(run)).toEqual(['buy 8.333 @112', 'sell 4.166 @124', 'sell 4.167 @100']);
    expect(gained(run)).toBe('-0.012');
  });
});

describe('a position that is worked on', () => {
  it('is added to under its stop, reduced by a share, and left otherwise', async () => {
    const run = await over(
      scripted({
        1: ({ long: enter }) => enter({ ...long, takeProfit: { at: 150 } }),
        2: ({ add }) => add({ why: 'more', quantity: 5 }),
        3: ({ reduce }) => reduce({ why: 'less', share: '40%' }),
        4: ({ exits }) => exits({ why: 'nearer', stop: 95, takeProfit: [{ at: 110, share: '50%' }, { at: 120 }] }),
      }),
      '1h',
      [FLAT, FLAT, FLAT, FLAT, [100, 111, 100, 110], [110, 110, 94, 95]],
    );
    expect(fills(run)).toEqual(['buy 10 @100', 'buy 5 @100', 'sell 6 @100', 'sell 7.5 @110', 'sell 1.5 @95']);
    expect(run.orders.filter(({ status }) => status === 'open')).toEqual([]);
  });

  it.each([
    ['closes', ({ flat }: BarContext<unknown>) => flat('out')],
    ['takes all off', ({ reduce }: BarContext<unknown>) => reduce({ why: 'out', share: '100%' })],
  ] as const)('%s over a gap beyond the collar: no rung takes the room of what goes on', async (_name, out) => {
    const run = await over(
      scripted({ 1: ({ long: enter }) => enter({ ...long, takeProfit: { at: 150 } }), 2: out }),
      '1h',
      [FLAT, FLAT, [97, 97, 97, 97], [97, 97, 97, 97], [97, 97, 97, 97]],
    );
    expect(fills(run)).toEqual(['buy 10 @100', 'sell 10 @97']);
    expect(run.orders.filter(({ status }) => status === 'open')).toEqual([]);
  });

  it('whose entry cannot be moved says why, and the entry stays', async () => {
    const run = await over(
      scripted({
        1: ({ long: enter }) => enter({ ...long, entry: limit(90) }),
        2: ({ long: enter }) => enter({ ...long, entry: limit(110) }),
      }),
      '1h',
      [FLAT, FLAT, FLAT],
    );
    expect(orders(run)[0]).toBe('buy 10 limit @90 open');
    expect(run.explain(1)).toContain('at most 100 bps above 100');
  });

  it('without one, what is asked of it is turned away and said', async () => {
    const run = await over(
      scripted({
        1: ({ add }) => add({ why: 'more', quantity: 5 }),
        2: ({ reduce }) => reduce({ why: 'less', share: '40%' }),
        3: ({ exits }) => exits({ why: 'nearer', stop: 95 }),
      }),
      '1h',
      [FLAT, FLAT, FLAT, FLAT],
    );
    expect([0, 1, 2].map((index) => run.explain(index))).toEqual([
      expect.stringContaining('No position to add to: more'),
      expect.stringContaining('Nothing to reduce: less'),
      expect.stringContaining('No position whose exits could change: nearer'),
    ]);
  });
});

describe('what cannot be carried out', () => {
  const wrong = (act: (context: BarContext<unknown>) => void) => over(scripted({ 1: act }), '1h', [FLAT, FLAT, FLAT]);

  it('is refused where it is asked', async () => {
    for (const act of [
      (({ long: enter }) => enter({ ...long, takeProfit: [{ at: r(0) }] })) satisfies Parameters<typeof wrong>[0],
      (({ long: enter }) =>
        enter({
          ...long,
          takeProfit: [
            { at: 120, share: '70%' },
            { at: 130, share: '40%' },
          ],
        })) satisfies Parameters<typeof wrong>[0],
      (({ either }) => either({ long, short: long })) satisfies Parameters<typeof wrong>[0],
      (({ bars: of }) => void of('4h')) satisfies Parameters<typeof wrong>[0],
    ])
      await expect(wrong(act)).rejects.toThrow();
  });

  it.each<[string, (context: BarContext<unknown>) => void, RegExp]>([
    [
      'a stop entry behind the mark',
      ({ long: e }) => e({ ...long, entry: stopEntry(99) }),
      /must be above the mark 100, was 99/,
    ],
    ['no price', ({ long: e }) => e({ ...long, entry: limit(Number.NaN) }), /must be at a positive price, was NaN/],
    ['no size', ({ long: e }) => e({ ...long, quantity: 0 }), /A size must be above zero, was 0/],
  ])('%s is turned away, and said', async (_what, act, why) => {
    const run = await wrong(act);
    expect(run.explain(0)).toMatch(why);
    expect(run.orders).toEqual([]);
  });
});
