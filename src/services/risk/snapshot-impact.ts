import { Decimal } from '../../domain/decimal.js';
import type { MarketSnapshot } from '../../domain/market.js';
import type { ImpactEstimate } from '../../ports/core-services/risk-manager.js';

const BPS = 10_000;
const IMPACT_AT_L1 = 5;
const IMPACT_BEYOND_L1 = 20;
const IMPACT_BEYOND_L10 = 100;

/**
 * Impact by two depths, where the book itself is not known: linear to 5 basis points within the best level, square root
 * to 25 within ten levels, 100 beyond, times the symbol's own factor. A market of unknown depth holds nothing.
 */
export function snapshotImpact(notional: Decimal, snapshot: MarketSnapshot, factor: Decimal): ImpactEstimate {
  const { depthL1, depthL10 } = snapshot;
  const impactBps = unscaled(notional, snapshot).times(factor);
  return {
    impactBps,
    slippageCost: notional.times(impactBps).div(BPS),
    liquiditySufficient: depthL1.gt(0) && depthL10.gt(0) && notional.lte(depthL10),
  };
}

function unscaled(notional: Decimal, { depthL1, depthL10 }: MarketSnapshot): Decimal {
  if (!depthL1.gt(0) || notional.gt(Decimal.max(depthL1, depthL10))) return new Decimal(IMPACT_BEYOND_L10);
  if (notional.lte(depthL1)) return notional.times(IMPACT_AT_L1).div(depthL1);
  const share = notional.minus(depthL1).div(depthL10.minus(depthL1));
  return share.sqrt().times(IMPACT_BEYOND_L1).plus(IMPACT_AT_L1);
}
