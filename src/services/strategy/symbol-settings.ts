import type { BotConfig, StrategySettings } from '../../ports/settings.js';

/**
 * The settings one symbol's strategy runs with: its own rules before the common ones, and neither leverage nor shorts
 * where derivatives are off, parameters included. Rules of other symbols are no part of it.
 */
export function settingsFor(config: BotConfig, symbol: string): StrategySettings {
  const { strategy, derivatives } = config;
  const rules = strategy.perSymbol[symbol];
  const settings: StrategySettings = {
    ...strategy,
    shortMa: rules?.shortMa ?? strategy.shortMa,
    longMa: rules?.longMa ?? strategy.longMa,
    positionFraction: rules?.positionFraction ?? strategy.positionFraction,
    perSymbol: {},
  };
  if (derivatives) return settings;
  const { params } = settings;
  const spotParams = {
    ...params,
    ...('targetLeverage' in params ? { targetLeverage: 1 } : {}),
    ...('enableShorts' in params ? { enableShorts: false } : {}),
  };
  return { ...settings, targetLeverage: 1, enableShorts: false, params: spotParams };
}

/** Equal text for deeply equal settings, whatever the order of their keys. */
export function settingsKey(settings: StrategySettings): string {
  return JSON.stringify(settings, (_key, value: unknown) => (isRecord(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value));
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
