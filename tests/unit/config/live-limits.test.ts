import { describe, expect, it } from '@jest/globals';
import { resolveConfig } from '#config/index.js';
import { testConfig } from '../../support/config.js';
import { errorOf, LIVE_LIMITS, loadProfile, loadYaml } from './support.js';

const NAMES = [
  'maxLeverage',
  'dailyLossLimit',
  'maxDrawdown',
  'maxPositionSize',
  'maxOrderNotional',
  'maxGrossNotional',
  'priceCollar',
  'ordersPerMinute',
  'maxUnattendedEntries',
  'maxEquityAge',
];

describe('a live profile', () => {
  it('refuses to start without limits and prints the block that is missing', () => {
    const error = errorOf(() => loadProfile('prod'));

    expect(error.code).toBe('CFG-003');
    for (const name of NAMES) expect(error.message).toContain(`risk.${name}`);
    const block = error.fix?.split('\n').slice(1).join('\n') ?? '';
    expect(
      block
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(':')[0]),
    ).toEqual(NAMES);
    expect(loadYaml(`profile: prod\n${block}\n`).config.world).toBe('live');
  });

  it.each(NAMES)('refuses to start without risk.%s alone, naming only that', (name) => {
    const others = LIVE_LIMITS.split('\n')
      .filter((line) => !line.trim().startsWith(`${name}:`))
      .join('\n');
    const error = errorOf(() => loadYaml(`profile: prod\n${others}`));

    expect(error.code).toBe('CFG-003');
    expect(error.message).toContain(`missing: risk.${name}.`);
    expect(error.fix?.split('\n')).toHaveLength(3);
  });

  it('does not count an empty risk section as limits', () => {
    expect(errorOf(() => loadYaml('profile: prod\nrisk:\n')).code).toBe('CFG-003');
  });

  it('takes limits from variables and overrides as well', () => {
    const without = LIVE_LIMITS.split('\n')
      .filter((line) => !/maxLeverage|maxDrawdown/.test(line))
      .join('\n');
    const { config, origins } = loadYaml(`profile: prod\n${without}`, {
      env: { RISK_MAX_LEVERAGE: '2' },
      overrides: { risk: { maxDrawdown: '5%' } },
    });

    expect(config.risk.maxLeverage.toString()).toBe('2');
    expect(origins.get('risk.maxLeverage')).toBe('env:RISK_MAX_LEVERAGE');
    expect(origins.get('risk.maxDrawdown')).toBe('override');
  });

  it('reports missing limits together with other mistakes', () => {
    const error = errorOf(() => loadYaml('profile: prod\nrisk: { maxLeverge: 3 }\n'));

    expect(error.problems.map((problem) => problem.code)).toEqual(['CFG-001', 'CFG-003']);
  });

  it('keeps its journal on disk', () => {
    expect(errorOf(() => loadYaml(`profile: prod\nstorage: { driver: memory }\n${LIVE_LIMITS}`)).message).toContain(
      'storage.driver must not be memory',
    );
  });

  it('takes no secret from a file', () => {
    const error = errorOf(() => loadYaml(`profile: prod\nstrategy:\n  params: { apiKey: abc }\n${LIVE_LIMITS}`));

    expect(error.message).toContain('strategy.params.apiKey looks like a secret');
    expect(
      loadYaml(`profile: prod\nstrategy:\n  params: { apiKey: "secret://venue" }\n${LIVE_LIMITS}`).warnings,
    ).toEqual([]);
  });

  it('does not trade a perpetual as if it were spot', () => {
    const error = errorOf(() =>
      loadYaml(
        `profile: prod\nderivatives: false\nstrategy: { enableShorts: false, targetLeverage: 1 }\n${LIVE_LIMITS}`,
      ),
    );

    expect(error.message).toContain('BTC-PERP is a perpetual and must not be traded while derivatives is false');
    expect(error.problems[0]?.fix).toContain('BTC-USD');
  });

  it('carries the limits that need no decision', () => {
    const { config } = loadYaml(`profile: prod\n${LIVE_LIMITS}`);

    expect(config.strategy.enableShorts).toBe(true);
    expect(config.risk.daytime).toEqual({ startMinute: 13 * 60, endMinute: 20 * 60 });
    expect(Object.values(config.risk.dayLeverageMaxPerSymbol).map(Number)).toEqual([10, 8, 5, 5]);
    expect(Object.values(config.risk.nightLeverageMaxPerSymbol).map(Number)).toEqual([5, 5, 3, 3]);
    expect(Object.values(config.risk.maxNotionalPerSymbol).map(Number)).toEqual([25_000, 15_000, 7_500, 3_000]);
    expect(config.risk.maxExposurePct.toString()).toBe('0.5');
    expect(config.risk.slippageGuardBps.toString()).toBe('30');
    expect(config.risk.maxMarkStalenessMs).toBe(120_000);
  });

  it('is held to the same when a host resolves it', () => {
    expect(errorOf(() => resolveConfig({ profile: 'prod' })).code).toBe('CFG-003');
    expect(errorOf(() => resolveConfig(testConfig({ profile: 'prod', world: 'live' }))).code).toBe('CFG-003');
  });
});

