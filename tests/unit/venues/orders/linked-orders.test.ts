import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Instrument } from '#src/domain/instrument.js';
import type { OrderTerms } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { MemoryExchangeStore, SimulatedWorld, T0, verdict } from '../simulated-world.js';

function quoted(store?: MemoryExchangeStore): SimulatedWorld {
  const world = new SimulatedWorld({}, {}, store);
  world.quote(99, 500, 101, 500);
  world.trade(100, 1);
  return world;
}

/** An entry `in` to buy `size` at `price`, with a stop `sl` at 90 and a profit `tp` at 110 that end each other. */
function bracket(world: SimulatedWorld, size: number, price: number, terms: Partial<OrderTerms> = {}): string[] {
  const options = { group: 'exit', after: 'in' };
  return [
    world.limit('buy', size, price, { clientId: 'in' }),
    world.stop('sell', size, 90, { clientId: 'sl', reduceOnly: true, options }),
    world.limit('sell', size, 110, { clientId: 'tp', reduceOnly: true, options, ...terms }),
  ].map(verdict);
}

const open = (world: SimulatedWorld): string[] => world.venue.openOrders().map((order) => order.request.clientId);
const state = (world: SimulatedWorld, clientId: string): string => {
  const order = world.venue.find({ clientId, symbol: '' });
  return `${order?.status} ${order?.reason ?? ''}`.trim();
};

describe('groups: one cancels the other', () => {
  const pair = (world: SimulatedWorld): void => {
    world.limit('buy', 10, 95, { clientId: 'a', options: { group: 'g' } });
    world.limit('buy', 10, 94, { clientId: 'b', options: { group: 'g' } });
    world.limit('buy', 10, 93, { clientId: 'other' });
  };

  it('cancels the rest at the first execution, even a partial one', () => {
    const world = quoted();
    pair(world);
    world.trade(94, 3, T0 + 1);
    expect(world.fills).toEqual(['buy 3@95 maker']);
    expect(state(world, 'b')).toBe('cancelled group: another order of its group has executed');
    expect(open(world)).toEqual(['a', 'other']);
  });

  it('cancels all of a group of three', () => {
    const world = quoted();
    for (const clientId of ['a', 'b', 'c']) world.limit('buy', 10, 95, { clientId, options: { group: 'g' } });
    world.trade(94, 3, T0 + 1);
    expect(open(world)).toEqual(['a']);
  });

  it('executes one alone when one event reaches both', () => {
    const world = quoted();
    pair(world);
    world.trade(90, 500, T0 + 1);
    expect(world.venue.fills.map((fill) => fill.clientId)).toEqual(['a', 'other']);
  });

  it('executes one alone on the path of a bar', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    pair(world);
    world.bar(1, 90, 91, 89, 90);
    expect(world.venue.fills.map((fill) => fill.clientId)).toEqual(['a', 'other']);
  });

  it('reaches over instruments', () => {
    const world = quoted();
    const other = new Instrument(
      instrumentSpec({ symbol: 'ETH-PERP', minNotional: world.instrument.spec.minNotional }),
    );
    world.venue.define(other);
    world.venue.quote('ETH-PERP', ticks(990), lots(50), ticks(1_010), lots(50), T0);
    world.limit('buy', 10, 95, { clientId: 'a', options: { group: 'g' } });
    world.limit('buy', 10, 900, { clientId: 'eth', instrument: other, options: { group: 'g' } });
    world.venue.trade('ETH-PERP', ticks(890), lots(1), T0 + 1);
    expect(state(world, 'a')).toMatch(/^cancelled group/);
  });

  it('leaves the others when one is cancelled', () => {
    const world = quoted();
    pair(world);
    world.venue.cancel({ clientId: 'a', symbol: 'BTC-PERP' });
    expect(open(world)).toEqual(['b', 'other']);
  });

  it('takes nobody in after it has executed', () => {
    const world = quoted();
    pair(world);
    world.trade(94, 3, T0 + 1);
    expect(verdict(world.limit('buy', 10, 92, { options: { group: 'g' } }))).toBe('other');
  });
});

