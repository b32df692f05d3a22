import type { BarColumns } from '../../src/data/bar-columns.js';
import { Decimal } from '../../src/domain/decimal.js';
import { fault } from '../../src/domain/errors.js';
import { Instrument, type InstrumentSpec } from '../../src/domain/instrument.js';
import { UNIT_MS } from '../../src/domain/time-spans.js';

/** When the first bar of a test opens. */
export const START = Date.UTC(2024, 0, 1);

export interface TestBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base currency; absent: not known. */
  readonly volume?: number;
}

/** Bars of a test. `intervalMs` is that of one bar. */
export interface TestBars {
  readonly intervalMs: number;
  readonly rows: readonly TestBar[];
}

/** Makes bars by hand. */
export const bars = {
  /** Bars that open at the close before and go straight to their own. */
  closes: (interval: string, closes: readonly number[]): TestBars => ({
    intervalMs: intervalOf(interval),
    rows: closes.map((close, i) => {
      const open = closes[i - 1] ?? close;
      return { open, high: Math.max(open, close), low: Math.min(open, close), close };
    }),
  }),
  ohlc: (interval: string, rows: readonly TestBar[]): TestBars => ({ intervalMs: intervalOf(interval), rows }),
};

/** The bars in ticks and lots; a price between two ticks goes to the nearest. */
export function columnsOf({ intervalMs, rows }: TestBars, spec: InstrumentSpec): BarColumns {
  const instrument = new Instrument(spec);
  const prices = (field: 'open' | 'high' | 'low' | 'close'): Float64Array =>
    Float64Array.from(rows, (row) => instrument.toTicks(new Decimal(row[field]), 'nearest'));
  return {
    symbol: spec.symbol,
    intervalMs,
    length: rows.length,
    openAt: Float64Array.from(rows, (_row, index) => START + index * intervalMs),
    open: prices('open'),
    high: prices('high'),
    low: prices('low'),
    close: prices('close'),
    volume: Float64Array.from(rows, ({ volume }) =>
      volume === undefined ? Number.NaN : instrument.toLots(new Decimal(volume)),
    ),
  };
}

function intervalOf(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d*)(s|m|h|d)$/.exec(text) ?? [];
  if (count === '')
    throw fault('STRAT-001', `Interval of bars must be a duration such as 15m, was ${JSON.stringify(text)}.`);
  return Number(count) * (UNIT_MS[unit] as number);
}
