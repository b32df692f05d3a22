import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { OrderOptions, OrderTerms, OrderType, Side } from '#src/domain/order.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { trailingLevel } from '#src/venues/simulated/core/trigger-rules.js';
import { matchingOf, MemoryExchangeStore, SimulatedWorld, T0, verdict } from '../simulated-world.js';

/** A position of 10 lots long, a quote of 99/101 and a last price of 100. */
function openWorld(store?: MemoryExchangeStore): SimulatedWorld {
  const world = new SimulatedWorld({}, {}, store);
  world.quote(99, 500, 101, 500);
  world.trade(100, 1);
  world.submit('buy', 10, { clientId: 'entry' });
  return world;
}

const conditional = (
  world: SimulatedWorld,
  type: OrderType,
  side: Side,
  price: number,
  terms: Partial<OrderTerms> = {},
): string => verdict(world.submit(side, 1, { type, stop: ticks(price), ...terms }));
const trailing = (world: SimulatedWorld, side: Side, options: OrderOptions, terms: Partial<OrderTerms> = {}): string =>
  verdict(world.submit(side, 1, { type: 'trailing_stop', options, ...terms }));
const level = (world: SimulatedWorld, clientId: string): number =>
  (world.venue.find({ clientId, symbol: '' })?.level ?? Number.NaN) / world.instrument.marksPerTick;
const since = (world: SimulatedWorld, before: number): string[] => world.fills.slice(before);

describe('orders that wait for a trigger', () => {
  it.each<[OrderType, Side, number, number]>([
    ['stop_market', 'buy', 105, 105],
    ['stop_market', 'sell', 95, 95],
    ['take_profit_market', 'buy', 95, 95],
    ['take_profit_market', 'sell', 105, 105],
  ])('fires a %s %s at %d when the last price touches it, not before', (type, side, stop, touch) => {
    const world = openWorld();
    expect(conditional(world, type, side, stop)).toBe('accepted');
    world.trade(touch + (touch > 100 ? -1 : 1), 1, T0 + 1);
    expect(since(world, 1)).toEqual([]);
    world.trade(touch, 1, T0 + 2);
    expect(since(world, 1)).toEqual([`${side} 1@${side === 'buy' ? 101 : 99} taker`]);
  });

  it.each<[OrderType, Side, number]>([
    ['stop_market', 'buy', 100],
    ['stop_market', 'sell', 100],
    ['take_profit_market', 'buy', 100],
    ['take_profit_market', 'sell', 100],
    ['take_profit_market', 'sell', 99],
  ])('refuses a %s %s at %d whose price is reached already', (type, side, stop) => {
    expect(conditional(openWorld(), type, side, stop)).toBe('would_trigger');
  });

  it('turns a take-profit limit into a limit order that rests', () => {
    const world = openWorld();
    conditional(world, 'take_profit_limit', 'sell', 105, { limit: ticks(107) });
    world.trade(105, 1, T0 + 1);
    expect(since(world, 1)).toEqual([]);
    world.trade(108, 1, T0 + 2);
    expect(since(world, 1)).toEqual(['sell 1@107 maker']);
  });

  it('fires a take-profit on the mark it names', () => {
    const world = openWorld();
    conditional(world, 'take_profit_market', 'sell', 105, { triggerBy: 'mark' });
    world.trade(106, 1, T0 + 1);
    expect(since(world, 1)).toEqual([]);
    world.venue.mark('BTC-PERP', marks(105 * world.instrument.marksPerTick), T0 + 2);
    expect(since(world, 1)).toEqual(['sell 1@99 taker']);
  });

  it('fires a take-profit on the path of a bar at its price', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.submit('buy', 10);
    world.bar(1, 100, 101, 99, 100);
    conditional(world, 'take_profit_market', 'sell', 105, { reduceOnly: true });
    conditional(world, 'stop_market', 'sell', 95, { reduceOnly: true });
    world.bar(2, 100, 106, 96, 100);
    expect(since(world, 1)).toEqual(['sell 1@105 taker']);
  });
});

describe('orders that close the position', () => {
  const closing = (world: SimulatedWorld, terms: Partial<OrderTerms> = {}): string =>
    conditional(world, 'stop_market', 'sell', 95, { lots: lots(0), options: { closePosition: true }, ...terms });

  it('take their size from the position at the trigger', () => {
    const world = openWorld();
    expect(closing(world)).toBe('accepted');
    world.submit('buy', 7);
    world.trade(95, 1, T0 + 1);
    expect(world.fills.at(-1)).toBe('sell 17@99 taker');
    expect(world.position).toBe(0);
    expect(world.reports.at(-1)).toBe('c2 filled');
  });

  it('end when nothing is open at the trigger', () => {
    const world = openWorld();
    closing(world);
    world.submit('sell', 10);
    world.trade(95, 1, T0 + 1);
    expect(world.position).toBe(0);
    expect(world.reports.at(-1)).toBe('c2 expired');
  });

  it('end when the position has turned to the other side', () => {
    const world = openWorld();
    closing(world);
    world.submit('sell', 30);
    world.trade(95, 1, T0 + 1);
    expect(world.position).toBe(-20);
    expect(world.reports.at(-1)).toBe('c2 expired');
  });

  it('have no size of their own, are not reduce-only, and are of a type that takes at its trigger', () => {
    const world = openWorld();
    expect(closing(world, { lots: lots(3) })).toBe('unsupported');
    expect(closing(world, { reduceOnly: true })).toBe('unsupported');
    expect(closing(world, { type: 'stop_limit', limit: ticks(94) })).toBe('unsupported');
  });

  it('need no margin and no least value', () => {
    const world = openWorld();
    world.submit('sell', 10);
    expect(closing(world, { leverage: 1 })).toBe('accepted');
  });
});

