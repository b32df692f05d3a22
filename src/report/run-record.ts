import { fault } from '../domain/errors.js';
import type { Json } from '../ports/storage/event-store.js';
import type { BacktestResult } from '../backtest/result.js';

/**
 * Samples of the run, thinned evenly: each stands for `every` steps and keeps the extremes of all of them. Null is not
 * known.
 */
export interface Samples {
  readonly every: number;
  /** Time of the last step of each sample. */
  readonly at: readonly number[];
  /** Money as whole 10^-8 of the settlement currency: close, lowest and highest. */
  readonly equity: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /**
   * Of one instrument, its mark in mark units; of several, an equal-weighted basket of them, 100 at their first marks.
   */
  readonly mark: readonly (number | null)[];
  /** Signed, in steps of size; of several instruments, whose sizes do not add up, null. */
  readonly lots: readonly (number | null)[];
  /** Largest sum of |position| and newest signed sum, as money. */
  readonly gross: readonly number[];
  readonly net: readonly number[];
  /** Largest gross over equity, and largest maintenance margin over equity (at 1 the venue liquidates). */
  readonly leverage: readonly number[];
  readonly margin: readonly number[];
  /** Smallest distance of the mark to the liquidation price, as a fraction of the mark. */
  readonly distance: readonly (number | null)[];
  /** Largest |mark - last| as a fraction of last. */
  readonly divergence: readonly (number | null)[];
}

/** One of several instruments: columns as above, over the same times. */
export interface InstrumentRecord {
  readonly symbol: string;
  /** Size of one lot, and price of one mark unit, as decimal text. */
  readonly step: string;
  readonly markUnit: string;
  readonly mark: readonly (number | null)[];
  readonly lots: readonly (number | null)[];
  readonly gross: readonly number[];
  readonly net: readonly number[];
  readonly margin: readonly number[];
  readonly distance: readonly (number | null)[];
  readonly divergence: readonly (number | null)[];
}

/** One UTC day: money as decimal text. */
export interface DayRow {
  readonly day: string;
  readonly open: string;
  readonly close: string;
  readonly low: string;
  readonly high: string;
  readonly mark: string | null;
  readonly leverage: number;
  readonly margin: number;
  readonly distance: number | null;
  /** Share of the steps with a position. */
  readonly exposed: number;
}

export interface FillRow {
  readonly at: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: string;
  readonly price: string;
  readonly notional: string;
  readonly fee: string;
  readonly liquidity: 'maker' | 'taker';
  readonly cause: string | null;
  readonly reason: string | null;
  /** The mark when the order was decided; null where no decision of the bot stands behind it. */
  readonly decision: string | null;
  /** What the fill cost against that mark: positive is a cost. */
  readonly slippage: string | null;
  readonly slippageBps: number | null;
  /** From decision to fill. */
  readonly waitMs: number | null;
}

/** One episode of a position, from flat to flat. Money as decimal text; `net = price + fees + funding`. */
export interface TradeRow {
  readonly id: number;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly openedAt: number;
  /** Null: still open; price profit then includes the open part at the last mark. */
  readonly closedAt: number | null;
  /** Largest size held. */
  readonly quantity: string;
  readonly entry: string;
  readonly exit: string | null;
  readonly price: string;
  readonly fees: string;
  readonly funding: string;
  readonly net: string;
  readonly entryReason: string | null;
  readonly exitReason: string | null;
  /** Farthest the mark went against and for the position, as fractions of the average entry price. */
  readonly adverse: number | null;
  readonly favourable: number | null;
  /** Net profit in units of the risk to the first stop; null without a stop. */
  readonly multiple: number | null;
  /** Mean time from buying to selling a lot, first in first out. */
  readonly heldMs: number;
  readonly fills: number;
}

export interface OrderFacts {
  /** Orders by how they ended, or stand. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly byType: Readonly<Record<string, number>>;
  readonly ordered: number;
  readonly filled: number;
  /** Orders whose outcome was once unknown, and the longest time until it was not. */
  readonly unknown: number;
  readonly unknownMs: number;
}

export interface RunEvent {
  readonly at: number;
  readonly what: 'liquidation' | 'adl' | 'settlement' | 'safety';
  readonly detail: string;
}

