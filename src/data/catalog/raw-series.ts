import { Decimal, ONE } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { barIntervalText } from '../../domain/time-spans.js';
import type { DataKind } from '../columns.js';
import { inferTick } from '../tables/tick-inference.js';
import type { ChunkedColumn, DecimalScale } from './chunked-column.js';
import { gridOf, type BarGrid } from './bar-grid.js';
import {
  allocate,
  PIECE_ROWS,
  SHAPES,
  stretchOf,
  type Block,
  type ColumnArray,
  type Stretch,
  type Times,
} from './kinds.js';
import { crossedIn, loneIn, outliersIn, type Lone, type Outliers } from './outliers.js';
import { isKeyed, type TimeRange } from './quality.js';
import type { SeriesBuilder } from './series-builder.js';

export interface SeriesOptions {
  /** Of the series, where the caller knows it; absent: the coarsest power of ten that all prices are multiples of. */
  readonly tick?: Decimal;
  readonly step?: Decimal;
  /** Put rows in order instead of refusing them. */
  readonly sort: boolean;
  /** Length of the bars, where the user says it. */
  readonly intervalMs?: number;
  /** Refuse what would be left out. */
  readonly strict?: boolean;
}

/** The rows of one series of a file, in order, as whole numbers of tick and step. */
export interface RawSeries {
  readonly kind: DataKind;
  /** As the file spells it. */
  readonly symbol: string;
  readonly intervalMs: number;
  /** Of bars: how long after the beginning of their hour, day or week they open. */
  readonly phaseMs: number;
  /** Bars beside the grid of the others, which were left out: their times. */
  readonly offGrid: readonly number[];
  readonly tick: Decimal;
  readonly step: Decimal;
  /** What the file's own decimals are whole multiples of. */
  readonly unit: Decimal;
  readonly times: Times;
  readonly duplicates: number;
  readonly disorder: { readonly rows: number; readonly ranges: readonly TimeRange[] };
  /** Rows far from their neighbours, and quotes that cross: they are there, and said. */
  readonly outliers: Outliers;
  readonly crossed: Outliers;
  /** The row whose volume or size is far beyond all others. */
  readonly lone: Lone | undefined;
  /** Prices that were rounded to the tick: leavings of arithmetic beyond any venue's digits. */
  readonly rounded: number;
  /** Fills a column with rows from one on, counted in a tick and step no coarser than the series' own. */
  fill(into: ColumnArray, index: number, from: number, tick: Decimal, step: Decimal): void;
}

/**
 * Throws DATA-005 for rows out of order or twice, unless they are to be sorted; DATA-003 for prices that are no
 * multiple of a given tick.
 */
export function seriesOf(builder: SeriesBuilder, file: string, options: SeriesOptions): RawSeries {
  const { kind, symbol, disorder } = builder;
  // What builds on each other is never put in another order; what stands alone is where that is its normal state.
  const sort = kind !== 'depth' && (options.sort || builder.arrival);
  if (disorder.rows > 0 && !sort) throw disordered(builder, file);
  const all = orderOf(builder, file, sort);
  const rows = all?.length ?? builder.length;
  const duplicates = builder.repeated + builder.length - rows;
  const everyTime = kind === 'bars' ? timesIn(builder, all) : undefined;
  const grid = everyTime === undefined ? undefined : barGrid(everyTime, builder, file, options);
  const order = grid === undefined || grid.off.length === 0 ? all : without(all, rows, grid.off);
  const times = new OrderedTimes(builder.columns[0] as ChunkedColumn, order);
  const tick = options.tick ?? (builder.prices.length === 0 ? ONE : inferTick(builder.prices));
  const step = options.step ?? Decimal.pow(10, -builder.sizes.decimals);
  const price = new Scale(builder.prices, tick, options.tick !== undefined, `${file}: tick`);
  const size = new Scale(builder.sizes, step, true, `${file}: step`);
  price.check(builder, 'price');
  size.check(builder, 'size');
  return {
    kind,
    symbol,
    intervalMs: grid?.intervalMs ?? 0,
    phaseMs: grid?.phaseMs ?? 0,
    offGrid: grid?.off.map((row) => everyTime?.[row] as number) ?? [],
    tick,
    step,
    unit: price.unit,
    times,
    duplicates,
    disorder,
    outliers: outliersIn(builder, order, times.length),
    crossed: crossedIn(builder),
    lone: loneIn(builder),
    rounded: price.offGrid,
    fill: (into, index, from, finerTick, finerStep) => {
      (builder.columns[index] as ChunkedColumn).gather(order, from, into);
      const role = SHAPES[kind][index]?.role;
      const convert = role === 'price' ? price.by(finerTick) : role === 'size' ? size.by(finerStep) : SAME;
      if (convert !== SAME) for (let i = 0; i < into.length; i += 1) into[i] = convert(into[i] as number);
    },
  };
}

