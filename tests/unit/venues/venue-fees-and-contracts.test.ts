import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { accountSnapshot } from '#src/venues/simulated/brokerage/account-views.js';
import { marks } from '#src/domain/units.js';
import { MINUTE, T0 } from './simulated-world.js';
import { SimulatedWorld } from './simulated-world.js';
import { d, MarginWorld, usd } from './margin-world.js';

const DAY = 86_400_000;
const FEE_TIERS = {
  regular: { volume: d(0), makerFee: d('0.0002'), takerFee: d('0.0005') },
  vip1: { volume: d(100), makerFee: d('-0.0001'), takerFee: d('0.0004') },
};

describe('fees by volume', () => {
  const trading = (): SimulatedWorld =>
    new SimulatedWorld({ takerFee: d('0.001'), makerFee: d('0.001') }, { feeTiers: FEE_TIERS });
  const fees = (world: SimulatedWorld): number[] => world.venue.fills.map((fill) => fill.fee);

  it('take the tier of the 30 days before the current one: today counts from tomorrow on', () => {
    const world = trading();
    world.quote(100, 10_000, 100, 10_000, T0);
    world.submit('buy', 1_000);
    world.submit('sell', 1_000);
    expect(fees(world)).toEqual([usd('-0.05'), usd('-0.05')]);
    world.quote(100, 10_000, 100, 10_000, T0 + DAY);
    world.submit('buy', 1_000);
    expect(fees(world).at(-1)).toBe(usd('-0.04'));
    expect(accountSnapshot(world.venue, 200)).toMatchObject({ fee_tier: 'vip1', volume_30d: '200' });
  });

  it('pay a rebate to the maker where the tier has one, and forget a day after 30', () => {
    const world = trading();
    world.quote(100, 10_000, 100, 10_000, T0);
    world.submit('buy', 1_000);
    world.quote(100, 10_000, 101, 10_000, T0 + 30 * DAY);
    world.limit('sell', 1_000, 102);
    world.trade(103, 5_000, T0 + 30 * DAY + 1);
    expect(fees(world).at(-1)).toBe(usd('0.0102'));
    world.quote(100, 10_000, 100, 10_000, T0 + 61 * DAY);
    world.submit('buy', 1_000);
    expect(fees(world).at(-1)).toBe(usd('-0.05'));
    expect(accountSnapshot(world.venue, 200)).toMatchObject({ fee_tier: 'regular', volume_30d: '0' });
    world.venue.assertConsistent();
  });

  it('count volumes and tiers beyond what a number holds exactly', () => {
    const world = new SimulatedWorld(
      { takerFee: d(0) },
      { equity: d(10_000_000), feeTiers: { whale: { volume: d(200_000_000), makerFee: d(0), takerFee: d('0.0001') } } },
    );
    world.quote(40_000, 1e9, 40_000, 1e9, T0);
    for (const side of ['buy', 'sell', 'buy', 'sell', 'buy'] as const) world.submit(side, 1_000_000);
    world.quote(40_000, 1e9, 40_000, 1e9, T0 + DAY);
    world.submit('sell', 1_000_000);
    expect(fees(world).at(-1)).toBe(usd(-4_000));
    expect(accountSnapshot(world.venue, 200)).toMatchObject({ fee_tier: 'whale', volume_30d: '200000000' });
  });

  it("are the instrument's own where there are no tiers", () => {
    const world = new SimulatedWorld({ takerFee: d('0.001') });
    world.quote(100, 10_000, 100, 10_000, T0);
    world.submit('buy', 1_000);
    expect([fees(world), accountSnapshot(world.venue, 200)['fee_tier']]).toEqual([[usd('-0.1')], null]);
  });
});

