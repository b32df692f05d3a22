import { fault } from '../../../domain/errors.js';
import { barIntervalOf, MONTH_MS, WEEK_MS } from '../../../domain/time-spans.js';

/** Milliseconds of a timeframe. Throws STRAT-001, naming whose it is, for what is none. */
export function assertTimeframe(name: string, text: string): number {
  const ms = barIntervalOf(text);
  if (ms !== undefined && (ms <= WEEK_MS || ms === MONTH_MS)) return ms;
  throw fault(
    'STRAT-001',
    `Timeframe of ${name} must be a duration of at most a week such as 15m, or 1M for a month, was ${JSON.stringify(text)}.`,
  );
}
