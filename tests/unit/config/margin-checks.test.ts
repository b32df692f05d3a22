import { describe, expect, it } from '@jest/globals';
import { errorOf, loadYaml } from './support.js';

const refused = (yaml: string): string =>
  errorOf(() => loadYaml(`profile: demo\n${yaml}`))
    .problems.map(({ message }) => message)
    .join(' ');

describe('margin, fees and contracts in the configuration', () => {
  it('refuse a contract that settles in the wrong currency', () => {
    expect(refused('instruments: { BTC-PERP: { contract: inverse } }\n')).toContain(
      'BTC-PERP is inverse and must settle in BTC, was USDT.',
    );
    expect(refused('instruments: { BTC-PERP: { contract: quanto } }\n')).toContain(
      'must settle in neither BTC nor USDT',
    );
  });

  it("refuse a leverage of an unknown instrument, and one above the instrument's", () => {
    expect(refused('simulation: { margin: { leverage: { NOPE-PERP: 2 } } }\n')).toContain(
      'unknown instrument NOPE-PERP',
    );
    expect(refused('simulation: { margin: { leverage: { BTC-PERP: 21 } } }\n')).toContain(
      "must be at most BTC-PERP's 20, was 21.",
    );
  });

  it('refuse two fee tiers from one volume, and instruments of two venues', () => {
    expect(
      refused(
        'simulation:\n  feeTiers:\n    a: { volume: 5 USDT, makerFee: 1bps, takerFee: 2bps }\n    b: { volume: 5 USDT, makerFee: 0bps, takerFee: 1bps }\n',
      ),
    ).toContain('simulation.feeTiers.b.volume must differ from that of a');
    expect(
      refused('symbols: [BTC-PERP, ETH-PERP]\ninstruments:\n  BTC-PERP: { venue: one }\n  ETH-PERP: { venue: two }\n'),
    ).toContain('Instruments of one and two in one run must have an account each; simulation.venues names none.');
  });

  it('refuse a fee tier that names not all of volume and fees', () => {
    expect(refused('simulation: { feeTiers: { vip: { takerFee: 1bps } } }\n')).toContain(
      'simulation.feeTiers.vip must be complete; missing: volume, makerFee.',
    );
    expect(refused('simulation: { feeTiers: { vip: { volume: 5 USDT, takerFee: 1bps } } }\n')).toContain(
      'simulation.feeTiers.vip must be complete; missing: makerFee.',
    );
  });

  it('refuse an instrument of a venue without an account, and venues that settle in different currencies', () => {
    const venues =
      'symbols: [BTC-PERP, ETH-PERP]\nsimulation: { venues: { one: { equity: 500 USDT }, two: { equity: 700 USDT } } }\n';
    expect(refused(`${venues}instruments: { BTC-PERP: { venue: one }, ETH-PERP: { venue: three } }\n`)).toContain(
      'instruments.ETH-PERP.venue must be one of simulation.venues (one, two), was three.',
    );
    expect(refused(`${venues}instruments: { BTC-PERP: { venue: one } }\n`)).toContain(
      'instruments.ETH-PERP.venue must be one of simulation.venues (one, two), was absent.',
    );
    expect(
      refused(`${venues}instruments: { BTC-PERP: { venue: one }, ETH-PERP: { venue: two, settle: USDC } }\n`),
    ).toContain('must settle in one currency, for there is one portfolio; were USDT and USDC.');
    const { config } = loadYaml(
      `profile: demo\n${venues}instruments: { BTC-PERP: { venue: one }, ETH-PERP: { venue: two } }\n`,
    );
    expect(
      Object.entries(config.simulation.venues).map(([name, { equity }]) => `${name} ${equity.toString()}`),
    ).toEqual(['one 500', 'two 700']);
  });

  it('take maintenance brackets of an instrument, and refuse rows that are incomplete or do not meet', () => {
    const rows = (second: string): string =>
      `instruments:\n  BTC-PERP:\n    tiers:\n      - { floor: 0, cap: 50000, rate: 0.4%, maxLeverage: 20, cum: 0 }\n      - { ${second} }\n`;
    const { config, entries } = loadYaml(
      `profile: demo\n${rows('floor: 50000, cap: 250000, rate: 0.5%, maxLeverage: 10, cum: 50')}`,
    );
    expect(
      config.instruments['BTC-PERP']?.tiers?.map(({ floor, rate, cum }) => [floor, rate, cum].map(String)),
    ).toEqual([
      ['0', '0.004', '0'],
      ['50000', '0.005', '50'],
    ]);
    expect(entries.get('instruments.BTC-PERP.tiers')?.written).toMatch(
      /^\[\{ floor: 0, cap: 50000, rate: 0.4%, maxLeverage: 20, cum: 0 \}, \{ /,
    );
    expect(refused(rows('floor: 50000, cap: 250000, rate: 0.5%, maxLeverage: 10, cum: 40'))).toContain(
      'BTC-PERP: margin tiers must meet at 50000: cum must be 50, was 40.',
    );
    expect(refused(rows('floor: 50000, rate: 0.5%, maxLeverage: 10, cum: 50'))).toContain(
      'instruments.BTC-PERP.tiers.1 must be complete; missing: cap.',
    );
    expect(refused(rows('floor: 50000, cap: 250000, rate: 0.005, maxLeverage: 10, cum: 50'))).toContain(
      'instruments.BTC-PERP.tiers.1.rate',
    );
  });

  it('accept what belongs together', () => {
    const { config } = loadYaml(
      'profile: demo\nsimulation:\n  margin: { mode: isolated, positionMode: hedge, leverage: { BTC-PERP: 5 }, insuranceFund: 100 USDT }\n  feeTiers: { vip: { volume: 1000 USDT, makerFee: -1bps, takerFee: 2bps } }\n',
    );
    expect([
      config.simulation.margin.mode,
      config.simulation.margin.positionMode,
      config.simulation.margin.leverage['BTC-PERP']?.toString(),
      config.simulation.feeTiers['vip']?.makerFee.toString(),
    ]).toEqual(['isolated', 'hedge', '5', '-0.0001']);
  });
});
