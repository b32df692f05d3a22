import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots, ticks } from '#src/domain/units.js';
import { matchingOf, MemoryExchangeStore, SimulatedWorld, T0, verdict } from '../simulated-world.js';

interface Change {
  readonly price?: number;
  readonly stop?: number;
  readonly size?: number;
}

/** A resting buy `a` of 10 at 95, and `b` of 10 behind it, in front of a quote of 99/101. */
function openWorld(store?: MemoryExchangeStore, matching = {}): SimulatedWorld {
  const world = new SimulatedWorld(
    { minNotional: new Decimal('0.3') },
    matchingOf({ queue: 'front', ...matching }),
    store,
  );
  world.quote(99, 500, 101, 500);
  world.limit('buy', 10, 95, { clientId: 'a' });
  world.limit('buy', 10, 95, { clientId: 'b' });
  return world;
}

const ref = (clientId: string): { clientId: string; symbol: string } => ({ clientId, symbol: 'BTC-PERP' });
const amend = (world: SimulatedWorld, clientId: string, { price, stop, size }: Change): string =>
  verdict(
    world.venue.amend({
      ref: ref(clientId),
      ...(price === undefined ? {} : { limit: ticks(price) }),
      ...(stop === undefined ? {} : { stop: ticks(stop) }),
      ...(size === undefined ? {} : { lots: lots(size) }),
    }),
  );
const order = (world: SimulatedWorld, clientId: string): string => {
  const found = world.venue.find(ref(clientId));
  return `${found?.status} ${found?.filled}/${found?.request.lots}@${found?.request.limit}`;
};
/** Who fills first when the price goes through 95. */
const first = (world: SimulatedWorld): string | undefined => {
  world.trade(94, 500, T0 + 9);
  return world.venue.fills[0]?.clientId;
};

describe('amending an order in place', () => {
  it('changes price and size, and keeps the identity', () => {
    const world = openWorld();
    expect(amend(world, 'a', { price: 97, size: 4 })).toBe('accepted');
    expect(order(world, 'a')).toBe('open 0/4@97');
    world.trade(96, 500, T0 + 1);
    expect(world.venue.fills.map((fill) => `${fill.venueId} ${fill.lots}@${fill.price}`)).toEqual(['sim-o1 4@97']);
  });

  it.each<[string, Change, string]>([
    ['keeps its place in the queue when it shrinks', { size: 9 }, 'a'],
    ['loses its place when it grows', { size: 11 }, 'b'],
  ])('%s', (_rule, change, expected) => {
    const world = openWorld();
    expect(amend(world, 'a', change)).toBe('accepted');
    expect(first(world)).toBe(expected);
  });

  it('loses its place when its price goes away and comes back', () => {
    const world = openWorld();
    amend(world, 'a', { price: 96 });
    amend(world, 'a', { price: 95 });
    expect(first(world)).toBe('b');
  });

  it('forgets who stood before it only when it loses its place', () => {
    const world = openWorld(undefined, { queue: 'risk_averse' });
    world.quote(95, 40, 101, 500, T0 + 1);
    const ahead = (): number | undefined => world.venue.find(ref('a'))?.queueAhead;
    const before = ahead();
    amend(world, 'a', { size: 9 });
    expect(ahead()).toBe(before);
    world.quote(95, 70, 101, 500, T0 + 2);
    amend(world, 'a', { size: 12 });
    expect(ahead()).not.toBe(before);
  });

  it('ends an order whose new size has filled already', () => {
    const world = openWorld();
    world.trade(94, 6, T0 + 1);
    expect(order(world, 'a')).toBe('partially_filled 6/10@95');
    expect(amend(world, 'a', { size: 6 })).toBe('ended');
    expect(world.venue.find(ref('a'))?.report()).toMatchObject({
      status: 'cancelled',
      reason: 'amended: its size has filled already',
    });
  });

  it('executes at once at a price that takes, and refuses it for a post-only order', () => {
    const world = openWorld();
    expect(amend(world, 'a', { price: 101 })).toBe('accepted');
    expect(world.fills).toEqual(['buy 10@101 taker']);
    world.limit('buy', 10, 95, { clientId: 'p', postOnly: true });
    expect(amend(world, 'p', { price: 101 })).toBe('post_only_would_take');
    expect(order(world, 'p')).toBe('open 0/10@95');
  });

  it.each<[string, string, Change]>([
    ['other', 'a', {}],
    ['other', 'a', { price: 95, size: 10 }],
    ['other', 'zz', { size: 4 }],
    ['price_filter', 'a', { price: 0 }],
    ['price_filter', 'a', { price: Number.NaN }],
    ['lot_size', 'a', { size: 0 }],
    ['lot_size', 'a', { size: 1e9 }],
    ['min_notional', 'a', { size: 3 }],
    ['insufficient_margin', 'a', { size: 2_000_000 }],
  ])('answers %s to %s becoming %j, and leaves it as it was', (expected, clientId, change) => {
    const world = openWorld();
    expect(amend(world, clientId, change)).toBe(expected);
    expect(order(world, 'a')).toBe('open 0/10@95');
    expect(first(world)).toBe('a');
  });

  it('refuses a trigger of what has none, and an order that has ended', () => {
    const world = openWorld();
    expect(amend(world, 'a', { stop: 90 })).toBe('unsupported');
    world.venue.cancel(ref('a'));
    expect(amend(world, 'a', { size: 4 })).toBe('other');
  });

  it('asks margin for what the change adds alone', () => {
    const world = openWorld();
    world.submit('buy', 900_000);
    expect(amend(world, 'a', { size: 90_000 })).toBe('accepted');
    world.quote(90, 500, 91, 500, T0 + 1);
    world.limit('buy', 1, 80, { clientId: 'c' });
    expect(amend(world, 'a', { size: 10_000_000 })).toBe('insufficient_margin');
    expect(amend(world, 'a', { size: 80_000 })).toBe('accepted');
  });

  it('tells of the change, and keeps it over a restart, queue and all', () => {
    const store = new MemoryExchangeStore();
    const world = openWorld(store);
    const told = world.events.length;
    amend(world, 'a', { size: 12 });
    expect(world.reports.slice(told)).toEqual(['a open']);
    const next = new SimulatedWorld({}, matchingOf({ queue: 'front' }), store);
    expect(order(next, 'a')).toBe('open 0/12@95');
    expect(first(next)).toBe('b');
  });

  it('takes part in no bar that opened before it moved its price', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.limit('buy', 5, 80, { clientId: 'a' });
    world.venue.advance(T0 + 90_000);
    amend(world, 'a', { price: 98 });
    world.bar(1, 100, 100, 90, 100);
    expect(world.fills).toEqual([]);
    world.bar(2, 100, 100, 90, 100);
    expect(world.fills).toEqual(['buy 5@98 maker']);
  });
});

