import type { Decimal } from '../../../domain/decimal.js';
import type { VolatilitySettings } from './volatility-settings.js';

/**
 * Limits. An absent optional limit is "no limit" only where the profile allows it; live profiles refuse to start
 * without.
 */
export interface RiskSettings {
  readonly maxLeverage: Decimal;
  readonly leverageMaxPerSymbol: Readonly<Record<string, Decimal>>;
  /** UTC window [start, end) as minutes of the day; both or neither. */
  readonly daytime?: { readonly startMinute: number; readonly endMinute: number };
  readonly dayLeverageMaxPerSymbol: Readonly<Record<string, Decimal>>;
  readonly nightLeverageMaxPerSymbol: Readonly<Record<string, Decimal>>;
  readonly dayMaintenancePerSymbol: Readonly<Record<string, Decimal>>;
  readonly nightMaintenancePerSymbol: Readonly<Record<string, Decimal>>;
  readonly minLiquidationBuffer: Decimal;
  readonly preTradeLiquidationProjection: boolean;
  readonly defaultMaintenanceRate: Decimal;
  /** In settlement currency; absent: none. Refuses increasing orders until the next UTC day. */
  readonly dailyLossLimit?: Decimal;
  /** Fraction of the equity high-water mark; tightens the safety state to REDUCE_ONLY. */
  readonly maxDrawdown?: Decimal;
  readonly maxExposurePct: Decimal;
  readonly maxPositionPctPerSymbol: Decimal;
  readonly maxNotionalPerSymbol: Readonly<Record<string, Decimal>>;
  /** The bot's `max_position_size`: notional of one position, enforced on reserved exposure. */
  readonly maxPositionSize: Decimal;
  readonly maxOrderNotional?: Decimal;
  readonly maxOrderSize: Readonly<Record<string, Decimal>>;
  readonly maxGrossNotional?: Decimal;
  /** What is long less what is short, over all symbols. */
  readonly maxNetNotional?: Decimal;
  /** How far beyond the mark a price that can add may give away: buys above it, sells below it. */
  readonly priceCollarBps: Decimal;
  /** How far from the mark a limit that gives nothing away, and a trigger, may stand, as a fraction. Not of exits. */
  readonly passiveBand: Decimal;
  readonly slippageGuardBps: Decimal;
  /** Submissions a minute, all symbols. */
  readonly ordersPerMinute: number;
  /** Cancellations a minute from which it warns; those that empty the book for safety do not count. */
  readonly cancelsPerMinute?: number;
  /** Orders, changes and cancellations of a UTC day for each order that traded, from which it warns. */
  readonly maxOrderToTrade?: number;
  /** Entries of one strategy without a person's doing, after which it is disabled until somebody re-arms it. */
  readonly maxUnattendedEntries?: number;
  readonly killSwitch: boolean;
  readonly reduceOnly: boolean;
  readonly maxMarkStalenessMs: number;
  /** Oldest mark at which a held position may be valued when something is added. */
  readonly maxEquityAgeMs?: number;
  /** Nothing is added so shortly before a funding that is expected to cost more than the limit; both or neither. */
  readonly fundingWindowMs?: number;
  readonly maxFundingCostBps?: Decimal;
  readonly marketImpactGuard: boolean;
  readonly maxMarketImpactBps: Decimal;
  readonly dynamicPositionSizing: boolean;
  readonly positionSizingMethod: 'intelligent' | 'fixed' | 'kelly';
  readonly positionSizingMultiplier: Decimal;
  readonly volatility: VolatilitySettings;
  /** Herfindahl index above which several positions count as concentrated. */
  readonly concentrationLimit: Decimal;
  /** Consecutive minutes in which guards could not be evaluated before the state tightens to REDUCE_ONLY. */
  readonly blindGuardMinutes: number;
}
