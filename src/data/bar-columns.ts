import { createHash } from 'node:crypto';
import type { BarView } from '../ports/core-services/simulated-exchange.js';
import { barCloseAt, MONTH_MS } from '../domain/time-spans.js';
import { ticks, type Ticks } from '../domain/units.js';

/** Minutes (or hours) that the file does not hold. They are named, and never filled. */
export interface BarGap {
  /** Open time of the first missing bar, and of the first bar after the gap. */
  readonly from: number;
  readonly to: number;
  readonly missing: number;
}

/**
 * Bars of one symbol in columns: prices in ticks, exactly. Oldest first, strictly later each time, never overlapping.
 */
export interface BarColumns {
  readonly symbol: string;
  /** `MONTH_MS` for calendar months: `barCloseAt` tells where a bar ends. */
  readonly intervalMs: number;
  readonly length: number;
  readonly openAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Lots; 0 is no trade, NaN is not known. */
  readonly volume: Float64Array;
}

/**
 * Where each bar ends, where that is not one length after it began. A call for every bar would hand out a number of its
 * own each time; where this is undefined whoever needs the end adds `intervalMs`.
 */
export const unevenCloses = ({
  openAt,
  intervalMs,
}: Pick<BarColumns, 'openAt' | 'intervalMs'>): Float64Array | undefined =>
  intervalMs === MONTH_MS ? openAt.map((at) => barCloseAt(at, intervalMs)) : undefined;

/** The one bar object of a pass over columns: `moveTo` makes it another bar. Copy what you keep. */
export class ColumnBarView implements BarView {
  openAt = 0;
  closeAt = 0;
  open: Ticks = ticks(0);
  high: Ticks = ticks(0);
  low: Ticks = ticks(0);
  close: Ticks = ticks(0);
  volume = 0;
  private readonly closes: Float64Array | undefined;

  constructor(private readonly columns: BarColumns) {
    this.closes = unevenCloses(columns);
  }

  moveTo(index: number): this {
    const { columns } = this;
    this.openAt = columns.openAt[index] as number;
    this.closeAt = this.closes === undefined ? this.openAt + columns.intervalMs : (this.closes[index] as number);
    this.open = ticks(columns.open[index] as number);
    this.high = ticks(columns.high[index] as number);
    this.low = ticks(columns.low[index] as number);
    this.close = ticks(columns.close[index] as number);
    this.volume = columns.volume[index] as number;
    return this;
  }
}

/** First open and last close: what a run over these bars covers. */
export const spanOf = (columns: BarColumns): { readonly from: number; readonly to: number } => ({
  from: columns.openAt[0] ?? 0,
  to: barCloseAt(columns.openAt[columns.length - 1] ?? 0, columns.intervalMs),
});

export function gapsOf(columns: Pick<BarColumns, 'openAt' | 'length' | 'intervalMs'>): BarGap[] {
  const { openAt, intervalMs } = columns;
  const closes = unevenCloses(columns);
  const gaps: BarGap[] = [];
  for (let i = 1; i < columns.length; i += 1) {
    const from = closes === undefined ? (openAt[i - 1] as number) + intervalMs : (closes[i - 1] as number);
    const to = openAt[i] as number;
    if (to > from) gaps.push({ from, to, missing: Math.max(1, Math.round((to - from) / intervalMs)) });
  }
  return gaps;
}

const digests = new WeakMap<BarColumns, string>();

/**
 * SHA-256 of the bars' content: equal for the same bars from CSV and from Parquet. Computed once for columns that many
 * runs share.
 */
export function digestOf(columns: BarColumns): string {
  let digest = digests.get(columns);
  if (digest === undefined) digests.set(columns, (digest = contentDigest(columns)));
  return digest;
}

function contentDigest(columns: BarColumns): string {
  const hash = createHash('sha256').update(`${columns.symbol}\n${columns.intervalMs}\n${columns.length}\n`);
  for (const column of [columns.openAt, columns.open, columns.high, columns.low, columns.close, columns.volume]) {
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex');
}
