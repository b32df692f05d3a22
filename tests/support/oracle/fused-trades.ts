import type { TradeColumns } from '#src/data/columns.js';
import type { FusedTerms } from './fused-loop.js';
import { FILLS_HASH, mixFill } from './terms.js';

export interface FusedTicks {
  readonly fills: number;
  /** Of every fill in order, by `mixFill`. */
  readonly hash: number;
  readonly equity: number;
  /** Least equity of any trade: what is owned is valued at every one. */
  readonly lowest: number;
  /** Steps in which the strategy saw a new price. */
  readonly samples: number;
}

/**
 * The whole run over public trades in one loop over local integers: the plain cross of means over the prices of every
 * `stepMs`, decided at the step and filled by the next trade, which must be large enough for it. No calls, no objects
 * and nothing awaited per trade. The yardstick for the engine, which reaches the same fills through its services.
 */
export function runFusedTrades(trades: TradeColumns, terms: FusedTerms, stepMs: number): FusedTicks {
  const { length, at, price: prices, size } = trades;
  const { shortMa, longMa, enableShorts, unitsPerTickLot, marksPerTick, stopPpm, cap } = terms;
  const [feeTop, feeBottom] = terms.fee;
  const [entryTop, entryBottom] = terms.entry;
  const longest = Math.max(shortMa, longMa);
  const ring = new Float64Array(longest);
  let cash = terms.equity;
  let lots = 0;
  let entry = 0;
  let best = 0;
  let level = 0;
  let pending = 0;
  let shortSum = 0;
  let longSum = 0;
  let difference = 0;
  let samples = 0;
  let fills = 0;
  let hash = FILLS_HASH;
  let fresh = false;
  let equity = cash;
  let lowest = cash;
  let mark = 0;
  let boundary = length === 0 ? 0 : (Math.floor((at[0] as number) / stepMs) + 1) * stepMs;
  for (let i = 0; i < length; i += 1) {
    const time = at[i] as number;
    while (time >= boundary) {
      if (fresh) {
        fresh = false;
        shortSum += samples >= shortMa ? mark - (ring[(samples - shortMa) % longest] as number) : mark;
        longSum += samples >= longMa ? mark - (ring[(samples - longMa) % longest] as number) : mark;
        ring[samples % longest] = mark;
        const before = difference;
        difference = shortSum * longMa - longSum * shortMa;
        const signal =
          samples < longest ? 0 : before <= 0 && difference > 0 ? 1 : before >= 0 && difference < 0 ? -1 : 0;
        samples += 1;
        if (lots !== 0) {
          if (lots > 0 ? mark > best : mark < best) {
            best = mark;
            level = stopAt(mark * marksPerTick, lots > 0, stopPpm);
          }
          const stopped = stopPpm > 0 && (lots > 0 ? mark * marksPerTick <= level : mark * marksPerTick >= level);
          if (stopped || (lots > 0 ? signal < 0 : signal > 0)) pending = -lots;
        } else if (signal > 0 || (signal < 0 && enableShorts)) {
          const value = Math.min(Math.floor((equity * entryTop) / entryBottom), cap);
          pending = signal * Math.floor(value / (mark * unitsPerTickLot));
        }
      }
      boundary += stepMs;
    }
    mark = prices[i] as number;
    if (pending !== 0) {
      if (Math.abs(pending) > (size[i] as number))
        throw new Error('The fused loop knows trades that are large enough only.');
      const fee = -Math.ceil((mark * Math.abs(pending) * unitsPerTickLot * feeTop) / feeBottom);
      if (lots === 0) {
        entry = mark;
        best = mark;
        level = stopAt(mark * marksPerTick, pending > 0, stopPpm);
      } else cash += lots * (mark - entry) * unitsPerTickLot;
      lots += pending;
      cash += fee;
      fills += 1;
      hash = mixFill(hash, time, pending, mark, fee);
      pending = 0;
    }
    fresh = true;
    equity = cash + lots * (mark - entry) * unitsPerTickLot;
    if (equity < lowest) lowest = equity;
  }
  return { fills, hash, equity, lowest, samples };
}

const stopAt = (best: number, long: boolean, ppm: number): number =>
  long ? Math.ceil((best * (1e6 - ppm)) / 1e6) : Math.floor((best * (1e6 + ppm)) / 1e6);