class OrderedTimes implements Times {
  readonly length: number;

  constructor(
    private readonly column: ChunkedColumn,
    private readonly order: Uint32Array | undefined,
  ) {
    this.length = order?.length ?? column.length;
  }

  at(row: number): number | undefined {
    if (row < 0 || row >= this.length) return undefined;
    return this.column.at(this.order === undefined ? row : (this.order[row] as number));
  }
}

function timesIn(builder: SeriesBuilder, order: Uint32Array | undefined): Float64Array {
  const times = new Float64Array(order?.length ?? builder.length);
  (builder.columns[0] as ChunkedColumn).gather(order, 0, times);
  return times;
}

function barGrid(times: Float64Array, builder: SeriesBuilder, file: string, options: SeriesOptions): BarGrid {
  const { symbol, namedMs, closes } = builder;
  const grid = gridOf(times, { file, symbol, asked: options.intervalMs, named: namedMs, closes });
  if (options.strict !== true || grid.off.length === 0) return grid;
  throw fault(
    'DATA-003',
    `Bars of ${symbol} in ${file} must all lie on their grid of ${barIntervalText(grid.intervalMs)}; ${timesText(grid.off.map((row) => times[row] as number))} do not.`,
    { where: file, fix: 'Repair or remove the rows, or leave --strict away to have them left out.' },
  );
}

/** The order without some of its places. */
function without(order: Uint32Array | undefined, length: number, off: readonly number[]): Uint32Array {
  const gone = new Set(off);
  return Uint32Array.from({ length }, (_, i) => order?.[i] ?? i).filter((_, i) => !gone.has(i));
}

/** Some of the times, and how many more there are. */
export function timesText(times: readonly number[]): string {
  const named = times.slice(0, FEW).map((at) => new Date(at).toISOString());
  return `${named.join(', ')}${times.length > FEW ? ` and ${times.length - FEW} more` : ''}`;
}

const FEW = 5;

/** Rows from one to another, not included, in one piece of memory. */
export function blockOfRows(
  raw: RawSeries,
  { from, to, tick, step, shared = false }: RowSpan & { readonly shared?: boolean },
): Block {
  const block = allocate(raw.kind, to - from, shared);
  block.columns.forEach((column, index) => raw.fill(column, index, from, tick, step));
  return block;
}

/** Rows, and what they are counted in. */
export interface RowSpan {
  readonly from: number;
  readonly to: number;
  readonly tick: Decimal;
  readonly step: Decimal;
}

/** The same a piece at a time, where they are many: a busy day takes no more memory than a quiet one. */
export function stretchOfRows(raw: RawSeries, span: RowSpan): Stretch {
  const { from, to, tick, step } = span;
  const length = to - from;
  if (length <= PIECE_ROWS) return stretchOf(blockOfRows(raw, span));
  const room = allocate(raw.kind, PIECE_ROWS);
  return {
    kind: raw.kind,
    length,
    times: { length, at: (row) => raw.times.at(from + row) },
    column: (index, first, end) => {
      const into = (room.columns[index] as ColumnArray).subarray(0, end - first);
      raw.fill(into, index, from + first, tick, step);
      return into;
    },
  };
}

type Convert = (value: number) => number;
const SAME: Convert = (value) => value;

/** Whole numbers of a decimal scale as multiples of a tick or step. */
class Scale {
  offGrid = 0;
  readonly unit: Decimal;

  constructor(
    source: DecimalScale,
    private readonly grid: Decimal,
    private readonly strict: boolean,
    private readonly what: string,
  ) {
    this.unit = Decimal.pow(10, -source.decimals);
  }

