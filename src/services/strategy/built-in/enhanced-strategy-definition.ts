import { injectable } from 'inversify';
import type { MarketFilterSettings } from '../../../ports/configuration/settings/market-filter-settings.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { Strategy, StrategyDefinition } from '../../../ports/core-services/strategy.js';
import { assertWindows, CROSSOVER_PARAMETERS } from './baseline-strategy-definition.js';
import { enhancedLookback, EnhancedStrategy, type EnhancedSettings } from './enhanced-strategy.js';
import { GUARD_PRESETS } from './entry-guards.js';
import { FILTER_PRESETS } from './market-filters.js';
import {
  amount,
  applyParameters,
  choice,
  flag,
  fraction,
  whole,
  type ParameterSetter,
  type ParameterValue,
} from '../parameters.js';

/** A setter of one filter field. */
const filter =
  (change: (value: ParameterValue, name: string) => Partial<MarketFilterSettings>): ParameterSetter<EnhancedSettings> =>
  (settings, value, name) => ({ ...settings, filters: { ...settings.filters, ...change(value, name) } });

/** Presets come first: a single limit given beside one refines it. */
const PARAMETERS: Readonly<Record<string, ParameterSetter<EnhancedSettings>>> = {
  filterPreset: filter((value, name) => ({ ...FILTER_PRESETS[choice(value, name, Object.keys(FILTER_PRESETS))] })),
  guardPreset: filter((value, name) => ({ ...GUARD_PRESETS[choice(value, name, Object.keys(GUARD_PRESETS))] })),
  ...Object.fromEntries(Object.entries(CROSSOVER_PARAMETERS).map(([name, set]) => [name, onSettings(set)])),
  maxSpreadBps: filter((value, name) => ({ maxSpreadBps: amount(value, name) })),
  minDepthL1: filter((value, name) => ({ minDepthL1: amount(value, name) })),
  minDepthL10: filter((value, name) => ({ minDepthL10: amount(value, name) })),
  minVolume1m: filter((value, name) => ({ minVolume1m: amount(value, name) })),
  requireRsiConfirmation: filter((value, name) => ({ requireRsiConfirmation: flag(value, name) })),
  rsiPeriod: filter((value, name) => ({ rsiPeriod: whole(value, name, 1) })),
  rsiOversold: filter((value, name) => ({ rsiOversold: amount(value, name).toNumber() })),
  rsiOverbought: filter((value, name) => ({ rsiOverbought: amount(value, name).toNumber() })),
  minLiquidationBuffer: filter((value, name) => ({ minLiquidationBuffer: fraction(value, name) })),
  maxSlippageImpactBps: filter((value, name) => ({ maxSlippageImpactBps: amount(value, name) })),
  requireSnapshot: (settings, value, name) => ({ ...settings, requireSnapshot: flag(value, name) }),
};

/** The strategy named `enhanced`. */
@injectable()
export class EnhancedStrategyDefinition implements StrategyDefinition {
  readonly name = 'enhanced';
  readonly parameters: readonly string[] = Object.keys(PARAMETERS);

  lookback(settings: StrategySettings): number {
    return enhancedLookback(this.resolve(settings));
  }

  create(settings: StrategySettings): Strategy {
    const resolved = this.resolve(settings);
    assertWindows(resolved);
    return new EnhancedStrategy(resolved);
  }

  private resolve(settings: StrategySettings): EnhancedSettings {
    return applyParameters(this.name, { ...settings, requireSnapshot: true }, PARAMETERS);
  }
}

function onSettings(set: ParameterSetter<StrategySettings>): ParameterSetter<EnhancedSettings> {
  return (settings, value, name) => ({ ...settings, ...set(settings, value, name) });
}
