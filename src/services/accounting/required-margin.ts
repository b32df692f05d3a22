import type { Position } from '../../domain/position.js';
import { mulDiv, units, type Units } from '../../domain/units.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';

const LEVERAGE_SCALE = 1e6;

/**
 * What a position ties up: ceil(|cost| / L), L the target leverage for perpetuals and 1 for everything paid in full.
 * Rounded up: margin is never understated.
 */
export function marginOf(position: Position, config: BotConfig): Units {
  const cost = Math.abs(position.cost);
  const leverage =
    config.derivatives && position.instrument.isPerpetual ? Math.max(1, config.strategy.targetLeverage) : 1;
  return units(mulDiv(cost, LEVERAGE_SCALE, Math.round(leverage * LEVERAGE_SCALE), 'ceil'));
}
