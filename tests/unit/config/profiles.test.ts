import { describe, expect, it } from '@jest/globals';
import { chdir, cwd } from 'node:process';
import { tmpdir } from 'node:os';
import { PROFILES } from '#config/index.js';
import { Instrument } from '#src/domain/instrument.js';
import { testConfig } from '../../support/config.js';
import { directoryWith, errorOf, LIVE_LIMITS, loadProfile, loadYaml } from './support.js';

const load = (profile: string) =>
  profile === 'prod' ? loadYaml(`profile: prod\n${LIVE_LIMITS}`) : loadProfile(profile);

describe('shipped profiles', () => {
  it.each(PROFILES)('%s passes the loader without a warning', (profile) => {
    const { config, warnings } = load(profile);

    expect(config.profile).toBe(profile);
    expect(warnings).toEqual([]);
  });

  it.each(PROFILES)('%s has every setting the bot reads', (profile) => {
    const { config } = load(profile);
    const expected = testConfig();
    const optional = new Set([
      'maxTradeNotional',
      'daytime',
      'dailyLossLimit',
      'maxDrawdown',
      'maxOrderNotional',
      'maxGrossNotional',
      'maxUnattendedEntries',
      'maxEquityAgeMs',
      'maxVolumeShare',
    ]);

    for (const section of ['strategy', 'risk', 'execution', 'streaming', 'tasks', 'simulation', 'logging'] as const) {
      const present = Object.keys(config[section]).filter((key) => !optional.has(key));
      expect(present.sort()).toEqual(
        Object.keys(expected[section])
          .filter((key) => !optional.has(key))
          .sort(),
      );
    }
    expect(Object.keys(config).sort()).toEqual(Object.keys(expected).sort());
    expect(Object.keys(config.strategy.filters).sort()).toEqual(Object.keys(expected.strategy.filters).sort());
    expect(Object.keys(config.risk.volatility).sort()).toEqual(Object.keys(expected.risk.volatility).sort());
  });

  it('trade in the world that their name says', () => {
    const worlds = Object.fromEntries(PROFILES.map((profile) => [profile, load(profile).config.world]));

    expect(worlds).toEqual({ dev: 'paper', demo: 'paper', spot: 'paper', canary: 'live', prod: 'live' });
  });

  it('are found from any working directory', () => {
    const before = cwd();
    chdir(tmpdir());
    try {
      expect(loadProfile('demo').config.symbols).toEqual(['BTC-PERP']);
    } finally {
      chdir(before);
    }
  });

  it('do not come from the working directory', () => {
    const directory = directoryWith({ 'demo.yaml': 'symbols: [ETH-PERP]\n' });

    expect(loadProfile('demo', { cwd: directory }).config.symbols).toEqual(['BTC-PERP']);
  });

  it('describe only products that are held exactly', () => {
    for (const spec of Object.values(loadProfile('demo').config.instruments)) {
      expect(() => {
        new Instrument(spec).assertExactUpTo(spec.minNotional.times(1_000_000));
      }).not.toThrow();
      expect(spec.tick.times(spec.step).times(1e6).isInteger()).toBe(true);
    }
  });
});

describe('the demo profile', () => {
  const { config } = loadProfile('demo');

  it('streams BTC-PERP with an equity of 10,000 on the exchange inside', () => {
    expect(config).toMatchObject({ symbols: ['BTC-PERP'], world: 'paper', dryRun: false, updateIntervalMs: 5_000 });
    expect(config.streaming.enabled).toBe(true);
    expect(config.simulation.equity.toString()).toBe('10000');
    expect(config.storage).toEqual({
      ...{ driver: 'sqlite', directory: '/var/data/perps_bot/demo' },
      keepSamplesMs: 7 * 86_400_000,
    });
  });

  it('lets its own orders pass its own caps (B-02)', () => {
    const { risk, strategy, simulation } = config;
    const entry = simulation.equity.times(strategy.positionFraction).times(strategy.targetLeverage);

    expect(entry.toString()).toBe('1000');
    expect(entry.lt(risk.maxOrderNotional ?? 0)).toBe(true);
    expect(entry.lt(risk.maxPositionSize)).toBe(true);
    expect(entry.lt(risk.maxGrossNotional ?? 0)).toBe(true);
    expect(entry.lt(simulation.equity.times(risk.maxPositionPctPerSymbol))).toBe(true);
    expect(entry.gt(config.instruments['BTC-PERP']?.minNotional ?? Infinity)).toBe(true);
    expect(strategy.targetLeverage).toBeLessThanOrEqual(risk.maxLeverage.toNumber());
  });
});

