import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { Instrument } from '#src/domain/instrument.js';
import { lots, ticks } from '#src/domain/units.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { MemoryExchangeStore, MINUTE, SimulatedWorld, T0, verdict } from '../simulated-world.js';

function quoted(store?: MemoryExchangeStore): SimulatedWorld {
  const world = new SimulatedWorld({}, {}, store);
  world.quote(99, 50, 101, 50);
  return world;
}

const goodTill = (world: SimulatedWorld, at: number, price = 95, clientId = 'gtd'): string =>
  verdict(world.limit('buy', 5, price, { clientId, timeInForce: 'GTD', options: { goodTill: at } }));
const report = (world: SimulatedWorld, clientId: string): string => {
  const { status, at, reason } = world.venue.find({ clientId, symbol: '' })?.report() ?? {};
  return `${status} ${(at ?? Number.NaN) - T0}${reason === undefined ? '' : ` ${reason}`}`;
};

describe('good-till orders', () => {
  it('end exactly at their instant, before anything else of it', () => {
    const world = quoted();
    goodTill(world, T0 + 1_000);
    world.trade(96, 50, T0 + 999);
    expect(report(world, 'gtd')).toBe('open 0');
    world.trade(90, 50, T0 + 1_000);
    expect(world.fills).toEqual([]);
    expect(report(world, 'gtd')).toBe('expired 1000 good_till: its time is over');
  });

  it.each<[string, (world: SimulatedWorld) => void]>([
    ['time that passes alone', (world) => world.venue.advance(T0 + 5_000)],
    ['a quote', (world) => world.quote(80, 50, 81, 50, T0 + 5_000)],
    ['a mark', (world) => world.venue.mark('BTC-PERP', 9_000 as never, T0 + 5_000)],
    ['a bar', (world) => world.bar(1, 90, 91, 80, 85)],
  ])('end at their own instant when %s comes later', (_event, happen) => {
    const world = quoted();
    goodTill(world, T0 + 1_000);
    happen(world);
    expect(world.fills).toEqual([]);
    expect(report(world, 'gtd')).toBe('expired 1000 good_till: its time is over');
  });

  it('fill on the part of a bar that comes before their instant, and not after it', () => {
    const early = new SimulatedWorld();
    early.bar(0, 100, 100, 100, 100);
    goodTill(early, T0 + MINUTE + 50_000);
    // High first, then the low within the second third of the minute.
    early.bar(1, 100, 101, 90, 100);
    expect(early.fills).toEqual(['buy 5@95 maker']);
    const late = new SimulatedWorld();
    late.bar(0, 100, 100, 100, 100);
    goodTill(late, T0 + MINUTE + 30_000);
    late.bar(1, 100, 101, 90, 100);
    expect(late.fills).toEqual([]);
    expect(report(late, 'gtd')).toMatch(/^expired 90000/);
  });

  it('need an instant that lies ahead, a limit price, and GTD', () => {
    const world = quoted();
    expect(goodTill(world, T0)).toBe('unsupported');
    expect(goodTill(world, Number.NaN)).toBe('unsupported');
    expect(verdict(world.submit('buy', 5, { timeInForce: 'GTD', options: { goodTill: T0 + 1 } }))).toBe('unsupported');
    expect(verdict(world.limit('buy', 5, 95, { options: { goodTill: T0 + 1 } }))).toBe('unsupported');
    expect(verdict(world.limit('buy', 5, 95, { timeInForce: 'GTD' }))).toBe('unsupported');
    expect(
      verdict(world.limit('buy', 5, 95, { timeInForce: 'GTD', postOnly: true, options: { goodTill: T0 + 1 } })),
    ).toBe('accepted');
  });

  it('end while they wait for a trigger, and after a restart', () => {
    const store = new MemoryExchangeStore();
    const world = quoted(store);
    world.submit('sell', 5, {
      type: 'stop_limit',
      stop: 90 as never,
      limit: 89 as never,
      clientId: 'gtd',
      timeInForce: 'GTD',
      options: { goodTill: T0 + 1_000 },
    });
    goodTill(world, T0 + 2_000, 95, 'later');
    const next = new SimulatedWorld({}, {}, store);
    next.venue.advance(T0 + 1_500);
    expect([report(next, 'gtd'), report(next, 'later')]).toEqual([
      'expired 1000 good_till: its time is over',
      'open 0',
    ]);
    next.venue.advance(T0 + 2_000);
    expect(report(next, 'later')).toMatch(/^expired 2000/);
  });

  it('are over for a cancellation that comes at their instant', () => {
    const world = quoted();
    goodTill(world, T0 + 1_000);
    world.bar(0, 100, 100, 100, 100);
    expect(world.venue.cancel({ clientId: 'gtd', symbol: 'BTC-PERP' }).outcome).toBe('not_open');
  });
});

