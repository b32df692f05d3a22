import { messageOf } from '../../domain/errors.js';
import { DecimalScanner } from '../tables/decimal-scanner.js';
import type { ChunkedColumn } from '../catalog/chunked-column.js';
import { SHAPES } from '../catalog/kinds.js';
import type { SeriesBuilder } from '../catalog/series-builder.js';
import { DEPTH_LAST, DEPTH_SNAPSHOT, type DataKind } from '../columns.js';
import { badRow, type Rows, type Table } from '../tables/table.js';
import type { Layout, SideRule } from './layouts.js';
import { Skim, type SkimColumn } from './skim.js';
import type { TimeReader } from './time-reader.js';

/** Where the rows of a series go: one builder a kind and symbol. */
export type Builders = (kind: DataKind, symbol: string) => SeriesBuilder;

/** Reads the rows of one symbol at a time into its series. */
export interface RowReader {
  read(rows: Rows, symbol: string): void;
  /** After the last row. */
  end(): void;
}

type Role = 'price' | 'size' | 'volume' | 'rate';

interface Field {
  readonly name: string;
  readonly index: number;
  readonly role: Role;
  readonly column: number;
}

/** One row of the table is one row of ours. */
export class PlainReader implements RowReader {
  private readonly fields: readonly Field[];
  private readonly side: SideReader | undefined;
  private readonly sideIndex: number;
  private readonly id: number;
  /** Of bars that say when they closed. */
  private readonly close: number;
  private readonly book: BookMessages | undefined;
  private readonly scanner = new DecimalScanner();
  private rows: Rows | undefined;
  private skim: Skim | undefined;
  /** Of the last row. */
  builder: SeriesBuilder | undefined;
  /** One for all rows: it is asked for few of them. */
  private readonly place = (): string => this.rows?.place() ?? '';
  /** Quotes with an empty side: they say nothing that could be traded on. */
  incomplete = 0;

  constructor(
    private readonly table: Table,
    private readonly layout: Layout,
    private readonly times: TimeReader,
    private readonly builders: Builders,
  ) {
    const shapes = SHAPES[layout.kind];
    const at = (column: string): number => table.columns.indexOf(column);
    this.fields = shapes.flatMap(({ name, role }, index) => {
      const column = layout.values[name];
      return column === undefined ? [] : [{ name: column, index, role: role as Role, column: at(column) }];
    });
    this.side =
      layout.side === undefined
        ? undefined
        : new SideReader(layout.side, at(layout.side.column), layout.kind === 'trades');
    this.sideIndex = shapes.findIndex(({ role }) => role === 'side');
    this.id = layout.id === undefined ? -1 : at(layout.id);
    this.close = layout.kind === 'bars' && layout.time.unit === 'epoch' ? at('close_time') : -1;
    this.book =
      layout.message === undefined
        ? undefined
        : new BookMessages(
            at(layout.message),
            layout.snapshot === undefined
              ? undefined
              : new SideReader(layout.snapshot, at(layout.snapshot.column), false),
          );
  }

  read(rows: Rows, symbol: string): void {
    const { layout } = this;
    const builder = (this.builder = this.builders(layout.kind, symbol));
    const at = this.times.at(rows);
    if (this.id >= 0 && builder.repeats(this.idOf(rows), at)) return;
    if (layout.kind === 'quotes' && this.fields.some(({ role, column }) => role === 'price' && rows.isBlank(column))) {
      this.incomplete += 1;
      return;
    }
    this.rows = rows;
    builder.time(at, this.place);
    if (this.close >= 0) builder.closed(this.times.distance(rows, this.close, at));
    for (const field of this.fields) this.value(rows, field, builder);
    if (layout.kind === 'bars') checkBar(rows, builder);
    if (this.side !== undefined) {
      const side = this.side.of(rows);
      if (side === 0) builder.isUnknown('side', this.place);
      builder.number(this.sideIndex, side);
    }
    this.book?.row(rows, builder);
  }

  end(): void {
    this.book?.end();
  }

  /**
   * What reads plain rows like the last one faster, where there is such a way: texts of `same` must then be as they are
   * in that row.
   */
  skimmer(same: readonly number[]): Skim | undefined {
    if (this.skim !== undefined || !this.times.settled) return this.skim;
    const columns = this.skimColumns(same);
    return columns === undefined ? undefined : (this.skim = new Skim(columns, this.times));
  }

  /** What each column of the table is; undefined where a row is more than its values. */
  private skimColumns(same: readonly number[]): SkimColumn[] | undefined {
    const { table, times, id, close, side, sideIndex, layout, fields } = this;
    if (this.book !== undefined || (sideIndex >= 0 && side === undefined)) return undefined;
    const columns = table.columns.map((): SkimColumn => ({ what: 'any' }));
    let taken = 0;
    const put = (column: number, found: SkimColumn): void => {
      if (column < 0) return;
      columns[column] = found;
      taken += 1;
    };
    for (const { role, index, column } of fields) {
      if (role === 'rate') return undefined;
      put(column, { what: role, index });
    }
    put(times.column, { what: 'time' });
    put(id, { what: 'id' });
    put(close, { what: 'close' });
    if (layout.side !== undefined && side !== undefined)
      put(side.column, { what: 'side', index: sideIndex, rule: layout.side });
    for (const column of new Set(same)) put(column, { what: 'same' });
    // One column for two things, or a close before its open, is beyond it.
    const plain =
      columns.filter(({ what }) => what !== 'any').length === taken && !(close >= 0 && close < times.column);
    return plain ? columns : undefined;
  }

