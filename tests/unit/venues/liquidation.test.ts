import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lots, marks, ticks } from '#src/domain/units.js';
import { OrderRequest } from '#src/domain/order.js';
import { MINUTE, T0, verdict } from './simulated-world.js';
import { d, MarginWorld, TIERS, usd } from './margin-world.js';

let world: MarginWorld;
const start = (...args: ConstructorParameters<typeof MarginWorld>): MarginWorld => (world = new MarginWorld(...args));
afterEach(() => {
  world.venue.assertConsistent();
});

describe('liquidation', () => {
  it('happens at the mark at which the balance falls to maintenance, and not one tick before', () => {
    // 1,000 of equity on 10,000 at 100: 1,000 - 100·(100 - P) = 0.01·100·P, so P = 90.909.
    start().at(100).open(1_000);
    expect(world.views[0]?.liquidationPrice?.toFixed(3)).toBe('90.909');
    expect(world.at(91).forced).toEqual([]);
    expect(world.at(90).forced).toEqual(['liquidation sell 1000@90']);
    expect(world.cash).toBe(0);
  });

  it('does not follow the middle of a crossed book, quoted or in depth: nobody can trade there (LEAN #1023)', () => {
    // The middle of 100 and 60 is 80, and the position is due at 90.
    start().at(100).open(1_000);
    world.quote(100, 9, 60, 9, T0 + 2_000);
    expect([world.forced, world.views[0]?.markPrice?.toString()]).toEqual([[], '100']);
    world.venue.depthBegin('BTC-PERP', true);
    world.venue.depth('BTC-PERP', 'buy', ticks(100), lots(9));
    world.venue.depth('BTC-PERP', 'sell', ticks(60), lots(9));
    world.venue.depthEnd('BTC-PERP', T0 + 3_000);
    expect([world.forced, world.views[0]?.markPrice?.toString()]).toEqual([[], '100']);
  });

  it('follows a locked book, quoted or in depth: (bid + ask) / 2 is its price (Binance, Price 2; OKX, mark)', () => {
    start().at(100).open(1_000);
    world.quote(95, 9, 95, 9, T0 + 2_000);
    expect([world.forced, world.views[0]?.markPrice?.toString()]).toEqual([[], '95']);
    world.venue.depthBegin('BTC-PERP', true);
    world.venue.depth('BTC-PERP', 'buy', ticks(90), lots(9_000));
    world.venue.depth('BTC-PERP', 'sell', ticks(90), lots(9_000));
    world.venue.depthEnd('BTC-PERP', T0 + 3_000);
    expect(world.forced).toEqual(['liquidation sell 1000@90']);
  });

  it('follows the middle of the first book that is none any more', () => {
    start().at(100).open(1_000);
    world.quote(100, 9, 60, 9, T0 + 2_000);
    world.at(90);
    expect(world.forced).toEqual(['liquidation sell 1000@90']);
  });

  it('reduces step by step to the bracket below, and stops as soon as maintenance is met', () => {
    start({}, { tiers: TIERS }, 1_800).at(100).open(900, 5);
    // At 86 the balance is 540, maintenance 7,740 × 10 % - 290 = 484; at 85 it is 450 against 475.
    expect(world.at(86).forced).toEqual([]);
    expect(world.at(85).forced).toEqual(['liquidation sell 312@85']);
    // 588 lots are the most that is worth 5,000 at 85; at 80 they hold 156 against 4,704 × 5 % - 40 = 195.2.
    expect(world.at(81).forced).toHaveLength(1);
    expect(world.at(80).forced.slice(1)).toEqual(['liquidation sell 463@80']);
    // 125 lots stand in the lowest bracket: the next step is the last.
    expect(world.at(69).position).toBe(125);
    expect(world.at(68).forced.slice(2)).toEqual(['liquidation sell 125@68']);
    expect(world.cash).toBe(usd(6));
  });

  it('takes what the market gives at the bankruptcy price or better; the fund takes over the rest at it', () => {
    start({ insuranceFund: d(50) })
      .at(100)
      .open(1_000);
    world.markAt(100).at(100);
    world.quote(91, 300, 92, 300, T0 + 60_000);
    world.markAt(90.9);
    // Bankrupt at 90: 300 lots go at 91, where there is more left; the new bankruptcy price of the rest decides.
    expect(world.forced[0]).toBe('liquidation sell 300@91');
    expect(world.forced[1]).toBe('liquidation sell 700@90');
    const { fund, takenOver } = world.venue.account.books;
    expect(takenOver).toBe(usd(63));
    expect(fund).toBe(usd(50) + usd(63));
    expect(world.cash).toBe(usd(30));
  });

  it('never owes anything when the market has jumped beyond bankruptcy: the fund pays', () => {
    start({ insuranceFund: d(5_000) })
      .at(100)
      .open(1_000);
    world.at(60);
    expect(world.forced).toEqual(['liquidation sell 1000@90']);
    expect(world.cash).toBe(0);
    expect(world.venue.account.books.fund).toBe(usd(5_000 - 3_000));
  });

  it('leaves the fund alone when it cannot bear the loss: others are deleveraged at the bankruptcy price', () => {
    start({ insuranceFund: d(100) })
      .at(100)
      .open(1_000);
    world.at(60);
    expect([world.forced, world.cash, world.venue.account.books.fund]).toEqual([
      ['liquidation sell 1000@90'],
      0,
      usd(100),
    ]);
    start({ insuranceFund: d(100), autoDeleveraging: false })
      .at(100)
      .open(1_000);
    world.at(60);
    expect(world.venue.account.books.fund).toBe(usd(100 - 3_000));
  });

  it('charges its fee to the fund, and never more than is left', () => {
    start({ liquidationFee: d('0.005') }, { tick: d('0.01') }).quote(10_000, 10_000, 10_000, 10_000);
    world.open(1_000);
    world.quote(9_090, 10_000, 9_090, 10_000, T0 + 1_000);
    expect(world.forced).toEqual(['liquidation sell 1000@9090']);
    expect(world.venue.account.books.fund).toBe(usd('45.45'));
    expect(world.cash).toBe(usd('44.55'));
    start({ liquidationFee: d('0.05') })
      .at(100)
      .open(1_000);
    world.at(90);
    expect([world.cash, world.venue.account.books.fund]).toEqual([0, 0]);
  });

  it('uses the fee of the instrument before that of the configuration', () => {
    start({ liquidationFee: d('0.005') }, { tick: d('0.01'), liquidationFee: d('0.001') }).quote(
      10_000,
      10_000,
      10_000,
      10_000,
    );
    world.open(1_000);
    world.quote(9_090, 10_000, 9_090, 10_000, T0 + 1_000);
    expect(world.venue.account.books.fund).toBe(usd('9.09'));
  });

  it('takes a short position the other way', () => {
    start().at(100).open(-1_000);
    expect(world.views[0]?.liquidationPrice?.toFixed(3)).toBe('108.911');
    expect(world.at(108).forced).toEqual([]);
    expect(world.at(109).forced).toEqual(['liquidation buy 1000@109']);
  });

  it('cancels open orders first: of every cross market, and tells why', () => {
    start().at(100).open(900);
    const other = world.define('ETH-PERP');
    world.venue.quote('ETH-PERP', ticks(50), lots(10), ticks(51), lots(10), T0 + 2_000);
    expect(
      verdict(
        world.venue.submit(
          new OrderRequest({
            clientId: 'eth',
            instrument: other,
            side: 'buy',
            type: 'limit',
            limit: ticks(10),
            lots: lots(1),
            timeInForce: 'GTC',
            postOnly: false,
            reduceOnly: false,
          }),
        ),
      ),
    ).toBe('accepted');
    world.limit('sell', 10, 130, { reduceOnly: true, clientId: 'btc' });
    world.at(89);
    expect(world.venue.openOrders()).toEqual([]);
    expect(world.venue.find({ clientId: 'eth', symbol: '' })?.reason).toMatch(/^liquidation/);
    expect(world.reports).toEqual(expect.arrayContaining(['eth cancelled', 'btc cancelled']));
  });

  it('is told like any other fill, with a cause, an id of the venue and a trade of its own', () => {
    start().at(100).open(1_000);
    world.at(90);
    const [fill] = world.events.flatMap((event) =>
      event.kind === 'fill' && event.fill.cause !== undefined ? [event.fill] : [],
    );
    expect([fill?.cause, fill?.clientId, fill?.tradeId, fill?.side]).toEqual([
      'liquidation',
      'autoclose-2',
      'sim-t2',
      'sell',
    ]);
  });

  it('does not happen where it is switched off', () => {
    start({ liquidation: false }).at(100).open(1_000);
    expect(world.at(80).forced).toEqual([]);
    expect(world.position).toBe(1_000);
  });

  it('looks at every cross position together: one may carry the other, and the largest maintenance goes first', () => {
    start().at(100).open(500);
    const other = world.define('ETH-PERP');
    world.venue.quote('ETH-PERP', ticks(100), lots(10_000), ticks(100), lots(10_000), T0 + 3_000);
    const order = new OrderRequest({
      clientId: 'eth',
      instrument: other,
      side: 'sell',
      type: 'market',
      lots: lots(400),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
      leverage: 10,
    });
    expect(verdict(world.venue.submit(order))).toBe('accepted');
    world.at(90);
    expect(world.forced).toEqual([]);
    world.venue.quote('ETH-PERP', ticks(113), lots(10_000), ticks(113), lots(10_000), T0 + 60_000);
    // Balance 1,000 - 500 - 520 = -20, maintenance 45 + 45.2: the short one goes first, at its bankruptcy price.
    expect(world.forced[0]).toBe('liquidation buy 400@112');
    expect(world.position).toBe(0);
    expect(world.cash).toBeGreaterThanOrEqual(0);
  });

  it('does not depend on looking often: a trigger set early still holds after funding, fills and leverage', () => {
    start({}, { fundingIntervalHours: 8 }).at(100).open(400);
    world.at(99).open(400);
    world.venue.setFundingRate('BTC-PERP', 1e10);
    world.venue.advance(T0 + 8 * 3_600_000);
    const price = world.views[0]?.liquidationPrice?.toNumber() ?? 0;
    world.venue.quote(
      'BTC-PERP',
      ticks(Math.ceil(price)),
      lots(9_999),
      ticks(Math.ceil(price)),
      lots(9_999),
      T0 + 9 * 3_600_000,
    );
    expect(world.forced).toEqual([]);
    world.venue.quote(
      'BTC-PERP',
      ticks(Math.floor(price)),
      lots(9_999),
      ticks(Math.floor(price)),
      lots(9_999),
      T0 + 9 * 3_600_000 + 1,
    );
    expect(world.forced).toHaveLength(1);
  });
});

