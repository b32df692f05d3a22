import type { MoneyUnit } from '../domain/instrument.js';
import { units } from '../domain/units.js';
import { DAY_MS } from '../domain/time-spans.js';
import type { DayRow } from './run-record.js';
import type { Step } from './sample-columns.js';

interface Day {
  end: number;
  open: number;
  close: number;
  low: number;
  high: number;
  mark: number;
  leverage: number;
  margin: number;
  distance: number;
  exposed: number;
  steps: number;
}

/** One row a UTC day, exact extremes included. A step at midnight belongs to the day that ends. */
export class DayTable {
  private readonly days: Day[] = [];
  private current: Day | undefined;

  constructor(private last: number) {}

  add(step: Step): void {
    let day = this.current;
    if (day === undefined || step.at > day.end) {
      day = {
        end: Math.ceil(step.at / DAY_MS) * DAY_MS,
        open: this.last,
        close: this.last,
        low: this.last,
        high: this.last,
        mark: NaN,
        leverage: 0,
        margin: 0,
        distance: NaN,
        exposed: 0,
        steps: 0,
      };
      this.current = day;
      this.days.push(day);
    }
    day.close = step.equity;
    if (step.equity < day.low) day.low = step.equity;
    if (step.equity > day.high) day.high = step.equity;
    day.mark = step.mark;
    if (step.leverage > day.leverage) day.leverage = step.leverage;
    if (step.margin > day.margin) day.margin = step.margin;
    if (!(step.distance >= day.distance) && !Number.isNaN(step.distance)) day.distance = step.distance;
    day.steps += 1;
    if (step.gross > 0) day.exposed += 1;
    this.last = step.equity;
  }

  toRows(unit: MoneyUnit, markText: (mark: number) => string): DayRow[] {
    const money = (value: number): string => unit.text(units(value));
    return this.days.map((day) => ({
      day: new Date(day.end - DAY_MS).toISOString().slice(0, 10),
      open: money(day.open),
      close: money(day.close),
      low: money(day.low),
      high: money(day.high),
      mark: Number.isNaN(day.mark) ? null : markText(day.mark),
      leverage: Number(day.leverage.toPrecision(7)),
      margin: Number(day.margin.toPrecision(7)),
      distance: Number.isNaN(day.distance) ? null : Number(day.distance.toPrecision(7)),
      exposed: day.steps === 0 ? 0 : Number((day.exposed / day.steps).toPrecision(7)),
    }));
  }
}
