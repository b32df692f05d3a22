import type { Decimal } from '../../src/domain/decimal.js';
import type { BotConfig, Profile } from '../../src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '../../src/ports/configuration/settings/risk-settings.js';
import type { Checker } from './check.js';
import { limitsOf } from './limit-meta.js';
import { dotted, isTree, nodeAt, put, type Tree } from './tree.js';

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
export function checkRequiredLimits(config: BotConfig, checker: Checker): void {
  if (config.world !== 'live' || NEVER_LIVE.includes(config.profile)) return;
  const missing = [...limitsOf(checker.schema)].filter(({ path, settingsPath, meta }) => {
    if (meta.required === undefined) return false;
    const entry = checker.entries.get(dotted(path));
    const unstated = checker.layered && (entry === undefined || entry.origin === 'default');
    const sections = path.map((_, index) => dotted(path.slice(0, index + 1)));
    return (
      (unstated || nodeAt(config, settingsPath) === undefined) &&
      !sections.some((section) => checker.isRefused(section))
    );
  });
  if (missing.length === 0) return;
  const block: Tree = {};
  for (const { path, meta } of missing) put(block, path, meta.required);
  checker.require(
    false,
    'CFG-003',
    [],
    `Profile ${config.profile} trades live and must state its risk limits; missing: ${missing
      .map(({ path }) => dotted(path))
      .join(', ')}.`,
    `Add to the configuration file, with limits of your own:\n${linesOf(block).join('\n')}`,
  );
}

/** As a file states it. */
const linesOf = (tree: Tree, indent = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? [`${indent}${key}:`, ...linesOf(value, `${indent}  `)] : [`${indent}${key}: ${String(value)}`],
  );
