import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time-spans.js';

const TEXT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/i;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

/** A time as text has it: what the clock on the wall showed, and how far that clock was from UTC, where it is said. */
export interface WrittenTime {
  /** As if it were UTC, microseconds as fractions. */
  readonly wall: number;
  readonly offsetMs: number | undefined;
}

/** `2024-08-08`, `2024-08-08 12:30`, `2024-08-08T12:30:00.25Z`, `… 12:30:00+02:00`. Undefined for anything else. */
export function writtenTime(text: string): WrittenTime | undefined {
  const parts = TEXT.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    part === undefined ? undefined : Number(part),
  ) as [number, number, number, number, number?, number?, number?];
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59) return undefined;
  const micros = Math.round(Number((parts[7] ?? '').padEnd(9, '0')) / 1_000);
  return {
    wall: midnight + hour * HOUR_MS + minute * MINUTE_MS + second * 1_000 + micros / 1_000,
    offsetMs: offsetOf(parts[8]),
  };
}

function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, sign, hours, minutes = '0'] = OFFSET.exec(text) ?? [];
  return hours === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** Offsets change at most this often on the clock. */
const STEADY_MS = 15 * MINUTE_MS;

/** The clocks of a place, by its name in the time zone database: `Europe/Berlin`. */
export class TimeZone {
  /** Times that the clocks showed twice, when they were set back. */
  twice = 0;
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  /** Throws RangeError for a name that nobody knows. */
  constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /**
   * When the clocks showed a time: of two such instants the earlier, unless that lies before `after`, the row before.
   * Undefined for a time that they skipped.
   */
  instantOf(wall: number, after: number): number | undefined {
    const [early, late] = [wall - DAY_MS, wall + DAY_MS]
      .map((near) => this.offsetAt(near))
      .map((offset) => (this.offsetAt(wall - offset) === offset ? wall - offset : undefined))
      .sort((a = Infinity, b = Infinity) => a - b);
    if (early === undefined || late === undefined || early === late) return early ?? late;
    this.twice += 1;
    return early >= after ? early : late;
  }

  private offsetAt(at: number): number {
    const key = Math.floor(at / STEADY_MS);
    let offset = this.offsets.get(key);
    if (offset === undefined) {
      const start = key * STEADY_MS;
      const part = Object.fromEntries(this.format.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - start;
      this.offsets.set(key, offset);
    }
    return offset;
  }
}
