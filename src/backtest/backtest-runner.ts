import type { StoredEvent } from '../ports/storage/event-store.js';
import type { BarColumns } from '../data/bar-columns.js';
import type { Feed } from '../data/columns.js';
import type { DataNote } from '../data/data-note.js';
import type { Instrument } from '../domain/instrument.js';
import { token } from '../injection/token.js';
import type { FundingStamp } from '../ports/core-services/simulated-exchange.js';
import type { RunWatcher } from './pump-services.js';
import type { BacktestResult } from './result.js';
import type { WatchedServices } from './watched-services.js';

export interface BacktestOptions {
  readonly mode?: 'fast' | 'step';
  /** Settings of the strategy as given, for the result and the trace's header. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Undefined: funding is not simulated. */
  readonly funding?: readonly FundingStamp[];
  readonly signal?: AbortSignal;
  readonly watcher?: RunWatcher;
  /** What the bars were read from, as the user named it. */
  readonly source?: string;
  readonly onProgress?: (bars: number) => void;
  /** Gives the result of a run in which the strategy failed, too: for whoever says why it did what it did. */
  readonly failuresAreTold?: boolean;
}

export interface BacktestRun {
  readonly result: BacktestResult;
  readonly notes: readonly DataNote[];
}

/** Drives the bot of a backtest world over history. What it speaks of is not the ports': the token stands here. */
export interface BacktestRunner {
  /** From one step of the bot to the next, where the data does not say it. */
  readonly stepMs: number;
  readonly watched: WatchedServices;
  /** The exact instrument the bot trades: the columns' ticks are its ticks. */
  instrument(symbol: string): Instrument;
  /** World time stands at the first bar's open, and moves with history alone. Before the bot is opened. */
  begin(startAt: number): void;
  /**
   * Runs the opened bot over recorded streams and says what came of it. The bot must be new: its equity now is the
   * start equity. An abort ends the run early, with the result so far. Throws STRAT-005 for a strategy that threw: what
   * it would have done instead nobody knows.
   */
  run(data: BarColumns | readonly Feed[], options: BacktestOptions): Promise<BacktestRun>;
}
export const BacktestRunner = token<BacktestRunner>('BacktestRunner');

/** A started bot of the backtest world, its clock at the first bar's open, and its end. */
export interface BacktestSession {
  readonly runner: BacktestRunner;
  /** Records of the run so far, of these types; none where it keeps none. Until `close`. */
  readonly records?: (types: readonly string[]) => readonly StoredEvent[];
  readonly close: () => Promise<void>;
}
