import { fault } from '../../domain/errors.js';
import { RATE_SCALE } from '../../domain/instrument.js';
import type { DataKind } from '../columns.js';
import type { DecimalScanner } from '../tables/decimal-scanner.js';
import { ChunkedColumn, DecimalScale, PlainRoom, type Slots } from './chunked-column.js';
import { SHAPES } from './kinds.js';
import { isKeyed, type TimeRange } from './quality.js';

/** Sizes of more decimals are leavings of arithmetic: no venue cuts its coins smaller. */
const SIZE_DECIMALS = 8;
const RATE_DECIMALS = Math.log10(RATE_SCALE);
/** Ranges that are kept by name; beyond them only the count grows. */
const MOST_RANGES = 1_000;

/**
 * Changes of a book build on each other: they are applied as they arrived. The venue's stamps step back by as much as
 * messages overtake each other on its machines; what steps back further was put together in the wrong order.
 */
const OVERTAKEN_MS = 60_000;

/** What was wrong with the order of a file's rows. */
export interface Disorder {
  readonly rows: number;
  /** From the latest time before the rows back to the earliest of them, and the row it began at. */
  readonly ranges: readonly TimeRange[];
  readonly firstPlace: string | undefined;
}

/** The rows of one series as a file has them, in exact decimals of a scale that is known when all are read. */
export class SeriesBuilder {
  readonly columns: readonly ChunkedColumn[];
  readonly prices: DecimalScale;
  readonly sizes: DecimalScale;
  /** Values with the noise of a binary float that were rounded to 15 digits, and where the first one stood. */
  noisy = 0;
  firstNoisy: string | undefined;
  /** Sizes that were rounded to eight decimals. */
  fine = 0;
  /** Rates that were rounded to what the catalog counts them in. */
  coarse = 0;
  /** Rows whose volume or side nobody knows: how many, and where the first one stood. */
  readonly unknown = new Map<'volume' | 'side', { rows: number; readonly firstPlace: string }>();
  /** Rows left out because the one before has the same number in the venue's own count. */
  repeated = 0;
  /** Numbers missing in that count, with the times around them. */
  missing = 0;
  readonly missingRanges: TimeRange[] = [];
  /** The first row that has the time of the one before it, where an instant may have one row at most. */
  firstTwice: string | undefined;
  /** Of bars: their length as the names of the files have it, and how often which close lay how far from the open. */
  namedMs: number | undefined;
  readonly closes = new Map<number, number>();
  /** The file has its rows in the order in which they arrived: stamps that step back are its normal state. */
  arrival = false;
  /** Rows of a book whose stamp stepped back: they stand at the latest time before them. */
  held = 0;
  longestHeldMs = 0;
  /** An instant has one row at most. */
  readonly keyed: boolean;
  latest = -Infinity;
  private disorderly = 0;
  private readonly disorderRanges: { from: number; to: number; missing: null }[] = [];
  private firstDisorder: string | undefined;
  private inDisorder = false;
  /** The newest of the venue's count. */
  lastId = NaN;

  constructor(
    readonly kind: DataKind,
    /** As the file spells it. */
    readonly symbol: string,
    /** What all series of a file share. */
    plain = new PlainRoom(),
  ) {
    this.keyed = isKeyed(kind);
    const shapes = SHAPES[kind];
    this.columns = shapes.map(({ role }) => new ChunkedColumn(role === 'side' || role === 'flags', plain));
    const having = (wanted: string): ChunkedColumn[] =>
      this.columns.filter((_, index) => shapes[index]?.role === wanted);
    this.prices = new DecimalScale(having('price'), 'prices');
    this.sizes = new DecimalScale(having('size'), 'sizes');
  }

  get length(): number {
    return (this.columns[0] as ChunkedColumn).length;
  }

  get disorder(): Disorder {
    return { rows: this.disorderly, ranges: this.disorderRanges, firstPlace: this.firstDisorder };
  }

  /** The pieces of memory that the next rows go into, and how many of them they hold. */
  slots(): readonly Slots[] {
    return this.columns.map((column) => column.slots());
  }

  get room(): number {
    return (this.columns[0] as ChunkedColumn).room;
  }

  /** Rows in order that were put there. */
  skimmed(rows: number, latest: number, lastId: number): void {
    for (const column of this.columns) column.grow(rows);
    this.latest = latest;
    this.lastId = lastId;
    this.inDisorder = false;
  }

