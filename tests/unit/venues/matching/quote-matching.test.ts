import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { SimulatedWorld, T0, verdict } from '../simulated-world.js';

describe('matching against quotes (B-99)', () => {
  it('fills a market order at once at the standing quote, as taker, and tells accepted, fill, filled in that order', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    expect(world.submit('buy', 10).outcome).toBe('accepted');
    expect(world.fills).toEqual(['buy 10@101 taker']);
    expect(world.events.map((event) => event.kind)).toEqual(['order', 'fill', 'order']);
    expect(world.reports).toEqual(['c1 open', 'c1 filled']);
  });

  it('fills no more than the size shown and ends the rest of a market order', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 4);
    world.submit('buy', 10);
    expect(world.fills).toEqual(['buy 4@101 taker']);
    expect(world.reports).toEqual(['c1 open', 'c1 partially_filled', 'c1 expired']);
  });

  it('keeps what was taken from the quote gone until the next quote', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 4);
    world.submit('buy', 3);
    world.submit('buy', 3);
    world.quote(99, 50, 101, 4, T0 + 1);
    world.submit('buy', 3);
    expect(world.fills).toEqual(['buy 3@101 taker', 'buy 1@101 taker', 'buy 3@101 taker']);
  });

  it('lets the rest of an aggressive limit order rest and fill as maker at its price', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 4);
    world.limit('buy', 10, 102);
    world.quote(99, 50, 103, 50, T0 + 1);
    expect(world.fills).toEqual(['buy 4@101 taker']);
    world.quote(99, 50, 102, 50, T0 + 2);
    expect(world.fills).toEqual(['buy 4@101 taker', 'buy 6@102 maker']);
  });

  it('fills resting orders best price first, then oldest first, up to the size shown', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    world.limit('buy', 5, 98);
    world.limit('buy', 5, 100);
    world.limit('buy', 5, 100);
    world.quote(95, 50, 97, 12, T0 + 1);
    expect(world.venue.fills.map((fill) => `${fill.clientId} ${fill.lots}@${fill.price}`)).toEqual([
      'c2 5@100',
      'c3 5@100',
      'c1 2@98',
    ]);
  });

  it('fills a resting order when a trade goes through its price, not when one touches it', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    world.limit('buy', 5, 98);
    world.trade(98, 50, T0 + 1);
    expect(world.fills).toEqual([]);
    world.trade(97, 3, T0 + 2);
    expect(world.fills).toEqual(['buy 3@98 maker']);
  });

  it('ends the rest of an immediate-or-cancel order and refuses a fill-or-kill that cannot fill', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 4);
    world.limit('buy', 10, 101, { timeInForce: 'IOC' });
    expect(world.reports.at(-1)).toBe('c1 expired');
    expect(verdict(world.limit('buy', 10, 101, { timeInForce: 'FOK' }))).toBe('not_fillable');
    world.quote(99, 50, 101, 10, T0 + 1);
    expect(verdict(world.limit('buy', 10, 101, { timeInForce: 'FOK' }))).toBe('accepted');
    expect(world.fills).toEqual(['buy 4@101 taker', 'buy 10@101 taker']);
  });

  it('refuses a post-only order that would take, and rests one that would not', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 4);
    expect(verdict(world.limit('buy', 10, 101, { postOnly: true }))).toBe('post_only_would_take');
    expect(verdict(world.limit('buy', 10, 100, { postOnly: true }))).toBe('accepted');
    expect(world.fills).toEqual([]);
  });

  it('never lets a reduce-only order increase or flip the position', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    expect(verdict(world.submit('sell', 5, { reduceOnly: true }))).toBe('reduce_only');
    world.submit('buy', 5);
    expect(verdict(world.submit('buy', 5, { reduceOnly: true }))).toBe('reduce_only');
    world.submit('sell', 8, { reduceOnly: true });
    expect(world.position).toBe(0);
    expect(world.reports.at(-1)).toBe('c4 expired');
  });

  it('ends a resting reduce-only order when it would execute and nothing is left to reduce', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    world.submit('buy', 5);
    world.limit('sell', 5, 110, { reduceOnly: true });
    world.submit('sell', 5);
    world.quote(111, 50, 112, 50, T0 + 1);
    expect(world.position).toBe(0);
    expect(world.reports.at(-1)).toBe('c2 expired');
  });

  it('triggers stops by the price they name: last, mark or index', () => {
    const world = new SimulatedWorld();
    const { venue } = world;
    world.quote(99, 50, 101, 50);
    world.trade(100, 1);
    venue.index('BTC-PERP', marks(10_000), T0);
    world.submit('buy', 9);
    world.stop('sell', 1, 95, { triggerBy: 'last' });
    world.stop('sell', 2, 95, { triggerBy: 'mark' });
    world.stop('sell', 3, 95, { triggerBy: 'index' });
    venue.index('BTC-PERP', marks(95 * world.instrument.marksPerTick), T0 + 1);
    expect(world.fills.slice(1)).toEqual(['sell 3@99 taker']);
    venue.mark('BTC-PERP', marks(94 * world.instrument.marksPerTick), T0 + 2);
    expect(world.fills.slice(2)).toEqual(['sell 2@99 taker']);
    world.trade(95, 1, T0 + 3);
    expect(world.fills.slice(3)).toEqual(['sell 1@99 taker']);
  });

  it('turns a triggered stop-limit into a limit order that rests', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    world.trade(100, 1);
    world.submit('sell', 3, { type: 'stop_limit', stop: ticks(95), limit: ticks(100) });
    world.trade(95, 1, T0 + 1);
    expect(world.fills).toEqual([]);
    expect(world.venue.openOrders()).toHaveLength(1);
    world.quote(100, 50, 101, 50, T0 + 2);
    expect(world.fills).toEqual(['sell 3@100 maker']);
  });

  it('charges maker and taker fees from cash, and balances the ledger', () => {
    const world = new SimulatedWorld({ makerFee: new Decimal('-0.0001'), takerFee: new Decimal('0.0005') });
    world.quote(50_000, 100, 50_010, 100);
    world.submit('buy', 10);
    world.limit('sell', 10, 50_100);
    world.quote(50_100, 100, 50_110, 100, T0 + 1);
    expect(world.venue.fills.map((fill) => world.instrument.money(fill.fee).toString())).toEqual([
      '-0.25005',
      '0.0501',
    ]);
    expect(world.instrument.money(world.venue.account.ledger.cash).toString()).toBe('10000.70005');
    expect(() => world.venue.assertConsistent()).not.toThrow();
  });

  it('lets an order wait for the first trade where no quote stands', () => {
    const world = new SimulatedWorld();
    world.trade(100, 5);
    world.submit('buy', 4);
    expect(world.fills).toEqual([]);
    world.trade(103, 3, T0 + 1);
    world.trade(104, 3, T0 + 2);
    expect(world.fills).toEqual(['buy 3@103 taker', 'buy 1@104 taker']);
    expect(world.venue.openOrders()).toEqual([]);
  });

  it('cancels an open order once, and says not open afterwards', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    world.limit('buy', 5, 90);
    expect(world.venue.cancel({ clientId: 'c1', symbol: 'BTC-PERP' }).outcome).toBe('cancelled');
    expect(world.venue.cancel({ clientId: 'c1', symbol: 'BTC-PERP' }).outcome).toBe('not_open');
    expect(world.venue.cancel({ clientId: 'zz', symbol: 'BTC-PERP' }).outcome).toBe('not_open');
    world.quote(80, 50, 85, 50, T0 + 1);
    expect(world.fills).toEqual([]);
  });

  it('applies orders that a listener sends, after the events before them', () => {
    const world = new SimulatedWorld();
    world.quote(99, 50, 101, 50);
    let sent = false;
    world.venue.onAccount((event) => {
      if (event.kind !== 'fill' || sent) return;
      sent = true;
      world.submit('sell', 1, { clientId: 'answer' });
    });
    world.submit('buy', 2);
    expect(world.reports).toEqual(['c1 open', 'c1 filled', 'answer open', 'answer filled']);
    expect(world.position).toBe(1);
  });

  it('a bid above the ask is no market: nothing is gained from it, and what waits meets the next quote', () => {
    const world = new SimulatedWorld();
    world.venue.quote('BTC-PERP', ticks(100), lots(10), ticks(101), lots(10), T0);
    world.venue.quote('BTC-PERP', ticks(101), lots(10), ticks(100), lots(10), T0 + 1);
    world.submit('buy', 2);
    world.submit('sell', 2);
    expect(world.fills).toEqual([]);
    world.venue.quote('BTC-PERP', ticks(100), lots(10), ticks(101), lots(10), T0 + 7_000);
    expect(world.fills).toHaveLength(2);
    expect(world.position).toBe(0);
    expect(world.fills.map((fill) => fill.slice(0, -6))).toEqual(['buy 2@101', 'sell 2@100']);
  });

  it('refuses to fill beyond a quote of no size', () => {
    const world = new SimulatedWorld();
    world.venue.quote('BTC-PERP', ticks(99), lots(0), ticks(101), lots(0), T0);
    world.submit('buy', 2);
    expect(world.fills).toEqual([]);
    expect(world.reports).toEqual(['c1 open', 'c1 expired']);
  });
});
