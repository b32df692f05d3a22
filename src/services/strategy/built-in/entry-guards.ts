import { Decimal, ONE, ZERO } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import type { Units } from '../../../domain/units.js';
import type { MarketFilterSettings } from '../../../ports/configuration/settings/market-filter-settings.js';
import type { Rejection } from './market-filters.js';

type GuardLimits = Pick<MarketFilterSettings, 'minLiquidationBuffer' | 'maxSlippageImpactBps'>;

/** Ready-made limits, chosen by the parameter `guardPreset`. */
export const GUARD_PRESETS: Readonly<Record<string, GuardLimits>> = {
  standard: { minLiquidationBuffer: new Decimal('0.2'), maxSlippageImpactBps: new Decimal(15) },
  lenient: { minLiquidationBuffer: new Decimal('0.15'), maxSlippageImpactBps: new Decimal(20) },
};

/**
 * Distance from entry to liquidation as a fraction of the entry price, both sides alike: 1/leverage - maintenance rate.
 */
export function liquidationDistance(leverage: number, maintenanceRate: Decimal): Decimal {
  return Decimal.max(ZERO, ONE.div(leverage).minus(maintenanceRate));
}

/**
 * Expected impact of a market order in basis points: up to 5 within the best price, 5 to 25 within ten levels (square
 * root of the share taken). Undefined beyond them or without a best price: then it is not known.
 */
export function slippageImpactBps(notional: Decimal, depthL1: Decimal, depthL10: Decimal): Decimal | undefined {
  if (!depthL1.gt(0) || !notional.lte(Decimal.max(depthL1, depthL10))) return undefined;
  if (notional.lte(depthL1)) return notional.div(depthL1).times(5);
  const share = Decimal.min(notional.minus(depthL1).div(depthL10.minus(depthL1)), ONE);
  return share.sqrt().times(20).plus(5);
}

/** What an entry must leave: distance to liquidation (exclusive limit), and little impact (inclusive limit). */
export class EntryGuards {
  constructor(private readonly limits: GuardLimits) {}

  reject(
    instrument: Instrument,
    notional: Units,
    leverage: number | undefined,
    snapshot: MarketSnapshot | undefined,
  ): Rejection | undefined {
    if (leverage !== undefined) {
      const distance = liquidationDistance(leverage, instrument.spec.maintenanceRate);
      const { minLiquidationBuffer } = this.limits;
      if (!distance.gt(minLiquidationBuffer)) {
        return {
          type: 'liquidation',
          reason: `Distance to liquidation must be above ${percent(minLiquidationBuffer)}, was ${percent(distance)}`,
        };
      }
    }
    return snapshot === undefined ? undefined : this.slippage(instrument.money(notional), snapshot);
  }

  private slippage(notional: Decimal, { depthL1, depthL10 }: MarketSnapshot): Rejection | undefined {
    const { maxSlippageImpactBps } = this.limits;
    const impact = slippageImpactBps(notional, depthL1, depthL10);
    if (impact === undefined)
      return {
        type: 'slippage',
        reason: `Depth of ten levels must hold ${notional.toString()}, was ${depthL10.toString()}`,
      };
    if (impact.lte(maxSlippageImpactBps)) return undefined;
    return {
      type: 'slippage',
      reason: `Expected impact must not exceed ${maxSlippageImpactBps.toString()} bps, was ${impact.toDecimalPlaces(2).toString()} bps`,
    };
  }
}

const percent = (fraction: Decimal): string => `${fraction.times(100).toDecimalPlaces(2).toString()}%`;
