import { injectable } from 'inversify';
import { fault } from '../../../domain/errors.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { Strategy, StrategyDefinition } from '../../../ports/core-services/strategy.js';
import { BaselineStrategy } from './baseline-strategy.js';
import { valuesForCross } from './moving-average-cross.js';
import {
  amount,
  applyParameters,
  choice,
  flag,
  fraction,
  leverage,
  whole,
  type ParameterSetter,
} from '../parameters.js';

/** The settings that both built-in strategies take as parameters. */
export const CROSSOVER_PARAMETERS = {
  shortMa: (settings, value, name) => ({ ...settings, shortMa: whole(value, name, 1) }),
  longMa: (settings, value, name) => ({ ...settings, longMa: whole(value, name, 1) }),
  targetLeverage: (settings, value, name) => ({ ...settings, targetLeverage: leverage(value, name) }),
  trailingStop: (settings, value, name) => ({ ...settings, trailingStop: fraction(value, name) }),
  positionFraction: (settings, value, name) => ({ ...settings, positionFraction: fraction(value, name) }),
  maxTradeNotional: (settings, value, name) => ({ ...settings, maxTradeNotional: amount(value, name) }),
  enableShorts: (settings, value, name) => ({ ...settings, enableShorts: flag(value, name) }),
  disableNewEntries: (settings, value, name) => ({ ...settings, disableNewEntries: flag(value, name) }),
  crossEpsilonBps: (settings, value, name) => ({ ...settings, crossEpsilonBps: amount(value, name) }),
  crossConfirmBars: (settings, value, name) => ({ ...settings, crossConfirmBars: whole(value, name, 0) }),
  onReduceOnly: (settings, value, name) => ({ ...settings, onReduceOnly: choice(value, name, ['hold', 'close']) }),
} as const satisfies Readonly<Record<string, ParameterSetter<StrategySettings>>>;

/** Refuses, with CFG-006, windows that no cross can come from. */
export function assertWindows({ shortMa, longMa }: StrategySettings): void {
  if (!(shortMa < longMa))
    throw fault('CFG-006', `strategy.shortMa must be below strategy.longMa (${longMa}), was ${shortMa}.`);
}

/** The strategy named `baseline`. */
@injectable()
export class BaselineStrategyDefinition implements StrategyDefinition {
  readonly name = 'baseline';
  readonly parameters: readonly string[] = Object.keys(CROSSOVER_PARAMETERS);

  lookback(settings: StrategySettings): number {
    return valuesForCross(this.resolve(settings));
  }

  create(settings: StrategySettings): Strategy {
    const resolved = this.resolve(settings);
    assertWindows(resolved);
    return new BaselineStrategy(resolved);
  }

  private resolve(settings: StrategySettings): StrategySettings {
    return applyParameters(this.name, settings, CROSSOVER_PARAMETERS);
  }
}
