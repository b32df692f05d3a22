import type { Decimal } from '../../src/domain/decimal.js';
import type { BotConfig, Profile } from '../../src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '../../src/ports/configuration/settings/risk-settings.js';
import type { Checker } from './check.js';

/** Limits without which nothing trades live, each with a cautious value to begin with. */
const REQUIRED = [
  { key: 'maxOrderNotional', start: '1000 USDT', field: 'maxOrderNotional' },
  { key: 'maxPositionSize', start: '5000 USDT', field: 'maxPositionSize' },
  { key: 'maxGrossNotional', start: '10000 USDT', field: 'maxGrossNotional' },
  { key: 'maxLeverage', start: '3', field: 'maxLeverage' },
  { key: 'dailyLossLimit', start: '50 USDT', field: 'dailyLossLimit' },
  { key: 'maxDrawdown', start: '8%', field: 'maxDrawdown' },
  { key: 'priceCollar', start: '100bps', field: 'priceCollarBps' },
  { key: 'ordersPerMinute', start: '30', field: 'ordersPerMinute' },
] as const satisfies readonly { readonly key: string; readonly start: string; readonly field: keyof RiskSettings }[];

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
  const missing = REQUIRED.filter(({ key, field }) => {
    const entry = checker.entries.get(`risk.${key}`);
    const unstated = checker.layered && (entry === undefined || entry.origin === 'default');
    return (
      (unstated || config.risk[field] === undefined) && !checker.isRefused(`risk.${key}`) && !checker.isRefused('risk')
    );
  });
  if (missing.length === 0) return;
  const names = missing.map(({ key }) => `risk.${key}`).join(', ');
  const block = missing.map(({ key, start }) => `  ${key}: ${start}`).join('\n');
  checker.require(
    false,
    'CFG-003',
    [],
    `Profile ${config.profile} trades live and must state its risk limits; missing: ${names}.`,
    `Add to the configuration file, with limits of your own:\nrisk:\n${block}`,
  );
}
