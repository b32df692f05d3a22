import { Decimal, ZERO } from '../../../domain/decimal.js';
import type { Candle } from '../../../domain/market.js';

/** Arithmetic mean; undefined without values. */
export function mean(values: readonly Decimal[]): Decimal | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum.plus(value), ZERO).div(values.length);
}

/**
 * Relative strength index after Wilder (New Concepts in Technical Trading Systems, 1978): the first average is the
 * simple one over `period` changes, later ones are smoothed, so that exactly `period + 1` closes give the simple RSI.
 * 100 without losses; undefined with fewer than `period + 1` closes. Oldest first.
 */
export function rsi(closes: readonly number[], period: number): number | undefined {
  if (period < 1 || closes.length < period + 1) return undefined;
  let gain = 0;
  let loss = 0;
  for (let i = 1; i < closes.length; i += 1) {
    const change = (closes[i] ?? NaN) - (closes[i - 1] ?? NaN);
    const decay = i <= period ? 1 : (period - 1) / period;
    gain = gain * decay + Math.max(change, 0) / period;
    loss = loss * decay + Math.max(-change, 0) / period;
  }
  return loss === 0 ? 100 : 100 - 100 / (1 + gain / loss);
}

/** The largest of the bar's range and its distances from the previous close. */
export function trueRange(bar: Candle, previousClose?: Decimal): Decimal {
  const range = bar.high.minus(bar.low);
  if (previousClose === undefined) return range;
  return Decimal.max(range, bar.high.minus(previousClose).abs(), bar.low.minus(previousClose).abs());
}

/** Mean of the last `window` true ranges; undefined with fewer than `window + 1` bars. Oldest first. */
export function averageTrueRange(bars: readonly Candle[], window: number): Decimal | undefined {
  if (window < 1 || bars.length < window + 1) return undefined;
  const recent = bars.slice(-window - 1);
  return mean(recent.slice(1).map((bar, i) => trueRange(bar, recent[i]?.close)));
}
