import { fault } from '../../domain/errors.js';
import { DAY_MS } from '../../domain/time-spans.js';
import { DecimalScanner } from '../tables/decimal-scanner.js';
import { badRow, MICROSECONDS_FROM, timeOf, type Rows, type Table } from '../tables/table.js';
import type { Layout } from './layouts.js';
import type { NameFacts } from './names.js';
import { writtenTime, type TimeZone } from './text-time.js';

const DATE = /^(\d{4})(\d\d)(\d\d) (\d\d):(\d\d)(?::(\d\d))?$/;
/** First and last second that are believed: 1973 and 2100. Other numbers are dates in digits, or counts. */
const [FIRST, LAST] = [1e8, 4_102_444_800];
/** Units of epochs, told apart by size, and how a value becomes microseconds. */
const UNITS = [
  { name: 'seconds', scale: 1, micros: (value: number) => Math.round(value * 1e6) },
  { name: 'milliseconds', scale: 1e3, micros: (value: number) => Math.round(value * 1e3) },
  { name: 'microseconds', scale: 1e6, micros: (value: number) => Math.round(value) },
  { name: 'nanoseconds', scale: 1e9, micros: (value: number) => Math.round(value / 1e3) },
] as const;
const MICROSECOND = 1e-3;
type Unit = (typeof UNITS)[number];
const isOf = (value: number, { scale }: Unit): boolean => value >= FIRST * scale && value < LAST * scale;

/**
 * Times of a table's rows in epoch milliseconds, with microseconds as fractions. The first row settles how all are
 * written.
 */
export class TimeReader {
  readonly column: number;
  private readonly addMs: number;
  private readonly scanner = new DecimalScanner();
  private unit: Unit | undefined;
  /** Of text: whether it names its distance from UTC. */
  private zoned: boolean | undefined;
  /** Instants of a file that does not say of which zone they are. */
  private readonly wall: boolean;
  private first = true;
  private latest = -Infinity;

  constructor(
    table: Table,
    private readonly time: Layout['time'],
    private readonly name: NameFacts,
    /** Of text that does not say how far it is from UTC; absent: UTC. */
    private readonly zone?: TimeZone,
    /** No two rows have one time: what a clock shows twice is two instants. */
    private readonly once = false,
  ) {
    this.column = table.columns.indexOf(time.column);
    this.wall = table.wall?.[this.column] === true;
    this.addMs = time.addMs === undefined ? 0 : (name.intervalMs ?? time.addMs);
    if (time.unit === 'day' && name.midnight === undefined) {
      throw fault(
        'DATA-004',
        `${table.file} must be named like 20221213_btcusdt_minute_trade.csv: its times count from a midnight that only its name tells.`,
        { where: table.file, fix: 'Keep the names of LEAN.' },
      );
    }
  }

  /** How the times were read, for people; undefined where the layout leaves no choice, or before the first row. */
  get reading(): string | undefined {
    const { unit, zoned, zone } = this;
    const column = this.time.column === '' ? 'the first column' : this.time.column;
    if (this.wall && !this.first) return `${column} without a zone, taken for ${zone?.name ?? 'UTC'}`;
    if (unit !== undefined) return `${column} in ${unit.name}`;
    if (zoned === undefined) return undefined;
    return `${column} as text${zoned ? '' : `, taken for ${zone?.name ?? 'UTC'}`}`;
  }

  /** UTC was taken where neither the file nor the user names a zone. */
  get assumed(): boolean {
    return this.zone === undefined && ((this.wall && !this.first) || this.zoned === false);
  }

  at(rows: Rows): number {
    const read = this.read(rows);
    const at = (this.wall ? this.instantOf(rows, read) : read) + this.addMs;
    this.first = false;
    return at;
  }

  /** Whole numbers are times from now on, and it is known of what. */
  get settled(): boolean {
    return !this.first && (this.time.unit === 'ms' || this.unit !== undefined);
  }

