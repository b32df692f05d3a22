import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderOptions, OrderTerms, OrderType, Side } from '#src/domain/order.js';
import { ticks } from '#src/domain/units.js';
import type { MatchingSettings } from '#src/ports/configuration/settings/matching-settings.js';
import type { SimulationSettings } from '#src/ports/configuration/settings/simulation-settings.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import { Rehearsal } from '#src/venues/simulated/engine/rehearsal.js';
import { testConfig } from '../../../support/config.js';
import { matchingOf, SimulatedWorld } from '../simulated-world.js';

type BarPath = MatchingSettings['barPath'];
type Bar = readonly [open: number, high: number, low: number, close: number];
const OPEN = 1_000;

interface Order {
  readonly side: Side;
  readonly size: number;
  readonly type: OrderType;
  /** From the open: of the limit, and of the trigger. */
  readonly limit: number;
  readonly stop: number;
  readonly trailBps: number;
  readonly reduceOnly: boolean;
  readonly group: boolean;
  /** Of the first order, where that is an entry. */
  readonly follows: boolean;
}

interface Scene {
  readonly held: number;
  readonly orders: readonly Order[];
  readonly bar: Bar;
  readonly fees: boolean;
  readonly share: boolean;
  readonly exitsEnd: boolean;
}

/** The same account, orders and bar, read one way. */
function played({ held, orders, bar, fees, share, exitsEnd }: Scene, barPath: BarPath): SimulatedWorld {
  const settings: Partial<SimulationSettings> = {
    ...matchingOf({ barPath, exitsEndWithPosition: exitsEnd }),
    equity: new Decimal(1_000_000),
    ...(share ? { maxVolumeShare: new Decimal('0.01') } : {}),
    barHalfSpreadBps: new Decimal(fees ? 20 : 0),
    margin: { ...testConfig().simulation.margin },
  };
  const rates = fees ? { makerFee: new Decimal('0.0002'), takerFee: new Decimal('0.0006') } : {};
  const world = new SimulatedWorld(rates, settings);
  world.bar(0, OPEN, OPEN, OPEN, OPEN, 1e6);
  if (held !== 0) world.submit(held > 0 ? 'buy' : 'sell', Math.abs(held));
  world.bar(1, OPEN, OPEN, OPEN, OPEN, 1e6);
  orders.forEach((order, index) => {
    const entry = index > 0 && order.follows ? `c${held === 0 ? 1 : 2}` : undefined;
    world.submit(order.side, order.size, termsOf(order, entry));
  });
  world.bar(2, ...bar, 1_500);
  return world;
}

