import { SeededRandom } from '../../platform/seeded-random.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { BarColumns } from '../../data/bar-columns.js';
import { resampleBars } from '../statistics/block-bootstrap.js';

/** Which of the markets that might have been: plain data, enough for any worker to make it again. */
export interface Resampling {
  readonly [key: string]: Json;
  /** Mean bars of a stationary block. */
  readonly blockLength: number;
  readonly seed: number;
  /** From 1. */
  readonly path: number;
}

/** The same path of the same seed is the same market, whoever makes it. */
export const resampledMarket = (columns: BarColumns, { blockLength, seed, path }: Resampling): BarColumns =>
  resampleBars(columns, {
    method: 'stationary',
    blockLength,
    random: new SeededRandom().stream(`resampled market ${path}`, seed),
  });
