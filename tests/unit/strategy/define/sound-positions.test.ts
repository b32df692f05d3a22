import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bars, runStrategy, type StrategyRun, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { signOf } from '#src/domain/order.js';
import {
  defineStrategy,
  limit,
  r,
  stopEntry,
  type BarContext,
  type EntryOrder,
  type TakeProfit,
} from '#src/services/strategy/define/index.js';

const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };

type Act = (context: BarContext<unknown>) => void;
type EntryKind = 'market' | 'limit' | 'stop';

/** An entry that can be meant at a price: its stop behind, its rungs ahead. */
const orderOf = (
  side: 'long' | 'short',
  kind: EntryKind,
  price: number,
  { away, far, rungs, size, bars: until }: { away: number; far: number; rungs: number; size: number; bars: number },
): EntryOrder => {
  const sign = side === 'long' ? 1 : -1;
  const at = kind === 'market' ? price : kind === 'limit' ? price - sign * away : price + sign * away;
  const timeout = `${until} bars` as const;
  const takeProfit: readonly TakeProfit[] = Array.from({ length: rungs }, (_rung, index) => ({
    at: index % 2 === 0 ? r(index + 1) : at + sign * far * (index + 1),
  }));
  return {
    ...{ why: `${side} ${kind}`, quantity: size, stop: at - sign * far },
    ...(kind === 'market' ? {} : { entry: kind === 'limit' ? limit(at, { timeout }) : stopEntry(at, { timeout }) }),
    ...(rungs === 0 ? {} : { takeProfit }),
    ...(rungs % 2 === 0 ? { breakEven: { after: r(1) } } : { timeStop: `${until + 2} bars` as const }),
  };
};

const terms = fc.record({
  away: fc.integer({ min: 1, max: 6 }),
  far: fc.integer({ min: 2, max: 9 }),
  rungs: fc.integer({ min: 0, max: 3 }),
  size: fc.integer({ min: 1, max: 9 }),
  bars: fc.integer({ min: 1, max: 4 }),
});
const kinds = fc.constantFrom<EntryKind>('market', 'limit', 'stop');
const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(fc.constantFrom<'long' | 'short'>('long', 'short'), kinds, terms).map(
    ([side, kind, of]): Act =>
      (context) =>
        context[side](orderOf(side, kind, context.bar.close, of)),
  ),
  fc.tuple(terms, fc.constantFrom<EntryKind>('limit', 'stop')).map(([of, kind]): Act => (context) => {
    const { close } = context.bar;
    context.either({ long: orderOf('long', kind, close, of), short: orderOf('short', kind, close, of) });
  }),
  fc.constant<Act>((context) => context.flat('enough')),
  fc.constantFrom<Act>(
    (context) => context.reduce({ why: 'less', share: '50%' }),
    (context) => context.add({ why: 'more', quantity: 2 }),
    (context) => context.hold('nothing'),
  ),
  fc.integer({ min: 2, max: 8 }).map((far): Act => (context) => {
    const sign = context.position.isShort ? -1 : 1;
    const { close } = context.bar;
    context.exits({ why: 'otherwise', stop: close - sign * far, takeProfit: { at: close + sign * far } });
  }),
);

const rows = fc
  .array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.nat(4), fc.nat(4)), { minLength: 30, maxLength: 30 })
  .map((steps) => {
    let last = 200;
    return steps.map(([step, up, down]): TestBar => {
      const open = last;
      const close = (last = Math.max(60, last + step));
      return { open, close, high: Math.max(open, close) + up, low: Math.min(open, close) - down };
    });
  });

const run = (script: readonly (Act | undefined)[], over: readonly TestBar[]): Promise<StrategyRun> =>
  runStrategy(
    defineStrategy({
      name: 'any',
      timeframe: '1m',
      setup: () => ({ seen: { bars: 0 } }),
      onBar(context, { seen }) {
        script[seen.bars]?.(context);
        seen.bars += 1;
      },
    }),
    {
      bars: bars.ohlc('1m', over),
      instrument: GRID,
      equity: 1_000_000,
      config: { simulation: { matching: { barPath: 'pessimistic' } } },
    },
  );

/** Whatever was asked: exits only take off, none outlives its position, and what is held is covered whole. */
function assertSound({ fills, orders }: StrategyRun): void {
  const reducing = new Set(orders.filter(({ reduceOnly }) => reduceOnly).map(({ clientId }) => clientId));
  let held = 0;
  let openedAt = 0;
  for (const { side, lots, clientId = '', at } of fills) {
    const before = held;
    held += signOf(side) * lots;
    if (reducing.has(clientId)) {
      expect(Math.abs(held)).toBeLessThan(Math.abs(before));
      expect(before * held).toBeGreaterThanOrEqual(0);
      const order = orders.find((each) => each.clientId === clientId);
      expect((order?.at ?? Infinity) + Date.UTC(2024, 0, 1)).toBeGreaterThanOrEqual(openedAt);
    }
    if (before === 0) {
      const entry = orders.find((each) => each.clientId === clientId);
      openedAt = entry === undefined ? at : entry.at + Date.UTC(2024, 0, 1);
    }
  }
  const open = orders.filter(({ status }) => status === 'open');
  const covered = open
    .filter(({ type, reduceOnly, side }) => reduceOnly && type === 'stop_market' && (side === 'sell') === held > 0)
    .reduce((sum, { size }) => sum + size, 0);
  if (held !== 0) expect(covered).toBeGreaterThanOrEqual(Math.abs(held));
}

describe('whatever a short strategy asks', () => {
  it('its exits only take off, none outlives its position, and what is held is covered whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(acts, { nil: undefined, freq: 2 }), { minLength: 29, maxLength: 29 }),
        rows,
        async (script, over) => assertSound(await run(script, over)),
      ),
      { numRuns: Number(process.env['SOUND_RUNS'] ?? 12) },
    );
  });
});
