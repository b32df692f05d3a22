import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { describeConfig, environment, loadConfig, variableFor } from '#config/index.js';
import { directoryWith, errorOf, loadEnv, loadProfile, loadYaml } from './support.js';

describe('configuration layers', () => {
  it('win in the order defaults, profile, file, environment, overrides', () => {
    const yaml = 'profile: demo\nstrategy: { shortMa: 6, longMa: 31 }\nlogging: { level: warn }\n';
    const { config, origins } = loadYaml(yaml, {
      env: { PERPSBOT__STRATEGY__LONG_MA: '32', PERPSBOT__LOGGING__LEVEL: 'error' },
      overrides: { logging: { level: 'debug' } },
    });

    expect([config.strategy.trailingStop.toString(), origins.get('strategy.trailingStop')]).toEqual([
      '0.01',
      'default',
    ]);
    expect([config.streaming.enabled, origins.get('streaming.enabled')]).toEqual([true, 'profile']);
    expect([config.strategy.shortMa, origins.get('strategy.shortMa')]).toEqual([6, 'file']);
    expect([config.strategy.longMa, origins.get('strategy.longMa')]).toEqual([32, 'env:PERPSBOT__STRATEGY__LONG_MA']);
    expect([config.logging.level, origins.get('logging.level')]).toEqual(['debug', 'override']);
  });

  it('merge maps entry by entry and replace lists whole', () => {
    const { config } = loadYaml(
      'profile: spot\nsymbols: [ETH-USD]\nrisk:\n  maxNotionalPerSymbol: { eth-usd: 100 USD }\n',
    );

    expect(config.symbols).toEqual(['ETH-USD']);
    expect(config.risk.maxNotionalPerSymbol['ETH-USD']?.toString()).toBe('100');
    expect(config.risk.maxNotionalPerSymbol['BTC-USD']?.toString()).toBe('10000');
  });

  it('let the flag choose the profile, then the environment, then the file', () => {
    const env = { PERPSBOT__PROFILE: 'spot' };

    expect(loadYaml('profile: demo\n').config.profile).toBe('demo');
    expect(loadYaml('profile: demo\n', { env }).config.profile).toBe('spot');
    expect(loadYaml('profile: demo\n', { env, profile: 'dev' }).config).toMatchObject({ profile: 'dev', dryRun: true });
  });

  it('leave the profile alone where an override is undefined (B-09)', () => {
    const { config, origins } = loadProfile('dev', {
      overrides: { dryRun: undefined, execution: { previewOrders: undefined }, updateInterval: undefined },
    });

    expect(config.dryRun).toBe(true);
    expect(origins.get('dryRun')).toBe('profile');
  });

  it('let an override turn a switch of the profile off (B-09)', () => {
    expect(loadProfile('dev', { overrides: { dryRun: false } }).config.dryRun).toBe(false);
  });

  it('refuse an override they do not know (B-09)', () => {
    expect(errorOf(() => loadProfile('dev', { overrides: { intervall: 3 } })).code).toBe('CFG-001');
  });

  it('let an override win over a variable', () => {
    const { config } = loadProfile('demo', {
      env: { PERPS_ENABLE_STREAMING: 'true' },
      overrides: { streaming: { enabled: 'false' } },
    });

    expect(config.streaming.enabled).toBe(false);
  });

  it('read lists and maps from one line of text', () => {
    const { config } = loadProfile('demo', {
      overrides: { symbols: 'btc-perp, ETH-PERP', risk: { leverageMaxPerSymbol: 'BTC-PERP:3;ETH-PERP:2' } },
    });

    expect(config.symbols).toEqual(['BTC-PERP', 'ETH-PERP']);
    expect(
      Object.entries(config.risk.leverageMaxPerSymbol).map(([symbol, cap]) => `${symbol} ${cap.toString()}`),
    ).toEqual(['BTC-PERP 3', 'ETH-PERP 2']);
  });

  it('keep every digit of money and increments', () => {
    const { config } = loadYaml(
      'profile: demo\nrisk: { dailyLossLimit: 0.10000000000000000001 USDT }\nsimulation: { startPrices: { BTC-PERP: 12345678901234567890.5 } }\n',
    );

    expect(config.risk.dailyLossLimit?.toString()).toBe('0.10000000000000000001');
    expect(config.simulation.startPrices['BTC-PERP']?.toString()).toBe('12345678901234567890.5');
  });

  it('read JSON with comments on the place like YAML', () => {
    const directory = directoryWith({
      'bot.json': '{\n\t"profile": "demo",\n\t"risk": { "maxDrawdown": "5%", "ordersPerMinute": 7 }\n}\n',
      'bad.json': '{\n  "risk": { "maxLeverge": 3 }\n}\n',
    });

    expect(loadConfig({ file: 'bot.json', env: {}, cwd: directory }).config.risk).toMatchObject({ ordersPerMinute: 7 });
    expect(errorOf(() => loadConfig({ file: 'bad.json', env: {}, cwd: directory })).where).toBe('bad.json:2:13');
  });

  it('refuse a file that is missing or a directory', () => {
    const directory = directoryWith({});

    const missing = errorOf(() => loadConfig({ file: 'no.yaml', env: {}, cwd: directory }));
    expect([missing.code, missing.where]).toEqual(['CFG-005', join(directory, 'no.yaml')]);
    expect(errorOf(() => loadConfig({ file: '.', env: {}, cwd: directory })).code).toBe('CFG-005');
  });

  it('accept an empty file', () => {
    expect(loadYaml('# nothing yet\n').config.profile).toBe('dev');
    expect(loadYaml('profile: demo\nrisk:\n#  maxLeverage: 2\n').config.risk.maxLeverage.toString()).toBe('3');
  });

  it('give a configuration that cannot be changed in place', () => {
    const { config } = loadProfile('demo');

    expect(() => Object.assign(config.risk, { maxLeverage: 100 })).toThrow(TypeError);
    expect(() => (config.symbols as string[]).push('X')).toThrow(TypeError);
  });

  it('warn of a secret in a file and hide it when shown', () => {
    const loaded = loadYaml('profile: demo\nstrategy:\n  params: { apiKey: hunter2, fast: 12 }\n');

    expect(loaded.warnings).toEqual([
      'bot.yaml:3:13: strategy.params.apiKey looks like a secret; write secret://NAME, or give it through the environment.',
    ]);
    const lines = describeConfig(loaded, { origin: true });
    expect(lines.find((line) => line.path === 'strategy.params.apiKey')).toEqual({
      path: 'strategy.params.apiKey',
      value: '[hidden]',
      origin: 'file',
      where: 'bot.yaml:3:13',
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(JSON.stringify(describeConfig(loaded, { redact: false }))).toContain('hunter2');
  });

  it('are shown as they were written, in the order of the schema', () => {
    const lines = describeConfig(loadYaml('profile: demo\nrisk: { priceCollar: 50bps, maxDrawdown: 5% }\n'), {
      origin: true,
    });
    const paths = lines.map((line) => line.path);

    expect(lines).toContainEqual({ path: 'risk.priceCollar', value: '50bps', origin: 'file', where: 'bot.yaml:2:9' });
    expect(lines).toContainEqual({ path: 'strategy.longMa', value: '20', origin: 'default' });
    expect(paths.indexOf('profile')).toBe(0);
    expect(paths.indexOf('risk.maxDrawdown')).toBeLessThan(paths.indexOf('risk.priceCollar'));
  });
});

describe('limits the bot sets for itself', () => {
  it('reach the risk settings (B-02, B-03)', () => {
    const { config } = loadYaml('profile: demo\nmaxPositionSize: 700 USDT\ndailyLossLimit: 12 USDT\n');

    expect(config.risk.maxPositionSize.toString()).toBe('700');
    expect(config.risk.dailyLossLimit?.toString()).toBe('12');
  });

  it('reach the risk settings when given under risk (B-03)', () => {
    expect(loadEnv({ RISK_DAILY_LOSS_LIMIT: '33 USD' }).config.risk.dailyLossLimit?.toString()).toBe('33');
  });

  it('tighten and never loosen (B-32)', () => {
    const tighter = loadYaml('profile: demo\nmaxLeverage: 2\nrisk: { maxLeverage: 4 }\n');
    const looser = loadYaml('profile: demo\nmaxLeverage: 9\nrisk: { maxLeverage: 4 }\n');

    expect(tighter.config.risk.maxLeverage.toString()).toBe('2');
    expect(looser.config.risk.maxLeverage.toString()).toBe('4');
    expect(looser.warnings).toEqual(['bot.yaml:2:1: maxLeverage 9 has no effect; risk.maxLeverage 4 is tighter.']);
    expect(tighter.origins.get('risk.maxLeverage')).toBe('file');
  });
});

describe('the risk file', () => {
  const files = {
    'risk.yaml': 'maxLeverage: 2\ndailyLossLimit: 20 USDT\nkillSwitch: false\n',
    'risk.json': '{ "maxLeverage": 2, "dailyLossLimit": "20 USDT" }',
    'bad.yaml': 'maxLeverage: 2\nmax_leverge: 3\n',
    'broken.json': '{ "maxLeverage": ',
  };

  it.each(['risk.yaml', 'risk.json'])('loads from %s (B-31)', (name) => {
    const { config } = loadEnv({ RISK_CONFIG_PATH: name }, { cwd: directoryWith(files) });

    expect([config.risk.maxLeverage, config.risk.dailyLossLimit].map(String)).toEqual(['2', '20']);
  });

  it.each([
    ['missing.yaml', 'CFG-005'],
    ['bad.yaml', 'CFG-001'],
    ['broken.json', 'CFG-002'],
  ])('fails closed on %s (B-31)', (name, code) => {
    const error = errorOf(() => loadEnv({ RISK_CONFIG_PATH: name }, { cwd: directoryWith(files) }));

    expect(error.code).toBe(code);
    expect(error.where).toContain(name);
  });

  it('gives way to variables, the kill switch included (B-32, B-78)', () => {
    const { config } = loadEnv(
      { RISK_CONFIG_PATH: 'risk.yaml', RISK_KILL_SWITCH_ENABLED: 'true', RISK_MAX_LEVERAGE: '3' },
      { cwd: directoryWith(files) },
    );

    expect(config.risk.killSwitch).toBe(true);
    expect(config.risk.maxLeverage.toString()).toBe('3');
  });

  it('is tightened by the leverage the bot allows itself (B-32)', () => {
    const { config } = loadEnv(
      { RISK_CONFIG_PATH: 'risk.yaml' },
      { cwd: directoryWith(files), overrides: { maxLeverage: '1.5', strategy: { targetLeverage: '1' } } },
    );

    expect(config.risk.maxLeverage.toString()).toBe('1.5');
  });
});

describe('the environment', () => {
  it('is read as a copy', () => {
    const copy = environment();

    expect(copy['PATH']).toBe(process.env['PATH']);
    copy['PERPSBOT_TEST'] = 'x';
    expect(process.env['PERPSBOT_TEST']).toBeUndefined();
  });

  it('names every key, in any case', () => {
    const { config } = loadEnv({
      PERPSBOT__RISK__MAX_LEVERAGE: '2',
      perpsbot__risk__volatility__cooldown: '5m',
      PERPSBOT__INSTRUMENTS__BTC_PERP__TICK: '0.5',
      PERPSBOT__STRATEGY__PARAMS__FAST_PERIOD: '12',
    });

    expect(config.risk.maxLeverage.toString()).toBe('2');
    expect(config.risk.volatility.cooldownMs).toBe(300_000);
    expect(config.instruments['BTC-PERP']?.tick.toString()).toBe('0.5');
    expect(config.strategy.params).toEqual({ fastPeriod: 12 });
    expect(variableFor(['risk', 'volatility', 'reduceOnly'])).toBe('PERPSBOT__RISK__VOLATILITY__REDUCE_ONLY');
  });

  it('accepts the variables of the reference', () => {
    const { config } = loadEnv({
      RISK_MAX_MARK_STALENESS_SECONDS: '90',
      RISK_SLIPPAGE_GUARD_BPS: '25',
      RISK_CB_COOLDOWN_MIN: '10',
      RISK_MAX_EXPOSURE_PCT: '60%',
      RISK_DAYTIME_START_UTC: '13:00',
      RISK_DAYTIME_END_UTC: '20:00',
      RISK_DAY_LEVERAGE_MAX_PER_SYMBOL: 'BTC-PERP:3',
      RISK_REDUCE_ONLY_MODE: 'true',
      TRADING_SYMBOLS: 'btc-perp;eth-perp',
      PERPS_STREAM_LEVEL: '2',
      PERPS_POSITION_FRACTION: '4%',
      PERPS_SKIP_RECONCILE: 'true',
      PERPS_COLLATERAL_ASSETS: 'usd,usdc',
      PERPS_DEBUG: 'true',
      ORDER_PREVIEW_ENABLED: 'true',
      ORDER_PREVIEW_FAIL_CLOSED: 'true',
      SLIPPAGE_MULTIPLIERS: 'BTC-PERP:1.5',
      DISABLE_WS_STREAMING: 'true',
      GPT_TRADER_RUNTIME_ROOT: '/srv/bot',
    });

    expect(config.risk).toMatchObject({
      maxMarkStalenessMs: 90_000,
      reduceOnly: true,
      daytime: { startMinute: 780, endMinute: 1200 },
    });
    expect(
      [
        config.risk.slippageGuardBps,
        config.risk.maxExposurePct,
        config.risk.dayLeverageMaxPerSymbol['BTC-PERP'],
        config.strategy.positionFraction,
        config.execution.slippageMultipliers['BTC-PERP'],
      ].map(String),
    ).toEqual(['25', '0.6', '3', '0.04', '1.5']);
    expect(config.risk.volatility.cooldownMs).toBe(600_000);
    expect(config.symbols).toEqual(['BTC-PERP', 'ETH-PERP']);
    expect(config.streaming).toMatchObject({ enabled: false, level: 2 });
    expect(config.execution).toMatchObject({
      skipStartupReconcile: true,
      previewOrders: true,
      previewFailClosed: true,
      collateral: ['USD', 'USDC'],
    });
    expect(config.logging.level).toBe('debug');
    expect(config.storage.directory).toBe('/srv/bot/perps_bot/demo');
  });

  it.each(['on', 'ON', 'yes', 'y', '1', 'enabled', 'True', 'TRUE', ' true', ''])(
    'does not take %j for a boolean',
    (value) => {
      for (const name of ['RISK_KILL_SWITCH_ENABLED', 'PERPS_PAPER', 'PERPSBOT__DRY_RUN']) {
        const error = errorOf(() => loadEnv({ [name]: value }));
        expect([error.code, error.where]).toEqual(['CFG-002', `environment variable ${name}`]);
      }
    },
  );

  it.each([
    'USE_BUILDER_PATTERN',
    'USE_NEW_MARKET_DATA_SERVICE',
    'USE_NEW_STREAMING_SERVICE',
    'COINBASE_DEFAULT_QUOTE',
    'MAX_ORDER_SIZE_USD',
    'SPOT_PROFILE_PATH',
  ])('refuses %s as retired, with the way on (B-105)', (name) => {
    const error = errorOf(() => loadEnv({ [name]: 'true' }));

    expect(error.code).toBe('CFG-004');
    expect(error.fix).toMatch(/Remove it|Set |Put /);
  });

  it('puts the bot into the paper world on demand', () => {
    const { config } = loadProfile('canary', { env: { PERPS_PAPER: 'true' } });

    expect(config.world).toBe('paper');
    expect(loadProfile('canary', { env: { PERPS_PAPER: 'false' } }).config.world).toBe('live');
  });

  it('leaves what is not its own alone', () => {
    expect(loadEnv({ HOME: '/x', RISKY: 'on', COINBASE_API_KEY: 'abc', PERPSBOT_HOME: 'y' }).warnings).toEqual([]);
  });
});
