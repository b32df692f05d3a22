import type { Decimal } from '../../../domain/decimal.js';
import type { MatchingSettings } from './matching-settings.js';
import type { LatencySettings } from './latency-settings.js';
import type { MarginSettings } from './margin-settings.js';

/** The exchange inside: paper and backtest worlds. */
export interface SimulationSettings {
  readonly equity: Decimal;
  readonly seed: number;
  /** Milliseconds of venue time between generated quotes. */
  readonly quoteIntervalMs: number;
  /** Starting price per symbol for generated markets. */
  readonly startPrices: Readonly<Record<string, Decimal>>;
  /** Half of the spread added to fills on bars, in basis points (bars carry no spread). */
  readonly barHalfSpreadBps: Decimal;
  /** Largest share of a bar's volume our orders may take; 1 means all of it. Absent: volume does not limit fills. */
  readonly maxVolumeShare?: Decimal;
  /** Venue seconds for a host second; 'max' runs as fast as it computes. */
  readonly speed: number | 'max';
  readonly matching: MatchingSettings;
  readonly latency: LatencySettings;
  readonly margin: MarginSettings;
  /**
   * Venues of one run, by the name that instruments give theirs: each an account of its own. None: one account, with
   * `equity`.
   */
  readonly venues: Readonly<Record<string, { readonly equity: Decimal }>>;
  /** Fees by volume, lowest volume first in effect; none: the instrument's own two rates. */
  readonly feeTiers: Readonly<Record<string, FeeTierSettings>>;
}

/** Rates from a 30-day volume upwards, in settlement currency. */
export interface FeeTierSettings {
  readonly volume: Decimal;
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
}
