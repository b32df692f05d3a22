import type { FundingStamp } from '../../ports/core-services/simulated-exchange.js';
import type { Decimal } from '../../domain/decimal.js';
import { HOUR_MS, MINUTE_MS } from '../../domain/time-spans.js';

/** Intervals in hours that venues fund on; other distances are holes in the file. */
const USUAL_HOURS = [1, 2, 4, 6, 8, 12, 24];
/** Equal distances in a row that make an interval of their own. */
const REGIME_LENGTH = 3;

/** A recorded rate, at the time that its recorder wrote. */
export interface KnownRate {
  readonly at: number;
  readonly rate: Decimal;
}

export interface FundingSpan {
  /** First open, included, and last close, not included. */
  readonly from: number;
  readonly to: number;
  /** Used when the file holds a single rate. */
  readonly fallbackHours: number;
}

/**
 * The stamps of a run: every rate of the file at the full hour that it was recorded beside (some milliseconds of the
 * recorder do not decide who is paid), and between, before and after them the stamps that the interval demands and the
 * file does not have, as gaps (`rate: undefined`). The interval is the median distance of the file's stamps, in whole
 * hours; a run of other equal distances is taken for a change of the venue's interval.
 */
export function fundingStamps(rates: readonly KnownRate[], span: FundingSpan): FundingStamp[] {
  const first = rates[0];
  const last = rates.at(-1);
  if (first === undefined || last === undefined) return [];
  const intervals = intervalsOf(rates, span.fallbackHours);
  const head = intervals[0] ?? span.fallbackHours;
  const tail = intervals.at(-1) ?? span.fallbackHours;
  const stamps: FundingStamp[] = [];
  if (head > 0) {
    const before: FundingStamp[] = [];
    for (let at = onTheHour(first.at) - head * HOUR_MS; at >= span.from; at -= head * HOUR_MS)
      before.push({ at, rate: undefined });
    stamps.push(...before.reverse());
  }
  let latest = -Infinity;
  rates.forEach((known, index) => {
    const hour = onTheHour(known.at);
    stamps.push({ at: hour > latest ? hour : known.at, rate: known.rate });
    latest = hour;
    const next = rates[index + 1];
    const step = (next === undefined ? tail : (intervals[index] ?? tail)) * HOUR_MS;
    if (!(step > 0)) return;
    const end = next === undefined ? span.to : next.at - MINUTE_MS;
    for (let at = onTheHour(known.at) + step; at < end; at += step) stamps.push({ at, rate: undefined });
  });
  return stamps.filter((stamp) => stamp.at >= span.from && stamp.at < span.to);
}

/** The funding interval of a file in hours: the median distance of its stamps, or the fallback for a single one. */
export function medianHours(rates: readonly KnownRate[], fallbackHours: number): number {
  const distances = distancesOf(rates)
    .filter((hours) => hours > 0)
    .sort((a, b) => a - b);
  return distances[Math.floor((distances.length - 1) / 2)] ?? fallbackHours;
}

/** For every pair of neighbours the interval that held between them, in hours. */
function intervalsOf(rates: readonly KnownRate[], fallbackHours: number): number[] {
  const distances = distancesOf(rates);
  let current = firstRegime(distances) ?? medianHours(rates, fallbackHours);
  return distances.map((hours, index) => {
    if (startsRegime(distances, index)) current = hours;
    return current;
  });
}

const distancesOf = (rates: readonly KnownRate[]): number[] =>
  rates.slice(1).map((known, index) => Math.round((known.at - (rates[index]?.at ?? known.at)) / HOUR_MS));

function startsRegime(distances: readonly number[], index: number): boolean {
  const hours = distances[index] ?? 0;
  if (!USUAL_HOURS.includes(hours)) return false;
  for (let i = 1; i < REGIME_LENGTH; i += 1) if (distances[index + i] !== hours) return false;
  return true;
}

function firstRegime(distances: readonly number[]): number | undefined {
  const index = distances.findIndex((_, at) => startsRegime(distances, at));
  return index < 0 ? undefined : distances[index];
}

/** The full hour a jittering stamp belongs to; a stamp a minute or more off stands for itself. */
function onTheHour(at: number): number {
  const hour = Math.round(at / HOUR_MS) * HOUR_MS;
  return Math.abs(at - hour) <= MINUTE_MS ? hour : at;
}
