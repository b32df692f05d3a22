import { Decimal } from '../../../domain/decimal.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import type { Side } from '../../../domain/order.js';
import type { MarketFilterSettings } from '../../../ports/configuration/settings/market-filter-settings.js';

/** Why an entry is not made: the name it is counted under, and a sentence. */
export interface Rejection {
  readonly type: 'spread' | 'depth' | 'volume' | 'rsi' | 'snapshot' | 'liquidation' | 'slippage';
  readonly reason: string;
}

type LiquidityLimits = Pick<
  MarketFilterSettings,
  'maxSpreadBps' | 'minDepthL1' | 'minDepthL10' | 'minVolume1m' | 'requireRsiConfirmation'
>;

const limits = (
  spread: number,
  depthL1: number,
  depthL10: number,
  volume: number,
  requireRsiConfirmation: boolean,
): LiquidityLimits => ({
  maxSpreadBps: new Decimal(spread),
  minDepthL1: new Decimal(depthL1),
  minDepthL10: new Decimal(depthL10),
  minVolume1m: new Decimal(volume),
  requireRsiConfirmation,
});

/** Ready-made limits, chosen by the parameter `filterPreset`. */
export const FILTER_PRESETS: Readonly<Record<string, LiquidityLimits>> = {
  conservative: limits(10, 50_000, 200_000, 100_000, true),
  aggressive: limits(25, 20_000, 100_000, 50_000, false),
};

/**
 * Liquidity and momentum conditions of an entry. Every limit is exclusive; the relative strength index must not be
 * beyond its band against the entry. What is required and not known rejects.
 */
export class MarketFilters {
  constructor(private readonly settings: MarketFilterSettings) {}

  /** The first condition that fails. */
  reject(side: Side, snapshot: MarketSnapshot | undefined, strength: number | undefined): Rejection | undefined {
    return (snapshot === undefined ? undefined : this.liquidity(snapshot)) ?? this.momentum(side, strength);
  }

  private liquidity({ spreadBps, depthL1, depthL10, volume1m }: MarketSnapshot): Rejection | undefined {
    const { maxSpreadBps, minDepthL1, minDepthL10, minVolume1m } = this.settings;
    if (!spreadBps.lt(maxSpreadBps)) return below('spread', 'Spread', spreadBps, maxSpreadBps, ' bps');
    if (!depthL1.gt(minDepthL1)) return above('depth', 'Depth at the best price', depthL1, minDepthL1);
    if (!depthL10.gt(minDepthL10)) return above('depth', 'Depth of ten levels', depthL10, minDepthL10);
    if (!volume1m.gt(minVolume1m)) return above('volume', 'Volume of one minute', volume1m, minVolume1m);
    return undefined;
  }

  private momentum(side: Side, strength: number | undefined): Rejection | undefined {
    const { requireRsiConfirmation, rsiPeriod, rsiOverbought, rsiOversold } = this.settings;
    if (!requireRsiConfirmation) return undefined;
    if (strength === undefined) return { type: 'rsi', reason: `RSI must be known, and needs ${rsiPeriod + 1} marks` };
    const shown = strength.toFixed(2);
    if (side === 'buy')
      return strength <= rsiOverbought
        ? undefined
        : { type: 'rsi', reason: `RSI must not be above ${rsiOverbought} for a buy, was ${shown}` };
    return strength >= rsiOversold
      ? undefined
      : { type: 'rsi', reason: `RSI must not be below ${rsiOversold} for a sell, was ${shown}` };
  }
}

const below = (type: Rejection['type'], what: string, value: Decimal, limit: Decimal, unit = ''): Rejection => ({
  type,
  reason: `${what} must be below ${limit.toString()}${unit}, was ${value.toString()}${unit}`,
});
const above = (type: Rejection['type'], what: string, value: Decimal, limit: Decimal): Rejection => ({
  type,
  reason: `${what} must be above ${limit.toString()}, was ${value.toString()}`,
});
