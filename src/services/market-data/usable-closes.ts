import type { Instrument } from '../../domain/instrument.js';
import type { ValueRange } from '../../ports/runtime-state/series.js';
import { isPositive } from '../../domain/decimal.js';
import type { Candle } from '../../domain/market.js';

/**
 * The newest candles (given oldest first) that can stand for values a running bot would have sampled: closed, and
 * without a hole between them or before `now`. What lies before a hole is left out: a series with a hole has no time
 * base.
 */
export function usableCloses(candles: readonly Candle[], intervalMs: number, now: number): readonly Candle[] {
  const closed = candles.filter((candle) => candle.openAt + intervalMs <= now);
  const joins = (candle: Candle | undefined, next: Candle | undefined): boolean =>
    candle !== undefined &&
    isPositive(candle.close) &&
    (next === undefined
      ? now - (candle.openAt + intervalMs) < 2 * intervalMs
      : candle.openAt + intervalMs === next.openAt);
  let first = closed.length;
  while (joins(closed[first - 1], closed[first])) first -= 1;
  return closed.slice(first);
}

/** A candle as a series remembers what lay before its close. */
export const rangeOf = (
  { openAt, open, high, low, close, volume }: Candle,
  closeAt: number,
  instrument: Instrument,
): ValueRange => ({
  openAt,
  closeAt,
  open: instrument.toMarks(open),
  high: instrument.toMarks(high),
  low: instrument.toMarks(low),
  close: instrument.toMarks(close),
  volume: volume.toNumber(),
});
