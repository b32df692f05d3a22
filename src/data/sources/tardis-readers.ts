import { SHAPES } from '../catalog/kinds.js';
import type { SeriesBuilder } from '../catalog/series-builder.js';
import { DEPTH_LAST, DEPTH_SNAPSHOT, type DataKind } from '../columns.js';
import { DecimalScanner } from '../tables/decimal-scanner.js';
import { badRow, type Rows, type Table } from '../tables/table.js';
import type { Builders, RowReader } from './row-reader.js';
import type { TimeReader } from './time-reader.js';

/**
 * A whole book in every row, as Tardis' book_snapshot files have it: each row is a snapshot and a message of its own.
 */
export class BooksReader implements RowReader {
  private readonly levels: readonly { readonly side: 1 | -1; readonly price: number; readonly size: number }[];
  private readonly flags = SHAPES.depth.findIndex(({ role }) => role === 'flags');
  private readonly scanner = new DecimalScanner();

  constructor(
    table: Table,
    private readonly times: TimeReader,
    private readonly builders: Builders,
  ) {
    this.levels = table.columns.flatMap((name, price) => {
      const [, side, level] = /^(asks|bids)\[(\d+)\]\.price$/.exec(name) ?? [];
      return side === undefined
        ? []
        : [
            {
              side: side === 'bids' ? (1 as const) : (-1 as const),
              price,
              size: table.columns.indexOf(`${side}[${level ?? ''}].amount`),
            },
          ];
    });
  }

  read(rows: Rows, symbol: string): void {
    const builder = this.builders('depth', symbol);
    const at = this.times.at(rows);
    const place = (): string => rows.place();
    let first = true;
    for (const { side, price, size } of this.levels) {
      if (rows.isBlank(price)) continue;
      builder.time(at, place);
      builder.number(1, side);
      this.decimal(rows, price, 2, 'price', builder, place);
      this.decimal(rows, size, 3, 'size', builder, place);
      builder.number(this.flags, first ? DEPTH_SNAPSHOT : 0);
      first = false;
    }
    if (!first) builder.flagLast(this.flags, DEPTH_LAST);
  }

  end(): void {
    // Every row closed its own message.
  }

  private decimal(
    rows: Rows,
    column: number,
    index: number,
    role: 'price' | 'size',
    builder: SeriesBuilder,
    place: () => string,
  ): void {
    if (!rows.scan(column, this.scanner) || !(this.scanner.mantissa > 0))
      throw badRow(
        rows,
        'DATA-003',
        `a level's ${role} must be a positive decimal number, was ${JSON.stringify(rows.text(column))}.`,
        'Repair or remove the row.',
      );
    builder.decimal(index, role, this.scanner, place);
  }
}

interface Stamp {
  readonly at: number;
  readonly mantissa: number;
  readonly decimals: number;
}

/**
 * Tardis' derivative_ticker: marks and index prices where they change, and funding. A row names the next stamp and the
 * rate as it stands; what was last named before the stamp is what was paid at it. A stamp that the file ends before is
 * not told.
 */
export class TickerReader implements RowReader {
  private readonly column: Readonly<Record<'mark' | 'index' | 'rate' | 'stamp', number>>;
  private readonly scanner = new DecimalScanner();
  private readonly last = new Map<string, string>();
  private readonly pending = new Map<string, Stamp>();

  constructor(
    table: Table,
    private readonly times: TimeReader,
    private readonly builders: Builders,
    private readonly kind: DataKind | undefined,
  ) {
    const at = (name: string): number => table.columns.indexOf(name);
    this.column = {
      mark: at('mark_price'),
      index: at('index_price'),
      rate: at('funding_rate'),
      stamp: at('funding_timestamp'),
    };
  }

  read(rows: Rows, symbol: string): void {
    const at = this.times.at(rows);
    if (this.wants('mark')) this.price(rows, 'mark', symbol, at);
    if (this.wants('index')) this.price(rows, 'index', symbol, at);
    if (this.wants('funding')) this.funding(rows, symbol, at);
  }

  end(): void {
    // A stamp that no later row confirms has not been paid in this file.
  }

  private wants(kind: DataKind): boolean {
    return this.kind === undefined || this.kind === kind;
  }

  private price(rows: Rows, kind: 'mark' | 'index', symbol: string, at: number): void {
    const column = this.column[kind];
    const key = `${kind} ${symbol}`;
    if (rows.isBlank(column) || rows.matches(column, this.last.get(key) ?? '')) return;
    if (!rows.scan(column, this.scanner) || !(this.scanner.mantissa > 0))
      throw badRow(
        rows,
        'DATA-003',
        `${kind}_price must be a positive decimal number, was ${JSON.stringify(rows.text(column))}.`,
        'Repair or remove the row.',
      );
    this.last.set(key, rows.text(column));
    const builder = this.builders(kind, symbol);
    const place = (): string => rows.place();
    builder.time(at, place);
    builder.decimal(1, 'price', this.scanner, place);
  }

  private funding(rows: Rows, symbol: string, at: number): void {
    const { rate, stamp } = this.column;
    const before = this.pending.get(symbol);
    if (before !== undefined && at >= before.at) {
      this.pay(rows, symbol, before);
      this.pending.delete(symbol);
    }
    if (rows.isBlank(rate) || rows.isBlank(stamp)) return;
    const next = rows.whole(stamp) / 1_000;
    if (!(next > 0) || !rows.scan(rate, this.scanner))
      throw badRow(
        rows,
        'DATA-003',
        `funding_rate and funding_timestamp must be numbers, were ${JSON.stringify(rows.text(rate))} and ${JSON.stringify(rows.text(stamp))}.`,
        'Repair or remove the row.',
      );
    if (next > at)
      this.pending.set(symbol, { at: next, mantissa: this.scanner.mantissa, decimals: this.scanner.decimals });
  }

  private pay(rows: Rows, symbol: string, { at, mantissa, decimals }: Stamp): void {
    const builder = this.builders('funding', symbol);
    const place = (): string => rows.place();
    builder.time(at, place);
    this.scanner.scanScaled(mantissa, decimals);
    builder.decimal(1, 'rate', this.scanner, place);
  }
}
