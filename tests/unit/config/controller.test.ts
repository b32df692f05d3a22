import { describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfigController, FixedConfigController, loadConfig, type LoadOptions } from '#config/index.js';
import type { ConfigChange } from '#src/ports/configuration/settings/config-controller.js';
import { testConfig } from '../../support/config.js';
import { directoryWith, errorOf } from './support.js';

const BASE = 'profile: demo\nrisk: { maxLeverage: 3 }\n';

function watch(files: Record<string, string> = {}, options: Partial<LoadOptions> = {}) {
  const cwd = directoryWith({ 'bot.yaml': BASE, ...files });
  const env: Record<string, string> = { ...(options.env as Record<string, string> | undefined) };
  const all = { file: 'bot.yaml', cwd, ...options };
  const controller = createConfigController(loadConfig({ ...all, env }), { ...all, env: () => env });
  return {
    controller,
    env,
    write: (name: string, content: string) => {
      writeFileSync(join(cwd, name), content);
    },
    remove: (name: string) => {
      rmSync(join(cwd, name));
    },
  };
}

describe('the configuration controller', () => {
  it('finds nothing while nothing changes', () => {
    const { controller, write } = watch();

    expect(controller.refreshIfChanged()).toBeUndefined();
    write('bot.yaml', `${BASE}# a comment\n`);
    expect(controller.refreshIfChanged()).toBeUndefined();
  });

  it('reports every field that changed, with both values', () => {
    const { controller, write } = watch();
    write(
      'bot.yaml',
      'profile: demo\nsymbols: [BTC-PERP, ETH-PERP]\nupdateInterval: 10s\nstrategy: { shortMa: 7 }\nrisk: { maxLeverage: 2, reduceOnly: true, maxNotionalPerSymbol: { BTC-PERP: 900 USDT } }\nlogging: { json: true }\n',
    );

    const change = controller.refreshIfChanged();

    expect(Object.keys(change?.diff ?? {}).sort()).toEqual([
      'logging.json',
      'risk.maxLeverage',
      'risk.maxNotionalPerSymbol.BTC-PERP',
      'risk.reduceOnly',
      'strategy.shortMa',
      'symbols',
      'updateIntervalMs',
    ]);
    expect(change?.diff['updateIntervalMs']).toEqual({ current: 5_000, next: 10_000 });
    expect(change?.diff['symbols']).toEqual({ current: ['BTC-PERP'], next: ['BTC-PERP', 'ETH-PERP'] });
    expect(change?.updated.strategy.shortMa).toBe(7);
  });

  it('keeps the old configuration in force until a change is applied', () => {
    const { controller, write } = watch();
    write('bot.yaml', 'profile: demo\nrisk: { maxLeverage: 2 }\n');
    const change = controller.refreshIfChanged() as ConfigChange;

    expect(controller.current.risk.maxLeverage.toString()).toBe('3');
    controller.apply(change);
    expect(controller.current.risk.maxLeverage.toString()).toBe('2');
  });

  it('hands out a pending change once', () => {
    const { controller, write } = watch();
    write('bot.yaml', 'profile: demo\nrisk: { maxLeverage: 2 }\n');
    const change = controller.refreshIfChanged();

    expect(controller.refreshIfChanged()).toBeUndefined();
    expect(controller.consumePendingChange()).toBe(change);
    expect(controller.consumePendingChange()).toBeUndefined();
  });

  it('keeps the old configuration when the new file is invalid, and says so once', () => {
    const { controller, write } = watch();
    const before = controller.current;
    write('bot.yaml', 'profile: demo\nrisk: { maxLeverge: 2 }\n');

    expect(errorOf(() => controller.refreshIfChanged()).code).toBe('CFG-001');
    expect(controller.refreshIfChanged()).toBeUndefined();
    expect(controller.current).toBe(before);
    expect(controller.consumePendingChange()).toBeUndefined();
  });

  it('takes the file again once it is valid again', () => {
    const { controller, write } = watch();
    write('bot.yaml', 'oops: [');
    errorOf(() => controller.refreshIfChanged());
    write('bot.yaml', 'profile: demo\nrisk: { maxLeverage: 2 }\n');

    expect(Object.keys(controller.refreshIfChanged()?.diff ?? {})).toEqual(['risk.maxLeverage']);
  });

  it('survives a file that disappears and comes back', () => {
    const { controller, write, remove } = watch();
    remove('bot.yaml');

    expect(errorOf(() => controller.refreshIfChanged()).code).toBe('CFG-005');
    write('bot.yaml', BASE);
    expect(controller.refreshIfChanged()).toBeUndefined();
  });

  it('watches the risk file and the variables too (B-24)', () => {
    const { controller, write, env } = watch(
      { 'risk.yaml': 'maxLeverage: 2\n' },
      { env: { RISK_CONFIG_PATH: 'risk.yaml' } },
    );
    write('risk.yaml', 'maxLeverage: 2\ndailyLossLimit: 9 USDT\n');
    expect(Object.keys(controller.refreshIfChanged()?.diff ?? {})).toEqual(['risk.dailyLossLimit']);

    env['RISK_KILL_SWITCH_ENABLED'] = 'true';
    expect(Object.keys(controller.refreshIfChanged()?.diff ?? {}).sort()).toEqual([
      'risk.dailyLossLimit',
      'risk.killSwitch',
    ]);
    env['HOME'] = '/elsewhere';
    expect(controller.refreshIfChanged()).toBeUndefined();
  });

  it('reads the file of every profile it was loaded from (B-24)', () => {
    const cwd = directoryWith({ 'bot.yaml': 'profile: spot\n' });

    expect(loadConfig({ file: 'bot.yaml', env: {}, cwd }).sources.map(({ path }) => path.split('/').at(-1))).toEqual([
      'bot.yaml',
      'spot.yaml',
    ]);
  });

  it('keeps overrides in force over a changed file', () => {
    const { controller, write } = watch({}, { overrides: { risk: { maxLeverage: '2' } } });
    write('bot.yaml', 'profile: demo\nrisk: { maxLeverage: 5 }\n');

    expect(controller.refreshIfChanged()).toBeUndefined();
    expect(controller.current.risk.maxLeverage.toString()).toBe('2');
  });

  it.each([
    ['profile: dev\n', 'profile'],
    ['profile: demo\nbotId: other\n', 'botId'],
    ['profile: demo\nstorage: { directory: elsewhere }\n', 'storage.directory'],
    ['profile: demo\nsimulation: { equity: 5 USDT }\n', 'simulation.equity'],
    ['profile: demo\ninstruments: { BTC-PERP: { tick: 0.5 } }\n', 'instruments.BTC-PERP.tick'],
    ['profile: demo\ndryRun: true\n', 'dryRun'],
    ['profile: demo\nderivatives: false\nstrategy: { targetLeverage: 1, enableShorts: false }\n', 'derivatives'],
  ])('refuses %j: it needs a restart', (yaml, path) => {
    const { controller, write } = watch();
    write('bot.yaml', yaml);

    const error = errorOf(() => controller.refreshIfChanged());
    expect(error.code).toBe('CFG-006');
    expect(error.message).toContain(path);
    expect(error.fix).toContain('Restart');
  });

  it.each([
    ['maxLeverage: 4', 'risk.maxLeverage'],
    ['maxLeverage: 3, dailyLossLimit: 100000 USDT', 'risk.dailyLossLimit'],
    ['maxLeverage: 3, minLiquidationBuffer: 1%', 'risk.minLiquidationBuffer'],
    ['maxLeverage: 3, maxNotionalPerSymbol: { BTC-PERP: 900 USDT }', 'risk.maxDrawdown'],
    ['maxLeverage: 3, maxDrawdown: 10%', 'risk.maxNotionalPerSymbol.BTC-PERP'],
    [
      'maxLeverage: 3, maxDrawdown: 10%, maxNotionalPerSymbol: { BTC-PERP: 900 USDT }, marketImpactGuard: false',
      'risk.marketImpactGuard',
    ],
    [
      'maxLeverage: 3, maxDrawdown: 10%, maxNotionalPerSymbol: { BTC-PERP: 900 USDT }, marketImpactGuard: true, slippageGuard: 0bps',
      'risk.slippageGuardBps',
    ],
    [
      'maxLeverage: 3, maxDrawdown: 10%, maxNotionalPerSymbol: { BTC-PERP: 900 USDT }, marketImpactGuard: true, daytime: { start: "08:00", end: "20:00" }',
      'risk.daytime',
    ],
  ])('refuses to loosen a limit by an edit of the file: risk: { %s } (CF-11)', (risk, path) => {
    const { controller, write } = watch({
      'bot.yaml':
        'profile: demo\nrisk: { maxLeverage: 3, maxDrawdown: 10%, maxNotionalPerSymbol: { BTC-PERP: 900 USDT }, marketImpactGuard: true }\n',
    });
    const before = controller.current;
    write('bot.yaml', `profile: demo\nrisk: { ${risk} }\n`);

    const error = errorOf(() => controller.refreshIfChanged());
    expect(error.code).toBe('CFG-006');
    expect(error.message).toContain(path);
    expect(error.fix).toContain('Restart');
    expect(controller.current).toBe(before);
  });

  it('tightens limits while running, and lets go of flags that only the safety state loosens (CF-11)', () => {
    const { controller, write } = watch({ 'bot.yaml': 'profile: demo\nrisk: { maxLeverage: 3, reduceOnly: true }\n' });
    write(
      'bot.yaml',
      'profile: demo\nrisk: { maxLeverage: 2, maxDrawdown: 5%, minLiquidationBuffer: 50%, marketImpactGuard: true, maxNotionalPerSymbol: { BTC-PERP: 900 USDT } }\n',
    );

    expect(Object.keys(controller.refreshIfChanged()?.diff ?? {}).sort()).toEqual([
      'risk.marketImpactGuard',
      'risk.maxDrawdown',
      'risk.maxLeverage',
      'risk.maxNotionalPerSymbol.BTC-PERP',
      'risk.minLiquidationBuffer',
      'risk.reduceOnly',
    ]);
  });

  it('tells every listener in order of subscription, also after one has thrown', () => {
    const { controller, write } = watch();
    const told: string[] = [];
    controller.onChange(() => told.push('first'));
    const remove = controller.onChange(() => told.push('removed'));
    controller.onChange(() => {
      told.push('failing');
      throw new Error('listener');
    });
    controller.onChange((change) => told.push(`last sees ${String(controller.current === change.updated)}`));
    remove();
    write('bot.yaml', 'profile: demo\nrisk: { maxLeverage: 2 }\n');

    expect(() => {
      controller.apply(controller.refreshIfChanged() as ConfigChange);
    }).toThrow('listener');
    expect(told).toEqual(['first', 'failing', 'last sees true']);
  });

  it('notices a change between loading and watching', () => {
    const cwd = directoryWith({ 'bot.yaml': BASE });
    const options = { file: 'bot.yaml', cwd, env: {} };
    const loaded = loadConfig(options);
    writeFileSync(join(cwd, 'bot.yaml'), 'profile: demo\nrisk: { maxLeverage: 2 }\n');

    expect(createConfigController(loaded, options).refreshIfChanged()).toBeDefined();
  });
});

describe('the fixed controller', () => {
  it('never finds a change by itself, and applies what it is given', () => {
    const controller = new FixedConfigController(testConfig());
    const updated = testConfig({ dryRun: true });

    expect(controller.refreshIfChanged()).toBeUndefined();
    controller.apply({ updated, diff: {} });
    expect(controller.current).toBe(updated);
  });
});