  /** Begins a row. `place` is asked only when there is something to say of it. */
  time(at: number, place: () => string): void {
    const times = this.columns[0] as ChunkedColumn;
    if (at < this.latest && this.kind === 'depth' && this.latest - at <= OVERTAKEN_MS) {
      times.push(this.latest);
      this.held += 1;
      this.longestHeldMs = Math.max(this.longestHeldMs, this.latest - at);
      return;
    }
    times.push(at);
    if (at >= this.latest) {
      if (at === this.latest && this.keyed) this.firstTwice ??= place();
      this.latest = at;
      this.inDisorder = false;
      return;
    }
    this.disorderly += 1;
    this.firstDisorder ??= place();
    const last = this.disorderRanges.at(-1);
    if (this.inDisorder && last !== undefined) last.from = Math.min(last.from, at);
    else if (this.disorderRanges.length < MOST_RANGES)
      this.disorderRanges.push({ from: at, to: this.latest, missing: null });
    this.inDisorder = true;
  }

  /** Of a bar: how far its close lies from its open. */
  closed(ms: number): void {
    if (ms > 0) this.closes.set(ms, (this.closes.get(ms) ?? 0) + 1);
  }

  /** True when the row is to be left out: the venue's number says that it stood here already. */
  repeats(id: number, at: number): boolean {
    if (id === this.lastId) {
      this.repeated += 1;
      return true;
    }
    if (id > this.lastId + 1) {
      this.missing += id - this.lastId - 1;
      if (this.missingRanges.length < MOST_RANGES)
        this.missingRanges.push({ from: this.latest, to: at, missing: id - this.lastId - 1 });
    }
    this.lastId = id;
    return false;
  }

  isUnknown(what: 'volume' | 'side', place: () => string): void {
    const known = this.unknown.get(what);
    if (known === undefined) this.unknown.set(what, { rows: 1, firstPlace: place() });
    else known.rows += 1;
  }

  decimal(
    index: number,
    role: 'price' | 'size' | 'volume' | 'rate',
    scanner: DecimalScanner,
    place: () => string,
  ): void {
    if (!isOfThisWorld(role, scanner)) throw outOfThisWorld(role, scanner, place());
    // Volumes are doubles anyway; of prices, sizes and rates it should be known.
    if (scanner.rounded && role !== 'volume') {
      this.noisy += 1;
      this.firstNoisy ??= place();
    }
    (this.columns[index] as ChunkedColumn).push(
      role === 'price' ? this.prices.scaled(scanner.mantissa, scanner.decimals) : this.valueOf(role, scanner),
    );
  }

  number(index: number, value: number): void {
    (this.columns[index] as ChunkedColumn).push(value);
  }

  /** Sets flags of the newest row. */
  flagLast(index: number, flag: number): void {
    const column = this.columns[index] as ChunkedColumn;
    if (column.length > 0) column.setLast(column.at(column.length - 1) | flag);
  }

  private valueOf(role: 'size' | 'volume' | 'rate', { mantissa, decimals }: DecimalScanner): number {
    switch (role) {
      case 'size':
        if (decimals <= SIZE_DECIMALS) return this.sizes.scaled(mantissa, decimals);
        this.fine += 1;
        // Something must not become nothing: a level of size zero is one that is gone.
        return this.sizes.scaled(
          mantissa === 0 ? 0 : Math.max(1, Math.round(mantissa / 10 ** (decimals - SIZE_DECIMALS))),
          SIZE_DECIMALS,
        );
      case 'volume':
        return mantissa / 10 ** decimals;
      case 'rate':
        if (decimals <= RATE_DECIMALS) return mantissa * 10 ** (RATE_DECIMALS - decimals);
        this.coarse += 1;
        return Math.round(mantissa / 10 ** (decimals - RATE_DECIMALS));
    }
  }
}

/**
 * Beyond these no market has ever been: what is larger is a broken cell, and money could not hold it. Of the coins with
 * the most units a month's trades come to some 1e18.
 */
const MOST = { price: 1e15, size: 1e15, volume: 1e20, rate: 10 } as const;

const isOfThisWorld = (role: keyof typeof MOST, scanner: DecimalScanner): boolean =>
  Math.abs(role === 'rate' ? scanner.toNumber() : scanner.mantissa) <= MOST[role];

const outOfThisWorld = (role: keyof typeof MOST, scanner: DecimalScanner, where: string): Error =>
  fault('DATA-003', `A ${role} must be at most ${MOST[role]}, was ${scanner.toNumber()}.`, {
    where,
    fix: 'Repair or remove the row.',
  });
