import { token } from '../../injection/token.js';

/** An order that a command sends past the bot: it can only reduce, and is over at once. */
export interface DirectOrder {
  readonly clientId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** Base units and price, decimal text. */
  readonly size: string;
  readonly limit: string;
  /** Until when the venue may accept it, epoch milliseconds. */
  readonly expiresAt: number;
}

/** What a person asked for while no bot answered. */
export interface OperatorRequest {
  readonly id: string;
  readonly command: 'halt' | 'reduce-only' | 'resume' | 'strategy resume';
  /** Of `strategy resume`: which one. */
  readonly strategy?: string;
  /** Of a halt that flattens past the bot: what it sends, written before any of it leaves. */
  readonly direct?: readonly DirectOrder[];
  readonly actor: string;
  readonly reason: string;
  /** Wall clock of whoever asked, epoch milliseconds. */
  readonly at: number;
}

/**
 * Requests that wait beside the journal, never in it: the journal has one writer. Each is on disk, with actor and
 * reason, before anybody hears that it was left.
 */
export interface OperatorRequests {
  /**
   * Oldest first. Asked before every order, so it costs next to nothing while none waits. One that cannot be read is a
   * halt: somebody wanted something.
   */
  waiting(): readonly OperatorRequest[];
  /** It is in the journal now. */
  done(request: OperatorRequest): void;
}
export const OperatorRequests = token<OperatorRequests>('OperatorRequests');