describe('liquidation inside a bar', () => {
  const entered = (): MarginWorld => {
    start().bar(0, 100, 100, 100, 100);
    world.submit('buy', 1_000, { leverage: 10 });
    world.bar(1, 100, 100, 100, 100);
    return world;
  };

  it('happens at the mark on the path, although the bar closes where it opened', () => {
    entered().bar(2, 100, 101, 85, 100);
    expect(world.forced).toEqual(['liquidation sell 1000@90']);
    expect(world.position).toBe(0);
  });

  it('happens at the open when that lies beyond it, with the fund between bankruptcy and market', () => {
    entered().bar(2, 80, 81, 79, 80);
    expect(world.forced).toEqual(['liquidation sell 1000@90']);
    expect(world.venue.fills.at(-1)?.at).toBe(T0 + 2 * MINUTE);
  });

  it('comes after a stop that the path reaches first, and before one beyond', () => {
    entered().stop('sell', 1_000, 95, { reduceOnly: true });
    world.bar(2, 100, 101, 85, 100);
    expect([world.forced, world.fills.at(-1)]).toEqual([[], 'sell 1000@95 taker']);
    entered().stop('sell', 1_000, 88, { reduceOnly: true });
    world.bar(2, 100, 101, 85, 100);
    expect(world.forced).toEqual(['liquidation sell 1000@90']);
    expect(world.venue.openOrders()).toEqual([]);
  });

  it('finds a position that was opened on the way down', () => {
    start().bar(0, 100, 100, 100, 100);
    world.limit('buy', 1_000, 98, { leverage: 10 });
    world.bar(1, 100, 100, 80, 85);
    expect(world.fills).toEqual(['buy 1000@98 maker', 'sell 1000@88 taker']);
    expect(world.forced).toEqual(['liquidation sell 1000@88']);
  });

  it('follows the marks of the data where it has some: the path of last prices liquidates nothing', () => {
    entered();
    world.venue.mark('BTC-PERP', marks(100 * world.instrument.marksPerTick), T0 + 2 * MINUTE);
    world.bar(2, 100, 101, 85, 100);
    expect(world.forced).toEqual([]);
  });
});
