import { Decimal } from '../../src/domain/decimal.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { StrategySettings } from '../../src/ports/configuration/settings/strategy-settings.js';
import type { Checker } from './check.js';
import type { PartialConfig } from './index.js';
import { limitsOf, type LimitMeta } from './limit-meta.js';
import { loosens } from './loosening.js';
import { copyOf, dotted, nodeAt, put, type Tree } from './tree.js';

/**
 * The canary stays a canary: reduce-only, leverage of at most 1, IOC, and no limit looser than its profile's, whatever
 * later layers say. The schema says of each field what holds. What is overruled is a warning, never silent.
 */
export function lockCanary(config: BotConfig, preset: PartialConfig, checker: Checker): BotConfig {
  if (config.profile !== 'canary') return config;
  const lock = new Lock(checker);
  const locked = copyOf(config as unknown as Tree);
  for (const { path, settingsPath, meta } of limitsOf(checker.schema)) {
    const value = nodeAt(config, settingsPath);
    const held = lock.value(dotted(path), value, nodeAt(preset, settingsPath), meta);
    if (held !== value) put(locked, settingsPath, held);
  }
  const { strategy } = locked as unknown as BotConfig;
  const params = lock.without('strategy.params', strategy.params, 'targetLeverage');
  return { ...(locked as unknown as BotConfig), strategy: { ...strategy, params } };
}

class Lock {
  constructor(private readonly checker: Checker) {}

  value(path: string, value: unknown, preset: unknown, { tighter, canary }: LimitMeta): unknown {
    if (canary !== undefined && 'is' in canary) return value === canary.is ? value : this.overrule(path, canary.is);
    // What the profile does not state bounds nothing; a section is held limit by limit.
    if (isAmountOrFlag(preset) && String(preset) !== String(value) && loosens(tighter, preset, value))
      return this.overrule(path, preset);
    if (canary !== undefined && isAmountOrFlag(value) && loosens('lower', canary.atMost, value))
      return this.overrule(path, Decimal.isDecimal(value) ? new Decimal(canary.atMost) : canary.atMost);
    return value;
  }

  /** A parameter is a second door to a locked setting: it is shut, not measured. */
  without(path: string, params: StrategySettings['params'], name: string): StrategySettings['params'] {
    if (!Object.hasOwn(params, name)) return params;
    this.overrule(`${path}.${name}`, 'the setting of the same name');
    return Object.fromEntries(Object.entries(params).filter(([key]) => key !== name));
  }

  private overrule<T>(path: string, locked: T): T {
    const entry = this.checker.entries.get(path);
    this.checker.warn(
      [path],
      `${path} is locked in profile canary: ${String(locked)} holds, not ${entry?.written ?? 'the value given'}.`,
    );
    this.checker.entries.set(path, { origin: 'profile', written: String(locked), rank: entry?.rank ?? 0 });
    return locked;
  }
}

const isAmountOrFlag = (value: unknown): value is Decimal | number | boolean =>
  Decimal.isDecimal(value) || typeof value === 'number' || typeof value === 'boolean';
