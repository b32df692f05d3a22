import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import { balancesOf } from '#src/venues/simulated/brokerage/account-views.js';
import { MemoryExchangeStore, T0, verdict } from './simulated-world.js';
import { d, MarginWorld, TIERS, usd } from './margin-world.js';

let world: MarginWorld;
const start = (...args: ConstructorParameters<typeof MarginWorld>): MarginWorld => (world = new MarginWorld(...args));
const isolated = (
  margin: ConstructorParameters<typeof MarginWorld>[0] = {},
  spec: ConstructorParameters<typeof MarginWorld>[1] = {},
): MarginWorld => start({ mode: 'isolated', ...margin }, spec);
const hedged = (margin: ConstructorParameters<typeof MarginWorld>[0] = {}): MarginWorld =>
  start({ positionMode: 'hedge', ...margin });
const margin = (): number => world.venue.account.ledger.margin;
afterEach(() => {
  world.venue.assertConsistent();
});

describe('isolated margin', () => {
  it('sets initial margin aside at entry and gives it back in proportion', () => {
    isolated().at(100).open(1_000, 20);
    expect([margin(), world.cash]).toEqual([usd(500), usd(500)]);
    world.submit('sell', 250, { reduceOnly: true });
    expect([margin(), world.cash]).toEqual([usd(375), usd(625)]);
    world.submit('sell', 1_500, { leverage: 20 });
    expect([world.position, margin(), world.cash]).toEqual([-750, usd(375), usd(625)]);
  });

  it('loses its own margin and nothing else', () => {
    isolated({ insuranceFund: d(100_000) })
      .at(100)
      .open(1_000, 20);
    expect(world.views[0]?.liquidationPrice?.toFixed(3)).toBe(d(9_500).div(99).toFixed(3));
    world.at(50);
    expect([world.forced, world.cash, margin()]).toEqual([['liquidation sell 1000@95'], usd(500), 0]);
  });

  it('keeps the rest of the margin in the position while it is reduced by liquidation', () => {
    start({ mode: 'isolated' }, { tiers: TIERS }, 2_000).at(100).open(700, 5);
    expect(world.at(85).forced).toEqual([]);
    expect(world.at(84).forced).toEqual(['liquidation sell 105@84']);
    // The loss of 10.5 coins comes out of it; nothing is given back.
    expect([margin(), world.cash]).toEqual([usd(1_400 - 168), usd(600)]);
  });

  it('pays funding out of the position, and may be liquidated by it', () => {
    isolated({}, { fundingIntervalHours: 8 }).at(100).open(1_000, 20);
    world.venue.setFundingRate('BTC-PERP', 4.5e10);
    world.venue.advance(T0 + 8 * 3_600_000);
    expect([margin(), world.cash]).toEqual([usd(50), usd(500)]);
    world.venue.quote('BTC-PERP', ticks(100), lots(9_999), ticks(100), lots(9_999), T0 + 8 * 3_600_000 + 1);
    expect(world.forced).toEqual(['liquidation sell 1000@100']);
    expect([margin(), world.cash]).toEqual([0, usd(550)]);
  });

  it('lets margin be added and taken, within what is available and what the position needs', () => {
    isolated().at(100).open(1_000, 20);
    world.venue.moveIsolatedMargin('BTC-PERP', d(200));
    expect([margin(), world.views[0]?.isolatedMargin?.toString()]).toEqual([usd(700), '700']);
    world.venue.moveIsolatedMargin('BTC-PERP', d(-200));
    expect(() => world.venue.moveIsolatedMargin('BTC-PERP', d(-1))).toThrow('initial margin of 500');
    expect(() => world.venue.moveIsolatedMargin('BTC-PERP', d('500.01'))).toThrow('at most 500');
    start().at(100).open(10);
    expect(() => world.venue.moveIsolatedMargin('BTC-PERP', d(1))).toThrow('no isolated position');
  });

  it('binds for open orders only what the position has not been given', () => {
    isolated().at(100).open(400, 10);
    world.limit('buy', 200, 90, { leverage: 10 });
    expect(balancesOf(world.venue)[0]?.available.toString()).toBe('420');
    expect(verdict(world.limit('buy', 500, 90, { leverage: 10 }))).toBe('insufficient_margin');
  });

  it('is chosen by symbol, and not while anything of it is open', () => {
    start().at(100);
    world.venue.setMarginMode('BTC-PERP', 'isolated');
    world.open(10);
    expect(world.views[0]?.marginMode).toBe('isolated');
    expect(() => world.venue.setMarginMode('BTC-PERP', 'cross')).toThrow('while a position is open');
    world.submit('sell', 10, { reduceOnly: true });
    world.limit('buy', 1, 90);
    expect(() => world.venue.setMarginMode('BTC-PERP', 'cross')).toThrow('while orders are open');
    world.venue.setMarginMode('BTC-PERP', 'isolated');
  });

  it('never has its leverage lowered while a position is open', () => {
    isolated().at(100).open(10, 10);
    expect(() => world.venue.setLeverage('BTC-PERP', 5)).toThrow('must not be lowered');
    world.venue.setLeverage('BTC-PERP', 20);
    expect(margin()).toBe(usd(10));
  });
});

