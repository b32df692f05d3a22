import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import { testConfig } from '../../support/config.js';
import { monitorRig } from './monitor-rig.js';

describe('StatusMonitor configuration check', () => {
  const changed = (): {
    updated: ReturnType<typeof testConfig>;
    diff: Record<string, { current: unknown; next: unknown }>;
  } => ({
    updated: testConfig({ updateIntervalMs: 10_000 }),
    diff: { updateInterval: { current: 5_000, next: 10_000 } },
  });

  it('puts a valid change into force, with a record of its fields, once', () => {
    const { monitor, config, events, host } = monitorRig();
    config.nextChange = changed();

    monitor.checkConfigUpdates();
    host.now += 500;
    monitor.checkConfigUpdates();

    expect(config.current.updateIntervalMs).toBe(10_000);
    expect(events.payloads('config_changed')).toEqual([{ fields: ['updateInterval'] }]);
    expect(config.consumePendingChange()).toBeUndefined();
  });

  it('looks at it twice a second of the host, however many cycles that are', () => {
    const { monitor, config, host } = monitorRig();
    const looks = (): number => {
      let count = 0;
      for (let cycle = 0; cycle < 1_000; cycle += 1) {
        config.nextChange = fault('CFG-001', 'Unknown key risk.maxLeverge.');
        monitor.checkConfigUpdates();
        if (config.nextChange === undefined) count += 1;
        host.now += 1;
      }
      return count;
    };
    expect(looks()).toBe(2);
    config.nextChange = changed();
    host.now += 500;
    monitor.checkConfigUpdates();
    expect(config.current.updateIntervalMs).toBe(10_000);
  });

  it('keeps the old configuration when the new one is invalid, and says why', () => {
    const { monitor, config, logger, events } = monitorRig();
    config.nextChange = fault('CFG-001', 'Unknown key risk.maxLeverge.');

    monitor.checkConfigUpdates();

    expect(config.current.updateIntervalMs).toBe(5_000);
    expect(logger.lines).toEqual([
      {
        level: 'error',
        message: 'Configuration change refused; the old one stays',
        fields: { code: 'CFG-001', error: 'Unknown key risk.maxLeverge.' },
      },
    ]);
    expect(events.payloads('config_changed')).toEqual([]);
  });

  it('refuses a change by name whose amounts the money of the journal cannot hold, and takes none of it up', () => {
    const { monitor, config, logger, money } = monitorRig();
    money.assertHolds = () => {
      throw fault('NUM-002', 'risk.maxPositionSize must be below 90071992.');
    };
    config.nextChange = changed();

    monitor.checkConfigUpdates();

    expect(config.current.updateIntervalMs).toBe(5_000);
    expect(logger.at('error')).toEqual(['Configuration change refused; the old one stays']);
    expect(config.consumePendingChange()).toBeUndefined();
  });

  it('does not call a change refused that is in force although somebody could not follow it', () => {
    const { monitor, config, logger, events } = monitorRig();
    config.onChange(() => {
      throw new Error('no such product');
    });
    config.nextChange = changed();

    monitor.checkConfigUpdates();

    expect(config.current.updateIntervalMs).toBe(10_000);
    expect(logger.at('error')).toEqual(['The changed configuration is in force, but not everyone could follow']);
    expect(events.payloads('config_changed')).toHaveLength(1);
    expect(config.consumePendingChange()).toBeUndefined();
  });
});
