import type { Decimal } from '../../src/domain/decimal.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '../../src/ports/configuration/settings/risk-settings.js';
import type { StrategySettings } from '../../src/ports/configuration/settings/strategy-settings.js';
import type { Checker } from './check.js';
import type { PartialConfig } from './index.js';

/** Limits of the canary profile that only become lower. */
const CEILINGS = [
  ['maxOrderNotional', 'maxOrderNotional'],
  ['maxPositionSize', 'maxPositionSize'],
  ['maxGrossNotional', 'maxGrossNotional'],
  ['dailyLossLimit', 'dailyLossLimit'],
  ['maxDrawdown', 'maxDrawdown'],
  ['maxExposurePct', 'maxExposurePct'],
  ['priceCollar', 'priceCollarBps'],
] as const satisfies readonly (readonly [string, keyof RiskSettings])[];

/**
 * The canary stays a canary: reduce-only, leverage of at most 1, IOC, and no limit above its profile's, whatever later
 * layers say. What is overruled is a warning, never silent.
 */
export function lockCanary(config: BotConfig, preset: PartialConfig, checker: Checker): BotConfig {
  if (config.profile !== 'canary') return config;
  const lock = new Lock(checker);
  const risk: Record<string, unknown> = { ...config.risk };
  risk['reduceOnly'] = lock.fixed('risk.reduceOnly', config.risk.reduceOnly, true);
  risk['maxLeverage'] = lock.atMost('risk.maxLeverage', config.risk.maxLeverage, 1);
  risk['ordersPerMinute'] = lock.lower(
    'risk.ordersPerMinute',
    config.risk.ordersPerMinute,
    preset.risk?.ordersPerMinute,
  );
  for (const [key, field] of CEILINGS) {
    const value = lock.atMost(`risk.${key}`, config.risk[field], preset.risk?.[field]);
    if (value !== undefined) risk[field] = value;
  }
  return {
    ...config,
    risk: risk as unknown as RiskSettings,
    strategy: {
      ...config.strategy,
      targetLeverage: lock.lower('strategy.targetLeverage', config.strategy.targetLeverage, 1),
      params: lock.without('strategy.params', config.strategy.params, 'targetLeverage'),
    },
    execution: {
      ...config.execution,
      timeInForce: lock.fixed('execution.timeInForce', config.execution.timeInForce, 'IOC'),
    },
  };
}

class Lock {
  constructor(private readonly checker: Checker) {}

  fixed<T>(path: string, value: T, locked: T): T {
    if (value !== locked) this.overrule(path, String(locked));
    return locked;
  }

  /** A parameter is a second door to a locked setting: it is shut, not measured. */
  without(path: string, params: StrategySettings['params'], name: string): StrategySettings['params'] {
    if (!Object.hasOwn(params, name)) return params;
    this.overrule(`${path}.${name}`, 'the setting of the same name');
    return Object.fromEntries(Object.entries(params).filter(([key]) => key !== name));
  }

  lower(path: string, value: number, ceiling: number | undefined): number {
    if (ceiling === undefined || value <= ceiling) return value;
    this.overrule(path, String(ceiling));
    return ceiling;
  }

  atMost<T extends Decimal | undefined>(path: string, value: T, ceiling: Decimal | number | undefined): T | Decimal {
    if (value === undefined || ceiling === undefined || value.lte(ceiling)) return value;
    this.overrule(path, String(ceiling));
    return value.mul(0).add(ceiling);
  }

  private overrule(path: string, locked: string): void {
    const entry = this.checker.entries.get(path);
    this.checker.warn(
      [path],
      `${path} is locked in profile canary: ${locked} holds, not ${entry?.written ?? 'the value given'}.`,
    );
    this.checker.entries.set(path, { origin: 'profile', written: locked, rank: entry?.rank ?? 0 });
  }
}
