import { Decimal, ONE, ZERO } from '../../../domain/decimal.js';
import type { MarketSnapshot } from '../../../domain/market.js';

const IMPACT_AT_L1 = 5;
const IMPACT_BEYOND_L1 = 20;
const IMPACT_BEYOND_L10 = 100;

export type SizingMode = 'conservative' | 'strict' | 'aggressive';

export interface ImpactSize {
  readonly notional: Decimal;
  readonly impactBps: Decimal;
}

/**
 * Expected impact of `notional` in basis points, times the symbol's own factor. Linear to 5 within the best level,
 * square root to 25 within ten levels, 100 beyond.
 */
export function impactBps(notional: Decimal, snapshot: MarketSnapshot, factor: Decimal = ONE): Decimal {
  const { depthL1, depthL10 } = snapshot;
  const scaled = (bps: Decimal): Decimal => bps.times(Decimal.max(factor, ONE));
  if (notional.lte(depthL1)) return scaled(notional.times(IMPACT_AT_L1).div(depthL1));
  if (notional.gt(depthL10)) return scaled(new Decimal(IMPACT_BEYOND_L10));
  const share = Decimal.min(notional.minus(depthL1).div(depthL10.minus(depthL1)), ONE);
  return scaled(share.sqrt().times(IMPACT_BEYOND_L1).plus(IMPACT_AT_L1));
}

/**
 * The largest notional up to `target` whose impact stays within `maxBps`; the whole target where it fits. Beyond it,
 * `strict` takes nothing, `conservative` what fits, `aggressive` the whole target while ten levels hold it.
 * Unknown depth takes nothing.
 */
export function impactAwareSize(
  target: Decimal,
  snapshot: MarketSnapshot,
  maxBps: Decimal,
  mode: SizingMode,
  factor: Decimal = ONE,
): ImpactSize {
  if (!snapshot.depthL1.gt(0) || !snapshot.depthL10.gt(0)) return { notional: ZERO, impactBps: ZERO };
  const whole = impactBps(target, snapshot, factor);
  if (whole.lte(maxBps)) return { notional: target, impactBps: whole };
  if (mode === 'strict') return { notional: ZERO, impactBps: ZERO };
  if (mode === 'aggressive' && target.lte(snapshot.depthL10)) return { notional: target, impactBps: whole };
  const best = Decimal.min(target, largestWithin(maxBps.div(Decimal.max(factor, ONE)), snapshot));
  return { notional: best, impactBps: best.isZero() ? ZERO : impactBps(best, snapshot, factor) };
}

/** The inverse of the unscaled impact. */
function largestWithin(bps: Decimal, { depthL1, depthL10 }: MarketSnapshot): Decimal {
  if (!bps.gt(0)) return ZERO;
  if (bps.lt(IMPACT_AT_L1)) return Decimal.min(depthL1.times(bps).div(IMPACT_AT_L1), depthL10);
  if (!depthL10.gt(depthL1)) return Decimal.min(depthL1, depthL10);
  const share = Decimal.min(bps.minus(IMPACT_AT_L1).div(IMPACT_BEYOND_L1), ONE);
  return depthL1.plus(depthL10.minus(depthL1).times(share.pow(2)));
}
