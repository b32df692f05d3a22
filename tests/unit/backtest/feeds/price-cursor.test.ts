import { describe, expect, it } from '@jest/globals';
import { BarCursor } from '#src/backtest/feeds/cursors.js';
import type { Stage } from '#src/backtest/feeds/cursor.js';
import { PriceCursor } from '#src/backtest/feeds/price-cursor.js';
import { patienceOf } from '#src/data/price-walk.js';
import type { BarView } from '#src/ports/core-services/simulated-exchange.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { columns, MINUTE } from '../fake-house.js';

const at = (...minutes: number[]): { at: Float64Array; length: number } => ({
  at: Float64Array.from(minutes, (minute) => minute * MINUTE_MS),
  length: minutes.length,
});

describe('how long a price holds that is told no more', () => {
  it.each([
    ['every minute', at(0, 1, 2, 3), 3],
    ['every eight hours', at(0, 480, 960), 1_440],
    ['with a hole in it', at(0, 1, 2, 3, 500, 501), 3],
    ['several at one instant', at(0, 0, 5, 5, 10), 15],
    ['every second', { at: Float64Array.from([0, 1_000, 2_000]), length: 3 }, 1],
    ['once', at(7), 1],
  ])('%s', (_name, series, minutes) => {
    expect(patienceOf(series)).toBe(minutes * MINUTE_MS);
  });
});

describe('a price of the venue', () => {
  /** What the exchange is told, in minutes. */
  function told(kind: 'mark' | 'index', minutes: readonly number[], until: number): string[] {
    const calls: string[] = [];
    const tell = (symbol: string, _price: number, time: number): void =>
      void calls.push(`${kind} ${symbol} ${time / MINUTE_MS}`);
    const stage = {
      exchange: {
        mark: tell,
        index: tell,
        lapse: (symbol: string, of: string, time: number) => calls.push(`lapse ${of} ${symbol} ${time / MINUTE_MS}`),
      },
      marketData: {},
      series: {},
    } as unknown as Stage;
    const series = { symbol: 'A', ...at(...minutes), price: Float64Array.from(minutes, () => 5) };
    const cursor = new PriceCursor(stage, kind, series, 0, until * MINUTE_MS);
    while (Number.isFinite(cursor.at)) cursor.play();
    return calls;
  }

  it.each(['mark', 'index'] as const)('lapses in a silence and after its end, and begins again: %s', (kind) => {
    expect(told(kind, [0, 1, 2, 20, 21], 1_000)).toEqual([
      `${kind} A 0`,
      `${kind} A 1`,
      `${kind} A 2`,
      `lapse ${kind} A 5`,
      `${kind} A 20`,
      `${kind} A 21`,
      `lapse ${kind} A 24`,
    ]);
  });

  it('does not lapse where the market has ended before it would', () => {
    expect(told('mark', [0, 1, 2], 5)).toEqual(['mark A 0', 'mark A 1', 'mark A 2']);
  });
});

describe('bars beside other feeds', () => {
  it('are shown to strategies as where they are alone: the newest that has closed, whole', () => {
    let shown: BarView | undefined;
    const seen: string[] = [];
    const stage = {
      exchange: { bar: () => undefined },
      marketData: { acceptMark: () => seen.push(`${shown?.closeAt} ${shown?.high}`) },
      series: { attach: (_symbol: string, bar: BarView) => (shown = bar) },
    } as unknown as Stage;
    const bars = columns([10, 11, 12]);
    const cursor = new BarCursor(stage, bars, { marksPerTick: 1 }, 0);
    for (let row = 0; row < 3; row += 1) {
      const { at: closeAt } = cursor;
      cursor.play();
      cursor.show(closeAt);
    }
    expect(seen).toEqual([0, 1, 2].map((row) => `${(row + 1) * MINUTE} ${bars.high[row]}`));
  });
});
