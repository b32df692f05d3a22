import type { Decimal } from '../../domain/decimal.js';
import { fault, PerpsBotError } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import type { DataFile, DataFiles } from '../../ports/research/data-files.js';
import type { DataKind } from '../columns.js';
import type { DataNote } from '../data-note.js';
import { symbolMissing } from '../tables/table.js';
import { readSource } from '../sources/read-source.js';
import { hashOf } from './catalog.js';
import { checkSum } from './checksum.js';
import { nameOf } from './manifest.js';
import { assumedNote, missingIdsNote, notesOf, roundedNote, sortedNote } from './import-notes.js';
import { lowerBound, sliceOf, timesOf, type Block } from './kinds.js';
import type { SeriesFacts, SeriesShelf, ShelfSpan } from './shelf.js';
import { gapsIn, spacingOf, type TimeRange } from './quality.js';
import { blockOfRows, seriesOf, type RawSeries } from './raw-series.js';

export interface FileRequest {
  /** As the user named it: it stands in errors. */
  readonly path: string;
  /** The flag that names the file. */
  readonly flag: string;
  /** Rows of this symbol only, as the file spells it; absent: the only one it holds, or the one that its name tells. */
  readonly symbol?: string;
  readonly kind?: DataKind;
  /** Length of the bars; absent: the name's, or what the rows show. */
  readonly intervalMs?: number;
  readonly zone?: string;
}

/**
 * Files of any format that `data import` knows, as series that live as long as a run. Nothing is written, and rows lie
 * in memory once: a series is handed out a single time, into the columns that the run is over.
 */
export class MemoryCatalog implements SeriesShelf {
  private readonly held: HeldSeries[] = [];

  constructor(private readonly files: DataFiles) {}

  /** Reads the series of one symbol, and says how the file spells it. Throws DATA-002 to DATA-006. */
  async bring({ path, flag, intervalMs, ...wanted }: FileRequest): Promise<{
    readonly series: readonly SeriesFacts[];
    readonly spelt: string;
    readonly notes: readonly DataNote[];
  }> {
    const file = this.open(path, flag);
    if (file === undefined)
      throw fault('DATA-002', `${flag} must name a file that exists, was ${path}.`, {
        where: path,
        fix: 'Check the path; it is taken from the working directory.',
      });
    try {
      const checked = checkSum(this.files, path, () => hashOf(file));
      const source = await readSource(file, { ...wanted, format: 'auto', where: {}, duckdb: false });
      const [spelt = '', ...more] = new Set(source.series.map(({ symbol }) => symbol));
      if (more.length > 0) throw symbolMissing(path, 'one symbol alone', new Set([spelt, ...more]));
      const raws = source.series.map((builder) =>
        seriesOf(builder, path, { sort: false, ...(intervalMs === undefined ? {} : { intervalMs }) }),
      );
      const series = raws.map((raw) => new HeldSeries(raw));
      this.held.push(...series);
      return {
        series,
        spelt,
        notes: [
          ...notesOf(source.series, raws, source, checked),
          ...(source.assumed ? [assumedNote(path, source.times)] : []),
          ...source.series.flatMap((builder, index) => [
            // Bars keep the digits of the file, and are rounded where they meet an instrument, which says so.
            ...(builder.kind === 'bars' ? [] : roundedNote(raws[index] as RawSeries)),
            ...sortedNote(series[index] as HeldSeries, builder.disorder),
            ...missingIdsNote(series[index] as HeldSeries, { count: builder.missing, ranges: builder.missingRanges }),
          ]),
        ],
      };
    } finally {
      file.close();
    }
  }

  private open(path: string, flag: string): DataFile | undefined {
    try {
      return this.files.open(path);
    } catch (error) {
      throw pathFault(
        { must: `${flag} must name a file that can be read, was ${path}`, where: path, code: 'DATA-002' },
        PerpsBotError.is(error) ? error.cause : error,
      );
    }
  }

  list(): readonly SeriesFacts[] {
    return this.held;
  }

  read(series: SeriesFacts, { from = -Infinity, to = Infinity, shared = false }: ShelfSpan = {}): Promise<Block> {
    const held = this.held.find((each) => each === series);
    if (held === undefined) throw new Error(`${nameOf(series)} must be a series of this catalog.`);
    const block = held.take(shared);
    const times = timesOf(block);
    return Promise.resolve(sliceOf(block, lowerBound(times, from), lowerBound(times, to)));
  }
}

/** A series of a file, its rows still in the file's own decimals. */
class HeldSeries implements SeriesFacts {
  readonly kind: DataKind;
  readonly symbol: string;
  readonly intervalMs: number;
  readonly tick: string;
  readonly inferredTick: string;
  readonly step: string;
  readonly first: number;
  readonly last: number;
  gaps: readonly TimeRange[] = [];
  private readonly unit: Decimal;

  constructor(public raw: RawSeries | undefined) {
    const { kind, symbol, intervalMs, tick, step, times, unit } = raw as RawSeries;
    this.kind = kind;
    this.symbol = symbol.toUpperCase();
    this.intervalMs = intervalMs;
    // A venue's own tick changes over the years: bars keep the decimals of the file until they meet an instrument, and
    // are rounded once.
    this.unit = kind === 'bars' ? unit : tick;
    this.tick = this.unit.toString();
    this.inferredTick = tick.toString();
    this.step = step.toString();
    this.first = times.at(0) ?? NaN;
    this.last = times.at(times.length - 1) ?? NaN;
  }

  take(shared: boolean): Block {
    const { raw } = this;
    if (raw === undefined) throw new Error(`${this.kind} of ${this.symbol} must be read once, was read again.`);
    this.raw = undefined;
    const block = blockOfRows(raw, { from: 0, to: raw.times.length, tick: this.unit, step: raw.step, shared });
    this.gaps = gapsIn(block, this.intervalMs, spacingOf(timesOf(block)));
    return block;
  }
}
