import { token } from '../../injection/token.js';
import type { Capabilities } from './capabilities.js';

/** The way to the venue, who we are there, and what it can do. */
export interface VenueSession {
  readonly capabilities: Capabilities;
  connect(signal?: AbortSignal): Promise<void>;
  disconnect(): Promise<void>;
  /** Stable name of the account, for the journal's fingerprint. */
  getAccountId(): Promise<string>;
  /** Where `capabilities.serverTime`. */
  getServerTime(): Promise<number>;
}
export const VenueSession = token<VenueSession>('VenueSession');