  /** Counts what lies off the grid; refuses it where the grid was given and not inferred. */
  check(builder: SeriesBuilder, role: 'price' | 'size'): void {
    const divisor = this.grid.div(this.unit);
    if (divisor.eq(1) || this.unit.mod(this.grid).isZero()) return;
    const each = divisor.toNumber();
    SHAPES[builder.kind].forEach((shape, index) => {
      if (shape.role !== role) return;
      const column = builder.columns[index] as ChunkedColumn;
      for (let i = 0; i < column.length; i += 1) if (!(column.at(i) % each === 0)) this.offGrid += 1;
    });
    if (this.strict && this.offGrid > 0) {
      throw fault(
        'DATA-003',
        `${this.what} must divide every ${role}, but ${this.grid.toString()} does not divide ${this.offGrid} of them.`,
        { fix: `Name a finer one, or leave --${role === 'price' ? 'tick' : 'step'} away to have it inferred.` },
      );
    }
  }

  /** To multiples of a grid that this one is a multiple of. What is off the inferred grid goes to the nearest of it. */
  by(finer: Decimal): Convert {
    const own = this.grid.div(this.unit).toNumber();
    const factor = this.grid.div(finer).toNumber();
    const exact = this.unit.div(finer);
    if (exact.isInteger()) return exact.eq(1) ? SAME : (value) => whole(value * exact.toNumber(), this.what);
    return (value) => whole(Math.round(value / own) * factor, this.what);
  }
}

export function whole(value: number, what: string): number {
  if (!Number.isSafeInteger(value))
    throw fault('NUM-001', `${what}: values must be whole numbers within 2^53, was ${value}.`);
  return value;
}

/** The order of rows by time; undefined where they stand in it. Equal bars and stamps of one instant become one. */
function orderOf(builder: SeriesBuilder, file: string, sort: boolean): Uint32Array | undefined {
  const order = builder.disorder.rows === 0 ? undefined : sorted(timesIn(builder, undefined));
  if (!isKeyed(builder.kind) || (order === undefined && builder.firstTwice === undefined)) return order;
  const times = builder.columns[0] as ChunkedColumn;
  const kept: number[] = [];
  const twice: TimeRange[] = [];
  for (let i = 0; i < builder.length; i += 1) {
    const row = order?.[i] ?? i;
    const last = kept.at(-1);
    if (last === undefined || times.at(row) !== times.at(last)) kept.push(row);
    else if (!sort || !builder.columns.every((column) => Object.is(column.at(row), column.at(last))))
      twice.push({ from: times.at(row), to: times.at(row), missing: null });
  }
  if (twice.length > 0)
    throw refused(
      builder,
      builder.firstTwice ?? file,
      `${twice.length} rows stand twice${sort ? ' with different values' : ''}`,
      twice,
      sort
        ? 'Keep one row of each time; a file of several venues must be split, or filtered with --where.'
        : 'Keep one row of each time, or import with --sort, which drops equal ones; a file of several venues must be filtered with --where.',
    );
  return order === undefined && kept.length === builder.length ? undefined : Uint32Array.from(kept);
}

const sorted = (times: Float64Array): Uint32Array =>
  Uint32Array.from(times, (_, i) => i).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);

const disordered = (builder: SeriesBuilder, file: string): Error =>
  refused(
    builder,
    builder.disorder.firstPlace ?? file,
    `${builder.disorder.rows} rows stand out of order`,
    builder.disorder.ranges,
    builder.kind === 'depth'
      ? 'Import each recording of a book by itself, as it was recorded: its changes build on each other and are never sorted.'
      : 'Sort the file by time, or import with --sort. A file of several venues must be filtered with --where.',
  );

const SHOWN = 20;

function refused(
  builder: SeriesBuilder,
  where: string,
  what: string,
  ranges: readonly TimeRange[],
  fix: string,
): Error {
  const iso = (at: number): string => new Date(at).toISOString();
  const named = ranges
    .slice(0, SHOWN)
    .map(({ from, to }) => (from === to ? iso(from) : `${iso(from)} after ${iso(to)}`));
  return fault(
    'DATA-005',
    `${builder.kind} of ${builder.symbol}: rows must be in the order of time, each once; ${what}: ${named.join('; ')}${ranges.length > SHOWN ? `; and ${ranges.length - SHOWN} more places` : ''}.`,
    {
      where,
      why: 'One wrong row would falsify every result that comes after it.',
      fix,
    },
  );
}
