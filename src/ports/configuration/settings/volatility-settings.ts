import type { Decimal } from '../../../domain/decimal.js';

/** Volatility circuit breaker. Thresholds are standard deviations per day, as fractions. */
export interface VolatilitySettings {
  readonly enabled: boolean;
  readonly window: number;
  readonly warning: Decimal;
  readonly reduceOnly: Decimal;
  readonly kill: Decimal;
  readonly cooldownMs: number;
}