  private idOf(rows: Rows): number {
    const id = rows.whole(this.id);
    if (Number.isNaN(id))
      throw badRow(
        rows,
        'DATA-003',
        `${this.table.columns[this.id] ?? 'id'} must be a whole number, was ${JSON.stringify(rows.text(this.id))}.`,
        'Repair or remove the row.',
      );
    return id;
  }

  private value(rows: Rows, { name, index, role, column }: Field, builder: SeriesBuilder): void {
    const { scanner } = this;
    if (role === 'volume' && rows.isBlank(column)) {
      builder.isUnknown('volume', this.place);
      builder.number(index, NaN);
      return;
    }
    const least = role === 'price' ? Number.MIN_VALUE : role === 'rate' ? -Infinity : 0;
    if (!rows.scan(column, scanner) || !(scanner.mantissa >= least)) {
      const what =
        role === 'price'
          ? 'a positive decimal number'
          : role === 'rate'
            ? 'a decimal number'
            : role === 'volume'
              ? 'zero or a positive number, or empty where it is not known'
              : 'zero or a positive number';
      throw badRow(
        rows,
        'DATA-003',
        `${name} must be ${what}, was ${JSON.stringify(rows.text(column))}.`,
        role === 'rate' ? 'Remove the row: a stamp without a rate is reported as a gap.' : 'Repair or remove the row.',
      );
    }
    try {
      builder.decimal(index, role, scanner, this.place);
    } catch (error) {
      const fix = 'Repair the row, or round the values of the file to what their venue counts in.';
      throw badRow(rows, 'DATA-003', messageOf(error), fix);
    }
  }
}

/** `low` must be the lowest of the four and `high` the highest. */
function checkBar(rows: Rows, builder: SeriesBuilder): void {
  const row = builder.length - 1;
  const { columns } = builder;
  const open = (columns[1] as ChunkedColumn).at(row);
  const high = (columns[2] as ChunkedColumn).at(row);
  const low = (columns[3] as ChunkedColumn).at(row);
  const close = (columns[4] as ChunkedColumn).at(row);
  if (low <= open && low <= close && high >= open && high >= close) return;
  throw badRow(
    rows,
    'DATA-003',
    'low must not exceed open and close, and high must not be below them.',
    'Repair or remove the row.',
  );
}

/** Reads which side a text names. */
export class SideReader {
  constructor(
    private readonly rule: SideRule,
    readonly column: number,
    /** There are rows of which nobody knows it. */
    private readonly optional: boolean,
  ) {}

  /** 1, -1, or 0 for an empty or unknown one where there may be one. Throws DATA-003 for other text. */
  of(rows: Rows): 1 | -1 | 0 {
    const { column, rule } = this;
    for (const text of rule.buys) if (rows.matches(column, text)) return 1;
    for (const text of rule.sells) if (rows.matches(column, text)) return -1;
    if (this.optional && (rows.isBlank(column) || rows.matches(column, 'unknown'))) return 0;
    throw badRow(
      rows,
      'DATA-003',
      `${rule.column} must be one of ${[...rule.buys, ...rule.sells].join(', ')}, was ${JSON.stringify(rows.text(column))}.`,
      'Repair or remove the row.',
    );
  }
}

/** Marks the first row of a snapshot and the last row of every message. */
class BookMessages {
  private readonly shape = SHAPES.depth.findIndex(({ role }) => role === 'flags');
  private builder: SeriesBuilder | undefined;
  private message = '';
  private inSnapshot = false;

  constructor(
    private readonly column: number,
    private readonly snapshot: SideReader | undefined,
  ) {}

  row(rows: Rows, builder: SeriesBuilder): void {
    const another = builder !== this.builder || !rows.matches(this.column, this.message);
    if (another) this.close(builder);
    if (another) this.message = rows.text(this.column);
    if (builder !== this.builder) this.inSnapshot = false;
    this.builder = builder;
    const snapshot = this.snapshot?.of(rows) === 1;
    builder.number(this.shape, snapshot && !this.inSnapshot ? DEPTH_SNAPSHOT : 0);
    this.inSnapshot = snapshot;
  }

  end(): void {
    this.builder?.flagLast(this.shape, DEPTH_LAST);
  }

  /**
   * The row before this one was the last of its message. Its own flags are not there yet: it is one row behind in that
   * column.
   */
  private close(builder: SeriesBuilder): void {
    if (this.builder === builder) builder.flagLast(this.shape, DEPTH_LAST);
    else this.end();
  }
}