describe('an order that closes at the bankruptcy price', () => {
  const closing = (mode: 'cross' | 'isolated', price: number): MarginWorld => {
    const world = start({ mode }, { takerFee: d('0.01'), maintenanceRate: d('0.001') }, 110)
      .at(100)
      .open(100, 10)
      .markAt(95);
    world.quote(price, 1_000, price, 1_000, T0 + 60_000);
    world.submit('sell', 100, { reduceOnly: true });
    return world;
  };

  it('leaves no debt for its fee', () => {
    for (const mode of ['cross', 'isolated'] as const) {
      closing(mode, 90);
      expect([world.fills.length, world.venue.account.ledger.holdings]).toEqual([1, usd(100)]);
      closing(mode, 91);
      expect([world.fills.length, world.cash]).toEqual([2, usd('0.9')]);
    }
  });
});

describe('leverage by bracket', () => {
  it('refuses an order that would bring the position beyond the bracket of its leverage, and names leverage', () => {
    start({}, { tiers: TIERS }, 100_000).at(100);
    expect(verdict(world.submit('buy', 101, { leverage: 50 }))).toBe('leverage');
    expect(verdict(world.submit('buy', 100, { leverage: 50 }))).toBe('accepted');
    expect(verdict(world.limit('buy', 1, 99, { leverage: 50 }))).toBe('leverage');
    expect(verdict(world.limit('buy', 400, 99, { leverage: 10 }))).toBe('accepted');
    expect(verdict(world.limit('buy', 1, 99, { leverage: 50 }))).toBe('leverage');
    expect(verdict(world.submit('sell', 50, { leverage: 50, reduceOnly: true }))).toBe('accepted');
  });

  it('refuses a leverage that the open position does not allow or cannot cover', () => {
    start({}, { tiers: TIERS }, 1_000).at(100).open(400, 10);
    expect(() => world.venue.setLeverage('BTC-PERP', 20)).toThrow('worth at most 1000');
    expect(() => world.venue.setLeverage('BTC-PERP', 3)).toThrow('leave what is open covered');
    world.venue.setLeverage('BTC-PERP', 5);
  });

  it('is not changed by an order that only reduces, nor by one of the other side beyond what the position allows', () => {
    start({}, { tiers: TIERS }, 5_000).at(100).open(300, 10);
    expect(verdict(world.submit('sell', 1, { reduceOnly: true, leverage: 50 }))).toBe('accepted');
    expect(world.venue.account.leverageOf('BTC-PERP')).toBe(10);
    expect(verdict(world.limit('sell', 1, 110, { leverage: 50 }))).toBe('leverage');
    expect(world.venue.account.leverageOf('BTC-PERP')).toBe(10);
  });

  it('is not lowered by an order while an isolated position is open', () => {
    isolated().at(100).open(100, 10);
    expect(verdict(world.submit('buy', 1, { leverage: 5 }))).toBe('leverage');
    expect(verdict(world.submit('buy', 1, { leverage: 20 }))).toBe('accepted');
    expect(world.venue.account.leverageOf('BTC-PERP')).toBe(20);
  });

  it('starts from the configured leverage', () => {
    start({ leverage: { 'BTC-PERP': d(7) } }).at(100);
    world.submit('buy', 10, { leverage: undefined as unknown as number });
    expect(world.views[0]?.leverage?.toString()).toBe('7');
  });
});