/** Moments of the returns from step to step. */
interface StepReturns {
  readonly count: number;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly skewness: number | null;
  readonly kurtosis: number | null;
}

export interface RunRecord {
  /** From one step to the next. */
  readonly stepMs: number;
  readonly samples: Samples;
  /** Absent where one instrument was traded: the samples are its own. */
  readonly instruments?: readonly InstrumentRecord[];
  readonly days: readonly DayRow[];
  readonly returns: StepReturns;
  readonly fills: readonly FillRow[];
  readonly trades: readonly TradeRow[];
  /** Null where nobody could watch them. */
  readonly orders: OrderFacts | null;
  readonly events: readonly RunEvent[];
}

/** What a reader needs to trust a run and to do it again. */
export interface RunOrigin {
  readonly build: string;
  readonly node: string;
  /** Wall time at which it was saved. */
  readonly savedAt: string;
  readonly command: string;
  /** Of a strategy in a file: where it lay, and what it was. What it imports is not in it. */
  readonly strategyFile?: { readonly path: string; readonly sha256: string };
  readonly configurationHash: string;
  readonly profile: string;
  /** Resolved settings under `simulation`, `execution` and the like, redacted, by dotted path. */
  readonly settings: Readonly<Record<string, Json>>;
  readonly lookAhead: 'not run' | 'passed' | 'failed';
}

/** The same run under worse conditions, made in full. Exactly one of `result` and `failed` is there. */
export interface StressRun {
  readonly name: string;
  readonly what: string;
  readonly failed?: string;
  readonly result?: {
    /** Decimal text. */
    readonly net: string;
    readonly equity: string;
    readonly maxDrawdown: string;
    readonly sharpe: string | null;
    readonly fills: number;
    readonly liquidations: number;
    readonly traceHash: string;
  };
}

/**
 * A run with everything its report is made of. Money is text or whole 10^-8; nothing depends on the host but `origin`.
 */
export interface SavedRun {
  readonly format: 'perpsbot.run';
  readonly version: 1;
  readonly result: BacktestResult;
  readonly notes: readonly { readonly code: string; readonly message: string }[];
  readonly record: RunRecord;
  /** Absent: not run. */
  readonly stress?: readonly StressRun[];
  readonly origin: RunOrigin;
}

const damaged = (where: string, message: string): Error =>
  fault('REPORT-001', message, { where, fix: 'Make the file again with: perpsbot backtest ... --save result.json' });

/** Reads a saved run. Throws REPORT-001 for anything else, a newer version included. */
export function parseRun(text: string, where: string): SavedRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fault('REPORT-001', 'A saved run must be JSON, was not.', { where, cause: error });
  }
  const run = value as Partial<SavedRun> | null;
  if (typeof run !== 'object' || run?.format !== 'perpsbot.run')
    throw damaged(where, 'A saved run must begin with "format": "perpsbot.run", and this file does not.');
  if (run.version !== 1) throw damaged(where, `A saved run must be of version 1, was ${String(run.version)}.`);
  for (const part of ['result', 'record', 'origin', 'notes'] as const)
    if (typeof run[part] !== 'object' || run[part] === null)
      throw damaged(where, `A saved run must hold ${part}, and this file does not.`);
  const { samples } = run.record as RunRecord;
  const length = samples?.at?.length;
  if (
    length === undefined ||
    !Array.isArray(run.record?.trades) ||
    samples.equity?.length !== length ||
    samples.mark?.length !== length
  )
    throw damaged(where, 'Samples of a saved run must be of one length, and are not.');
  return withFills(run as SavedRun);
}

/** Runs of before called their fills trades. */
function withFills(run: SavedRun): SavedRun {
  if (typeof run.result.fills === 'number') return run;
  const trades = run.record.trades.filter(({ closedAt }) => closedAt !== null).length;
  const stress = run.stress?.map((each) => {
    const { result } = each as { readonly result?: NonNullable<StressRun['result']> & { readonly trades?: number } };
    return result === undefined ? each : { ...each, result: { ...result, fills: result.trades ?? 0 } };
  });
  return {
    ...run,
    result: { ...run.result, fills: run.result.trades, trades },
    ...(stress === undefined ? {} : { stress }),
  };
}
