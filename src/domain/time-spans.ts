/** Spans of time in milliseconds. A day is a day of UTC, which knows no summer time. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** What a duration's unit is worth in milliseconds: `15m`, `4h`. */
export const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const UNITS = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'm'],
  [1_000, 's'],
] as const;

/** `90000` as `90s`, `300000` as `5m`: the largest unit that divides it. */
export function durationText(ms: number): string {
  const [size, unit] = UNITS.find(([each]) => ms >= each && ms % each === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}

export const WEEK_MS = 7 * DAY_MS;
/**
 * Among the intervals of bars this stands for a calendar month, from the first to the first: a look-back counts 31 days
 * for it. Bars of 31 days there are none.
 */
export const MONTH_MS = 31 * DAY_MS;
/** 1970-01-01 was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const BAR_INTERVAL = /^(\d{1,6})(ms|s|m|h|d|w|M)$/;

/**
 * The length of a bar by its name: `5m` minutes, `1w` or `7d` from Monday to Monday, `1M` a calendar month, other days
 * in multiples from 1970-01-01. Undefined for what is none: where `2w` or `3M` begin nobody knows.
 */
export function barIntervalOf(text: string): number | undefined {
  const [, digits, unit = ''] = BAR_INTERVAL.exec(text) ?? [];
  const count = Number(digits);
  if (!(count > 0)) return undefined;
  if (unit === 'w' || unit === 'M') return count !== 1 ? undefined : unit === 'w' ? WEEK_MS : MONTH_MS;
  const ms = count * (UNIT_MS[unit] ?? NaN);
  return ms === MONTH_MS ? undefined : ms;
}

/** As `durationText`, with weeks and months by their names. */
export const barIntervalText = (ms: number): string =>
  ms === WEEK_MS ? '1w' : ms === MONTH_MS ? '1M' : durationText(ms);

/** Where the bar begins that an instant lies in: weeks on Monday, months on the first, in UTC. */
export function barOpenAt(at: number, intervalMs: number): number {
  if (intervalMs === WEEK_MS) return Math.floor((at - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
  if (intervalMs !== MONTH_MS) return Math.floor(at / intervalMs) * intervalMs;
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** Where the bar ends that ends at an instant or holds it. */
export function barEndAt(at: number, intervalMs: number): number {
  if (intervalMs !== WEEK_MS && intervalMs !== MONTH_MS) return Math.ceil(at / intervalMs) * intervalMs;
  const openAt = barOpenAt(at, intervalMs);
  return openAt === at ? at : barCloseAt(openAt, intervalMs);
}

/** Where a bar ends that begins at an instant. */
export const barCloseAt = (openAt: number, intervalMs: number): number =>
  intervalMs === MONTH_MS ? monthEnd(openAt) : openAt + intervalMs;

function monthEnd(openAt: number): number {
  const date = new Date(openAt);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return openAt - Date.UTC(year, month) + Date.UTC(year, month + 1);
}
