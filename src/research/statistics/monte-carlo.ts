import type { RandomStream } from '../../ports/configuration/random.js';
import { quantile, sorted } from './moments.js';

export const BAND_QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
/** Most trades after which bands are kept: a chart shows no more, and memory stays bounded. */
const MOST_PLACES = 250;

export interface TradeSimulation {
  /** After how many trades the bands are known: all of them, or evenly chosen ones where there are many; 0 first. */
  readonly places: readonly number[];
  /** Equity at those places at `BAND_QUANTILES`: `bands[q][place]`. */
  readonly bands: readonly (readonly number[])[];
  /** Largest drawdowns (positive fractions of the peak) and last equities of all paths, ascending. */
  readonly drawdowns: readonly number[];
  readonly ends: readonly number[];
  /** Mean profit over deviation of each path, of one trade, ascending; paths whose profits do not vary are left out. */
  readonly ratios: readonly number[];
  /** Share of paths that ended below the start, and share that lost `ruin` of it or more on the way. */
  readonly lossProbability: number;
  readonly ruinProbability: number;
  readonly paths: number;
}

export type TradeSimulationOptions = PathOptions &
  ({ readonly method: 'reshuffle' | 'bootstrap'; readonly random: RandomStream } | { readonly method: 'as-it-was' });

interface PathOptions {
  /**
   * `reshuffle` keeps the trades and changes their order; `bootstrap` draws them with replacement; `as-it-was` does
   * neither.
   */
  readonly method: 'reshuffle' | 'bootstrap' | 'as-it-was';
  readonly paths: number;
  /** Fraction of the start whose loss counts as ruin; default a half. */
  readonly ruin?: number;
  /** Most trades after which bands are kept; default 250. */
  readonly mostPlaces?: number;
}

/** What one order of trades does to an account: profits are added to `start`. */
export interface TradePath {
  readonly end: number;
  /** Largest fall, as a positive fraction of the peak before it. */
  readonly drawdown: number;
  /** Mean profit over deviation, of one trade; undefined where profits do not vary. */
  readonly ratio: number | undefined;
}

export function tradePath(profits: readonly number[], start: number): TradePath {
  const alone = simulateTrades(profits, start, { method: 'as-it-was', paths: 1, mostPlaces: 0 });
  return { end: alone.ends[0] as number, drawdown: alone.drawdowns[0] as number, ratio: alone.ratios[0] };
}

/**
 * What the same trades might have done in another order, or drawn again. Profits are money and are added, not
 * compounded: sizes stay what they were. Deterministic for a given stream.
 */
export function simulateTrades(
  profits: readonly number[],
  start: number,
  options: TradeSimulationOptions,
): TradeSimulation {
  const { paths, ruin = 0.5, mostPlaces = MOST_PLACES } = options;
  const count = profits.length;
  const places = placesOf(count, mostPlaces);
  const columns = places.map(() => new Float64Array(paths).fill(start));
  const drawdowns = new Float64Array(paths);
  const ends = new Float64Array(paths);
  const order = Float64Array.from(profits);
  const ratios: number[] = [];
  let ruined = 0;
  for (let path = 0; path < paths; path += 1) {
    draw(order, profits, options);
    let equity = start;
    let peak = start;
    let lowest = start;
    let worst = 0;
    let place = 1;
    let mean = 0;
    let spread = 0;
    for (let i = 0; i < count; i += 1) {
      const profit = order[i] as number;
      equity += profit;
      const delta = profit - mean;
      mean += delta / (i + 1);
      spread += delta * (profit - mean);
      if (equity > peak) peak = equity;
      if (equity < lowest) lowest = equity;
      if (equity < peak * (1 - worst)) worst = 1 - equity / peak;
      if (places[place] === i + 1) {
        (columns[place] as Float64Array)[path] = equity;
        place += 1;
      }
    }
    drawdowns[path] = worst;
    ends[path] = equity;
    if (count > 1 && spread > 0) ratios.push(mean / Math.sqrt(spread / (count - 1)));
    if (lowest <= start * (1 - ruin)) ruined += 1;
  }
  const ascending = columns.map((column) => [...column.sort()]);
  return {
    places,
    bands: BAND_QUANTILES.map((q) => ascending.map((column) => quantile(column, q))),
    drawdowns: [...drawdowns.sort()],
    ends: [...ends.sort()],
    ratios: sorted(ratios),
    lossProbability: paths === 0 ? NaN : ends.filter((end) => end < start).length / paths,
    ruinProbability: paths === 0 ? NaN : ruined / paths,
    paths,
  };
}

/** The profits of one path, in its order. */
function draw(order: Float64Array, profits: readonly number[], options: TradeSimulationOptions): void {
  if (options.method === 'reshuffle') shuffle(order, options.random);
  if (options.method !== 'bootstrap') return;
  for (let i = 0; i < order.length; i += 1)
    order[i] = profits[Math.floor(options.random.next() * order.length)] as number;
}

function placesOf(count: number, most: number): number[] {
  const places = Math.min(count, most);
  return [0, ...Array.from({ length: places }, (_unused, index) => Math.round(((index + 1) * count) / places))];
}

/** Fisher and Yates, in place. */
function shuffle(values: Float64Array, random: RandomStream): void {
  for (let i = values.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random.next() * (i + 1));
    const kept = values[i] as number;
    values[i] = values[other] as number;
    values[other] = kept;
  }
}
