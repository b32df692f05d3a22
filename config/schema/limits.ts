import type { z } from 'zod';
import type { Decimal } from '../../src/domain/decimal.js';
import type { BotConfig, Profile } from '../../src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '../../src/ports/configuration/settings/risk-settings.js';
import type { Checker } from './check.js';
import { configSchema } from './index.js';
import { nodeOf } from './introspect.js';
import { placesOf } from './limit-meta.js';
import { isTree } from './tree.js';

/** Profiles that are refused in the live world, whatever limits they state. */
export const NEVER_LIVE: readonly Profile[] = ['dev', 'demo'];

/** Limits a bot may set for itself beside `risk`: the lower of the two holds. */
const OWN_LIMITS = ['maxLeverage', 'maxPositionSize', 'dailyLossLimit'] as const;
export type OwnLimits = { [K in (typeof OWN_LIMITS)[number]]?: Decimal };

/**
 * Lowers stated risk limits to the bot's own, never raises them. A limit that is only a default gives way to the bot's.
 */
export function tighten(risk: RiskSettings, own: OwnLimits, checker: Checker): RiskSettings {
  const { entries } = checker;
  const tightened: { -readonly [K in keyof OwnLimits]: Decimal } = {};
  for (const key of OWN_LIMITS) {
    const limit = own[key];
    const entry = entries.get(key);
    if (limit === undefined || entry === undefined) continue;
    const common = entries.get(`risk.${key}`);
    const current = common === undefined || common.origin === 'default' ? undefined : risk[key];
    if (current !== undefined && current.lte(limit)) {
      if (!current.eq(limit))
        checker.warn([key], `${key} ${entry.written} has no effect; risk.${key} ${common?.written ?? ''} is tighter.`);
      continue;
    }
    tightened[key] = limit;
    entries.set(`risk.${key}`, entry);
  }
  return { ...risk, ...tightened };
}

/** Live profiles state their limits themselves: a default is not a decision. */
export function checkRequiredLimits(config: BotConfig, checker: Checker, schema: z.ZodType = configSchema): void {
  if (config.world !== 'live' || NEVER_LIVE.includes(config.profile)) return;
  const missing = sectionsOf(schema, config).flatMap(({ path: section, schema: inner, settings }) =>
    [...placesOf(inner, section)].filter(({ path, field, meta }) => {
      if (meta?.required === undefined) return false;
      const entry = checker.entries.get(path);
      const unstated = checker.layered && (entry === undefined || entry.origin === 'default');
      return (unstated || settings[field] === undefined) && !checker.isRefused(path) && !checker.isRefused(section);
    }),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ path }) => path).join(', ');
  const block = [...new Set(missing.map(({ path }) => path.split('.')[0] as string))].map((section) =>
    [
      `${section}:`,
      ...missing
        .filter(({ path }) => path.startsWith(`${section}.`))
        .map(({ path, meta }) => `  ${path.slice(section.length + 1)}: ${meta?.required ?? ''}`),
    ].join('\n'),
  );
  checker.require(
    false,
    'CFG-003',
    [],
    `Profile ${config.profile} trades live and must state its risk limits; missing: ${names}.`,
    `Add to the configuration file, with limits of your own:\n${block.join('\n')}`,
  );
}

/** Sections of the schema beside their part of a configuration. */
export const sectionsOf = (
  schema: z.ZodType,
  config: BotConfig,
): { readonly path: string; readonly schema: z.ZodType; readonly settings: Readonly<Record<string, unknown>> }[] =>
  [...placesOf(schema)].flatMap(({ path, schema: inner }) => {
    const settings: unknown = (config as unknown as Readonly<Record<string, unknown>>)[path];
    return nodeOf(inner).kind === 'section' && isTree(settings) ? [{ path, schema: inner, settings }] : [];
  });
