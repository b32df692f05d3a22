import { Decimal } from '../../domain/decimal.js';
import { RATE_SCALE } from '../../domain/instrument.js';
import { barCloseAt, HOUR_MS } from '../../domain/time-spans.js';
import type { DataKind } from '../columns.js';
import { fundingStamps } from '../tables/funding-schedule.js';
import { timesOf, type Block, type Times } from './kinds.js';

/**
 * A stretch of time between two rows, `from` and `to` not included for what has no grid; `missing` where a grid tells
 * how many.
 */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
  readonly missing: number | null;
}

/** Without a grid a stretch this long without a row is listed: a halt, a lost connection, or a quiet market. */
const SILENCE_MS = 300_000;

/** Longest distance of two rows without a grid that is no gap. `spacing` is the usual distance of the rows. */
function longestDistance(kind: DataKind, spacing: number): number {
  return kind === 'mark' || kind === 'index' ? Math.max(SILENCE_MS, 1.5 * spacing) : SILENCE_MS;
}

/** The gap between two neighbours, if there is one. */
export function gapBetween(
  kind: DataKind,
  intervalMs: number,
  spacing: number,
  before: number,
  after: number,
): TimeRange | undefined {
  if (kind !== 'bars')
    return after - before > longestDistance(kind, spacing) ? { from: before, to: after, missing: null } : undefined;
  const from = barCloseAt(before, intervalMs);
  if (!(after > from)) return undefined;
  return { from, to: after, missing: Math.max(1, Math.round((after - from) / intervalMs)) };
}

/** Gaps between rows. Funding has none here: whether a stamp is missing only its neighbours tell. */
export class Gaps {
  readonly found: TimeRange[] = [];
  private before = NaN;
  /** Neighbours that lie no further apart have no gap between them. */
  private readonly near: number;

  constructor(
    private readonly kind: DataKind,
    private readonly intervalMs: number,
    private readonly spacing: number,
  ) {
    this.near = kind === 'bars' ? 0 : longestDistance(kind, spacing);
  }

  /** The times of the next rows. */
  see(times: ArrayLike<number>): void {
    if (this.kind === 'funding') return;
    const { near } = this;
    let { before } = this;
    for (let i = 0; i < times.length; i += 1) {
      const at = times[i] as number;
      if (at - before > near) this.look(before, at);
      before = at;
    }
    this.before = before;
  }

  private look(before: number, after: number): void {
    const gap = gapBetween(this.kind, this.intervalMs, this.spacing, before, after);
    if (gap !== undefined) this.found.push(gap);
  }
}

export function gapsIn(block: Block, intervalMs: number, spacing: number): TimeRange[] {
  const gaps = new Gaps(block.kind, intervalMs, spacing);
  gaps.see(timesOf(block));
  return gaps.found;
}

/** The usual distance of rows: the median of a sample; 0 where there are no two. */
export function spacingOf(times: Times): number {
  const stride = Math.max(1, Math.floor(times.length / 10_001));
  const distances: number[] = [];
  for (let i = 1; i < times.length; i += stride) distances.push((times.at(i) as number) - (times.at(i - 1) as number));
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
}

/** Stamps that the interval of the others demands and that are not there. */
export function fundingGaps(block: Block): TimeRange[] {
  const times = timesOf(block);
  const rates = Array.from({ length: block.length }, (_, i) => ({
    at: times[i] as number,
    rate: new Decimal((block.columns[1]?.[i] as number) || 0).div(RATE_SCALE),
  }));
  const span = { from: times[0] ?? 0, to: (times[block.length - 1] ?? 0) + 1, fallbackHours: 8 };
  return fundingStamps(rates, span)
    .filter(({ rate }) => rate === undefined)
    .map(({ at }) => ({ from: at, to: at + HOUR_MS, missing: 1 }));
}

/** Neighbours that stand in the wrong order, or, where a time may stand once, twice. */
export function disorderIn(block: Block): {
  readonly rows: number;
  readonly duplicates: number;
  readonly ranges: readonly TimeRange[];
} {
  const times = timesOf(block);
  const ranges: TimeRange[] = [];
  let [rows, duplicates] = [0, 0];
  for (let i = 1; i < block.length; i += 1) {
    const [before, after] = [times[i - 1] as number, times[i] as number];
    if (after > before || (after === before && !isKeyed(block.kind))) continue;
    if (after === before) duplicates += 1;
    else rows += 1;
    ranges.push({ from: after, to: before, missing: null });
  }
  return { rows, duplicates, ranges };
}

/** Quotes with a bid above their ask, at which nobody trades, and quotes of one price, of which a bot makes no mark. */
export function metSides({ kind, length, columns }: Block): { readonly crossed: number; readonly locked: number } {
  let [crossed, locked] = [0, 0];
  const [, bids, , asks] = kind === 'quotes' ? columns : [];
  if (bids === undefined || asks === undefined) return { crossed, locked };
  for (let i = 0; i < length; i += 1) {
    const [bid, ask] = [bids[i] as number, asks[i] as number];
    if (bid > ask) crossed += 1;
    else if (bid === ask) locked += 1;
  }
  return { crossed, locked };
}

/** Kinds of which an instant has one row at most. */
export const isKeyed = (kind: DataKind): boolean => kind === 'bars' || kind === 'funding';
