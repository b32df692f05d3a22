import type { z } from 'zod';
import { Decimal } from '../../src/domain/decimal.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { StrategySettings } from '../../src/ports/configuration/settings/strategy-settings.js';
import type { Checker } from './check.js';
import { configSchema, type PartialConfig } from './index.js';
import { placesOf, type LimitMeta, type Place } from './limit-meta.js';
import { sectionsOf } from './limits.js';

type Settings = Readonly<Record<string, unknown>>;
type Canary = NonNullable<LimitMeta['canary']>;

/** What always holds is told first, then what has a number of its own, then what the profile bounds. */
const rank = (canary: Canary): number => (canary === 'preset' ? 2 : 'atMost' in canary ? 1 : 0);

/**
 * The canary stays a canary: reduce-only, leverage of at most 1, IOC, and no limit above its profile's, whatever later
 * layers say. The schema says of each field what holds. What is overruled is a warning, never silent.
 */
export function lockCanary(
  config: BotConfig,
  preset: PartialConfig,
  checker: Checker,
  schema: z.ZodType = configSchema,
): BotConfig {
  if (config.profile !== 'canary') return config;
  const lock = new Lock(checker);
  const locked: Record<string, unknown> = { ...config };
  for (const { path: section, schema: inner, settings } of sectionsOf(schema, config)) {
    const own = (preset as Readonly<Record<string, Settings | undefined>>)[section];
    locked[section] = lockSection(lock, [...placesOf(inner, section)], settings, own);
  }
  const { strategy } = locked as unknown as BotConfig;
  const params = lock.without('strategy.params', config.strategy.params, 'targetLeverage');
  return { ...(locked as unknown as BotConfig), strategy: { ...strategy, params } };
}

function lockSection(lock: Lock, places: readonly Place[], settings: Settings, preset: Settings | undefined): Settings {
  const locked: Record<string, unknown> = { ...settings };
  const bound = places
    .flatMap(({ path, field, meta }) => (meta?.canary === undefined ? [] : [{ path, field, canary: meta.canary }]))
    .sort((a, b) => rank(a.canary) - rank(b.canary));
  for (const { path, field, canary } of bound) {
    const value = settings[field];
    if (canary !== 'preset' && 'is' in canary) locked[field] = lock.fixed(path, value, canary.is);
    else if (value !== undefined)
      locked[field] = lock.atMost(path, value as Amount, canary === 'preset' ? preset?.[field] : canary.atMost);
  }
  return locked;
}

type Amount = Decimal | number;

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

  /** A ceiling that is not stated bounds nothing. */
  atMost(path: string, value: Amount, ceiling: unknown): Amount {
    if (!(typeof ceiling === 'number' || Decimal.isDecimal(ceiling)) || !new Decimal(value).gt(ceiling)) return value;
    this.overrule(path, String(ceiling));
    return typeof value === 'number' ? new Decimal(ceiling).toNumber() : new Decimal(ceiling);
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
