import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument, type MarginTier } from '#src/domain/instrument.js';
import { liquidationPriceOf } from '#src/domain/liquidation-price.js';
import { MarginTiers } from '#src/domain/margin-tiers.js';
import { lots, units } from '#src/domain/units.js';
import { parseTiers, tiersOf } from '#src/venues/simulated/models/tier-file.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { unitsOf } from '../../support/finest.js';

const d = (value: string | number): Decimal => new Decimal(value);
const tier = (floor: number, cap: number, rate: string, leverage: number, cum: string): MarginTier => ({
  floor: d(floor),
  cap: d(cap),
  rate: d(rate),
  maxLeverage: d(leverage),
  cum: d(cum),
});
const TIERS = [
  tier(0, 10_000, '0.01', 75, '0'),
  tier(10_000, 30_000, '0.015', 50, '50'),
  tier(30_000, 150_000, '0.02', 25, '200'),
];
const spec = { ...instrumentSpec(), tiers: TIERS };
const usd = (amount: number | string): number => unitsOf(d(amount), 'nearest');

const FILE = `symbol,tier,min_notional,max_notional,maint_margin_rate,max_leverage,cum
BTC/USDT:USDT,1,0.0,50000.0,0.004,125.0,0.0
BTC/USDT:USDT,2,50000.0,500000.0,0.005,100.0,50.0
BTC/USDT:USDT,3,500000.0,10000000.0,0.01,50.0,2550.0
ETH/USDT:USDT,1,0.0,50000.0,0.005,100.0,0.0
`;

describe('margin tiers', () => {
  it('meet at every boundary: maintenance from both sides is the same', () => {
    for (const tiers of [TIERS, ...parseTiers(FILE, 'tiers.csv').values()]) {
      const margin = new MarginTiers({ ...spec, tiers });
      tiers.slice(1).forEach((each, index) => {
        const boundary = usd(each.floor.toString());
        expect(margin.maintenanceIn(index, boundary)).toBe(margin.maintenanceIn(index + 1, boundary));
      });
    }
  });

  it('take the bracket of the notional, its cap included', () => {
    const margin = new MarginTiers(spec);
    expect(
      [usd(0), usd(10_000), usd(10_000) + 1, usd(30_000), usd(400_000)].map((notional) => margin.indexOf(notional)),
    ).toEqual([0, 0, 1, 1, 2]);
    expect(margin.maintenance(usd(20_000))).toBe(usd(250));
    expect(margin.maintenance(1)).toBe(1);
  });

  it('allow less leverage to more notional', () => {
    const margin = new MarginTiers(spec);
    expect([75, 60, 50, 26, 25, 1, 76].map((leverage) => margin.capAt(leverage))).toEqual([
      usd(10_000),
      usd(10_000),
      usd(30_000),
      usd(30_000),
      usd(150_000),
      usd(150_000),
      0,
    ]);
    expect([margin.maxLeverageAt(usd(20_000)), margin.maxLeverageAt(usd(150_001))]).toEqual([50, Number.NaN]);
    expect([margin.capBelow(usd(5)), margin.capBelow(usd(20_000)), margin.capBelow(usd(200_000))]).toEqual([
      0,
      usd(10_000),
      usd(30_000),
    ]);
  });

  it('are one bracket without an end where an instrument names none', () => {
    const margin = new MarginTiers(instrumentSpec());
    expect([margin.size, margin.maintenance(usd(1_000)), margin.capAt(20), margin.capAt(21)]).toEqual([
      1,
      usd(5),
      Number.POSITIVE_INFINITY,
      0,
    ]);
  });

  it('end where amounts can be held exactly no longer: brackets beyond are never reached', () => {
    const margin = new MarginTiers({
      ...spec,
      tiers: [
        tier(0, 80_000_000, '0.01', 10, '0'),
        tier(80_000_000, 150_000_000, '0.02', 5, '800000'),
        tier(150_000_000, 900_000_000, '0.05', 2, '5300000'),
      ],
    });
    expect([margin.size, margin.capAt(5), margin.indexOf(usd(89_000_000))]).toEqual([2, Number.POSITIVE_INFINITY, 1]);
  });

  it.each([
    ['a gap', [tier(0, 10, '0.01', 5, '0'), tier(20, 30, '0.02', 4, '0.2')], 'follow one another'],
    ['a jump', [tier(0, 10, '0.01', 5, '0'), tier(10, 30, '0.02', 4, '0')], 'cum must be 0.1'],
    ['a rate that falls', [tier(0, 10, '0.02', 5, '0'), tier(10, 30, '0.01', 4, '-0.1')], 'do not fall'],
    ['a leverage that rises', [tier(0, 10, '0.01', 5, '0'), tier(10, 30, '0.02', 6, '0.1')], 'do not rise'],
    ['none', [], 'one or more'],
  ])('refuse %s', (_what, tiers, message) => {
    expect(() => new Instrument({ ...instrumentSpec(), tiers })).toThrow(message);
  });

  it('give the maintenance amount that Binance works out for BTCUSD level 5: 1.81 BTC', () => {
    // Binance, "How to Calculate Liquidation Price of COIN-M Futures Contracts": 50 BTC × (5 % - 2.5 %) + 0.56 BTC.
    const tiers = [tier(0, 22.4, '0', 50, '0'), tier(22.4, 50, '0.025', 20, '0.56'), tier(50, 100, '0.05', 10, '1.81')];
    const margin = new MarginTiers({ ...spec, tiers });
    expect([margin.cumIn(2), margin.maintenance(usd(50)), margin.maintenance(usd(60))]).toEqual([
      usd('1.81'),
      usd('0.69'),
      usd('1.19'),
    ]);
  });

  it('are read from a file as it is, by base, quote and settlement', () => {
    const tiers = parseTiers(FILE, 'tiers.csv');
    expect(
      tiersOf(tiers, instrumentSpec())?.map(({ cap, maxLeverage }) => [cap.toNumber(), maxLeverage.toNumber()]),
    ).toEqual([
      [50_000, 125],
      [500_000, 100],
      [10_000_000, 50],
    ]);
    expect(tiersOf(tiers, instrumentSpec({ base: 'SOL', symbol: 'SOL-PERP' }))).toBeUndefined();
    expect(tiersOf(tiers, instrumentSpec({ settle: 'USDC' }))).toBeUndefined();
    expect(() => parseTiers('symbol,tier\n', 'x.csv')).toThrow('min_notional or notional_floor');
    expect(() => parseTiers(FILE.replace('0.005,100', 'NaN,100'), 'x.csv')).toThrow('x.csv:3 rate');
  });
});

