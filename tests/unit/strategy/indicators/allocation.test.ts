/**
 * What is compiled depends on what ran before: here nothing did.
 *
 * @jest-environment-options {"alone": true}
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { indicators as ind, type Indicator, type IndicatorBar } from '#src/services/strategy/indicators/index.js';

const BARS = Array.from({ length: 4_096 }, (_unused, i): IndicatorBar => ({
  at: i * 60_000 + 0.5,
  open: 100 + Math.sin(i),
  high: 102.1 + Math.sin(i * 1.1),
  low: 97.7 + Math.sin(i),
  close: 100.3 + Math.sin(i * 1.1),
  volume: 5.5 + (i % 7),
}));

/** Bytes of the heap that one bar costs, once the code is warm. */
function bytesPerBar(indicator: Indicator): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const feed = (times: number): void => {
    for (let i = 0; i < times; i += 1) indicator.update(BARS[i & 4_095] as IndicatorBar);
  };
  feed(100_000);
  const tries = [1, 2, 3, 4, 5].map(() => {
    gc();
    const before = process.memoryUsage().heapUsed;
    feed(50_000);
    return (process.memoryUsage().heapUsed - before) / 50_000;
  });
  return Math.min(...tries);
}

it('an indicator that is fed allocates nothing', () => {
  expect(bytesPerBar(ind.ema(20))).toBeLessThan(4);
  expect(bytesPerBar(ind.rsi(14))).toBeLessThan(4);
  expect(bytesPerBar(ind.atr(14))).toBeLessThan(4);
});
