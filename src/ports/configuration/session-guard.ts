import { token } from '../../injection/token.js';

/**
 * Whether the trading session is open. UTC; both ends inclusive; an overnight session belongs to the day it opened on.
 */
export interface SessionGuard {
  shouldTrade(now: number): boolean;
}
export const SessionGuard = token<SessionGuard>('SessionGuard');
