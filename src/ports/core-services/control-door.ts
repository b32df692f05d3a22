import { token } from '../../injection/token.js';
import type { Lifecycle } from '../market-services/lifecycle.js';

/**
 * Where a running bot hears its operators from outside its process. Open before the account is connected, closed after
 * its orders are settled: a bot that hangs in between can still be asked.
 */
export interface ControlDoor extends Lifecycle {
  /** Path of the socket; undefined while it is shut. */
  readonly path: string | undefined;
}
export const ControlDoor = token<ControlDoor>('ControlDoor');
