import { fault } from '../../domain/errors.js';
import type { DataFile } from '../../ports/research/data-files.js';
import { PlainRoom } from '../catalog/chunked-column.js';
import { isKeyed } from '../catalog/quality.js';
import { SeriesBuilder } from '../catalog/series-builder.js';
import type { DataKind } from '../columns.js';
import { CsvRows } from '../tables/csv-table.js';
import { symbolMissing, type Rows, type Table } from '../tables/table.js';
import { contentsOf } from './content.js';
import { columnName, renamed } from './foreign.js';
import { layoutOf, openContent, type Wanted } from './detect.js';
import type { Layout } from './layouts.js';
import { factsOf, type NameFacts } from './names.js';
import { checkPublished } from './published.js';
import { PlainReader, type Builders, type RowReader } from './row-reader.js';
import { BooksReader, TickerReader } from './tardis-readers.js';
import { TimeZone } from './text-time.js';
import { TimeReader } from './time-reader.js';

export interface SourceRequest extends Wanted {
  /** Rows of this symbol only, as the file spells it; for a file that names none, the symbol it is of. */
  readonly symbol?: string;
  /** Rows with exactly these texts in these columns only. */
  readonly where: Readonly<Record<string, string>>;
  readonly duckdb: boolean;
  /** Where the clocks stood that wrote times without their distance from UTC; absent: UTC. */
  readonly zone?: string;
}

export interface SourceData {
  /** Name of the layout that was found. */
  readonly layout: string;
  readonly series: readonly SeriesBuilder[];
  /** Rows of quotes with an empty side, which were left out. */
  readonly incomplete: number;
  /** How times were read, where the columns left a choice. */
  readonly times: readonly string[];
  /** Texts whose last line does not end. */
  readonly endless: readonly string[];
  /** Some of them name no zone, nor does the user: they were taken for UTC. */
  readonly assumed: boolean;
  /** Times of text that the clocks of the zone showed twice: the order of the rows decided. */
  readonly twice: number;
}

/** What a symbol is: it becomes the name of a folder, and stands in every message of its instrument. */
const LONGEST_FOLDER = 240;
const SYMBOL = 'a text of 1 to 80 letters, digits and signs';
const isSymbol = (text: string): boolean =>
  /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u.test(text) && encodeURIComponent(text).length <= LONGEST_FOLDER;

/** Columns that part rows of one symbol: several venues, or spot and perpetual, in one table are several series. */
const PARTING = ['venue', 'exchange', 'market', 'kind'];

