import type { Instrument } from '#src/domain/instrument.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import type { OracleBar } from './decimal-engine.js';

const MINUTE = 60_000;
/** 2024-01-02 00:00 UTC. */
export const OPEN = 1_704_153_600_000;

/** Numbers in [0, 1), the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Minute bars of a random walk in ticks. The next bar opens a little off the last close. */
export function randomWalk(length: number, seed: number, { start = 500_000, swing = 900 } = {}): BarColumns {
  const random = seeded(seed);
  const column = (): Float64Array => new Float64Array(length);
  const bars = { openAt: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  let price = start;
  for (let i = 0; i < length; i += 1) {
    const open = price + Math.round((random() - 0.5) * swing * 0.05);
    const close = Math.max(start / 5, open + Math.round((random() + random() + random() - 1.5) * swing));
    bars.openAt[i] = OPEN + i * MINUTE;
    bars.open[i] = open;
    bars.close[i] = close;
    bars.high[i] = Math.max(open, close) + Math.floor(random() * swing * 0.2);
    bars.low[i] = Math.min(open, close) - Math.floor(random() * swing * 0.2);
    bars.volume[i] = Math.floor(random() * 100_000);
    price = close;
  }
  return { symbol: 'BTC-PERP', intervalMs: MINUTE, length, ...bars };
}

const COLUMNS = ['openAt', 'open', 'high', 'low', 'close', 'volume'] as const;

/** The first bars alone. */
export function head(columns: BarColumns, length: number): BarColumns {
  return {
    ...columns,
    length,
    ...(Object.fromEntries(COLUMNS.map((name) => [name, columns[name].slice(0, length)])) as Pick<
      BarColumns,
      (typeof COLUMNS)[number]
    >),
  };
}

/** The same times, every bar from `from` on with the prices of another one of them. */
export function shuffledFrom(columns: BarColumns, from: number, seed: number): BarColumns {
  const random = seeded(seed);
  const order = Array.from({ length: columns.length }, (_, i) => i);
  for (let i = columns.length - 1; i > from; i -= 1) {
    const j = from + Math.floor(random() * (i - from + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  const prices = COLUMNS.filter((name) => name !== 'openAt');
  return {
    ...columns,
    ...(Object.fromEntries(
      prices.map((name) => [name, columns[name].map((_, i, all) => all[order[i] as number] as number)]),
    ) as Pick<BarColumns, 'open'>),
  };
}

/** A copy in which one close is another. */
export function withClose(columns: BarColumns, index: number, close: number): BarColumns {
  const changed = columns.close.slice();
  changed[index] = close;
  return { ...columns, close: changed };
}

export function decimalBars(columns: BarColumns, { spec }: Instrument): OracleBar[] {
  return Array.from({ length: columns.length }, (_, i) => {
    const openAt = columns.openAt[i] as number;
    return {
      openAt,
      closeAt: openAt + columns.intervalMs,
      open: spec.tick.times(columns.open[i] as number),
      close: spec.tick.times(columns.close[i] as number),
    };
  });
}
