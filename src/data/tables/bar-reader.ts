import { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import { mulDiv } from '../../domain/units.js';
import type { BarColumns } from '../bar-columns.js';
import { DecimalScanner } from './decimal-scanner.js';
import { GrowingColumn, ScaledColumn } from './growing-column.js';
import { openTable } from './open-table.js';
import { badRow, columnsOf, symbolMissing, timeOf, type Rows } from './table.js';

const COLUMNS = ['ts_ms', 'symbol', 'open', 'high', 'low', 'close', 'volume'] as const;
const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Something a reader had to do that its user should know. */
export interface DataNote {
  readonly code: string;
  readonly message: string;
}

/**
 * Bars as the file has them, before an instrument gives them a tick: open, high, low and close interleaved in one column of
 * a common decimal scale, volume in base units.
 */
export class RawBars {
  readonly prices = new ScaledColumn();
  readonly openAt = new GrowingColumn();
  readonly volume = new GrowingColumn();
  /** Prices that carried the noise of a binary float and were rounded to 15 digits, and where the first one stood. */
  noisy = 0;
  firstNoisy: string | undefined;

  constructor(
    readonly file: string,
    readonly symbol: string,
  ) {}

  get length(): number {
    return this.openAt.length;
  }

  /** Smallest distance between two opens: the bars' interval, whatever is missing in between. */
  get intervalMs(): number {
    let smallest = Infinity;
    for (let i = 1; i < this.length; i += 1) smallest = Math.min(smallest, this.openAt.at(i) - this.openAt.at(i - 1));
    return smallest;
  }

  /**
   * The bars in an instrument's ticks and lots, under its name. Prices that are no multiple of the tick are rounded to nearest, and a note says how many:
   * a venue's own tick changes over the years. Throws DATA-003 when a price rounds to zero.
   */
  toColumns({ symbol, tick, step }: Pick<InstrumentSpec, 'symbol' | 'tick' | 'step'>): {
    readonly columns: BarColumns;
    readonly notes: readonly DataNote[];
  } {
    const scale = new TickScale(this.prices.decimals, tick);
    const { length } = this;
    const [open, high, low, close] = [0, 1, 2, 3].map((offset) => {
      const column = new Float64Array(length);
      for (let i = 0; i < length; i += 1) column[i] = scale.ticksOf(this.prices.at(4 * i + offset));
      return column;
    }) as [Float64Array, Float64Array, Float64Array, Float64Array];
    if (scale.zeros > 0) {
      throw fault(
        'DATA-003',
        `${symbol}: the tick ${tick.toString()} must be finer than the prices of ${this.file}; ${scale.zeros} of them round to zero.`,
        {
          where: this.file,
          fix: `Correct instruments.${symbol}.tick, or remove the entry to have the tick inferred.`,
        },
      );
    }
    const volume = this.volume.toArray();
    const stepSize = step.toNumber();
    for (let i = 0; i < length; i += 1) volume[i] = (volume[i] as number) / stepSize;
    const columns = {
      symbol,
      intervalMs: this.intervalMs,
      length,
      openAt: this.openAt.toArray(),
      open,
      high,
      low,
      close,
      volume,
    };
    return { columns, notes: this.notes(scale.offTick, tick) };
  }

  /** Bars whose distance to the one before is no whole number of intervals. */
  private get offGrid(): number {
    const { intervalMs } = this;
    let count = 0;
    for (let i = 1; i < this.length; i += 1)
      if ((this.openAt.at(i) - this.openAt.at(i - 1)) % intervalMs !== 0) count += 1;
    return count;
  }

  private notes(offTick: number, tick: Decimal): DataNote[] {
    const notes: DataNote[] = [];
    const { offGrid } = this;
    if (offGrid > 0) {
      notes.push({
        code: 'W-DATA-004',
        message: `${offGrid} of ${this.length} bars do not lie on a grid of ${this.intervalMs} ms, the smallest distance of two bars: gaps and yearly figures of this file are unreliable. Round its times to the bars' interval.`,
      });
    }
    if (this.noisy > 0) {
      notes.push({
        code: 'W-DATA-001',
        message: `${this.noisy} prices carry the noise of a binary float (first at ${this.firstNoisy ?? this.file}); they were rounded to 15 digits.`,
      });
    }
    if (offTick > 0) {
      notes.push({
        code: 'W-DATA-002',
        message: `${offTick} of ${4 * this.length} prices are no multiple of the tick ${tick.toString()}; they were rounded to the nearest one.`,
      });
    }
    return notes;
  }
}

/** Reads the bars of one symbol. Throws DATA-003 to DATA-006; a refused row is named by file and number. */
export async function readBars(
  bytes: Uint8Array,
  options: { readonly file: string; readonly symbol: string },
): Promise<RawBars> {
  const { file, symbol } = options;
  const table = await openTable(file, bytes);
  const columns = columnsOf(table, COLUMNS);
  const bars = new RawBars(file, symbol);
  const present = new Set<string>();
  for await (const rows of table.parts()) readPart(rows, columns, bars, present);
  if (bars.length === 0) throw symbolMissing(file, symbol, present);
  if (bars.length === 1) {
    throw fault('DATA-003', `${file} must hold at least two bars of ${symbol}, held one.`, {
      where: file,
      why: 'The interval of the bars is the distance between two of them.',
      fix: 'Use a longer file.',
    });
  }
  return bars;
}

/** The symbols a file holds. */
export async function symbolsIn(bytes: Uint8Array, file: string): Promise<ReadonlySet<string>> {
  const table = await openTable(file, bytes);
  const [, column = 0] = columnsOf(table, COLUMNS);
  const present = new Set<string>();
  let last = '';
  for await (const rows of table.parts()) {
    while (rows.next()) if (last === '' || !rows.matches(column, last)) present.add((last = rows.text(column)));
  }
  return present;
}

function readPart(rows: Rows, columns: readonly number[], bars: RawBars, present: Set<string>): void {
  const [timeColumn, symbolColumn, , , , , volumeColumn] = columns as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const scanner = new DecimalScanner();
  let last = bars.length > 0 ? bars.openAt.at(bars.length - 1) : -Infinity;
  let other = '';
  while (rows.next()) {
    if (!rows.matches(symbolColumn, bars.symbol)) {
      if (bars.length === 0 && (other === '' || !rows.matches(symbolColumn, other)))
        present.add((other = rows.text(symbolColumn)));
      continue;
    }
    last = readTime(rows, timeColumn, scanner, last);
    bars.openAt.push(last);
    for (let price = 0; price < 4; price += 1)
      readPrice(rows, columns[2 + price] as number, PRICES[price] as string, scanner, bars);
    checkShape(rows, bars);
    bars.volume.push(readVolume(rows, volumeColumn, scanner));
  }
}

function readTime(rows: Rows, column: number, scanner: DecimalScanner, last: number): number {
  const at = timeOf(rows, column, scanner, last === -Infinity);
  if (at === last)
    throw badRow(
      rows,
      'DATA-005',
      `ts_ms must be later than ${last}, was ${at}: a duplicate bar.`,
      'Keep one row of each time; a file of several venues must be split first.',
    );
  if (at < last)
    throw badRow(
      rows,
      'DATA-005',
      `ts_ms must be later than ${last}, was ${at}: out of order.`,
      'Sort the rows by ts_ms; a file of several venues must be split first.',
    );
  return at;
}

function readPrice(rows: Rows, column: number, name: string, scanner: DecimalScanner, bars: RawBars): void {
  if (!rows.scan(column, scanner) || !(scanner.mantissa > 0)) {
    throw badRow(
      rows,
      'DATA-003',
      `${name} must be a positive decimal number, was ${JSON.stringify(rows.text(column))}.`,
      'Repair or remove the row.',
    );
  }
  if (scanner.rounded) {
    bars.noisy += 1;
    bars.firstNoisy ??= rows.place();
  }
  try {
    bars.prices.pushScaled(scanner.mantissa, scanner.decimals);
  } catch (error) {
    throw badRow(
      rows,
      'DATA-003',
      messageOf(error),
      "Repair the row, or round the prices of the file to their venue's tick.",
    );
  }
}

function checkShape(rows: Rows, bars: RawBars): void {
  const { prices } = bars;
  const at = prices.length - 4;
  const low = prices.at(at + 2);
  const high = prices.at(at + 1);
  if (low <= prices.at(at) && low <= prices.at(at + 3) && high >= prices.at(at) && high >= prices.at(at + 3)) return;
  throw badRow(
    rows,
    'DATA-003',
    'low must not exceed open and close, and high must not be below them.',
    'Repair or remove the row.',
  );
}

function readVolume(rows: Rows, column: number, scanner: DecimalScanner): number {
  if (rows.isBlank(column)) return NaN;
  if (!rows.scan(column, scanner) || !(scanner.mantissa >= 0)) {
    throw badRow(
      rows,
      'DATA-003',
      `volume must be zero or a positive number, or empty where it is not known, was ${JSON.stringify(rows.text(column))}.`,
      'Repair or remove the row.',
    );
  }
  return scanner.toNumber();
}

/** Converts whole numbers of one decimal scale to ticks. */
class TickScale {
  offTick = 0;
  zeros = 0;
  private readonly factor: number;
  private readonly divisor: number;

  constructor(decimals: number, tick: Decimal) {
    const places = tick.decimalPlaces();
    const mantissa = tick.times(Decimal.pow(10, places)).toNumber();
    this.factor = 10 ** Math.max(0, places - decimals);
    this.divisor = mantissa * 10 ** Math.max(0, decimals - places);
  }

  ticksOf(price: number): number {
    const product = price * this.factor;
    if (Number.isSafeInteger(product) && product % this.divisor === 0) return product / this.divisor;
    this.offTick += 1;
    const rounded = mulDiv(price, this.factor, this.divisor, 'nearest');
    if (rounded === 0) this.zeros += 1;
    return rounded;
  }
}
