import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time-spans.js';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Round numbers that cover a range: steps of 1, 2 or 5 times a power of ten. */
export function numberTicks(low: number, high: number, wanted = 5): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i += 1) ticks.push(i * step);
  return ticks;
}

/** Ticks of a logarithmic axis: 1, 2 and 5 of each decade, or round numbers where less than a decade is shown. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
    for (const factor of [1, 2, 5]) if (factor * power >= low && factor * power <= high) ticks.push(factor * power);
  return ticks.length >= 3 ? ticks : numberTicks(low, high).filter((tick) => tick > 0);
}

const STEPS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  5 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
];

/** Instants in UTC that a reader expects: whole minutes, hours or days, or the first of months. */
export function timeTicks(from: number, to: number, wanted = 6): Tick[] {
  const step = STEPS.find((each) => (to - from) / each <= wanted);
  if (step === undefined) return monthTicks(from, to, wanted);
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push({ at, label: step < DAY_MS ? hourLabel(at) : dayLabel(at) });
  return ticks;
}

function monthTicks(from: number, to: number, wanted: number): Tick[] {
  const months = (to - from) / (30.4 * DAY_MS);
  const step = [1, 2, 3, 6, 12, 24, 60, 120].find((each) => months / each <= wanted) ?? 240;
  const first = new Date(from);
  const ticks: Tick[] = [];
  for (let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step; ; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (at > to) return ticks;
    if (at >= from)
      ticks.push({ at, label: step >= 12 ? String(Math.floor(month / 12)) : new Date(at).toISOString().slice(0, 7) });
  }
}

const hourLabel = (at: number): string => (at % DAY_MS === 0 ? dayLabel(at) : new Date(at).toISOString().slice(11, 16));
const dayLabel = (at: number): string => new Date(at).toISOString().slice(5, 10);