describe('the canary', () => {
  it('starts with hard limits of its own', () => {
    const { config } = loadProfile('canary');

    expect(config).toMatchObject({ symbols: ['BTC-USD'], world: 'live', updateIntervalMs: 10_000, dryRun: false });
    expect(config.session).toEqual({
      startMinute: 14 * 60,
      endMinute: 15 * 60,
      days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    });
    expect(config.risk.dailyLossLimit?.toString()).toBe('10');
    expect(config.risk.maxPositionSize.toString()).toBe('500');
  });

  it('cannot be given leverage through a parameter of its strategy', () => {
    const { config, warnings } = loadYaml(
      'profile: canary\nstrategy:\n  params:\n    targetLeverage: 5\n    shortMa: 3\n',
    );

    expect(config.strategy.targetLeverage).toBe(1);
    expect(Object.keys(config.strategy.params)).toEqual(['shortMa']);
    expect(warnings.join()).toContain('strategy.params.targetLeverage is locked in profile canary');
  });

  it('is locked again after overrides, and says what it overruled', () => {
    const { config, warnings, origins } = loadYaml(
      'profile: canary\nrisk:\n  reduceOnly: false\n  maxLeverage: 3\n  maxPositionSize: 9000 USD\n',
      {
        overrides: { execution: { timeInForce: 'GTC' } },
      },
    );

    expect(config.risk.reduceOnly).toBe(true);
    expect(config.risk.maxLeverage.toString()).toBe('1');
    expect(config.execution.timeInForce).toBe('IOC');
    expect(config.risk.maxPositionSize.toString()).toBe('500');
    expect(warnings).toEqual([
      'bot.yaml:4:3: risk.maxLeverage is locked in profile canary: 1 holds, not 3.',
      'bot.yaml:5:3: risk.maxPositionSize is locked in profile canary: 500 holds, not 9000 USD.',
      'bot.yaml:3:3: risk.reduceOnly is locked in profile canary: true holds, not false.',
      'override execution.timeInForce: execution.timeInForce is locked in profile canary: IOC holds, not GTC.',
    ]);
    expect(origins.get('risk.reduceOnly')).toBe('profile');
  });

  it('locks the target leverage too (B-21)', () => {
    const { config, warnings } = loadProfile('canary', {
      overrides: { derivatives: true, strategy: { targetLeverage: '5' } },
    });

    expect(config.strategy.targetLeverage).toBe(1);
    expect(warnings).toEqual([
      expect.stringContaining('strategy.targetLeverage is locked in profile canary: 1 holds, not 5.'),
    ]);
  });

  it.each([
    ['risk.slippageGuard', { slippageGuard: '30bps' }],
    ['risk.slippageGuard', { slippageGuard: '0bps' }],
    ['risk.maxMarkStaleness', { maxMarkStaleness: '10m' }],
    ['risk.priceCollar', { priceCollar: '21bps' }],
  ])('holds every limit that its profile states, %s too: %j', (path, risk) => {
    const { config, warnings } = loadProfile('canary', { overrides: { risk } });

    expect(config.risk).toEqual(loadProfile('canary').config.risk);
    expect(warnings).toEqual([expect.stringContaining(`${path} is locked in profile canary`)]);
  });

  it('may be tightened', () => {
    const { config, warnings } = loadYaml(
      'profile: canary\nrisk:\n  maxPositionSize: 100 USD\n  dailyLossLimit: 5 USD\n  ordersPerMinute: 1\n',
    );

    expect([config.risk.maxPositionSize, config.risk.dailyLossLimit, config.risk.ordersPerMinute].map(String)).toEqual([
      '100',
      '5',
      '1',
    ]);
    expect(warnings).toEqual([]);
  });

  it('refuses a file with keys it would not honour (B-22)', () => {
    const error = errorOf(() =>
      loadYaml(
        'profile: canary\nsession:\n  trading_days: [monday]\ntrading:\n  execution: { time_in_force: IOC }\ncircuit_breakers: { max_errors: 3 }\n',
      ),
    );

    expect(error.problems.map((problem) => [problem.code, problem.where])).toEqual([
      ['CFG-004', 'bot.yaml:3:3'],
      ['CFG-004', 'bot.yaml:4:1'],
      ['CFG-004', 'bot.yaml:6:1'],
    ]);
  });

  it('stays locked when a host hands over a resolved configuration', () => {
    const base = loadProfile('canary').config;
    const seen: string[] = [];
    const config = resolveConfig(
      { ...base, risk: { ...base.risk, reduceOnly: false } },
      { onWarning: (warning) => seen.push(warning) },
    );

    expect(config.risk.reduceOnly).toBe(true);
    expect(seen).toHaveLength(1);
  });
});
