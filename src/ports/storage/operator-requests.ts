import { token } from '../../injection/token.js';

/** What a person asked for while no bot answered. */
export interface OperatorRequest {
  readonly id: string;
  readonly command: 'halt' | 'reduce-only' | 'resume' | 'strategy resume';
  /** Of `strategy resume`: which one. */
  readonly strategy?: string;
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
