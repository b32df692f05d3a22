import { fault } from '../../domain/errors.js';
import { DAY_MS } from '../../domain/time-spans.js';
import { DecimalScanner } from '../tables/decimal-scanner.js';
import { badRow, timeOf, type Rows, type Table } from '../tables/table.js';
import type { Layout } from './layouts.js';
import type { NameFacts } from './names.js';

const DATE = /^(\d{4})(\d\d)(\d\d) (\d\d):(\d\d)(?::(\d\d))?$/;
/** Epochs from 2001 to 2286 by their number of digits, and what they are divided by to be microseconds. */
const UNITS = [
  { name: 'seconds', from: 1e9, below: 1e10, micros: (value: number) => value * 1e6 },
  { name: 'milliseconds', from: 1e12, below: 1e13, micros: (value: number) => value * 1e3 },
  { name: 'microseconds', from: 1e15, below: 1e16, micros: (value: number) => value },
  { name: 'nanoseconds', from: 1e18, below: 1e19, micros: (value: number) => Math.round(value / 1e3) },
] as const;

/**
 * Times of a table's rows in epoch milliseconds, with microseconds as fractions. The first row settles the unit of all.
 */
export class TimeReader {
  private readonly column: number;
  private readonly addMs: number;
  private readonly scanner = new DecimalScanner();
  private unit: (typeof UNITS)[number] | undefined;
  private first = true;

  constructor(
    table: Table,
    private readonly time: Layout['time'],
    private readonly name: NameFacts,
  ) {
    this.column = table.columns.indexOf(time.column);
    this.addMs = time.addMs === undefined ? 0 : (name.resolutionMs ?? time.addMs);
    if (time.unit === 'day' && name.midnight === undefined) {
      throw fault(
        'DATA-004',
        `${table.file} must be named like 20221213_btcusdt_minute_trade.csv: its times count from a midnight that only its name tells.`,
        { where: table.file, fix: 'Keep the names of LEAN.' },
      );
    }
  }

  at(rows: Rows): number {
    const at = this.read(rows) + this.addMs;
    this.first = false;
    return at;
  }

  private read(rows: Rows): number {
    const { column } = this;
    switch (this.time.unit) {
      case 'ms':
        return timeOf(rows, column, this.scanner, this.first);
      case 'epoch':
        return this.epoch(rows);
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

  private epoch(rows: Rows): number {
    const value = rows.whole(this.column);
    this.unit ??= UNITS.find(({ from, below }) => value >= from && value < below);
    const { unit } = this;
    if (unit === undefined || !(value >= unit.from && value < unit.below))
      throw this.wrong(
        rows,
        unit === undefined
          ? 'an epoch in seconds, milliseconds, microseconds or nanoseconds'
          : `an epoch in ${unit.name}, as in the first row`,
      );
    return unit.micros(value) / 1_000;
  }

  private wrong(rows: Rows, what: string): Error {
    return badRow(
      rows,
      'DATA-003',
      `${this.time.column} must be ${what}, was ${JSON.stringify(rows.text(this.column))}.`,
      'Repair or remove the row.',
    );
  }
}
