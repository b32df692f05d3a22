import { token } from '../../injection/token.js';

/** An account of a venue, as bots of one machine tell accounts apart. */
export interface HeldAccount {
  readonly venue: string;
  readonly environment: string;
  /** Where the venue is spoken to; absent where the environment says it. */
  readonly host?: string;
  /** The venue's own name of it: two keys of one account have one. */
  readonly account: string;
}

/** An account that is traded by this process and by no other of this machine. */
export interface AccountLock {
  /**
   * Held until it is released or the process ends, however that ends. Taking it again changes nothing. Throws STORE-005
   * naming who holds it, and STORE-003 where the folder that the configuration names cannot be used.
   */
  take(account: HeldAccount): void;
  /** Of an account that was not taken, nothing. */
  release(): void;
}
export const AccountLock = token<AccountLock>('AccountLock');