describe('brackets: orders that follow an entry', () => {
  it('sleep until the entry fills, then protect it and end each other', () => {
    const world = quoted();
    expect(bracket(world, 10, 98)).toEqual(['accepted', 'accepted', 'accepted']);
    world.trade(120, 1, T0 + 1);
    expect(world.fills).toEqual([]);
    world.trade(97, 50, T0 + 2);
    world.trade(111, 50, T0 + 3);
    expect(world.fills).toEqual(['buy 10@98 maker', 'sell 10@110 maker']);
    expect(state(world, 'sl')).toMatch(/^cancelled group/);
    expect(open(world)).toEqual([]);
  });

  it('stop out what the entry filled', () => {
    const world = quoted();
    bracket(world, 10, 98);
    world.trade(97, 50, T0 + 1);
    world.trade(90, 1, T0 + 2);
    expect(world.fills).toEqual(['buy 10@98 maker', 'sell 10@99 taker']);
    expect(state(world, 'tp')).toMatch(/^cancelled group/);
  });

  it('take part in the rest of the bar that filled the entry', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    bracket(world, 10, 98);
    world.bar(1, 100, 112, 95, 111);
    expect(world.fills).toEqual(['buy 10@98 maker', 'sell 10@110 maker']);
    const low = new SimulatedWorld();
    low.bar(0, 100, 100, 100, 100);
    bracket(low, 10, 98);
    low.bar(1, 100, 101, 89, 90);
    expect(low.fills).toEqual(['buy 10@98 maker', 'sell 10@90 taker']);
  });

  it('fire at once, where the path stands, when their trigger is behind them already', () => {
    const world = new SimulatedWorld();
    world.bar(0, 100, 100, 100, 100);
    world.limit('buy', 10, 88, { clientId: 'in' });
    world.stop('sell', 10, 90, { clientId: 'sl', reduceOnly: true, options: { after: 'in' } });
    world.bar(1, 100, 101, 80, 95);
    expect(world.fills).toEqual(['buy 10@88 maker', 'sell 10@88 taker']);
  });

  it('are worth what the entry has filled, and grow with it', () => {
    const world = quoted();
    bracket(world, 10, 98);
    world.trade(97, 4, T0 + 1);
    world.trade(115, 500, T0 + 2);
    expect(world.fills).toEqual(['buy 4@98 maker', 'sell 4@110 maker']);
    expect(open(world)).toEqual(['in', 'sl', 'tp']);
    world.trade(97, 50, T0 + 3);
    world.trade(115, 500, T0 + 4);
    expect(world.fills.slice(2)).toEqual(['buy 6@98 maker', 'sell 6@110 maker']);
    expect(open(world)).toEqual([]);
  });

  it('close at once what the entry fills after the stop has fired', () => {
    const world = quoted();
    bracket(world, 10, 98);
    world.trade(97, 4, T0 + 1);
    world.trade(90, 0, T0 + 2);
    expect(world.position).toBe(0);
    world.trade(97, 50, T0 + 3);
    expect(world.fills).toEqual(['buy 4@98 maker', 'sell 4@99 taker', 'buy 6@98 maker', 'sell 6@99 taker']);
    expect(open(world)).toEqual([]);
  });

  it('keep the stop of what is left when a profit is taken in part', () => {
    const world = quoted();
    bracket(world, 10, 98);
    world.trade(97, 50, T0 + 1);
    world.trade(111, 4, T0 + 2);
    expect(world.fills).toEqual(['buy 10@98 maker', 'sell 4@110 maker']);
    expect(open(world)).toEqual(['sl', 'tp']);
    world.trade(90, 1, T0 + 3);
    expect(world.fills.slice(2)).toEqual(['sell 6@99 taker']);
    expect([world.position, open(world), state(world, 'tp')]).toEqual([
      0,
      [],
      'cancelled group: another order of its group has executed',
    ]);
  });

  it('keep a stop that closes the position for what is left of it', () => {
    const world = quoted();
    const options = { group: 'exit', after: 'in' };
    world.limit('buy', 10, 98, { clientId: 'in' });
    expect(verdict(world.stop('sell', 0, 90, { clientId: 'sl', options: { ...options, closePosition: true } }))).toBe(
      'accepted',
    );
    world.limit('sell', 10, 110, { clientId: 'tp', reduceOnly: true, options });
    world.trade(97, 50, T0 + 1);
    world.trade(111, 4, T0 + 2);
    expect(open(world)).toEqual(['sl', 'tp']);
    world.trade(90, 1, T0 + 3);
    expect([world.fills.at(-1), world.position, open(world)]).toEqual(['sell 6@99 taker', 0, []]);
  });

  it('never close more together than the entry has filled, beside another position', () => {
    const world = quoted();
    world.submit('buy', 20, { clientId: 'held' });
    bracket(world, 10, 98);
    world.trade(97, 50, T0 + 1);
    world.trade(111, 4, T0 + 2);
    world.trade(90, 1, T0 + 3);
    expect(world.position).toBe(20);
  });

  it('reduce each other over a restart', () => {
    const store = new MemoryExchangeStore();
    const world = quoted(store);
    world.submit('buy', 20, { clientId: 'held' });
    bracket(world, 10, 98);
    world.trade(97, 50, T0 + 1);
    world.trade(111, 4, T0 + 2);
    world.venue.flush();
    const next = new SimulatedWorld({}, {}, store);
    next.trade(90, 1, T0 + 3);
    expect([next.fills.at(-1), next.position]).toEqual(['sell 6@99 taker', 20]);
  });

  it('end with an entry that ends without a fill, and stay for what it filled', () => {
    const world = quoted();
    bracket(world, 10, 98);
    world.venue.cancel({ clientId: 'in', symbol: 'BTC-PERP' });
    expect(['sl', 'tp'].map((id) => state(world, id))).toEqual(
      Array(2).fill('cancelled after: its entry ended without a fill'),
    );

    const partly = quoted();
    bracket(partly, 10, 98);
    partly.trade(97, 4, T0 + 1);
    partly.venue.cancel({ clientId: 'in', symbol: 'BTC-PERP' });
    expect(open(partly)).toEqual(['sl', 'tp']);
    partly.trade(115, 500, T0 + 2);
    expect(partly.fills).toEqual(['buy 4@98 maker', 'sell 4@110 maker']);
    expect(state(partly, 'tp')).toBe('expired after: what its entry filled is closed');
    expect(open(partly)).toEqual([]);
  });

  it('wake at once behind an entry that has filled already, and are refused behind one that never will', () => {
    const world = quoted();
    world.submit('buy', 10, { clientId: 'in' });
    const options = { after: 'in' };
    expect(verdict(world.stop('sell', 10, 90, { clientId: 'sl', reduceOnly: true, options }))).toBe('accepted');
    world.trade(90, 1, T0 + 1);
    expect(world.position).toBe(0);
    expect(verdict(world.limit('sell', 10, 110, { options: { after: 'nobody' } }))).toBe('other');
    world.limit('buy', 1, 50, { clientId: 'gone' });
    world.venue.cancel({ clientId: 'gone', symbol: 'BTC-PERP' });
    expect(verdict(world.limit('sell', 10, 110, { options: { after: 'gone' } }))).toBe('other');
    expect(verdict(world.limit('sell', 10, 110, { timeInForce: 'FOK', options }))).toBe('unsupported');
  });

  it('refuse to be amended to a price that takes while they are post-only', () => {
    const world = quoted();
    bracket(world, 10, 98, { postOnly: true });
    world.trade(97, 50, T0 + 1);
    expect(verdict(world.venue.amend({ ref: { clientId: 'tp', symbol: 'BTC-PERP' }, limit: ticks(99) }))).toBe(
      'post_only_would_take',
    );
    expect(open(world)).toEqual(['sl', 'tp']);
  });

  it('end a post-only follower that would take when it wakes', () => {
    const world = quoted();
    bracket(world, 10, 98, { postOnly: true, limit: ticks(99) });
    world.trade(97, 50, T0 + 1);
    expect(state(world, 'tp')).toBe('expired post_only: it would have taken');
    expect(open(world)).toEqual(['sl']);
  });

  it.each([0, 4])('survive a restart after %d lots of the entry', (filled) => {
    const store = new MemoryExchangeStore();
    const world = quoted(store);
    bracket(world, 10, 98);
    if (filled > 0) world.trade(97, filled, T0 + 1);
    world.venue.flush();
    const next = new SimulatedWorld({}, {}, store);
    next.trade(97, 50, T0 + 2);
    next.trade(111, 500, T0 + 3);
    expect(next.position).toBe(0);
    expect(next.fills.at(-1)).toBe('sell 10@110 maker');
    expect(open(next)).toEqual([]);
    expect(verdict(next.limit('sell', 1, 120, { clientId: 'late', options: { group: 'exit' } }))).toBe('other');
  });
});
