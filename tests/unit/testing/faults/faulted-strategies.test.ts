import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import {
  bars,
  runStrategy,
  type FaultedRun,
  type FaultStep,
  type StrategyRun,
  type StrategyRunOptions,
  type TestBar,
} from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { resolveConfig } from '#config/index.js';
import { runFaulted } from '#di/testing/faults/faulted-run.js';
import { configOf, SPEC } from '#di/testing/run-config.js';
import { swap } from '#di/testing/swap.js';
import { columnsOf } from '#di/testing/test-bars.js';
import { Protection } from '#src/ports/core-services/protection.js';
import emaLadder from '../../../../docs/examples/ema-ladder.js';

type Row = readonly [open: number, high: number, low: number, close: number];
const ROWS: readonly Row[] = [
  [112, 112, 108, 110],
  [110, 111, 107, 108],
  [108, 109, 105, 106],
  [106, 107, 103, 104],
  [104, 112, 104, 112],
  [112, 118, 110, 117],
  [117, 125, 116, 124],
  [124, 137, 120, 130],
  [130, 131, 111, 113],
];
const OPTIONS: StrategyRunOptions = {
  bars: bars.ohlc(
    '15m',
    ROWS.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
  ),
  params: { fast: 2, slow: 3, atr: 2, risk: '1%' },
  instrument: { tick: new Decimal(1) },
  config: { simulation: { matching: { barPath: 'pessimistic' } } },
};
const SPEC_OF_RUN = { ...SPEC, tick: new Decimal(1) };
const TERMS = {
  columns: columnsOf(OPTIONS.bars, SPEC_OF_RUN),
  spec: SPEC_OF_RUN,
  params: OPTIONS.params ?? {},
  equity: 10_000,
  config: OPTIONS.config ?? {},
};
const GOLDEN = [
  'entry buy 8.333 @112 bar 5',
  'take_profit sell 4.166 @124 bar 6',
  'take_profit sell 2.083 @136 bar 7',
  'stop sell 2.084 @112 bar 8',
];
const plain = (): Promise<StrategyRun> => runStrategy(emaLadder, OPTIONS);
const faulted = (...faults: readonly FaultStep[]): Promise<FaultedRun> =>
  runStrategy(emaLadder, { ...OPTIONS, faults });

describe('a run', () => {
  it('tells its fills and orders as lines, and is the same in the paper world', async () => {
    const run = await plain();
    run.expectFills(GOLDEN);
    expect(() => run.expectFills(GOLDEN.slice(1))).toThrow(
      /Fill 1 must be take_profit sell 4.166 @124 bar 6, was entry/,
    );
    expect(run.lines[0]).toBe('entry buy 8.333 market filled');
    expect(run.order('take_profit', 2)).toMatchObject({ size: 2.083, averagePrice: 136, role: 'take_profit' });
    expect(() => run.order('take_profit', 9)).toThrow(/Order 9 of take_profit must have been asked for/);
    expect(run.timeline[0]).toBe('4500 s buy: fast EMA crossed above slow');
    await run.expectSound();
  });
});

