import { token } from '../../injection/token.js';

/** When each symbol's mark was last updated (the seed's `risk_manager.last_mark_update`). Never updated means stale. */
export interface MarkFreshness {
  /** Keeps the newest time; an older one that arrives late changes nothing. */
  touch(symbol: string, at: number): void;
  lastUpdate(symbol: string): number | undefined;
  /** Milliseconds since the last update; undefined when there was none. */
  age(symbol: string, now: number): number | undefined;
  /** True when older than `limitMs` or never updated. */
  isStale(symbol: string, now: number, limitMs: number): boolean;
  forget(symbol: string): void;
}
export const MarkFreshness = token<MarkFreshness>('MarkFreshness');
