import { barIntervalOf } from '../../domain/time-spans.js';
import type { Params } from './params.js';
import { WireRefusal } from './refusal.js';

const NAMES: ReadonlySet<string> = new Set('1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M'.split(' '));

/** Length of an interval of candles that the venue knows, by its name there. */
export const intervalOf = (name: string): number | undefined => (NAMES.has(name) ? barIntervalOf(name) : undefined);

export function neededInterval(params: Params): number {
  const interval = intervalOf(params.need('interval'));
  if (interval === undefined) throw new WireRefusal(-1120, 'Invalid interval.');
  return interval;
}