describe('the liquidation price', () => {
  const at = (symbol: string, tiers: readonly MarginTier[]): Instrument =>
    new Instrument({ ...instrumentSpec({ symbol, tick: d('0.01') }), tiers });
  const open = (instrument: Instrument, size: string, entry: string, wallet: string): string => {
    const count = instrument.toLots(d(size), 'nearest');
    return (
      liquidationPriceOf(instrument, d(wallet), [
        { lots: count, cost: unitsOf(d(size).times(entry), 'nearest') },
      ])?.toFixed(2) ?? 'none'
    );
  };

  it('is that of Binance for two cross positions: 1,153.26 for ETHUSDT and 26,316.89 for BTCUSDT', () => {
    // Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts", its worked example (brackets of the
    // time).
    const eth = at('ETHUSDT', [
      tier(0, 2_000_000, '0.0323175', 25, '0'),
      tier(2_000_000, 50_000_000, '0.10', 5, '135365'),
    ]);
    expect(open(eth, '3683.979', '1456.84', d('1535443.01').minus('71200.81144').plus('-56354.57').toString())).toBe(
      '1153.26',
    );
    const btc = at('BTCUSDT', [
      tier(0, 1_000_000, '0.0087', 50, '0'),
      tier(1_000_000, 10_000_000, '0.025', 20, '16300'),
    ]);
    expect(open(btc, '109.488', '32481.98', d('1535443.01').minus('356512.508').plus('-448192.89').toString())).toBe(
      '26316.89',
    );
  });

  it('takes the bracket that holds at the price itself, not that of the entry', () => {
    const instrument = at('BTC-PERP', TIERS);
    // A long of 1 at 31,000 stands in the third bracket; at its liquidation price it is in the second.
    const expected = d(2_000).plus(50).minus(31_000).div(d('0.015').minus(1));
    expect(open(instrument, '1', '31000', '2000')).toBe(expected.toFixed(2));
  });

  it('of an inverse long is Q(MMR + 1) / (WB + Q/EP), and an inverse short at 1x has none', () => {
    const instrument = new Instrument(
      instrumentSpec({
        contract: 'inverse',
        settle: 'BTC',
        quote: 'USD',
        tick: d('0.5'),
        step: d(1),
        minSize: d(1),
        minNotional: d(0),
        maintenanceRate: d('0.004'),
      }),
    );
    const cost = instrument.value(instrument.toTicks(d(10_000), 'nearest'), lots(10_000));
    expect(liquidationPriceOf(instrument, d('0.1'), [{ lots: lots(10_000), cost }])?.toFixed(4)).toBe(
      d(10_000).times('1.004').div('1.1').toFixed(4),
    );
    expect(liquidationPriceOf(instrument, d(1), [{ lots: lots(-10_000), cost: units(0 - cost) }])).toBeUndefined();
  });

  it('is shared by the long and the short position of a hedged account on one wallet', () => {
    const instrument = new Instrument(instrumentSpec({ tick: d(1) }));
    const price = liquidationPriceOf(instrument, d(500), [
      { lots: lots(2_000), cost: unitsOf(d(20_000), 'nearest') },
      { lots: lots(-1_000), cost: unitsOf(d(-10_500), 'nearest') },
    ]);
    // 500 + 2(P - 10,000) - (P - 10,500) = 0.005 × 3P
    expect(price?.toFixed(6)).toBe(d(9_000).div(d('0.985')).toFixed(6));
  });
});
