import { barIntervalText, durationText, MINUTE_MS } from '../../domain/time-spans.js';
import type { DataNote } from '../data-note.js';
import type { SourceData } from '../sources/read-source.js';
import { nameOf, type SeriesId } from './manifest.js';
import type { TimeRange } from './quality.js';
import { oddPrices } from '../tables/tick-inference.js';
import { timesText, type RawSeries } from './raw-series.js';
import type { SeriesBuilder } from './series-builder.js';

/** What a reader had to do to the values of a file, and what of its times is not to be trusted. */
export function notesOf(
  series: readonly SeriesBuilder[],
  raws: readonly RawSeries[],
  { incomplete, twice, endless }: Pick<SourceData, 'incomplete' | 'twice' | 'endless'>,
  /** Its publisher says that the file is whole. */
  checked: boolean,
): DataNote[] {
  const notes: DataNote[] = [];
  for (const { kind, symbol, noisy, firstNoisy, fine, coarse, held, longestHeldMs, unknown } of series) {
    for (const [what, { rows, firstPlace }] of unknown)
      notes.push({
        code: 'W-DATA-023',
        message: `${rows} ${kind} of ${symbol} have no ${what}, first at ${firstPlace}; it is not known, and taken for nothing else.`,
      });
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
    if (coarse > 0)
      notes.push({
        code: 'W-DATA-017',
        message: `${coarse} funding rates of ${symbol} have more than twelve decimals; they were rounded to twelve.`,
      });
    if (held > 0)
      notes.push({
        code: 'W-DATA-014',
        message: `${held} changes of the book of ${symbol} bear a time before that of what arrived before them, by up to ${longestHeldMs} ms; they stand in the order of arrival, at the latest time before them.`,
      });
  }
  if (incomplete > 0)
    notes.push({ code: 'W-DATA-005', message: `${incomplete} quotes have an empty side; they were left out.` });
  if (twice > 0)
    notes.push({
      code: 'W-DATA-016',
      message: `${twice} times were shown twice, when the clocks were set back; the order of the rows decides which is meant.`,
    });
  if (!checked)
    for (const place of endless)
      notes.push({
        code: 'W-DATA-025',
        message: `The last line of ${place} has no end: whether it is whole, and whether more came after it, nobody can tell. It is taken as it is.`,
      });
  return [...notes, ...raws.flatMap((raw) => [...gridNotes(raw), ...valueNotes(raw)])];
}

/** Bars beside their grid, which are not there, and bars that begin by the clocks of a place. */
function gridNotes({ kind, intervalMs, phaseMs, offGrid, times, symbol }: RawSeries): DataNote[] {
  if (kind !== 'bars') return [];
  const notes: DataNote[] = [];
  const interval = barIntervalText(intervalMs);
  if (offGrid.length > 0)
    notes.push({
      code: 'W-DATA-004',
      message: `${offGrid.length} of ${times.length + offGrid.length} bars of ${symbol} do not lie on the grid of ${interval} of the others; they were left out: ${timesText(offGrid)}.`,
    });
  if (phaseMs >= MINUTE_MS)
    notes.push({
      code: 'W-DATA-015',
      message: `Bars of ${symbol} open ${durationText(phaseMs)} after the beginning of their ${interval} in UTC; they are taken as they are.`,
    });
  return notes;
}

/** Prices that are there, and are hardly what somebody traded at. */
function valueNotes({ kind, symbol, outliers, crossed, lone }: RawSeries): DataNote[] {
  const notes: DataNote[] = [];
  const first = (at: number): string => new Date(at).toISOString();
  if (outliers.rows > 0)
    notes.push({
      code: 'W-DATA-018',
      message: `${outliers.rows} ${kind} of ${symbol} have ten times the price of their neighbours, or a tenth of it, first at ${first(outliers.firstAt)}; they are taken as they are.`,
    });
  if (crossed.rows > 0)
    notes.push({
      code: 'W-DATA-019',
      message: `${crossed.rows} quotes of ${symbol} have a bid above their ask, first at ${first(crossed.firstAt)}; nothing is traded at them.`,
    });
  if (lone !== undefined)
    notes.push({
      code: 'W-DATA-024',
      message: `One of the ${kind} of ${symbol} has a ${lone.role} of more than a thousand times that of any other, at ${first(lone.at)}; it is taken as it is.`,
    });
  return notes;
}

/** Prices that the catalog has in a coarser tick than the file. */
export function roundedNote({ kind, symbol, rounded, tick }: RawSeries): DataNote[] {
  if (rounded === 0) return [];
  return [
    {
      code: 'W-DATA-020',
      message: `${rounded} prices of ${kind} of ${symbol} are finer than the tick ${tick.toString()} of the others, leavings of arithmetic; they were rounded to it.`,
    },
  ];
}

/** A tick that was inferred, and that hardly any price needs. */
export function oddTickNote({ kind, symbol, prices }: SeriesBuilder, { rounded, tick }: RawSeries): DataNote[] {
  const odd = rounded > 0 || prices.length === 0 ? undefined : oddPrices(prices);
  if (odd === undefined) return [];
  return [
    {
      code: 'W-DATA-027',
      message: `The tick of ${kind} of ${symbol} was inferred as ${tick.toString()} because of ${odd.rows} of ${prices.length} prices; all others are multiples of ${odd.others.toString()}. Where those are wrong, repair or remove them, or describe the instrument's tick in the configuration.`,
    },
  ];
}

/** What an import says beside the file is a warning where the file is run over at once. */
export const assumedNote = (path: string, times: readonly string[]): DataNote => ({
  code: 'W-DATA-021',
  message: `Times of ${path} name no zone: ${times.join(', ')}. Where its clocks stood elsewhere, say so: --zone Europe/Berlin.`,
});

/** Rows that were put in the order of time. */
export function sortedNote(id: SeriesId, { rows, ranges }: RawSeries['disorder']): DataNote[] {
  if (rows === 0) return [];
  return [
    {
      code: 'W-DATA-007',
      message: `${nameOf(id)}: ${rows} rows stood out of order${firstOf(ranges)}; they were sorted.`,
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
