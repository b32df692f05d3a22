import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderTerms } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { testConfig } from '../../../support/config.js';
import { matchingOf, SimulatedWorld, T0 } from '../simulated-world.js';

const worldOf = (exitsEndWithPosition: boolean): SimulatedWorld => {
  const world = new SimulatedWorld({}, { ...matchingOf({ exitsEndWithPosition }), equity: new Decimal(1_000_000) });
  world.quote(100, 1_000, 100, 1_000);
  world.trade(100, 1);
  return world;
};
const at = (world: SimulatedWorld, price: number, second: number): void => {
  world.quote(price, 1_000, price, 1_000, T0 + second * 1_000);
  world.trade(price, 1, T0 + second * 1_000 + 1);
};
const openIds = (world: SimulatedWorld): string[] => world.venue.openOrders().map(({ request }) => request.clientId);

/** A bracket of 95 and 110 on a long at 100 that an order at market closes, and another long at 97. */
function regression(exitsEndWithPosition: boolean): SimulatedWorld {
  const world = worldOf(exitsEndWithPosition);
  world.submit('buy', 10, { clientId: 'entry' });
  const exit = { reduceOnly: true, options: { group: 'g', after: 'entry' } };
  world.stop('sell', 10, 95, { clientId: 'stop', ...exit });
  world.limit('sell', 10, 110, { clientId: 'target', ...exit });
  world.submit('sell', 10);
  at(world, 97, 1);
  world.submit('buy', 5, { clientId: 'next' });
  at(world, 94, 2);
  return world;
}

describe('exits end with the position they belong to', () => {
  it('an old stop does not sell the next position', () => {
    const world = regression(true);
    expect(world.position).toBe(5);
    expect(world.reports).toContain('stop expired');
    expect(world.reports).toContain('target expired');
  });

  it('unless the setting says otherwise: Binance leaves conditional reduce-only orders', () => {
    const world = worldOf(false);
    world.submit('buy', 10);
    world.stop('sell', 10, 95, { clientId: 'stop', reduceOnly: true });
    world.submit('sell', 10);
    at(world, 97, 1);
    world.submit('buy', 5);
    at(world, 94, 2);
    expect(world.position).toBe(0);
    expect(openIds(world)).toEqual([]);
  });

  const exits: readonly (readonly [string, Partial<OrderTerms>])[] = [
    ['a stop', { type: 'stop_market', stop: ticks(95), reduceOnly: true }],
    ['a stop-limit', { type: 'stop_limit', stop: ticks(95), limit: ticks(94), reduceOnly: true }],
    ['a target', { type: 'limit', limit: ticks(110), reduceOnly: true }],
    ['a take-profit', { type: 'take_profit_market', stop: ticks(110), reduceOnly: true }],
    ['a trailing stop', { type: 'trailing_stop', reduceOnly: true, options: { trailBps: 500 } }],
    [
      'a stop that closes all',
      { type: 'stop_market', stop: ticks(95), lots: lots(0), options: { closePosition: true } },
    ],
    ['a follower', { type: 'stop_market', stop: ticks(95), reduceOnly: true, options: { after: 'entry' } }],
  ];
  const endings: readonly (readonly [string, (world: SimulatedWorld) => void])[] = [
    ['an order at market', (world) => world.submit('sell', 10)],
    ['a reduce-only order', (world) => world.submit('sell', 10, { reduceOnly: true })],
    ['two halves', (world) => [world.submit('sell', 4), world.submit('sell', 6)]],
    ['an order that turns it round', (world) => world.submit('sell', 25)],
    [
      'a resting order',
      (world) => {
        world.limit('sell', 10, 105);
        at(world, 106, 3);
      },
    ],
    [
      'another stop',
      (world) => {
        world.stop('sell', 10, 99, { reduceOnly: true });
        at(world, 98, 3);
      },
    ],
  ];
  const table = exits.flatMap(([exit, terms]) =>
    endings.map(([ending, close]) => [exit, ending, terms, close] as const),
  );
  it.each(table)('%s, however the position ends: by %s', (_exit, _ending, terms, close) => {
    for (const ends of [true, false]) {
      const world = worldOf(ends);
      world.submit('buy', 10, { clientId: 'entry' });
      expect(world.submit('sell', 10, { clientId: 'exit', ...terms }).outcome).toBe('accepted');
      if (world.position !== 10) throw new Error('not open');
      close(world);
      expect(world.position).toBeLessThanOrEqual(0);
      expect(openIds(world)).toEqual(ends ? [] : ['exit']);
    }
  });

  it('a partial close leaves them, and so does what only adds', () => {
    const world = worldOf(true);
    world.submit('buy', 10);
    world.stop('sell', 10, 95, { clientId: 'stop', reduceOnly: true });
    world.limit('buy', 5, 90, { clientId: 'add' });
    world.submit('sell', 9);
    expect(openIds(world)).toEqual(['stop', 'add']);
    world.submit('sell', 1);
    expect(openIds(world)).toEqual(['add']);
  });

  it('exits of an entry that is still open, and exits of the other side, stay', () => {
    const world = worldOf(true);
    world.submit('buy', 10);
    world.limit('buy', 5, 90, { clientId: 'entry' });
    world.stop('sell', 5, 85, { clientId: 'its stop', reduceOnly: true, options: { after: 'entry' } });
    world.submit('sell', 20, { clientId: 'turn' });
    expect(openIds(world)).toEqual(['entry', 'its stop']);
    world.stop('buy', 10, 120, { clientId: 'cover', reduceOnly: true });
    world.submit('sell', 5);
    expect(openIds(world)).toEqual(['entry', 'its stop', 'cover']);
  });

  it('each side of a hedged account by itself', () => {
    const margin = { ...testConfig().simulation.margin, positionMode: 'hedge' as const };
    const world = new SimulatedWorld({}, { equity: new Decimal(1_000_000), margin });
    world.quote(100, 1_000, 100, 1_000);
    world.trade(100, 1);
    for (const side of ['long', 'short'] as const) {
      const [opens, closes] = side === 'long' ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const);
      world.submit(opens, 10, { options: { positionSide: side } });
      world.stop(closes, 10, side === 'long' ? 90 : 110, { clientId: side, options: { positionSide: side } });
    }
    world.submit('sell', 10, { options: { positionSide: 'long' } });
    expect(openIds(world)).toEqual(['short']);
  });

  it('with it on, no order that only reduces outlives a position of the side it would close', () => {
    const step = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 12 }),
      kind: fc.constantFrom('market' as const, 'stop' as const, 'limit' as const),
      reduceOnly: fc.boolean(),
      price: fc.integer({ min: 90, max: 110 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const world = worldOf(true);
        steps.forEach(({ side, size, kind, reduceOnly, price }, index) => {
          if (kind === 'market') world.submit(side, size, { reduceOnly });
          else if (kind === 'stop') world.stop(side, size, price, { reduceOnly });
          else world.limit(side, size, price, { reduceOnly });
          at(world, price, index + 1);
          for (const { request } of world.venue.openOrders())
            if (request.reduceOnly) expect(world.position * (request.side === 'sell' ? 1 : -1)).toBeGreaterThan(0);
        });
      }),
    );
  });
});
