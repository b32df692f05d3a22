import { FILLS_HASH, mixFill, type OracleTerms } from './terms.js';

/** Bars as integers: prices in ticks. */
export interface OracleColumns {
  readonly length: number;
  readonly openAt: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** One bar of the columns at a time, always in the same object. */
export class OracleView {
  openAt = 0.5;
  open = 0.5;
  high = 0.5;
  low = 0.5;
  close = 0.5;
  volume = 0.5;

  constructor(readonly columns: OracleColumns) {}

  moveTo(index: number): void {
    const { columns } = this;
    this.openAt = columns.openAt[index] as number;
    this.open = columns.open[index] as number;
    this.high = columns.high[index] as number;
    this.low = columns.low[index] as number;
    this.close = columns.close[index] as number;
    this.volume = columns.volume[index] as number;
  }
}

/** The terms in integers, so that the loop converts nothing. Money in 1e-8. */
export interface FusedTerms {
  readonly shortMa: number;
  readonly longMa: number;
  readonly enableShorts: boolean;
  /** Money of one tick times one lot. */
  readonly unitsPerTickLot: number;
  readonly marksPerTick: number;
  /** Cost of one unit of value: numerator and denominator in lowest terms. */
  readonly fee: readonly [number, number];
  readonly entry: readonly [number, number];
  readonly stopPpm: number;
  readonly cap: number;
  readonly equity: number;
}

export interface FusedResult {
  readonly fills: number;
  /** Of every fill in order, by `mixFill`. */
  readonly hash: number;
  readonly equity: number;
  readonly fees: number;
  readonly lots: number;
  readonly fall: number;
  readonly fallFrom: number;
}

/** Throws for terms the loop does not know: it is a yardstick for plain crosses. */
export function fusedTerms(terms: OracleTerms): FusedTerms {
  if (terms.confirmBars !== 0 || Number(terms.epsilonBps) !== 0)
    throw new Error('The fused loop knows plain crosses only.');
  const [tick, step, mark] = [terms.tick, terms.step, terms.markSize].map(Number) as [number, number, number];
  return {
    shortMa: terms.shortMa,
    longMa: terms.longMa,
    enableShorts: terms.enableShorts,
    unitsPerTickLot: Math.round(tick * step * 1e8),
    marksPerTick: Math.round(tick / mark),
    fee: lowest(terms.takerFee, 1),
    entry: lowest(terms.fraction, terms.leverage),
    stopPpm: Math.floor(Number(terms.trailingStop) * 1e6 + 1e-9),
    cap: terms.cap === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(Number(terms.cap) * 1e8),
    equity: Math.round(Number(terms.equity) * 1e8),
  };
}

/**
 * The whole run in one loop over local integers and one reused view: no calls, no objects and nothing awaited per bar.
 * The yardstick for the engine, which reaches the same fills and equity through its services.
 */
export function runFusedLoop(view: OracleView, terms: FusedTerms): FusedResult {
  const { length, close } = view.columns;
  const { shortMa, longMa, enableShorts, unitsPerTickLot, marksPerTick, stopPpm, cap } = terms;
  const [feeTop, feeBottom] = terms.fee;
  const [entryTop, entryBottom] = terms.entry;
  let cash = terms.equity;
  let fees = 0;
  let lots = 0;
  let entry = 0;
  let best = 0;
  let level = 0;
  let pending = 0;
  let shortSum = 0;
  let longSum = 0;
  let difference = 0;
  let fills = 0;
  let hash = FILLS_HASH;
  let peak = cash;
  let fall = 0;
  let fallFrom = cash;
  let equity = cash;
  const longest = Math.max(shortMa, longMa);
  for (let i = 0; i < length; i += 1) {
    view.moveTo(i);
    if (pending !== 0) {
      const price = view.open;
      const fee = -Math.ceil((price * Math.abs(pending) * unitsPerTickLot * feeTop) / feeBottom);
      if (lots === 0) {
        entry = price;
        best = price;
        level = stopAt(price * marksPerTick, pending > 0, stopPpm);
      } else cash += lots * (price - entry) * unitsPerTickLot;
      lots += pending;
      cash += fee;
      fees += fee;
      fills += 1;
      hash = mixFill(hash, view.openAt, pending, price, fee);
      pending = 0;
    }
    const mark = view.close;
    equity = cash + lots * (mark - entry) * unitsPerTickLot;
    if (equity > peak) peak = equity;
    else if ((peak - equity) * fallFrom > fall * peak) {
      fall = peak - equity;
      fallFrom = peak;
    }
    shortSum += i >= shortMa ? mark - (close[i - shortMa] as number) : mark;
    longSum += i >= longMa ? mark - (close[i - longMa] as number) : mark;
    const before = difference;
    difference = shortSum * longMa - longSum * shortMa;
    const signal = i < longest ? 0 : before <= 0 && difference > 0 ? 1 : before >= 0 && difference < 0 ? -1 : 0;
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
  return { fills, hash, equity, fees, lots, fall, fallFrom };
}

const stopAt = (best: number, long: boolean, ppm: number): number =>
  long ? Math.ceil((best * (1e6 - ppm)) / 1e6) : Math.floor((best * (1e6 + ppm)) / 1e6);

/** `text` times `factor` as a fraction in lowest terms: keeps products within 2^53. */
function lowest(text: string, factor: number): readonly [number, number] {
  const bottom = 10 ** (text.split('.')[1]?.length ?? 0);
  const top = Math.round(Number(text) * bottom) * factor;
  let [a, b] = [top, bottom];
  while (b !== 0) [a, b] = [b, a % b];
  return [top / a, bottom / a];
}
