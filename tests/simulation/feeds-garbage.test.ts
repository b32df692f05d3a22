/**
 * What is compiled depends on what ran before: here nothing did.
 *
 * @jest-environment-options {"alone": true}
 */
import 'reflect-metadata';
import { Session, type HeapProfiler } from 'node:inspector';
import { describe, expect, it } from '@jest/globals';
import { openBacktest } from '#di/backtest.js';
import { DEPTH_LAST, DEPTH_SNAPSHOT, type Feed } from '#src/data/columns.js';
import { historyConfig } from '../support/oracle/backtest.js';
import { OPEN, randomWalk } from '../support/oracle/market.js';

const [SHORT, LONG] = [20_000, 80_000];
/** Bytes an event. */
const MOST = 64;
const [FEWEST, AT_MOST] = [3, 12];
const config = historyConfig(randomWalk(10, 31), { strategy: { disableNewEntries: true } });
const symbol = 'BTC-PERP';

const column = (length: number, value: (row: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, row) => value(row));
const price = (row: number): number => 500_000 + (row % 97);
const at = (length: number): Float64Array => column(length, (row) => OPEN + row * 20);

const FEEDS: Readonly<Record<string, (length: number) => Feed>> = {
  bars: (length) => ({ kind: 'bars', columns: { ...randomWalk(length, 7), symbol } }),
  trades: (length) => ({
    kind: 'trades',
    columns: {
      symbol,
      length,
      at: at(length),
      price: column(length, price),
      size: column(length, () => 5),
      side: new Int8Array(length).fill(1),
    },
  }),
  quotes: (length) => ({
    kind: 'quotes',
    columns: {
      symbol,
      length,
      at: at(length),
      bid: column(length, price),
      bidLots: column(length, () => 5),
      ask: column(length, (row) => price(row) + 3),
      askLots: column(length, () => 5),
    },
  }),
  depth: (length) => ({
    kind: 'depth',
    columns: {
      symbol,
      length,
      at: at(length),
      side: Int8Array.from({ length }, (_, row) => (row % 2 === 0 ? 1 : -1)),
      price: column(length, (row) => (row % 2 === 0 ? 500_000 - (row % 7) : 500_001 + (row % 7))),
      size: column(length, (row) => 1 + (row % 9)),
      flags: Uint8Array.from({ length }, (_, row) => (row === 0 ? DEPTH_SNAPSHOT : 0) | DEPTH_LAST),
    },
  }),
};

/** Bytes that a run allocates, collected ones included. */
async function allocated(feed: Feed): Promise<number> {
  const bot = await openBacktest({ ...config, updateIntervalMs: 1_000 }, { mode: 'fast', startAt: OPEN });
  const profiler = new Session();
  profiler.connect();
  try {
    profiler.post('HeapProfiler.startSampling', {
      samplingInterval: 2_048,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as HeapProfiler.StartSamplingParameterType);
    await bot.runner.run([feed], { parameters: {} });
    return await new Promise((resolve, reject) => {
      profiler.post('HeapProfiler.stopSampling', (error, told) =>
        error === null ? resolve(bytesOf(told.profile.head)) : reject(error),
      );
    });
  } finally {
    profiler.disconnect();
    await bot.close();
  }
}

const bytesOf = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
  children.reduce((sum, child) => sum + bytesOf(child), selfSize);

describe('an event that concerns nobody', () => {
  it.each(Object.keys(FEEDS))(`allocates next to nothing through the whole container: %s`, async (kind) => {
    const feed = FEEDS[kind] as (length: number) => Feed;
    const [short, long] = [feed(SHORT), feed(LONG)];
    // The least of several: code that is not compiled yet allocates more, and on a busy machine its compiler is late.
    const least = { short: Number.POSITIVE_INFINITY, long: Number.POSITIVE_INFINITY };
    const bytes = (): number => (least.long - least.short) / (LONG - SHORT);
    await allocated(long);
    for (let run = 0; run < FEWEST || (run < AT_MOST && !(bytes() < MOST)); run += 1) {
      least.short = Math.min(least.short, await allocated(short));
      least.long = Math.min(least.long, await allocated(long));
    }
    expect(bytes()).toBeLessThan(MOST);
  });
});