describe('a fault', () => {
  it.each<[string, FaultStep, (run: FaultedRun) => void]>([
    [
      'reject: the entry is refused, and nothing of it is left',
      { when: { order: 'entry', is: 'sent' }, fault: 'reject', reason: 'insufficient_margin' },
      (run) => {
        expect(run.fillLines).toEqual([]);
        expect(run.order('entry')).toMatchObject({ status: 'rejected', reason: expect.stringContaining('refused by') });
      },
    ],
    [
      'reject: a stop that is refused is sent again',
      { when: { order: 'stop', is: 'sent' }, fault: 'reject', reason: 'other' },
      (run) => {
        expect(run.order('stop', 1).status).toBe('rejected');
        expect(run.order('stop', 2)).toMatchObject({ stop: 100, status: 'cancelled' });
        run.expectFills(GOLDEN);
      },
    ],
    [
      'unknown, arrived: it is found, and not sent again',
      { when: { order: 'entry', is: 'sent' }, fault: 'unknown', arrived: true },
      (run) => {
        run.expectFills(GOLDEN);
        expect(run.orders.filter(({ role }) => role === 'entry')).toHaveLength(1);
      },
    ],
    [
      'unknown, lost: it is proven never to have lived',
      { when: { order: 'entry', is: 'sent' }, fault: 'unknown', arrived: false },
      (run) => {
        expect(run.order('entry').status).toBe('lost');
        expect(run.fillLines).toEqual([]);
      },
    ],
    [
      'delay: it fills later',
      { when: { order: 'entry', is: 'sent' }, fault: 'delay', by: '2s' },
      (run) => expect(run.fillLines[0]).toMatch(/^entry buy 8.333 @\d+ bar 5$/),
    ],
    [
      'partial: what found somebody is held, and covered',
      { when: { order: 'entry', is: 'sent' }, fault: 'partial', share: 0.5 },
      (run) => {
        expect(run.order('entry')).toMatchObject({ filled: 4.166 });
        expect(run.order('entry').status).not.toBe('filled');
        expect(run.fillLines[0]).toBe('entry buy 4.166 @112 bar 5');
      },
    ],
    [
      'race: a stop fills before its cancellation is read',
      { when: { order: 'stop', is: 'sent' }, fault: 'race' },
      (run) => expect(run.order('stop').filled).toBeGreaterThan(0),
    ],
    [
      'silence: reports come later',
      { when: { bar: 4 }, fault: 'silence', of: 'account', for: '30s' },
      (run) => expect(run.order('entry').filled).toBe(8.333),
    ],
    [
      'kill: the next life goes on with what it finds',
      { when: { order: 'entry', is: 'filled' }, fault: 'kill' },
      (run) => {
        expect(run.lives).toBe(2);
        // Its ladder, and its stop behind break-even, too.
        run.expectFills(GOLDEN);
      },
    ],
    [
      'kill: the venue goes on while nobody is there',
      { when: { order: 'entry', is: 'accepted' }, fault: 'kill', wait: '1h' },
      (run) => {
        expect(run.lives).toBe(2);
        expect(run.fills.length).toBeGreaterThan(1);
      },
    ],
    [
      'state: a halt lets no entry leave',
      { when: { bar: 3 }, fault: 'state', to: 'HALTED' },
      (run) => expect(run.fillLines).toEqual([]),
    ],
    [
      'liquidate: exits go with the position',
      { when: { order: 'entry', is: 'filled' }, fault: 'liquidate' },
      (run) => {
        expect(run.fillLines[1]).toBe('adl sell 8.333 @117 bar 6');
        expect(run.orders.filter(({ status }) => status === 'open')).toEqual([]);
      },
    ],
    [
      'external_fill: what somebody else sells is no longer covered',
      { when: { order: 'take_profit', is: 'filled' }, fault: 'external_fill', side: 'sell', quantity: 2 },
      (run) => expect(run.fillLines).toContainEqual(expect.stringMatching(/^foreign sell 2 @/)),
    ],
    [
      'throw: a strategy that fails for a bar',
      { when: { bar: 3 }, fault: 'throw' },
      (run) => expect(run.explain(3)).toBe('bar 3: the strategy was not asked'),
    ],
  ])('%s', async (_name, step, check) => {
    const run = await faulted(step);
    expect(run.unused).toEqual([]);
    check(run);
    await run.expectSound();
  });

  it('that leaves a position without its stop is found', async () => {
    const config = resolveConfig({
      ...configOf('paper', { ...TERMS, name: emaLadder.name }),
      storage: { driver: 'memory' },
    });
    const bare = await runFaulted(emaLadder, TERMS.columns, config, [], (container) =>
      swap(container, Protection, {
        onMark: () => undefined,
        objection: () => undefined,
        naked: () => [],
        secure: () => Promise.resolve([]),
        release: () => undefined,
      }),
    );
    expect(bare.violations).toContainEqual(expect.stringMatching(/8333 lots without a stop at the venue for \d+ ms/));
  });

  it('that cannot happen is said', async () => {
    const run = await faulted({ when: { order: 'hedge', is: 'sent' }, fault: 'kill' });
    expect(run.unused).toHaveLength(1);
    await expect(faulted({ when: { bar: 9 }, fault: 'throw' })).rejects.toThrow(/bar must be one of 0 to 8, was 9/);
    await expect(faulted({ when: { order: 'entry', is: 'filled' }, fault: 'delay', by: '1s' })).rejects.toThrow(
      /delay must happen as an order is sent/,
    );
    const idle = await runStrategy(emaLadder, { ...OPTIONS, bars: bars.closes('15m', [100, 100, 100]) });
    await expect(idle.everyFault('unknown')).rejects.toThrow(/must be able to happen in the run/);
  });

  it('at every point leaves a run that is sound', async () => {
    expect(await (await plain()).everyFault('unknown')).toBe(14);
  });
});
