import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { SelfTradePrevention } from '#src/domain/order.js';
import { matchingOf, SimulatedWorld, T0 } from '../simulated-world.js';

const open = (world: SimulatedWorld): string[] => world.venue.openOrders().map((order) => order.request.clientId);
const EXPIRED = 'self_trade: it would have traded with an own order';

function openWorld(selfTrade?: SelfTradePrevention): SimulatedWorld {
  const world = new SimulatedWorld({}, selfTrade === undefined ? {} : matchingOf({ selfTrade }));
  world.quote(90, 50, 110, 50);
  world.limit('buy', 5, 100, { clientId: 'rests' });
  return world;
}

describe('self-trade prevention', () => {
  it.each<[SelfTradePrevention, string[]]>([
    ['expire_maker', ['arrives']],
    ['expire_taker', ['rests']],
    ['expire_both', []],
  ])('%s decides which of two own orders that would trade stays', (selfTrade, left) => {
    const world = openWorld(selfTrade);
    world.limit('sell', 5, 100, { clientId: 'arrives' });
    expect(open(world)).toEqual(left);
    expect(world.fills).toEqual([]);
    for (const clientId of ['rests', 'arrives'])
      if (!left.includes(clientId))
        expect(world.venue.find({ clientId, symbol: '' })?.report()).toMatchObject({
          status: 'expired',
          reason: EXPIRED,
        });
  });

  it('expires the maker where nothing else is said, and as the arriving order says otherwise', () => {
    const world = openWorld();
    world.limit('sell', 5, 100, { clientId: 'arrives', options: { selfTrade: 'expire_taker' } });
    expect(open(world)).toEqual(['rests']);
    world.limit('sell', 5, 100, { clientId: 'again' });
    expect(open(world)).toEqual(['again']);
  });

  it('looks at own orders before a market order passes them on its way to the quote', () => {
    const world = openWorld();
    world.submit('sell', 5, { clientId: 'arrives' });
    expect(world.fills).toEqual(['sell 5@90 taker']);
    expect(open(world)).toEqual([]);
  });

  it('leaves own orders that the arriving one does not reach', () => {
    const world = openWorld();
    world.limit('sell', 5, 101, { clientId: 'arrives' });
    world.limit('buy', 5, 80, { clientId: 'deep' });
    world.submit('sell', 1, {
      clientId: 'small',
      options: { selfTrade: 'expire_taker' },
      type: 'limit',
      limit: world.venue.find({ clientId: 'arrives', symbol: '' })?.request.limit as never,
    });
    expect(open(world)).toEqual(['rests', 'arrives', 'deep', 'small']);
  });

  it('holds at the open of a bar, too', () => {
    const world = new SimulatedWorld({}, matchingOf({ selfTrade: 'expire_taker' }));
    world.bar(0, 100, 100, 100, 100);
    world.limit('sell', 5, 105, { clientId: 'rests' });
    world.venue.advance(T0 + 60_000);
    world.limit('buy', 5, 106, { clientId: 'arrives' });
    world.bar(1, 105, 105, 104, 105);
    expect(world.fills).toEqual([]);
    expect(open(world)).toEqual(['rests']);
  });
});
