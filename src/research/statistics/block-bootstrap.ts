import { fault } from '../../domain/errors.js';
import type { RandomStream } from '../../ports/configuration/random.js';
import type { BarColumns } from '../../data/bar-columns.js';

export interface BlockBootstrap {
  /** `stationary`: blocks of geometric length around a circle; `moving`: blocks of one length that stay inside. */
  readonly method: 'stationary' | 'moving';
  /** Mean length of a stationary block, length of a moving one. */
  readonly blockLength: number;
  readonly random: RandomStream;
}

/**
 * Indices of a resampled series of the same length, whose neighbours are neighbours of the original wherever a block
 * goes on. Sources: D. N. Politis and J. P. Romano, "The stationary bootstrap", Journal of the American Statistical
 * Association 89 (1994); H. R. Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of
 * Statistics 17 (1989) for moving blocks.
 */
export function blockIndices(length: number, { method, blockLength, random }: BlockBootstrap): Int32Array {
  if (!(blockLength >= 1 && (method === 'stationary' || blockLength <= length))) {
    throw fault('STAT-001', `Block length must be from 1 to the ${length} values there are, was ${blockLength}.`);
  }
  const indices = new Int32Array(length);
  const restart = 1 / blockLength;
  const size = Math.floor(blockLength);
  let left = 0;
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    const begins = method === 'stationary' ? i === 0 || random.next() < restart : left === 0;
    if (begins) {
      at = Math.floor(random.next() * (method === 'stationary' ? length : length - size + 1));
      left = size;
    } else {
      at = (at + 1) % length;
    }
    left -= 1;
    indices[i] = at;
  }
  return indices;
}

/** Ticks whose marks, up to 100 to the tick, are still exact integers. */
const HIGHEST = Math.floor(Number.MAX_SAFE_INTEGER / 100);
const bounded = (ticks: number): number => Math.min(HIGHEST, Math.max(1, ticks));

/**
 * Bars of a market that might have been: each bar keeps its shape relative to the close before it, and blocks of bars
 * are drawn again. Prices are rebuilt from the returns and rounded to whole ticks, to nearest, each from the unrounded
 * path, so that rounding does not add up. Times, gaps and the first bar are the original's; a bar's volume goes with
 * it. A return over a gap is drawn like any other. Prices that would fall below one tick stay at one tick, and those
 * that would climb beyond what can be counted exactly stay there. The result can be driven like any other columns.
 * Throws STAT-001 for fewer than three bars.
 */
export function resampleBars(columns: BarColumns, bootstrap: BlockBootstrap): BarColumns {
  const { length } = columns;
  if (length < 3) throw fault('STAT-001', `Bars to resample must be three or more, were ${length}.`);
  const chosen = blockIndices(length - 1, bootstrap);
  const open = new Float64Array(length);
  const high = new Float64Array(length);
  const low = new Float64Array(length);
  const close = new Float64Array(length);
  const volume = new Float64Array(length);
  for (const [target, source] of [
    [open, columns.open],
    [high, columns.high],
    [low, columns.low],
    [close, columns.close],
    [volume, columns.volume],
  ] as const)
    target[0] = source[0] as number;
  let path = columns.close[0] as number;
  for (let i = 1; i < length; i += 1) {
    const from = (chosen[i - 1] as number) + 1;
    const scale = path / (columns.close[from - 1] as number);
    const shaped = (source: Float64Array): number => bounded(Math.round((source[from] as number) * scale));
    open[i] = shaped(columns.open);
    high[i] = shaped(columns.high);
    low[i] = shaped(columns.low);
    close[i] = shaped(columns.close);
    volume[i] = columns.volume[from] as number;
    path = bounded((columns.close[from] as number) * scale);
  }
  return {
    symbol: columns.symbol,
    intervalMs: columns.intervalMs,
    length,
    openAt: columns.openAt,
    open,
    high,
    low,
    close,
    volume,
  };
}
