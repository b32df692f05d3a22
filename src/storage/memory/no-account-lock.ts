import { injectable } from 'inversify';
import type { AccountLock } from '../../ports/storage/account-lock.js';

/** An account of the exchange inside is nobody else's. */
@injectable()
export class NoAccountLock implements AccountLock {
  take(): void {
    // Nobody else could have it.
  }

  release(): void {
    // It was not held.
  }
}
