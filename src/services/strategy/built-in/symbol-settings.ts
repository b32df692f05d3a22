import type { Decimal } from '../../../domain/decimal.js';
import type { BotConfig } from '../../../ports/configuration/settings/bot-config.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { EntryLimits } from '../../../ports/core-services/strategy.js';

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

/** What risk lets one entry be worth. Limits that hang on the hour or on other positions are left to risk itself. */
export function limitsFor({ risk }: BotConfig, symbol: string): EntryLimits {
  const amount = smallest({
    'risk.maxOrderNotional': risk.maxOrderNotional,
    'risk.maxPositionSize': risk.maxPositionSize,
    'risk.maxGrossNotional': risk.maxGrossNotional,
    [`risk.maxNotionalPerSymbol.${symbol}`]: risk.maxNotionalPerSymbol[symbol],
  });
  const share = smallest({
    'risk.maxLeverage': risk.maxLeverage,
    [`risk.leverageMaxPerSymbol.${symbol}`]: risk.leverageMaxPerSymbol[symbol],
    'risk.maxExposurePct': risk.maxExposurePct,
    'risk.maxPositionPctPerSymbol': risk.maxPositionPctPerSymbol,
  }) as Named;
  return {
    notional: amount?.value,
    ...(amount === undefined ? {} : { notionalBy: amount.name }),
    equityShare: share.value,
    equityShareBy: share.name,
    collar: risk.priceCollarBps.div(10_000),
  };
}

interface Named {
  readonly name: string;
  readonly value: Decimal;
}

/** The smallest of the limits that are set, by its name. */
function smallest(limits: Readonly<Record<string, Decimal | undefined>>): Named | undefined {
  let least: Named | undefined;
  for (const [name, value] of Object.entries(limits))
    if (value !== undefined && (least === undefined || value.lt(least.value))) least = { name, value };
  return least;
}

/** Equal text for deeply equal settings, whatever the order of their keys. */
export function settingsKey(settings: StrategySettings): string {
  return JSON.stringify(settings, (_key, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value,
  );
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
