import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { ticks } from '#src/domain/units.js';
import { lots } from '#src/domain/units.js';
import type { OrderTerms } from '#src/domain/order.js';
import { bar, matchingOf, SimulatedWorld, T0 } from '../simulated-world.js';

const overTrades = (tradeLiquidity: 'each_print' | 'next_print' | 'unlimited'): SimulatedWorld =>
  new SimulatedWorld({}, { ...matchingOf({ tradeLiquidity }), equity: new Decimal(1_000_000) });

describe('the liquidity of a market of which trades are all that is known', () => {
  it.each([
    ['each_print', ['buy 200@1001 taker', 'buy 9800@1002 taker'], 'filled'],
    ['next_print', ['buy 200@1001 taker'], 'expired'],
    ['unlimited', ['buy 10000@1001 taker'], 'filled'],
  ] as const)('%s: an order at market', (choice, fills, status) => {
    const world = overTrades(choice);
    world.trade(1_000, 500);
    world.submit('buy', 10_000);
    world.trade(1_001, 200, T0 + 1);
    world.trade(1_002, 50_000, T0 + 2);
    expect(world.fills).toEqual(fills);
    expect(world.reports.at(-1)).toBe(`c1 ${status}`);
  });

  it.each([
    ['each_print', ['sell 1@949 taker', 'sell 9999@800 taker']],
    ['next_print', ['sell 1@949 taker', 'sell 9999@800 taker']],
    ['unlimited', ['sell 10000@949 taker']],
  ] as const)('%s: what a stop that protects has not filled stays', (choice, fills) => {
    const world = overTrades(choice);
    world.trade(1_000, 1);
    world.submit('buy', 10_000);
    world.trade(1_000, 10_000, T0 + 1);
    const opened = world.fills.length;
    world.stop('sell', 10_000, 950, { reduceOnly: true });
    world.trade(950, 1, T0 + 2);
    world.trade(949, 1, T0 + 3);
    if (world.position > 0) expect(world.venue.openOrders()).toHaveLength(1);
    world.trade(800, 500_000, T0 + 4);
    expect(world.fills.slice(opened)).toEqual(fills);
    expect(world.position).toBe(0);
  });

  it('a print is taken once, whoever takes of it', () => {
    const world = overTrades('each_print');
    world.trade(1_000, 1);
    world.submit('buy', 30);
    world.submit('buy', 30);
    world.trade(1_000, 40, T0 + 1);
    world.trade(1_001, 40, T0 + 2);
    expect(world.fills).toEqual(['buy 30@1000 taker', 'buy 10@1000 taker', 'buy 20@1001 taker']);
  });

  it.each([
    [1_005, ['buy 30@1005 taker'], 'c1 filled'],
    [1_011, [], 'c1 expired'],
  ] as const)('an immediate limit waits for the next print, however late: %d decides', (price, fills, end) => {
    for (const quietMs of [1, 60_000, 3_600_000]) {
      const world = overTrades('each_print');
      world.trade(1_000, 1);
      world.submit('buy', 30, { type: 'limit', limit: ticks(1_010), timeInForce: 'IOC' });
      expect(world.venue.openOrders()).toHaveLength(1);
      world.trade(price, 50, T0 + quietMs);
      expect([world.fills, world.reports.at(-1), world.venue.openOrders()]).toEqual([fills, end, []]);
    }
  });

  it('an order that must not wait takes of the next print alone', () => {
    const world = overTrades('each_print');
    world.trade(1_000, 1);
    world.submit('buy', 30, { timeInForce: 'IOC' });
    world.trade(1_000, 10, T0 + 1);
    expect(world.reports.at(-1)).toBe('c1 expired');
  });

  it('over trades alone no fill is larger than its print, and a market order ends filled or waits', () => {
    const tape = fc.array(fc.tuple(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 1, max: 50 })), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        tape,
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom('buy' as const, 'sell' as const),
        (prints, size, side) => {
          const world = overTrades('each_print');
          world.trade(100, 1);
          world.submit(side, size);
          let sum = 0;
          prints.forEach(([price, shown], index) => {
            const before = world.venue.fills.length;
            world.trade(price, shown, T0 + index + 1);
            const made = world.venue.fills.slice(before).reduce((total, fill) => total + fill.lots, 0);
            expect(made).toBe(Math.min(shown, size - sum));
            sum += made;
          });
          expect(world.venue.openOrders()).toHaveLength(sum < size ? 1 : 0);
        },
      ),
    );
  });
});

const PROTECTS: readonly (readonly [string, Partial<OrderTerms>])[] = [
  ['stop', { type: 'stop_market', stop: ticks(95), lots: lots(100), reduceOnly: true }],
  [
    'stop that closes the position',
    { type: 'stop_market', stop: ticks(95), lots: lots(0), options: { closePosition: true } },
  ],
  ['trailing stop', { type: 'trailing_stop', lots: lots(100), reduceOnly: true, options: { trailBps: 500 } }],
];
type Moves = (world: SimulatedWorld) => void;
const MARKETS: readonly (readonly [string, Moves, Moves, Moves])[] = [
  [
    'quotes',
    (world) => {
      world.quote(99, 500, 100, 500);
      world.trade(100, 1);
    },
    (world) => {
      world.quote(94, 30, 95, 30, T0 + 2);
      world.trade(94, 1, T0 + 3);
    },
    (world) => world.quote(90, 500, 91, 500, T0 + 4),
  ],
  [
    'trades',
    (world) => {
      world.trade(100, 1);
      world.trade(100, 500, T0 + 1);
    },
    (world) => {
      world.trade(94, 1, T0 + 2);
      world.trade(94, 30, T0 + 3);
    },
    (world) => world.trade(90, 500, T0 + 4),
  ],
  [
    'bars with a share of volume',
    (world) => world.bar(1, 100, 100, 100, 100, 10_000),
    (world) => world.bar(2, 100, 100, 94, 94, 300),
    (world) => world.bar(3, 90, 90, 90, 90, 10_000),
  ],
];

describe('what a stop that protects has not filled stays, whatever kind it is and whatever data it meets', () => {
  const cases = PROTECTS.flatMap(([kind, terms]) => MARKETS.map((market) => [kind, market[0], terms, market] as const));
  it.each(cases)('a %s over %s', (_kind, data, terms, [, opens, fires, goesOn]) => {
    const bars = data.startsWith('bars');
    const world = new SimulatedWorld({}, bars ? { maxVolumeShare: new Decimal('0.1') } : {});
    if (bars) world.venue.bar('BTC-PERP', bar(0, 100, 100, 100, 100));
    else if (data === 'quotes') opens(world);
    else world.trade(100, 1);
    world.submit('buy', 100);
    if (data !== 'quotes') opens(world);
    expect(world.position).toBe(100);
    const { lots: size = lots(0), ...rest } = terms;
    expect(world.submit('sell', size, rest).outcome).toBe('accepted');
    fires(world);
    expect(world.position).toBeGreaterThan(0);
    expect(world.position).toBeLessThan(100);
    expect(world.venue.openOrders()).toHaveLength(1);
    goesOn(world);
    expect(world.position).toBe(0);
    expect(world.venue.openOrders()).toEqual([]);
  });
});
