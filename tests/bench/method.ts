import { existsSync, readFileSync } from 'node:fs';
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

/** What a figure may rest on: hardly any load before, and hardly any work of others meanwhile. */
const MOST_LOAD = 0.5;
const MOST_OTHERS = 0.2;
const TICK_MS = 10;

export interface Quiet {
  readonly judged: boolean;
  readonly loadBefore: number;
  /** Cores that others kept busy meanwhile; not known where the system does not tell. */
  readonly others: number | undefined;
}

/** Begins to watch what the machine does beside this process and its ended children. */
export function watchOthers(): () => Quiet {
  const loadBefore = loadavg()[0] ?? NaN;
  const [began, busy, own] = [performance.now(), busyTicks(), ownTicks()];
  return () => {
    const ticks = (performance.now() - began) / TICK_MS;
    const others = busyTicks() - busy - (ownTicks() - own);
    const share = Number.isFinite(others) ? rounded(Math.max(0, others / ticks), 2) : undefined;
    const judged = loadBefore < MOST_LOAD && share !== undefined && share < MOST_OTHERS;
    return { judged, loadBefore: rounded(loadBefore, 2), others: share };
  };
}

const STAT = '/proc/stat';

/** All that is neither idle nor waiting, guests not twice. */
function busyTicks(): number {
  if (!existsSync(STAT)) return NaN;
  const [user = NaN, nice = 0, system = 0, , , irq = 0, softIrq = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync(STAT, 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return user + nice + system + irq + softIrq;
}

/** utime, stime, cutime, cstime: fields 14 to 17, counted after the name, which may hold blanks. */
function ownTicks(): number {
  if (!existsSync(STAT)) return NaN;
  const told = readFileSync('/proc/self/stat', 'utf8');
  const fields = told.slice(told.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}