describe('amending an order that waits for its trigger, in place', () => {
  const stands = (world: SimulatedWorld, clientId: string): string => {
    const found = world.venue.find(ref(clientId));
    const { lots: whole, stop, limit } = found!.request;
    return `${found?.status} ${whole} at ${stop}${limit === undefined ? '' : ` for ${limit}`}`;
  };
  /** A long position of 10 from 101, quotes at 99/101, the last price 100. */
  function held(store?: MemoryExchangeStore): SimulatedWorld {
    const world = new SimulatedWorld({ minNotional: new Decimal('0.3') }, matchingOf({ queue: 'front' }), store);
    world.quote(99, 500, 101, 500);
    world.submit('buy', 10);
    world.trade(100, 1);
    return world;
  }
  const fills = (world: SimulatedWorld): readonly string[] => world.fills.slice(1);

  it('moves trigger, limit and size, and keeps the identity, over a restart too', () => {
    const store = new MemoryExchangeStore();
    const world = held(store);
    const type = 'stop_limit';
    world.submit('sell', 10, { clientId: 's', type, stop: ticks(90), limit: ticks(80), reduceOnly: true });
    expect(amend(world, 's', { stop: 95, price: 85, size: 6 })).toBe('accepted');
    expect(stands(world, 's')).toBe('open 6 at 95 for 85');
    world.venue.flush();
    for (const each of [world, new SimulatedWorld({ minNotional: new Decimal('0.3') }, matchingOf({}), store)]) {
      each.quote(95, 500, 96, 500, T0 + 1);
      each.trade(95, 1, T0 + 2);
      expect(each.venue.fills.at(-1)).toMatchObject({ venueId: 'sim-o2', lots: 6, price: 95 });
    }
  });

  it('refuses a trigger that is reached already, and leaves the order', () => {
    const world = held();
    world.stop('sell', 10, 90, { clientId: 's', reduceOnly: true });
    expect(amend(world, 's', { stop: 100 })).toBe('would_trigger');
    expect(stands(world, 's')).toBe('open 10 at 90');
    world.trade(90, 1, T0 + 1);
    expect(fills(world)).toEqual(['sell 10@99 taker']);
  });

  it.each<[string, Change]>([
    ['price_filter', { stop: 0 }],
    ['lot_size', { size: 0 }],
    ['min_notional', { size: 2 }],
    ['insufficient_margin', { size: 2_000_000 }],
    ['unsupported', { price: 90 }],
    ['other', { stop: 110, size: 10 }],
  ])('answers %s to an entry becoming %j, and leaves it as it was', (expected, change) => {
    const world = held();
    world.stop('buy', 10, 110, { clientId: 's' });
    expect(amend(world, 's', change)).toBe(expected);
    expect(stands(world, 's')).toBe('open 10 at 110');
  });

  it('is reserved at its new terms', () => {
    const world = held();
    world.stop('buy', 10, 110, { clientId: 's' });
    expect(amend(world, 's', { stop: 120, size: 20 })).toBe('accepted');
    const found = world.venue.find(ref('s'));
    expect([found?.marginPrice, found?.remaining, found?.level]).toEqual([
      120,
      20,
      120 * world.instrument.marksPerTick,
    ]);
    world.venue.assertConsistent();
  });

  it('amends a follower while it sleeps, and asks of a trigger that is reached once it is awake', () => {
    const world = held();
    world.limit('buy', 10, 95, { clientId: 'e' });
    const options = { after: 'e' };
    world.stop('sell', 10, 90, { clientId: 's', reduceOnly: true, options });
    // Beyond the price of now: what counts is where it stands when it wakes.
    expect(amend(world, 's', { stop: 105 })).toBe('accepted');
    expect(amend(world, 's', { stop: 92, size: 8 })).toBe('accepted');
    world.trade(94, 500, T0 + 1);
    expect(fills(world)).toEqual(['buy 10@95 maker']);
    expect(amend(world, 's', { stop: 94 })).toBe('would_trigger');
    expect(amend(world, 's', { stop: 93 })).toBe('accepted');
    world.quote(93, 500, 96, 500, T0 + 2);
    world.trade(93, 1, T0 + 3);
    expect(fills(world).slice(1)).toEqual(['sell 8@93 taker']);
  });

  it('moves what closes the position, which takes no size', () => {
    const world = held();
    world.stop('sell', 0, 90, { clientId: 's', options: { closePosition: true } });
    expect(amend(world, 's', { size: 4 })).toBe('unsupported');
    expect(amend(world, 's', { stop: 95 })).toBe('accepted');
    world.trade(95, 1, T0 + 1);
    expect(fills(world)).toEqual(['sell 10@99 taker']);
  });

  it('changes the size of a trailing stop, which keeps what it has followed', () => {
    const world = held();
    const terms = { clientId: 't', type: 'trailing_stop', reduceOnly: true, options: { trailBps: 1_000 } } as const;
    world.submit('sell', 10, terms);
    world.trade(120, 1, T0 + 1);
    world.trade(112, 1, T0 + 2);
    expect(amend(world, 't', { stop: 90 })).toBe('unsupported');
    expect(amend(world, 't', { size: 4 })).toBe('accepted');
    world.trade(109, 1, T0 + 3);
    expect(fills(world)).toEqual([]);
    world.trade(108, 1, T0 + 4);
    expect(fills(world)).toEqual(['sell 4@99 taker']);
  });

  it('ends an exit whose new size the exits of its bracket have closed already', () => {
    const world = held();
    world.limit('buy', 10, 95, { clientId: 'e' });
    const exit = { reduceOnly: true, options: { after: 'e', group: 'g' } };
    world.limit('sell', 4, 130, { clientId: 'tp', ...exit });
    world.stop('sell', 10, 80, { clientId: 'sl', ...exit });
    world.trade(94, 500, T0 + 1);
    world.trade(131, 500, T0 + 2);
    expect(fills(world)).toEqual(['buy 10@95 maker', 'sell 4@130 maker']);
    expect(amend(world, 'sl', { size: 4 })).toBe('ended');
  });

  it('amends the limit of one that has fired and rests', () => {
    const world = held();
    const terms = { clientId: 's', type: 'stop_limit', stop: ticks(99), limit: ticks(105), reduceOnly: true } as const;
    world.submit('sell', 10, terms);
    world.trade(99, 1, T0 + 1);
    expect(amend(world, 's', { stop: 98 })).toBe('unsupported');
    expect(amend(world, 's', { price: 103 })).toBe('accepted');
    world.trade(104, 500, T0 + 2);
    expect(fills(world)).toEqual(['sell 10@103 maker']);
  });
});
