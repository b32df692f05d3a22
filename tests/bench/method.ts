import { cpus, loadavg } from 'node:os';

/** Whoever measures wants to know on what. Load averages are the machine's, ours included. */
export const machine = (): {
  readonly node: string;
  readonly cores: number;
  readonly cpu: string;
  readonly load: readonly number[];
} => ({
  node: process.version,
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  load: loadavg().map((value) => rounded(value, 2)),
});

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[], digits: number): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
  return {
    median: rounded(median, digits),
    min: rounded(sorted[0] ?? NaN, digits),
    max: rounded(sorted.at(-1) ?? NaN, digits),
  };
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Mean milliseconds of one call, over enough calls to be seen by the clock. */
export function timeOf(work: () => unknown, leastMs: number): number {
  const begin = performance.now();
  let calls = 0;
  let spent = 0;
  do {
    work();
    calls += 1;
    spent = performance.now() - begin;
  } while (spent < leastMs);
  return spent / calls;
}

/** Starts a measurement from a clean heap, where the process was given the means. */
export const collect = (): void => (globalThis as { gc?: () => void }).gc?.();
