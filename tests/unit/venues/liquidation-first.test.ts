import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OrderRequest } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { MINUTE, T0, verdict } from './simulated-world.js';
import { d, MarginWorld, usd } from './margin-world.js';

let world: MarginWorld;
const start = (...args: ConstructorParameters<typeof MarginWorld>): MarginWorld => (world = new MarginWorld(...args));
afterEach(() => {
  world.venue.assertConsistent();
});

const reason = (clientId: string): string => {
  const order = world.venue.find({ clientId, symbol: '' });
  return `${order?.status} ${order?.reason ?? ''}`.trim();
};

/**
 * 10,000 of notional at 100 with 1,000 of margin, of an account of 5,000: bankrupt at 90. A stop at 95 would sell all
 * of it.
 */
function protectedLong(): MarginWorld {
  start({ mode: 'isolated', insuranceFund: d(100_000) }, {}, 5_000)
    .at(100)
    .open(1_000);
  world.stop('sell', 1_000, 95, { reduceOnly: true, clientId: 'stop' });
  return world;
}

describe('liquidation comes before own orders meet the market of an event', () => {
  const lost = ['liquidation sell 1000@90'];

  it.each([
    ['a quote', () => world.at(60)],
    [
      'a trade',
      () => {
        world.venue.bar('BTC-PERP', {
          openAt: T0 + MINUTE,
          closeAt: T0 + 2 * MINUTE,
          open: ticks(100),
          high: ticks(100),
          low: ticks(100),
          close: ticks(100),
          volume: 1,
        });
        world.trade(60, 10, T0 + 3 * MINUTE);
      },
    ],
    [
      'depth',
      () => {
        world.venue.depthBegin('BTC-PERP', true);
        world.venue.depth('BTC-PERP', 'buy', ticks(60), lots(5_000));
        world.venue.depth('BTC-PERP', 'sell', ticks(60), lots(5_000));
        world.venue.depthEnd('BTC-PERP', T0 + MINUTE);
      },
    ],
    ['a bar', () => world.bar(2, 60, 61, 59, 60)],
  ] as const)('of %s that gaps through the bankruptcy price', (_name, gap) => {
    protectedLong();
    gap();
    expect(world.forced).toEqual(lost);
    expect(reason('stop')).toMatch(/^cancelled liquidation/);
    expect([world.cash, world.position]).toEqual([usd(4_000), 0]);
  });

  it('of the very tick of a path at which both are due', () => {
    start({ mode: 'isolated' }, {}, 5_000).bar(0, 100, 100, 100, 100);
    world.submit('buy', 1_000, { leverage: 10 });
    world.bar(1, 100, 100, 100, 100);
    world.stop('sell', 1_000, 90, { reduceOnly: true, clientId: 'stop' });
    world.bar(2, 100, 101, 85, 100);
    expect([world.forced, reason('stop').slice(0, 21)]).toEqual([
      ['liquidation sell 1000@90'],
      'cancelled liquidation',
    ]);
  });

  it('and before the next order of the same event, once a fill has made a position due', () => {
    start({}, {}, 1_000).at(100);
    world.markAt(100);
    expect(verdict(world.limit('buy', 900, 99, { clientId: 'low' }))).toBe('accepted');
    expect(verdict(world.limit('buy', 10, 95, { clientId: 'lower' }))).toBe('accepted');
    world.venue.mark('BTC-PERP', world.instrument.marksOfTicks(ticks(80)), T0 + MINUTE);
    world.at(80);
    expect(world.venue.fills.map((fill) => fill.clientId)[0]).toBe('low');
    expect(reason('lower')).toMatch(/^cancelled liquidation/);
    expect(world.cash).toBeGreaterThanOrEqual(0);
  });
});

describe('no order leaves a debt', () => {
  it.each(['isolated', 'cross'] as const)(
    "by closing a position (%s) beyond its bankruptcy price: it ends, and the position is the liquidation's",
    (mode) => {
      start({ mode }, {}, 1_010).at(100).open(1_000);
      world.markAt(100).quote(80, 5_000, 81, 5_000, T0 + MINUTE);
      world.submit('sell', 1_000, { reduceOnly: true, clientId: 'out' });
      expect([reason('out'), world.position]).toEqual([
        'expired bankruptcy: a position is closed at its bankruptcy price or better',
        1_000,
      ]);
      world.markAt(85);
      expect([world.forced.length, world.position]).toEqual([1, 0]);
      expect(world.cash).toBeGreaterThanOrEqual(0);
    },
  );

  it('but does so where nothing is liquidated', () => {
    start({ liquidation: false }, {}, 1_010).at(100).open(1_000);
    world.markAt(100).quote(80, 5_000, 81, 5_000, T0 + MINUTE);
    world.submit('sell', 1_000, { reduceOnly: true });
    expect([world.position, world.cash]).toEqual([0, usd(-990)]);
  });

  it('by opening an isolated position with margin that is not there any more', () => {
    start({ mode: 'isolated' }, {}, 1_050).bar(0, 100, 100, 100, 100);
    expect(verdict(world.submit('buy', 1_000, { clientId: 'in' }))).toBe('accepted');
    world.bar(1, 120, 120, 120, 120);
    expect([reason('in'), world.position, world.cash]).toEqual([
      'expired insufficient_margin: free cash does not cover the margin and fee of its execution',
      0,
      usd(1_050),
    ]);
  });

  it('by giving an isolated position what a cross one has lost', () => {
    start({}, {}, 1_000).at(100).open(500);
    const other = world.define('ETH-PERP');
    world.venue.setMarginMode('ETH-PERP', 'isolated');
    world.venue.bar('ETH-PERP', {
      openAt: T0 + MINUTE,
      closeAt: T0 + 2 * MINUTE,
      open: ticks(100),
      high: ticks(100),
      low: ticks(100),
      close: ticks(100),
      volume: 1,
    });
    const order = new OrderRequest({
      clientId: 'eth',
      instrument: other,
      side: 'buy',
      type: 'market',
      lots: lots(400),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
      leverage: 10,
    });
    expect(verdict(world.venue.submit(order))).toBe('accepted');
    // Of 1,000 in cash 700 are lost: 400 of margin are not free any more.
    world.venue.quote('BTC-PERP', ticks(86), lots(9_999), ticks(86), lots(9_999), T0 + 3 * MINUTE);
    world.venue.quote('ETH-PERP', ticks(100), lots(9_999), ticks(100), lots(9_999), T0 + 4 * MINUTE);
    expect([reason('eth').slice(0, 27), world.position]).toEqual(['expired insufficient_margin', 500]);
  });

  it('by a lower leverage that open orders could not be given', () => {
    start({ mode: 'isolated' }, {}, 1_050).at(100);
    world.limit('buy', 1_000, 99);
    expect(() => world.venue.setLeverage('BTC-PERP', 5)).toThrow('must leave what is open covered');
    expect(world.venue.account.leverageOf('BTC-PERP')).toBe(10);
  });
});
