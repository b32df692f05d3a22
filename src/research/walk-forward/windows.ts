import { fault } from '../../domain/errors.js';
import { barCloseAt } from '../../domain/time-spans.js';
import type { BarColumns } from '../../data/bar-columns.js';

/** Lengths in bars. */
export interface WindowPlan {
  /** `rolling`: every training is `train` bars long. `anchored`: every training begins at the first bar. */
  readonly mode: 'rolling' | 'anchored';
  readonly train: number;
  readonly test: number;
  /** From one test to the next; by default their length, so that tests neither overlap nor leave gaps. */
  readonly step?: number;
  /** Bars between training and test that neither sees results of: as long as a position may be held. */
  readonly purge?: number;
  /** Further bars between them, for what fades slowly. */
  readonly embargo?: number;
}

/** Bars that open in `[from, to)`. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly bars: number;
}

export interface Window {
  /** From 1. */
  readonly number: number;
  readonly train: Range;
  readonly test: Range;
}

/**
 * Windows over the bars, in order of time. The last test may be shorter by what the data lacks, down to half. Throws
 * CLI-001.
 */
export function windowsOf(columns: BarColumns, plan: WindowPlan): Window[] {
  const { mode, train, test, step = test, purge = 0, embargo = 0 } = plan;
  for (const [name, value, least] of [
    ['train', train, 1],
    ['test', test, 1],
    ['step', step, 1],
    ['purge', purge, 0],
    ['embargo', embargo, 0],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value >= least))
      throw fault('CLI-001', `Windows must have ${name} of whole bars from ${least}, was ${value}.`, {
        fix: `Write for example --${name} ${Math.max(least, 1_000)}.`,
      });
  }
  if (step < test)
    throw fault('CLI-001', `Windows must not overlap: step must be at least test, ${test} bars, was ${step}.`, {
      fix: 'A bar that is tested twice counts twice in the stitched equity.',
    });
  const gap = purge + embargo;
  const windows: Window[] = [];
  for (let start = train + gap; start + Math.ceil(test / 2) <= columns.length; start += step) {
    windows.push({
      number: windows.length + 1,
      train: rangeOf(columns, mode === 'anchored' ? 0 : start - gap - train, start - gap),
      test: rangeOf(columns, start, Math.min(columns.length, start + test)),
    });
  }
  if (windows.length === 0) {
    throw fault(
      'CLI-001',
      `Windows must fit the data: training, gap and half a test need ${train + gap + Math.ceil(test / 2)} bars, there are ${columns.length}.`,
      { fix: 'Shorten --train or --test.' },
    );
  }
  return windows;
}

/**
 * Bars by index, as times; the end is just after the last bar's open, so that the bar after it is out whatever the
 * gaps.
 */
const rangeOf = ({ openAt, intervalMs }: BarColumns, first: number, end: number): Range => ({
  from: openAt[first] as number,
  to: barCloseAt(openAt[end - 1] as number, intervalMs),
  bars: end - first,
});
