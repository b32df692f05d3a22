import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import { blockIndices, resampleBars } from '#src/research/statistics/block-bootstrap.js';
import { BAND_QUANTILES, simulateTrades, tradePath } from '#src/research/statistics/monte-carlo.js';
import { probabilityOfOverfitting } from '#src/research/statistics/overfitting.js';

const stream = (seed = 1): ReturnType<SeededRandom['stream']> => new SeededRandom().stream('test', seed);

describe('Monte Carlo on trades', () => {
  const profits = [10, -5, 20, -30, 15, 5];

  it('keeps the sum when it only changes the order', () => {
    const { ends, bands, drawdowns, lossProbability } = simulateTrades(profits, 100, {
      method: 'reshuffle',
      paths: 200,
      random: stream(),
    });
    expect(new Set(ends)).toEqual(new Set([115]));
    expect(bands).toHaveLength(BAND_QUANTILES.length);
    expect(bands.map((band) => [band[0], band.at(-1)])).toEqual(BAND_QUANTILES.map(() => [100, 115]));
    expect(lossProbability).toBe(0);
    // The worst order loses 35 at once from the start or from a later peak.
    expect(drawdowns[0]).toBeGreaterThanOrEqual(30 / 150);
    expect(drawdowns.at(-1)).toBeLessThanOrEqual(0.35 + 1e-12);
  });

  it('draws again with bootstrap, so that ends spread around the same mean', () => {
    const { ends, lossProbability, ruinProbability } = simulateTrades(profits, 100, {
      method: 'bootstrap',
      paths: 4_000,
      random: stream(),
    });
    expect(ends.reduce((sum, end) => sum + end, 0) / ends.length).toBeCloseTo(115, -1);
    expect(ends[0]).toBeLessThan(100);
    expect(lossProbability).toBeGreaterThan(0.1);
    expect(lossProbability).toBeLessThan(0.6);
    expect(ruinProbability).toBeLessThan(lossProbability);
  });

  it('keeps its bands at evenly chosen trades where there are many, the last included', () => {
    const many = Array.from({ length: 10_000 }, () => 1);
    const { places, bands } = simulateTrades(many, 100, { method: 'bootstrap', paths: 3, random: stream() });
    expect([places.length, places[0], places.at(-1)]).toEqual([251, 0, 10_000]);
    expect(bands[2]).toEqual(places.map((trade) => 100 + trade));
  });

  it('gives the same bands for the same seed and others for another', () => {
    const run = (seed: number): unknown =>
      simulateTrades(profits, 100, { method: 'bootstrap', paths: 50, random: stream(seed) });
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it('gives the ratio of each path: the same for every order, and none where profits do not vary', () => {
    const mean = 15 / 6;
    const expected = mean / Math.sqrt(profits.reduce((sum, profit) => sum + (profit - mean) ** 2, 0) / 5);
    const { ratios } = simulateTrades(profits, 100, { method: 'reshuffle', paths: 50, random: stream() });
    expect([ratios.length, ratios[0], ratios.at(-1)]).toEqual([
      50,
      expect.closeTo(expected, 12),
      expect.closeTo(expected, 12),
    ]);
    expect(simulateTrades([3, 3], 100, { method: 'bootstrap', paths: 5, random: stream() }).ratios).toEqual([]);
    expect(tradePath(profits, 100)).toEqual({ end: 115, drawdown: 0.24, ratio: expect.closeTo(expected, 12) });
  });

  it('keeps no bands where none are asked for', () => {
    expect(
      simulateTrades(profits, 100, { method: 'bootstrap', paths: 5, random: stream(), mostPlaces: 0 }),
    ).toMatchObject({ places: [0], paths: 5 });
  });

  it('orders its bands at every trade', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { maxLength: 12 }),
        fc.constantFrom('reshuffle' as const, 'bootstrap' as const),
        (trades, method) => {
          const { bands } = simulateTrades(trades, 100, { method, paths: 20, random: stream() });
          for (let i = 0; i <= trades.length; i += 1)
            for (let q = 1; q < bands.length; q += 1)
              expect(bands[q]?.[i]).toBeGreaterThanOrEqual((bands[q - 1]?.[i] ?? NaN) - 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the block bootstrap', () => {
  it('draws stationary blocks of the mean length asked for, around the circle', () => {
    const indices = blockIndices(20_000, { method: 'stationary', blockLength: 20, random: stream() });
    let begins = 1;
    for (let i = 1; i < indices.length; i += 1)
      if (indices[i] !== ((indices[i - 1] as number) + 1) % 20_000) begins += 1;
    expect(indices.length / begins).toBeGreaterThan(18);
    expect(indices.length / begins).toBeLessThan(22);
  });

  it('draws moving blocks of one length that stay inside', () => {
    const indices = [...blockIndices(100, { method: 'moving', blockLength: 10, random: stream() })];
    for (let block = 0; block < 10; block += 1) {
      const first = indices[block * 10] as number;
      expect(first).toBeLessThanOrEqual(90);
      expect(indices.slice(block * 10, block * 10 + 10)).toEqual(Array.from({ length: 10 }, (_unused, k) => first + k));
    }
  });

  it('refuses blocks that do not fit', () => {
    for (const blockLength of [0, 101, NaN])
      expect(() => blockIndices(100, { method: 'moving', blockLength, random: stream() })).toThrow(
        /Block length must be from 1 to the 100 values/,
      );
  });
});

describe('resampled bars', () => {
  const bars = (closes: readonly number[]): BarColumns => ({
    symbol: 'X',
    intervalMs: 60_000,
    length: closes.length,
    openAt: Float64Array.from(closes.map((_, index) => index * 60_000)),
    open: Float64Array.from(closes.map((close, index) => closes[index - 1] ?? close)),
    high: Float64Array.from(closes.map((close, index) => Math.max(close, closes[index - 1] ?? close) + 3)),
    low: Float64Array.from(closes.map((close, index) => Math.max(1, Math.min(close, closes[index - 1] ?? close) - 3))),
    close: Float64Array.from(closes),
    volume: Float64Array.from(closes.map((_, index) => index)),
  });

  it('are the original where one block covers everything', () => {
    const original = bars([1_000, 1_010, 990, 1_005, 1_030]);
    const { open, high, low, close, openAt } = resampleBars(original, {
      method: 'moving',
      blockLength: 4,
      random: stream(),
    });
    expect({ open, high, low, close, openAt }).toEqual({
      open: original.open,
      high: original.high,
      low: original.low,
      close: original.close,
      openAt: original.openAt,
    });
  });

  it('are whole ticks that the engine can run: low <= open, close <= high, never below one tick', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 3, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        (closes, blockLength, seed) => {
          const made = resampleBars(bars(closes), { method: 'stationary', blockLength, random: stream(seed) });
          for (let i = 0; i < made.length; i += 1) {
            const [open, high, low, close] = [made.open[i], made.high[i], made.low[i], made.close[i]] as [
              number,
              number,
              number,
              number,
            ];
            for (const price of [open, high, low, close]) expect(Number.isSafeInteger(price) && price >= 1).toBe(true);
            expect(low).toBeLessThanOrEqual(Math.min(open, close));
            expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('climb no further than can be counted exactly, where the same rise is drawn again and again', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const made = resampleBars(bars([1, 72, 1, 1_144, 1, 4_501, 1]), {
        method: 'stationary',
        blockLength: 1,
        random: stream(seed),
      });
      for (const column of [made.open, made.high, made.low, made.close])
        for (const price of column) expect(Number.isSafeInteger(price * 100)).toBe(true);
    }
  });

  it('do not drift by rounding: the path of a block is the original path scaled', () => {
    const closes = Array.from({ length: 500 }, (_unused, index) => 10_000 + (index % 7));
    const made = resampleBars(bars(closes), { method: 'moving', blockLength: 1, random: stream() });
    const chosen = blockIndices(499, { method: 'moving', blockLength: 1, random: stream() });
    let path = 10_000;
    for (const index of chosen) path *= (closes[index + 1] as number) / (closes[index] as number);
    expect(made.close[499]).toBe(Math.round(path));
  });

  it('refuses what is too short to resample', () => {
    expect(() => resampleBars(bars([1, 2]), { method: 'stationary', blockLength: 1, random: stream() })).toThrow(
      /three or more/,
    );
  });
});

describe('the probability of backtest overfitting', () => {
  const noise = (seed: number, length: number, drift = 0): number[] => {
    const random = stream(seed);
    return Array.from({ length }, () => random.normal() / 100 + drift);
  };

  it('tries every half of the blocks: C(16, 8) = 12,870 splits', () => {
    const halves = Array.from({ length: 8 }, (_unused, index) => index + 1).reduce(
      (count, k) => (count * (8 + k)) / k,
      1,
    );
    expect(halves).toBe(12_870);
    expect(probabilityOfOverfitting([noise(1, 64), noise(2, 64)], 16).splits).toBe(12_870);
  });

  it('is zero where one trial is better everywhere', () => {
    const { probability, lossProbability } = probabilityOfOverfitting(
      [noise(1, 400), noise(2, 400), noise(3, 400, 0.02)],
      8,
    );
    expect([probability, lossProbability]).toEqual([0, 0]);
  });

  it('is one where what was best in one half is worst in the other', () => {
    // Each trial wins in its own block and loses in the others: worked by hand for two blocks.
    const first = [0.02, 0.01, -0.02, -0.01];
    const second = [-0.02, -0.01, 0.02, 0.01];
    const { probability, logits, lossProbability } = probabilityOfOverfitting([first, second], 2);
    expect(probability).toBe(1);
    expect(logits).toEqual([Math.log(0.5), Math.log(0.5)].map((value) => expect.closeTo(value, 12)));
    expect(lossProbability).toBe(1);
  });

  it('is about a half, or more, where all trials are luck', () => {
    const trials = Array.from({ length: 30 }, (_unused, index) => noise(index + 10, 500));
    expect(probabilityOfOverfitting(trials, 10).probability).toBeGreaterThan(0.3);
  });

  it('refuses trials it cannot split', () => {
    expect(() => probabilityOfOverfitting([[1, 2, 3, 4]], 2)).toThrow(/Trials must be two or more/);
    expect(() =>
      probabilityOfOverfitting(
        [
          [1, 2, 3, 4],
          [1, 2, 3],
        ],
        2,
      ),
    ).toThrow(/of one length/);
    expect(() =>
      probabilityOfOverfitting(
        [
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ],
        3,
      ),
    ).toThrow(/even number/);
  });
});