describe('hedge mode', () => {
  it('keeps a long and a short position beside each other, listed with their sides', () => {
    hedged().at(100).open(500, 10, 'long').at(110).open(-200, 10, 'short');
    expect(world.views.map((view) => [view.positionSide, view.size.toString(), view.entryPrice.toString()])).toEqual([
      ['long', '50', '100'],
      ['short', '-20', '110'],
    ]);
    world.submit('sell', 100, { options: { positionSide: 'long' } });
    expect(world.venue.account.ledger.income('price')).toBe(usd(100));
    expect(world.venue.fills.at(-1)?.positionSide).toBe('long');
  });

  it('reports one liquidation price for both, and liquidates by it', () => {
    hedged().at(100).open(900, 10, 'long').open(-100, 10, 'short');
    const [long, short] = world.views;
    expect(long?.liquidationPrice?.toFixed(6)).toBe(short?.liquidationPrice?.toFixed(6));
    const price = long?.liquidationPrice?.toNumber() ?? 0;
    expect(world.at(Math.ceil(price)).forced).toEqual([]);
    expect(world.at(Math.floor(price)).forced).toHaveLength(1);
    expect(world.views.map((view) => view.positionSide)).toEqual(['short']);
  });

  it('pays funding on each side', () => {
    hedged().at(100).open(500, 10, 'long').open(-200, 10, 'short');
    world.venue.setFundingRate('BTC-PERP', 1e9);
    const { funding } = [...world.venue.markets.values()][0] ?? {};
    funding?.every(8, T0);
    world.venue.advance(T0 + 8 * 3_600_000);
    expect(world.venue.fundings.map(({ id, amount }) => [id.split('-').at(-1), amount])).toEqual([
      ['long', usd(-5)],
      ['short', usd(2)],
    ]);
  });

  it('is chosen while nothing is open, and only then', () => {
    start().at(100);
    world.venue.setPositionMode('hedge');
    world.limit('buy', 1, 90, { options: { positionSide: 'long' } });
    expect(() => world.venue.setPositionMode('one_way')).toThrow('orders of BTC-PERP');
    world.open(1, 10, 'long');
    expect(() => world.venue.setPositionMode('one_way')).toThrow('a position of BTC-PERP');
    world.venue.setPositionMode('hedge');
  });
});

describe('auto-deleveraging', () => {
  it("closes a profitable position as the other side of somebody else's bankruptcy, at its price", () => {
    start().at(100).open(-500);
    world.at(90);
    expect(world.views[0]?.adlQuantile).toBe(5);
    world.limit('buy', 5, 80, { clientId: 'rest' });
    expect(world.venue.deleverage('BTC-PERP', 'buy', lots(200), ticks(88), T0 + 60_000)).toBe(200);
    expect(world.forced).toEqual(['adl buy 200@88']);
    expect([world.venue.fills.at(-1)?.clientId, world.venue.fills.at(-1)?.fee]).toEqual(['adl_autoclose-2', 0]);
    expect(world.venue.find({ clientId: 'rest', symbol: '' })?.reason).toMatch(/^adl/);
    expect(world.venue.deleverage('BTC-PERP', 'buy', lots(999), ticks(88), T0 + 60_001)).toBe(300);
    expect(world.venue.deleverage('BTC-PERP', 'sell', lots(1), ticks(88), T0 + 60_002)).toBe(0);
  });

  it('takes our own hedge when the fund cannot bear our bankruptcy', () => {
    hedged({ mode: 'isolated' }).at(100).open(900, 10, 'long').open(-50, 10, 'short');
    world.at(50);
    expect(world.forced).toEqual(['liquidation sell 900@90', 'adl buy 50@90']);
    expect(world.venue.account.books.fund).toBe(0);
  });

  it('puts losing positions last', () => {
    start().at(100).open(100);
    expect(world.at(95).views[0]?.adlQuantile).toBe(1);
    expect(world.at(105).views[0]?.adlQuantile).toBe(5);
  });
});

describe('a restart', () => {
  it('brings back modes, both positions, isolated margin, the fund and the triggers', () => {
    const store = new MemoryExchangeStore();
    const first = start({ positionMode: 'hedge', mode: 'isolated', insuranceFund: d(77) }, {}, 1_000, store);
    first.at(100).open(400, 10, 'long').open(-100, 10, 'short');
    first.venue.flush();
    const views = first.views.map((view) => JSON.stringify(view));
    const second = start({ insuranceFund: d(77) }, {}, 1_000, store);
    expect(second.views.map((view) => JSON.stringify(view))).toEqual(views);
    expect([second.venue.account.positionMode, second.venue.account.books.fund]).toEqual(['hedge', usd(77)]);
    second.at(80);
    expect(second.forced).toEqual(['liquidation sell 400@90', 'adl buy 100@90']);
  });
});