describe('trailing stops', () => {
  it('sets its level exactly: a fall by the whole distance, and no less', () => {
    // 1.5 % of 10,001 is 150.015: 9,850.985 is not reached by 9,851 but by 9,850.
    expect(trailingLevel(10_001, 150, false)).toBe(9_850);
    expect(trailingLevel(10_001, 150, true)).toBe(10_152);
    expect(trailingLevel(10_000, 150, false)).toBe(9_850);
    expect(trailingLevel(10_000, 150, true)).toBe(10_150);
  });

  it('follows the best price and fires when the reference falls from it by the distance', () => {
    const world = openWorld();
    expect(trailing(world, 'sell', { trailBps: 500 })).toBe('accepted');
    world.trade(120, 1, T0 + 1);
    expect(level(world, 'c2')).toBe(114);
    world.trade(115, 1, T0 + 2);
    expect(level(world, 'c2')).toBe(114);
    expect(since(world, 1)).toEqual([]);
    world.trade(114, 1, T0 + 3);
    expect(since(world, 1)).toEqual(['sell 1@99 taker']);
  });

  it('follows downwards as a buy', () => {
    const world = openWorld();
    trailing(world, 'buy', { trailBps: 1_000 });
    world.trade(80, 1, T0 + 1);
    world.trade(87, 1, T0 + 2);
    expect(since(world, 1)).toEqual([]);
    world.trade(88, 1, T0 + 3);
    expect(since(world, 1)).toEqual(['buy 1@101 taker']);
  });

  it('follows from its activation price on, and neither before nor below it', () => {
    const world = openWorld();
    expect(trailing(world, 'sell', { trailBps: 500, activation: ticks(110) })).toBe('accepted');
    world.trade(90, 1, T0 + 1);
    expect(since(world, 1)).toEqual([]);
    world.trade(109, 1, T0 + 2);
    expect(level(world, 'c2')).toBeNaN();
    world.trade(110, 1, T0 + 3);
    expect(level(world, 'c2')).toBe(104.5);
    world.trade(104, 1, T0 + 4);
    expect(since(world, 1)).toEqual(['sell 1@99 taker']);
  });

  it.each<[string, Side, OrderOptions]>([
    ['would_trigger', 'sell', { trailBps: 100, activation: ticks(100) }],
    ['would_trigger', 'buy', { trailBps: 100, activation: ticks(100) }],
    ['unsupported', 'sell', { trailBps: 9 }],
    ['unsupported', 'sell', { trailBps: 1_001 }],
    ['unsupported', 'sell', { trailBps: 10.5 }],
    ['unsupported', 'sell', {}],
    ['price_filter', 'sell', { trailBps: 100, activation: ticks(0) }],
    ['accepted', 'sell', { trailBps: 10 }],
    ['accepted', 'sell', { trailBps: 1_000 }],
  ])('answers %s to a %s with %j', (expected, side, options) => {
    expect(trailing(openWorld(), side, options)).toBe(expected);
  });

  it('follows the mark it names, and quotes where the mark is their middle', () => {
    const world = openWorld();
    trailing(world, 'sell', { trailBps: 100 }, { triggerBy: 'mark' });
    world.quote(149, 500, 151, 500, T0 + 1);
    expect(level(world, 'c2')).toBe(148.5);
    world.trade(100, 1, T0 + 2);
    expect(since(world, 1)).toEqual([]);
    world.quote(147, 500, 149, 500, T0 + 3);
    expect(since(world, 1)).toEqual(['sell 1@147 taker']);
  });

  it('moves with the better reading of a bar before it can fire: down first, then up from the bottom', () => {
    const world = new SimulatedWorld({}, matchingOf({ barPath: 'optimistic' }));
    world.bar(0, 1_000, 1_000, 1_000, 1_000);
    world.submit('sell', 1);
    world.bar(1, 1_000, 1_000, 1_000, 1_000);
    trailing(world, 'buy', { trailBps: 200 }, { reduceOnly: true });
    // Short: the low of 900 comes first and makes the level 918; read the worse way it fires earlier.
    world.bar(2, 1_000, 1_019, 900, 950);
    expect(since(world, 1)).toEqual(['buy 1@918 taker']);
  });

  it('does not fire within one leg that only goes its way, where no order of extremes is read into the bar', () => {
    const world = new SimulatedWorld({}, matchingOf({ barPath: 'next_open' }));
    world.bar(0, 1_000, 1_000, 1_000, 1_000);
    world.submit('buy', 1);
    world.bar(1, 1_000, 1_000, 1_000, 1_000);
    trailing(world, 'sell', { trailBps: 200 }, { reduceOnly: true });
    world.bar(2, 1_000, 1_500, 990, 1_480);
    expect(since(world, 1)).toEqual([]);
    expect(level(world, 'c2')).toBe(1_470);
    world.bar(3, 1_460, 1_470, 1_450, 1_460);
    expect(since(world, 1)).toEqual(['sell 1@1460 taker']);
  });

  it('goes on from its best price after a restart', () => {
    const store = new MemoryExchangeStore();
    const world = openWorld(store);
    trailing(world, 'sell', { trailBps: 500, activation: ticks(110) });
    world.trade(120, 1, T0 + 1);
    world.venue.flush();
    const next = new SimulatedWorld({}, {}, store);
    expect(level(next, 'c2')).toBe(114);
    next.trade(114, 1, T0 + 2);
    expect(next.fills.slice(1)).toEqual(['sell 1@99 taker']);
  });
});