  /** The time that a whole number is, once that is settled; NaN for one that is none. */
  ofWhole(value: number): number {
    const { unit } = this;
    if (this.time.unit === 'ms') return value > 0 && value < MICROSECONDS_FROM ? value + this.addMs : NaN;
    return unit !== undefined && isOf(value, unit) ? unit.micros(value) / 1_000 + this.addMs : NaN;
  }

  /** How far another column of epochs is from the row's time, a last millisecond or microsecond included. */
  distance(rows: Rows, column: number, at: number): number {
    return this.distanceOf(rows.whole(column), at);
  }

  distanceOf(value: number, at: number): number {
    if (this.unit === undefined || !isOf(value, this.unit)) return NaN;
    const ms = this.unit.micros(value) / 1_000 - at;
    const full = Math.round(ms / 1_000) * 1_000;
    return Math.abs(full - ms) <= 1 ? full : ms;
  }

  private read(rows: Rows): number {
    const { column } = this;
    switch (this.time.unit) {
      case 'ms':
        return timeOf(rows, column, this.scanner, this.first);
      case 'epoch':
        return this.epoch(rows, rows.whole(column));
      case 'any':
        return this.any(rows);
      case 'day': {
        const ms = rows.whole(column);
        if (!(ms < DAY_MS)) throw this.wrong(rows, 'milliseconds since midnight');
        return (this.name.midnight ?? NaN) + ms;
      }
      case 'date': {
        const [, ...parts] = DATE.exec(rows.text(column)) ?? [];
        const [year, month, day, hour, minute, second = '0'] = parts;
        const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
        if (Number.isNaN(at)) throw this.wrong(rows, 'a date like 20221213 08:00:00');
        return at;
      }
    }
  }

  private any(rows: Rows): number {
    const { column, scanner } = this;
    if (this.zoned !== undefined) return this.text(rows);
    const whole = rows.whole(column);
    if (!Number.isNaN(whole)) return this.epoch(rows, whole);
    if (rows.scan(column, scanner) && scanner.mantissa > 0) return this.epoch(rows, scanner.toNumber());
    if (this.unit !== undefined) throw this.wrong(rows, `an epoch in ${this.unit.name}, as in the first row`);
    return this.text(rows);
  }

  private epoch(rows: Rows, value: number): number {
    this.unit ??= UNITS.find((unit) => isOf(value, unit));
    const { unit } = this;
    if (unit === undefined || !isOf(value, unit))
      throw this.wrong(
        rows,
        unit === undefined
          ? 'an epoch in seconds, milliseconds, microseconds or nanoseconds, between 1973 and 2100'
          : `an epoch in ${unit.name}, as in the first row`,
      );
    return unit.micros(value) / 1_000;
  }

  private text(rows: Rows): number {
    const written = writtenTime(rows.text(this.column));
    if (written === undefined) throw this.wrong(rows, 'an epoch, or a date like 2024-08-08 or 2024-08-08 12:30:00');
    const zoned = written.offsetMs !== undefined;
    this.zoned ??= zoned;
    if (zoned !== this.zoned)
      throw this.wrong(rows, `a time ${this.zoned ? 'with' : 'without'} its distance from UTC, as in the first row`);
    return written.offsetMs === undefined ? this.instantOf(rows, written.wall) : written.wall - written.offsetMs;
  }

  /** When the clocks of the zone showed a time. */
  private instantOf(rows: Rows, wall: number): number {
    const { zone } = this;
    if (zone === undefined) return wall;
    const at = zone.instantOf(wall, this.latest);
    if (at === undefined) throw this.wrong(rows, `a time that the clocks of ${zone.name} have shown`);
    this.latest = this.once ? at + MICROSECOND : at;
    return at;
  }

  private wrong(rows: Rows, what: string): Error {
    return badRow(
      rows,
      'DATA-003',
      `${this.time.column === '' ? 'The first column' : this.time.column} must be ${what}, was ${JSON.stringify(rows.text(this.column))}.`,
      'Repair or remove the row.',
    );
  }
}
