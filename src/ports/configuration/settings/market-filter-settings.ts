import type { Decimal } from '../../../domain/decimal.js';

/** Market filters and guards of the enhanced strategy. */
export interface MarketFilterSettings {
  readonly maxSpreadBps: Decimal;
  readonly minDepthL1: Decimal;
  readonly minDepthL10: Decimal;
  readonly minVolume1m: Decimal;
  readonly requireRsiConfirmation: boolean;
  readonly rsiPeriod: number;
  readonly rsiOversold: number;
  readonly rsiOverbought: number;
  /** Fraction of entry price. */
  readonly minLiquidationBuffer: Decimal;
  readonly maxSlippageImpactBps: Decimal;
}