describe('the dev profile', () => {
  it('decides and sends nothing', () => {
    const { config } = loadProfile('dev');

    expect(config.dryRun).toBe(true);
    expect(config.risk.maxPositionSize.toString()).toBe('10000');
  });

  it('is what starts when nobody names one', () => {
    expect(loadYaml('botId: x\n').config.profile).toBe('dev');
  });
});

describe('the spot profile', () => {
  it('carries the ten coins with their rules', () => {
    const { config } = loadProfile('spot');

    expect(config.symbols).toEqual(
      ['BTC', 'ETH', 'SOL', 'XRP', 'LTC', 'ADA', 'DOGE', 'BCH', 'AVAX', 'LINK'].map((base) => `${base}-USD`),
    );
    const rules = Object.fromEntries(
      Object.entries(config.strategy.perSymbol).map(([symbol, rule]) => [
        symbol,
        [
          rule.shortMa,
          rule.longMa,
          rule.volumeFilter?.window,
          rule.volumeFilter?.multiplier.toString(),
          rule.momentumFilter && Object.values(rule.momentumFilter),
        ],
      ]),
    );
    expect(rules).toEqual({
      'BTC-USD': [5, 40, 10, '1.2', [14, 40, 70]],
      'ETH-USD': [10, 40, 10, '1.1', undefined],
      'SOL-USD': [8, 32, 8, '1.15', [12, 35, 70]],
      'XRP-USD': [12, 48, 12, '1.1', [20, 30, 68]],
      'LTC-USD': [7, 35, 8, '1.1', [14, 38, 72]],
      'ADA-USD': [12, 50, 12, '1.05', [18, 32, 68]],
      'DOGE-USD': [15, 60, 15, '1.05', [21, 28, 65]],
      'BCH-USD': [6, 30, 8, '1.12', [14, 37, 70]],
      'AVAX-USD': [9, 36, 10, '1.1', [16, 34, 70]],
      'LINK-USD': [9, 45, 12, '1.08', [16, 35, 71]],
    });
  });

  it('is long only, without leverage, with the limits of ten coins', () => {
    const { config } = loadProfile('spot');

    expect(config.derivatives).toBe(false);
    expect(config.strategy).toMatchObject({ enableShorts: false, targetLeverage: 1 });
    expect(config.risk.maxLeverage.toString()).toBe('1');
    expect(config.risk.dailyLossLimit?.toString()).toBe('250');
    expect(config.risk.maxPositionSize.toString()).toBe('50000');
    expect(Object.values(config.risk.maxNotionalPerSymbol).map(String)).toEqual([
      '10000',
      '6000',
      '2000',
      '1500',
      '2500',
      '1200',
      '800',
      '2500',
      '1800',
      '1800',
    ]);
    expect(config.risk.volatility).toMatchObject({ enabled: true, cooldownMs: 20 * 60_000 });
    expect(config.risk.preTradeLiquidationProjection).toBe(false);
  });

  it('trades live only when SPOT_FORCE_LIVE is true', () => {
    expect(loadProfile('spot', { env: { SPOT_FORCE_LIVE: 'true' } }).config.world).toBe('live');
    expect(loadProfile('spot', { env: { SPOT_FORCE_LIVE: 'false' } }).config.world).toBe('paper');
    expect(errorOf(() => loadProfile('spot', { env: { SPOT_FORCE_LIVE: '1' } })).code).toBe('CFG-002');
    expect(errorOf(() => loadYaml('profile: spot\nworld: live\n')).message).toContain('unless SPOT_FORCE_LIVE is true');
  });

  it('says so when SPOT_FORCE_LIVE has no effect', () => {
    const { config, warnings } = loadProfile('demo', { env: { SPOT_FORCE_LIVE: 'true' } });

    expect(config.world).toBe('paper');
    expect(warnings).toEqual([expect.stringContaining('SPOT_FORCE_LIVE: has no effect in profile demo')]);
  });
});
