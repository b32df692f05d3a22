import { token } from '../../injection/token.js';

/** Activity of market data: heartbeats, failures, staleness, and the advice to fall back to polling. */
export interface MarketMonitor {
  /** Source is where the mark came from. */
  recordUpdate(symbol: string, source: 'stream' | 'poll', at: number): void;
  recordFailure(symbol: string, error: unknown): void;
  /** All symbols silent for longer than the limit, with their silence; a heartbeat record for each. */
  checkStaleness(now: number): readonly { readonly symbol: string; readonly stalenessMs: number }[];
  /** True when the stream failed too often in a row or a symbol is stale. */
  shouldFallBackToPolling(now: number): boolean;
  setSymbols(symbols: readonly string[]): void;
}
export const MarketMonitor = token<MarketMonitor>('MarketMonitor');
