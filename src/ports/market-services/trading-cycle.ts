import { token } from '../../injection/token.js';

/** One step of the bot: marks refreshed, the series advanced, gates, strategy, decision. */
export interface TradingCycle {
  /** Polls the marks, then steps, then waits for what the step sent. Rejects only on a defect. */
  run(signal?: AbortSignal): Promise<void>;
  /** The synchronous part alone: what a backtest calls at the close of a bar. Allocates nothing without an order. */
  step(now: number): void;
  readonly cycles: number;
}
export const TradingCycle = token<TradingCycle>('TradingCycle');