/** Reads a file of any known format. Throws DATA-003 to DATA-006, naming the row, or what was expected. */
export async function readSource(
  file: DataFile,
  request: SourceRequest,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<SourceData> {
  const series = new Map<string, SeriesBuilder>();
  const plain = new PlainRoom();
  let last: SeriesBuilder | undefined;
  let arrival = false;
  let facts: NameFacts | undefined;
  const builders: Builders = (kind, symbol) => {
    if (last?.kind === kind && last.symbol === symbol) return last;
    last = builderOf(kind, symbol);
    return last;
  };
  const builderOf: Builders = (kind, symbol) => {
    const namedMs = kind === 'bars' ? facts?.intervalMs : undefined;
    const key = `${kind} ${symbol} ${namedMs ?? ''}`;
    const known = series.get(key) ?? new SeriesBuilder(kind, symbol, plain);
    series.set(key, known);
    known.namedMs = namedMs;
    known.arrival ||= arrival;
    return known;
  };
  const layouts = new Set<string>();
  const readings = new Set<string>();
  const zone = request.zone === undefined ? undefined : new TimeZone(request.zone);
  const present = new Set<string>();
  const endless: string[] = [];
  let incomplete = 0;
  let assumed = false;
  for (const content of contentsOf(file, onProgress)) {
    const name = factsOf(content.location);
    if (name.published !== undefined) checkPublished(content.place, name.published, request.kind);
    const table = renamed(await openContent(content, name, request.duckdb));
    const layout = layoutOf(table, request, name, content.name);
    layouts.add(layout.name);
    last = undefined;
    arrival = layout.arrival === true;
    facts = name;
    const times = new TimeReader(table, layout.time, name, zone, isKeyed(layout.kind));
    const reader = readerOf(table, layout, times, builders, request.kind);
    const walk = new Walk(table, layout, name, request, present);
    for await (const rows of table.parts()) walk.part(rows, reader);
    reader.end();
    if (table.endless?.() === true) endless.push(content.place);
    if (reader instanceof PlainReader) incomplete += reader.incomplete;
    if (times.reading !== undefined) readings.add(times.reading);
    assumed ||= times.assumed;
  }
  const filled = [...series.values()].filter(({ length }) => length > 0);
  if (filled.length === 0) throw symbolMissing(file.path, request.symbol ?? 'any symbol', present);
  return {
    layout: [...layouts].join(', '),
    series: filled,
    incomplete,
    endless,
    times: [...readings],
    assumed,
    twice: zone?.twice ?? 0,
  };
}

function readerOf(
  table: Table,
  layout: Layout,
  times: TimeReader,
  builders: Builders,
  kind: DataKind | undefined,
): RowReader {
  if (layout.special === 'books') return new BooksReader(table, times, builders);
  if (layout.special === 'ticker') return new TickerReader(table, times, builders, kind);
  return new PlainReader(table, layout, times, builders);
}

/** Passes the wanted rows of a table on, each with its symbol. */
class Walk {
  private readonly symbolColumn: number;
  private readonly filters: readonly (readonly [number, string])[];
  private readonly parting: readonly number[];
  /** For each symbol the venue, exchange and market of its first row. */
  private readonly parts = new Map<string, readonly string[]>();
  private current: readonly string[] | undefined;
  private symbol: string;
  /** Columns that tell whose a row is. */
  private readonly same: readonly number[];
  /** The last row was read with care, and taken. */
  private careful = false;

  constructor(
    private readonly table: Table,
    layout: Layout,
    name: NameFacts,
    private readonly request: SourceRequest,
    private readonly present: Set<string>,
  ) {
    const { columns, file } = table;
    this.symbolColumn = layout.symbol === undefined ? -1 : columns.indexOf(layout.symbol);
    this.filters = Object.entries(request.where).map(([column, text]) => {
      const index = columns.indexOf(columnName(column));
      if (index < 0)
        throw fault(
          'DATA-004',
          `${file} must have the column ${column} that --where names; its columns are ${columns.join(', ')}.`,
          { where: file },
        );
      return [index, text] as const;
    });
    this.parting = PARTING.filter((column) => columns.includes(column) && !(column in request.where)).map((column) =>
      columns.indexOf(column),
    );
    this.same = [this.symbolColumn, ...this.parting, ...this.filters.map(([column]) => column)].filter(
      (column) => column >= 0,
    );
    this.symbol = this.symbolColumn >= 0 ? '' : (request.symbol ?? name.symbol ?? '');
    const { symbol: asked } = request;
    if (asked !== undefined && !isSymbol(asked)) {
      throw fault('CLI-001', `--symbol must be ${SYMBOL}, was ${JSON.stringify(asked.slice(0, 80))}.`, {
        fix: 'Write for example --symbol BTC-PERP.',
      });
    }
    if (this.symbolColumn < 0 && this.symbol === '') {
      throw fault('DATA-006', `${file} must be of a symbol, but neither its rows nor its name tell which.`, {
        where: file,
        fix: 'Name it: --symbol BTC-PERP.',
      });
    }
  }

  part(rows: Rows, reader: RowReader): void {
    const { filters, parting, symbolColumn } = this;
    const wanted = this.request.symbol;
    const plain = rows instanceof CsvRows && reader instanceof PlainReader ? { rows, reader } : undefined;
    for (;;) {
      if (plain !== undefined) this.skim(plain.rows, plain.reader);
      if (!rows.next()) return;
      if (filters.length > 0 && !filters.every(([column, text]) => rows.matches(column, text))) continue;
      if (symbolColumn >= 0 && !rows.matches(symbolColumn, this.symbol)) {
        const symbol = rows.text(symbolColumn);
        if (wanted !== undefined && symbol !== wanted) {
          this.present.add(symbol);
          continue;
        }
        this.symbol = symbol;
        this.current = this.parts.get(symbol);
        if (!isSymbol(symbol))
          throw fault(
            'DATA-003',
            `Row ${rows.row}: the symbol must be ${SYMBOL}, was ${JSON.stringify(symbol.slice(0, 80))}.`,
            {
              where: rows.place(),
              fix: 'Repair or remove the row.',
            },
          );
      }
      if (parting.length > 0) this.checkPart(rows);
      reader.read(rows, this.symbol);
      this.careful = true;
    }
  }

  /** Lets plain rows like the last one be taken at once. */
  private skim(rows: CsvRows, reader: PlainReader): void {
    const skim = reader.skimmer(this.same);
    const { builder } = reader;
    if (skim === undefined || builder === undefined) return;
    if (this.careful) skim.remember(rows);
    this.careful = false;
    skim.run(rows, builder);
  }

  /** Refuses a second venue of one symbol. */
  private checkPart(rows: Rows): void {
    if (this.current === undefined) {
      this.current = this.parting.map((column) => rows.text(column));
      this.parts.set(this.symbol, this.current);
    }
    for (let i = 0; i < this.parting.length; i += 1) {
      const [column, known] = [this.parting[i] as number, this.current[i] as string];
      if (rows.matches(column, known)) continue;
      const name = this.table.columns[column] ?? '';
      throw fault(
        'DATA-004',
        `${this.table.file} must hold ${this.symbol} of one ${name}, holds ${known} and ${rows.text(column)}.`,
        {
          where: rows.place(),
          why: 'Rows of two venues in one series are no market that ever was.',
          fix: `Import them one by one: perpsbot data import --where ${name}=${known}.`,
        },
      );
    }
  }
}