describe('contracts on the exchange', () => {
  const inverse = {
    contract: 'inverse' as const,
    base: 'BTC',
    quote: 'USD',
    settle: 'BTC',
    tick: d('0.5'),
    step: d(1),
    minSize: d(1),
    takerFee: d('0.0005'),
  };

  it('settle an inverse position in what is bought: profit, fee, margin and funding', () => {
    const world = new MarginWorld({}, { ...inverse, fundingIntervalHours: 8 }, 10);
    world.quote(20_000, 9_999_999, 20_000, 9_999_999, T0 + 1);
    world.submit('buy', 100_000, { leverage: 10 });
    const { account } = world.venue;
    expect(account.fills[0]?.fee).toBe(usd('-0.005'));
    expect(world.venue.preview(world.request('buy', 10_000, { leverage: 10 }))).toMatchObject({
      notional: '1',
      initial_margin: '1.1',
    });
    world.venue.setFundingRate('BTC-PERP', 1e8);
    world.venue.advance(T0 + 8 * 3_600_000);
    // 10 BTC × 0.01 %.
    expect(account.fundings.at(-1)?.amount).toBe(usd('-0.001'));
    world.quote(25_000, 9_999_999, 25_000, 9_999_999, T0 + 9 * 3_600_000);
    world.submit('sell', 100_000, { reduceOnly: true });
    expect(account.ledger.income('price')).toBe(usd(2));
    world.venue.assertConsistent();
  });

  it('liquidate an inverse long at Q(MMR + 1) / (WB + Q/EP), and never below zero', () => {
    const world = new MarginWorld({ liquidationFee: d('0.01') }, inverse, 1);
    world.quote(20_000, 9_999_999, 20_000, 9_999_999, T0 + 1);
    world.submit('buy', 80_000, { leverage: 10 });
    const price = world.views[0]?.liquidationPrice;
    expect(price?.toFixed(2)).toBe(d(80_000).times('1.01').div(d('8.996')).div(1).toFixed(2));
    const above = Math.ceil((price?.toNumber() ?? 0) * 2);
    world.quote(above, 9_999_999, above, 9_999_999, T0 + 2);
    expect(world.forced).toEqual([]);
    world.quote(above - 1, 9_999_999, above - 1, 9_999_999, T0 + 3);
    expect(world.forced).toHaveLength(1);
    expect(world.cash).toBeGreaterThanOrEqual(0);
    expect(world.venue.account.books.fund).toBeGreaterThan(0);
    world.venue.assertConsistent();
  });

  it('settle a quanto position at its fixed rate', () => {
    const world = new MarginWorld(
      {},
      {
        contract: 'quanto',
        multiplier: d('0.000001'),
        base: 'ETH',
        quote: 'USD',
        settle: 'XBT',
        tick: d('0.05'),
        step: d(1),
        minSize: d(1),
      },
      1,
    );
    world.quote(10_000, 99_999, 10_000, 99_999, T0 + 1);
    world.submit('sell', 1_000, { leverage: 10 });
    world.quote(9_000, 99_999, 9_000, 99_999, T0 + 2);
    world.submit('buy', 1_000, { reduceOnly: true });
    expect(world.venue.account.ledger.income('price')).toBe(usd('0.05'));
    world.venue.assertConsistent();
  });
});

describe('funding', () => {
  it('changes its interval with the instrument, from the next whole interval on', () => {
    const world = new MarginWorld({}, { fundingIntervalHours: 8 }).at(100).open(100);
    world.venue.setFundingRate('BTC-PERP', 1e8);
    world.venue.advance(T0 + 8 * 3_600_000);
    world.venue.redefine('BTC-PERP', { fundingIntervalHours: 1 }, T0 + 8 * 3_600_000 + MINUTE);
    world.venue.advance(T0 + 10 * 3_600_000);
    expect(world.venue.fundings.map(({ at }) => (at - T0) / 3_600_000)).toEqual([8, 9, 10]);
  });

  it('is nominal value at mark times rate, by Binance: 1,100 USDT at 0.01 % is 0.11', () => {
    // Binance, "Introduction to Binance Futures Funding Rates": Funding Amount = Nominal Value of Positions × Funding
    // Rate.
    const world = new MarginWorld({}, { fundingIntervalHours: 8 }).at(100).open(100);
    world.venue.mark('BTC-PERP', marks(110 * world.instrument.marksPerTick), T0 + MINUTE);
    world.venue.setFundingRate('BTC-PERP', 1e8);
    world.venue.advance(T0 + 8 * 3_600_000);
    expect(world.venue.fundings[0]?.amount).toBe(usd('-0.11'));
  });
});

describe('the books of the venue', () => {
  it('sum to zero over account, market, fees, fund and outside', () => {
    const world = new MarginWorld({ insuranceFund: d(40), liquidationFee: d('0.01') }, { takerFee: d('0.0005') })
      .at(100)
      .open(900);
    world.at(95).at(89);
    const { account } = world.venue;
    const { market, fees, fund, outside } = account.books;
    expect(market + fees + fund + outside + account.ledger.holdings).toBe(0);
    expect([outside, fees]).toEqual([usd(-1_040), usd('4.5')]);
    expect(fund).not.toBe(usd(40));
    expect(() => world.venue.assertConsistent()).not.toThrow();
    account.books.fund = (fund + 1) as typeof fund;
    expect(() => world.venue.assertConsistent()).toThrow('must sum to zero');
  });

  it('notice margin that belongs to no position', () => {
    const world = new MarginWorld({ mode: 'isolated' }).at(100).open(100);
    world.venue.account.holdings(world.instrument).long.wallet = usd(1) as never;
    expect(() => world.venue.assertConsistent()).toThrow('margin must be 0');
  });
});
