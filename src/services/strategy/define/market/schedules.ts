import { fault } from '../../../../domain/errors.js';
import { barCloseAt, barOpenAt, MONTH_MS, UNIT_MS, WEEK_MS } from '../../../../domain/time-spans.js';

const SCHEDULE = /^([1-9]\d*)(ms|s|m|h|d)(?: ([+-])([1-9]\d*)(ms|s|m|h|d))?$/;
const SPAN = /^([1-9]\d*)(ms|s|m|h|d)$/;

/** When a schedule is due first after an instant. Throws STRAT-001 for what is none. */
export function scheduleOf(text: string): (after: number) => number {
  if (text === 'week' || text === 'month') {
    const ms = text === 'week' ? WEEK_MS : MONTH_MS;
    return (after) => barCloseAt(barOpenAt(after, ms), ms);
  }
  const [, count, unit = '', sign, shift, shiftUnit = ''] = SCHEDULE.exec(text) ?? [];
  if (count === undefined)
    throw fault(
      'STRAT-001',
      `A schedule must be a duration such as 1h or '8h -5m', week or month, was ${JSON.stringify(text)}.`,
    );
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  const offset = shift === undefined ? 0 : Number(`${sign}${shift}`) * (UNIT_MS[shiftUnit] ?? Number.NaN);
  return (after) => (Math.floor((after - offset) / ms) + 1) * ms + offset;
}

/** Milliseconds of a duration. Throws STRAT-001 for what is none. */
export function durationMs(text: string): number {
  const [, count, unit = ''] = SPAN.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  throw fault('STRAT-001', `A delay must be a duration such as 2s or 90m, was ${JSON.stringify(text)}.`);
}