function termsOf(
  { type, limit, stop, trailBps, reduceOnly, group }: Order,
  entry: string | undefined,
): Partial<OrderTerms> {
  const options: OrderOptions = {
    ...(type === 'trailing_stop' ? { trailBps } : {}),
    ...(group || entry !== undefined ? { group: entry === undefined ? 'g' : 'exits' } : {}),
    ...(entry === undefined ? {} : { after: entry }),
  };
  return {
    type,
    reduceOnly: reduceOnly || entry !== undefined,
    ...(type.endsWith('limit') ? { limit: ticks(OPEN + limit) } : {}),
    ...(type !== 'limit' && type !== 'trailing_stop' ? { stop: ticks(OPEN + stop) } : {}),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

const worth = ({ venue }: SimulatedWorld): number => totalEquity(venue.account, venue.markets.values());

const order: fc.Arbitrary<Order> = fc.record({
  side: fc.constantFrom<Side>('buy', 'sell'),
  size: fc.integer({ min: 1, max: 20 }),
  type: fc.constantFrom<OrderType>(
    'limit',
    'stop_market',
    'stop_limit',
    'take_profit_market',
    'take_profit_limit',
    'trailing_stop',
  ),
  limit: fc.integer({ min: -60, max: 60 }),
  stop: fc.integer({ min: -60, max: 60 }),
  trailBps: fc.integer({ min: 10, max: 800 }),
  reduceOnly: fc.boolean(),
  group: fc.boolean(),
  follows: fc.boolean(),
});
const bar: fc.Arbitrary<Bar> = fc
  .record({ gap: fc.integer({ min: -20, max: 20 }), up: fc.nat(80), down: fc.nat(80), close: fc.nat(100) })
  .map(({ gap, up, down, close }) => {
    const low = OPEN + gap - down;
    return [OPEN + gap, OPEN + gap + up, low, low + Math.round(((up + down) * close) / 100)];
  });
const scenes: fc.Arbitrary<Scene> = fc.record({
  held: fc.constantFrom(0, 10, -10),
  orders: fc.array(order, { minLength: 1, maxLength: 6 }),
  bar,
  fees: fc.boolean(),
  share: fc.boolean(),
  exitsEnd: fc.boolean(),
});

describe('which extreme of a bar comes first follows what rests, not the position alone', () => {
  it('so that the default is never kinder than the optimistic path, for any set of resting orders and any bar', () => {
    let differed = 0;
    fc.assert(
      fc.property(scenes, (scene) => {
        const [worse, better] = [worth(played(scene, 'pessimistic')), worth(played(scene, 'optimistic'))];
        if (worse < better) differed += 1;
        expect(worse).toBeLessThanOrEqual(better);
      }),
      { numRuns: 1_500 },
    );
    expect(differed).toBeGreaterThan(100);
  });

  const quiet = { held: 0, fees: false, share: false, exitsEnd: true };

  it('an entry and its exits on one bar: the stop comes before the target', () => {
    const orders: Order[] = [
      { ...PLAIN, side: 'buy', limit: -10 },
      { ...PLAIN, side: 'sell', type: 'stop_market', stop: -30, follows: true },
      { ...PLAIN, side: 'sell', limit: 30, follows: true },
    ];
    const { fills } = played({ ...quiet, orders, bar: [1_000, 1_040, 960, 1_035] }, 'pessimistic');
    expect(fills).toEqual(['buy 10@990 maker', 'sell 10@970 taker']);
  });

  it('a stop limit that would have been filled on the way back at a profit is not filled', () => {
    const orders: Order[] = [{ ...PLAIN, side: 'buy', type: 'stop_limit', stop: 10, limit: 5 }];
    const bar: Bar = [1_000, 1_040, 960, 1_030];
    expect(played({ ...quiet, orders, bar }, 'pessimistic').fills).toEqual([]);
    // Had the bar closed below, that way would have been the worse one.
    expect(played({ ...quiet, orders, bar: [1_000, 1_040, 960, 980] }, 'pessimistic').fills).toEqual([
      'buy 10@1005 maker',
    ]);
  });

  it.each([
    ['sell', 1, [1_001, 1_001, 999, 999]],
    ['buy', -1, [999, 1_001, 999, 1_001]],
  ] as const)('a %s that the open triggered and half a spread kept from taking hangs on the way', (side, stop, bar) => {
    const orders: Order[] = [{ ...PLAIN, side, type: 'take_profit_limit', stop }];
    expect(played({ ...quiet, fees: true, orders, bar }, 'pessimistic').fills).toEqual([]);
    // On a bar that closes against it the fill is the worse way.
    const against: Bar = side === 'sell' ? [1_001, 1_080, 999, 1_060] : [999, 1_001, 920, 940];
    const { fills } = played({ ...quiet, fees: true, orders, bar: against }, 'pessimistic');
    expect(fills).toEqual([`${side} 10@1000 maker`]);
  });

  it('entries alone, a lone exit and an empty book are read as before, and nothing is played twice for them', () => {
    const rehearsals = jest.spyOn(Rehearsal.prototype, 'worthAfter');
    const entries: Order[] = [
      { ...PLAIN, side: 'buy', limit: -10 },
      { ...PLAIN, side: 'sell', limit: 10 },
    ];
    const bar: Bar = [1_000, 1_040, 960, 1_000];
    const world = played({ ...quiet, orders: entries, bar }, 'pessimistic');
    expect(world.fills).toEqual(['buy 10@990 maker', 'sell 10@1010 maker']);
    const exit: Order = { ...PLAIN, side: 'sell', type: 'stop_market', stop: -30, reduceOnly: true };
    const far: Order = { ...PLAIN, side: 'sell', limit: 300, reduceOnly: true };
    const held = played({ ...quiet, held: 10, orders: [exit, far], bar }, 'pessimistic');
    expect(held.fills.at(-1)).toBe('sell 10@970 taker');
    expect(rehearsals).not.toHaveBeenCalled();
    rehearsals.mockRestore();
  });

  it('what is played beside the account moves nothing of it', () => {
    const near: Order = { ...PLAIN, side: 'sell', limit: 20, reduceOnly: true, group: true };
    const stop: Order = { ...PLAIN, side: 'sell', type: 'stop_market', stop: -30, reduceOnly: true, group: true };
    const world = played({ ...quiet, held: 10, orders: [near, stop], bar: [1_000, 1_040, 960, 1_000] }, 'pessimistic');
    expect(world.fills).toEqual(['buy 10@1000 taker', 'sell 10@970 taker']);
    expect(world.venue.fills.map(({ tradeId }) => tradeId)).toEqual(['sim-t1', 'sim-t2']);
    expect(world.reports.filter((report) => report.startsWith('c2'))).toEqual(['c2 open', 'c2 cancelled']);
    world.venue.assertConsistent();
  });
});

const PLAIN: Order = {
  side: 'buy',
  size: 10,
  type: 'limit',
  limit: 0,
  stop: 0,
  trailBps: 100,
  reduceOnly: false,
  group: false,
  follows: false,
};
