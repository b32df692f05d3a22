import { openBacktest } from '#di/backtest.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { benchMarket, ramp, type BenchMarket } from './market.js';
import { collect, rounded } from './method.js';

/** Bars of one instrument, and instruments that share as many bars between them. */
const EVENTS = [100_000, 1_000_000, 10_000_000] as const;
const SYMBOLS = [1, 10, 100] as const;
const SHARED_EVENTS = 500_000;
const RUNS = 3;
const MOST_SPREAD = 3;
/** Averages that see no cross on a ramp once they have begun: what is measured is the event, not the order. */
const PARAMETERS: Readonly<Record<string, string>> = { shortMa: '50', longMa: '200', trailingStop: '0.5' };

export interface Scaling {
  /** Nanoseconds per event as one run grows longer, and the dearest of them over the cheapest. */
  readonly events: readonly Cost[];
  readonly eventsSpread: number;
  /** The same as the events are shared among more instruments. */
  readonly symbols: readonly Cost[];
  readonly symbolsSpread: number;
}

interface Cost {
  readonly events: number;
  readonly symbols: number;
  readonly nsPerEvent: number;
}

/**
 * Measured by itself: no goal of its own is judged, only that no length and no number of instruments costs several
 * times another.
 */
export async function scalingBench(): Promise<Record<string, unknown>> {
  const scaling = await measureScaling();
  return { ok: Math.max(scaling.eventsSpread, scaling.symbolsSpread) <= MOST_SPREAD, ...scaling };
}

/** What an event costs as there are more of them, and as there are more instruments: flat is linear. */
export async function measureScaling(): Promise<Scaling> {
  const market = await benchMarket();
  const one = market.history.columns;
  await cheapest(market, [ramp(one, EVENTS[0])]);
  const events: Cost[] = [];
  for (const length of EVENTS) events.push(await cheapest(market, [ramp(one, length)]));
  const symbols: Cost[] = [];
  for (const count of SYMBOLS) {
    const bars = ramp(one, SHARED_EVENTS / count);
    symbols.push(
      await cheapest(
        market,
        Array.from({ length: count }, (_, i) => (i === 0 ? bars : { ...bars, symbol: `S${i}-PERP` })),
      ),
    );
  }
  return { events, eventsSpread: spread(events), symbols, symbolsSpread: spread(symbols) };
}

async function cheapest(market: BenchMarket, columns: readonly BarColumns[]): Promise<Cost> {
  const total = columns.reduce((sum, { length }) => sum + length, 0);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i += 1) least = Math.min(least, await timed(market, columns));
  return { events: total, symbols: columns.length, nsPerEvent: rounded((least * 1e6) / total, 1) };
}

/** Milliseconds of one backtest of all these instruments together. */
async function timed(market: BenchMarket, columns: readonly BarColumns[]): Promise<number> {
  const [first] = columns as [BarColumns];
  collect();
  const session = await openBacktest(
    market.config(
      PARAMETERS,
      columns.map(({ symbol }) => symbol),
    ),
    { mode: 'fast', startAt: first.openAt[0] ?? 0 },
  );
  try {
    const begin = performance.now();
    await session.runner.run(
      columns.length === 1 ? first : columns.map((bars) => ({ kind: 'bars', columns: bars }) as const),
      { parameters: PARAMETERS },
    );
    return performance.now() - begin;
  } finally {
    await session.close();
  }
}

const spread = (costs: readonly Cost[]): number => {
  const all = costs.map(({ nsPerEvent }) => nsPerEvent);
  return rounded(Math.max(...all) / Math.min(...all), 2);
};
