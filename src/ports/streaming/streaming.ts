import type { Lifecycle } from '../market-services/lifecycle.js';
import type { MarketData } from '../market-data/market-data.js';
import { token } from '../../injection/token.js';

/**
 * Live marks from the venue's book, falling back to trades, reconnecting with backoff. As a part it starts last and
 * stops first, by profile and flag; `open` and `close` toggle it at run time.
 */
export interface Streaming extends Lifecycle {
  /** The shared instance, for those who check that it is shared. */
  readonly marketData: MarketData;
  /** Starts by hand. Idempotent while running; an invalid level is 1 with a warning; no symbols is a no-op. */
  open(level?: number): void;
  /** Ends the stream for good: no mark arrives after it resolves. Safe when idle. */
  close(): Promise<void>;
  restart(): Promise<void>;
  readonly isRunning: boolean;
}
export const Streaming = token<Streaming>('Streaming');
