import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Candle } from '#src/domain/market.js';
import { averageTrueRange, mean, rsi, trueRange } from '#src/services/strategy/built-in/indicators.js';

const d = (value: number | string): Decimal => new Decimal(value);
const bar = (high: number, low: number, close: number): Candle => ({
  openAt: 0,
  open: d(low),
  high: d(high),
  low: d(low),
  close: d(close),
  volume: d(1),
});

describe('rsi', () => {
  it.each([
    [[10, 11, 10.5, 11.5, 11, 12], 75],
    [[1, 2, 3, 4, 5, 6], 100],
    [[6, 5, 4, 3, 2, 1], 0],
  ])('of %j over all changes is %d, as the simple one', (closes, expected) => {
    expect(rsi(closes, closes.length - 1)).toBeCloseTo(expected, 8);
  });

  it('is smoothed after the first period, as Wilder does', () => {
    // First averages of two changes: gain 0.5, loss 0.25. Then (0.5 + 0) / 2 = 0.25 and (0.25 + 1) / 2 = 0.625.
    expect(rsi([10, 11, 10.5, 9.5], 2)).toBeCloseTo(100 - 100 / (1 + 0.25 / 0.625), 10);
  });

  it('is not known with too few closes', () => {
    expect(rsi([1, 2], 2)).toBeUndefined();
    expect(rsi([], 0)).toBeUndefined();
  });
});

describe('range indicators', () => {
  it('takes the largest of range and gaps as the true range', () => {
    expect(trueRange(bar(12, 10, 11)).toString()).toBe('2');
    expect(trueRange(bar(12, 10, 11), d(15)).toString()).toBe('5');
    expect(trueRange(bar(12, 10, 11), d(7)).toString()).toBe('5');
  });

  it('averages the newest true ranges', () => {
    const bars = [bar(100, 1, 10), bar(12, 10, 11), bar(15, 11, 12)];
    expect(averageTrueRange(bars, 2)?.toString()).toBe('3');
    expect(averageTrueRange(bars, 3)).toBeUndefined();
  });

  it('has no mean of nothing', () => {
    expect(mean([])).toBeUndefined();
    expect(mean([d(1), d(2)])?.toString()).toBe('1.5');
  });
});
