import { token } from '../../injection/token.js';
import type { Capabilities } from '../venue/capabilities.js';

/** An account that is traded by this process and by no other of this machine. */
export interface AccountLock {
  /**
   * Held until it is released or the process ends, however that ends. Taking it again changes nothing. `account` is the
   * venue's own name of it: two keys of one account have one. Throws STORE-005 naming who holds it, and STORE-003 where
   * the folder that the configuration names cannot be used.
   */
  take(account: string, at: Pick<Capabilities, 'venue' | 'environment'>): void;
  /** Of an account that was not taken, nothing. */
  release(): void;
}
export const AccountLock = token<AccountLock>('AccountLock');