describe('the dead-man countdown', () => {
  const open = (world: SimulatedWorld): string[] => world.venue.openOrders().map((order) => order.request.clientId);
  const rest = (world: SimulatedWorld): void => {
    world.limit('buy', 5, 95, { clientId: 'a' });
    world.submit('buy', 5, { type: 'stop_market', stop: 120 as never, clientId: 'b' });
  };

  it('cancels every open order when it ends', () => {
    const world = quoted();
    rest(world);
    world.venue.setDeadMan(1_000);
    world.trade(90, 0, T0 + 999);
    expect(open(world)).toEqual(['a', 'b']);
    world.trade(90, 50, T0 + 1_000);
    expect(world.fills).toEqual([]);
    expect([report(world, 'a'), report(world, 'b')]).toEqual(
      Array(2).fill('cancelled 1000 dead_man: the countdown was not renewed'),
    );
  });

  it('begins anew when it is renewed, and stops when it is switched off', () => {
    const world = quoted();
    rest(world);
    world.venue.setDeadMan(1_000);
    world.venue.advance(T0 + 900);
    world.venue.setDeadMan(1_000);
    world.venue.advance(T0 + 1_899);
    expect(open(world)).toEqual(['a', 'b']);
    world.venue.setDeadMan(undefined);
    world.venue.advance(T0 + 10_000);
    expect(open(world)).toEqual(['a', 'b']);
  });

  it('ends once: orders that come later live', () => {
    const world = quoted();
    world.venue.setDeadMan(1_000);
    world.venue.advance(T0 + 1_000);
    rest(world);
    world.venue.advance(T0 + 9_000);
    expect(open(world)).toEqual(['a', 'b']);
  });

  it('concerns one symbol, or the account', () => {
    const other = new Instrument(instrumentSpec({ symbol: 'ETH-PERP' }));
    const two = (): SimulatedWorld => {
      const world = quoted();
      world.venue.define(other);
      world.venue.quote('ETH-PERP', 990 as never, 50 as never, 1_010 as never, 50 as never, T0);
      rest(world);
      world.submit('buy', 100, { instrument: other, type: 'limit', limit: 900 as never, clientId: 'eth' });
      return world;
    };
    const one = two();
    one.venue.setDeadMan(1_000, 'ETH-PERP');
    one.venue.advance(T0 + 1_000);
    expect(open(one)).toEqual(['a', 'b']);
    const all = two();
    all.venue.setDeadMan(1_000);
    all.venue.advance(T0 + 1_000);
    expect(open(all)).toEqual([]);
  });

  it('concerns an instrument that is defined while the countdown of the account runs', () => {
    const world = quoted();
    world.venue.setDeadMan(1_000);
    const other = new Instrument(instrumentSpec({ symbol: 'ETH-PERP' }));
    world.venue.define(other);
    world.venue.quote('ETH-PERP', 990 as never, 50 as never, 1_010 as never, 50 as never, T0);
    world.submit('buy', 200, { instrument: other, type: 'limit', limit: 900 as never, clientId: 'eth' });
    expect(open(world)).toEqual(['eth']);
    world.venue.advance(T0 + 1_000);
    expect(open(world)).toEqual([]);
  });

  it('survives a restart', () => {
    const store = new MemoryExchangeStore();
    const world = quoted(store);
    rest(world);
    world.venue.setDeadMan(1_000);
    const next = new SimulatedWorld({}, {}, store);
    next.venue.advance(T0 + 999);
    expect(open(next)).toEqual(['a', 'b']);
    next.venue.advance(T0 + 1_000);
    expect(open(next)).toEqual([]);
  });

  it('ends its orders before it is renewed, also where no event of the market has told that it is over', () => {
    const world = quoted();
    const eth = new Instrument(instrumentSpec({ ...world.instrument.spec, symbol: 'ETH-PERP' }));
    world.venue.define(eth);
    world.venue.quote('ETH-PERP', ticks(99), lots(50), ticks(101), lots(50), T0);
    for (const [clientId, instrument] of [
      ['btc', world.instrument],
      ['eth', eth],
    ] as const)
      world.limit('buy', 1, 95, { clientId, instrument });
    world.venue.setDeadMan(1_000);
    world.quote(99, 50, 101, 50, T0 + 2_000);
    world.venue.setDeadMan(1_000);
    for (const clientId of ['btc', 'eth']) expect(report(world, clientId)).toContain('cancelled 1000 dead_man');
  });

  it('leaves the exchange working when it is refused', () => {
    const world = quoted();
    expect(() => world.venue.setDeadMan(1_000, 'DOGE-PERP')).toThrow('DOGE-PERP is not traded here');
    expect(() => world.venue.setDeadMan(0.5)).toThrow('whole number of milliseconds');
    expect([world.venue.failure, verdict(world.submit('buy', 1))]).toEqual([undefined, 'accepted']);
  });

  it('refuses an unknown symbol, a countdown that is none, and a venue without a time', async () => {
    const world = quoted();
    const broker = new SimulatedBrokerage(world.venue, world.config);
    await expect(broker.setDeadMan(1_000, 'DOGE-PERP')).rejects.toMatchObject({ code: 'VENUE-003' });
    await expect(broker.setDeadMan(-1)).rejects.toMatchObject({ code: 'VENUE-003' });
    await expect(
      new SimulatedBrokerage(new SimulatedWorld().venue, world.config).setDeadMan(1_000),
    ).rejects.toMatchObject({ code: 'VENUE-002' });
  });
});
