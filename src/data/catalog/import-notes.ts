import type { DataNote } from '../data-note.js';
import { nameOf, type SeriesId } from './manifest.js';
import type { TimeRange } from './quality.js';
import type { RawSeries } from './raw-series.js';
import type { SeriesBuilder } from './series-builder.js';

/** What a reader had to do to the values of a file, and what of its times is not to be trusted. */
export function notesOf(series: readonly SeriesBuilder[], raws: readonly RawSeries[], incomplete: number): DataNote[] {
  const notes: DataNote[] = [];
  for (const { kind, symbol, noisy, firstNoisy, fine } of series) {
    if (noisy > 0)
      notes.push({
        code: 'W-DATA-001',
        message: `${noisy} values of ${kind} of ${symbol} carry the noise of a binary float (first at ${firstNoisy ?? 'an unknown row'}); they were rounded to 15 digits.`,
      });
    if (fine > 0)
      notes.push({
        code: 'W-DATA-010',
        message: `${fine} sizes of ${kind} of ${symbol} have more than eight decimals; they were rounded to eight.`,
      });
  }
  if (incomplete > 0)
    notes.push({ code: 'W-DATA-005', message: `${incomplete} quotes have an empty side; they were left out.` });
  return [...notes, ...raws.flatMap(gridNotes)];
}

/** Bars whose distance to the one before is no whole number of intervals. */
function gridNotes({ kind, times, intervalMs, symbol }: RawSeries): DataNote[] {
  if (kind !== 'bars') return [];
  let off = 0;
  for (let i = 1; i < times.length; i += 1)
    if (((times[i] as number) - (times[i - 1] as number)) % intervalMs !== 0) off += 1;
  if (off === 0) return [];
  return [
    {
      code: 'W-DATA-004',
      message: `${off} of ${times.length} bars of ${symbol} do not lie on a grid of ${intervalMs} ms, the smallest distance of two bars: gaps and yearly figures of this file are unreliable. Round its times to the bars' interval.`,
    },
  ];
}

export function missingIdsNote(
  id: SeriesId,
  { count, ranges }: { readonly count: number; readonly ranges: readonly TimeRange[] },
): DataNote[] {
  if (count === 0) return [];
  return [
    {
      code: 'W-DATA-008',
      message: `${nameOf(id)}: ${count} numbers of the venue's count are missing${firstOf(ranges)}.`,
    },
  ];
}

export const firstOf = ([first]: readonly TimeRange[]): string =>
  first === undefined ? '' : `, first ${new Date(first.from).toISOString()} to ${new Date(first.to).toISOString()}`;
