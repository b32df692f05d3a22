import type { Accounts } from '../account/accounts.js';
import { listenKeyExpired } from '../account/user-events.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { StreamReader } from './stream-hub.js';

/** What happens to accounts, told to whoever has a key to listen by. */
export class UserStreams {
  constructor(
    private readonly accounts: Accounts,
    private readonly clock: Clock,
  ) {}

  /** Returns what ends the reading; undefined where no account is listened to by that key. */
  read(key: string, events: ReadonlySet<string> | undefined, reader: StreamReader): (() => void) | undefined {
    for (const { account } of this.accounts.all()) {
      if (account.listenKeys.living !== key) continue;
      return account.listenKeys.listen(key, {
        tell: (event) => {
          const { e } = event as { readonly e: string };
          if (events === undefined || events.has(e)) reader(JSON.stringify(event));
        },
        ended: () => reader(JSON.stringify(listenKeyExpired(key, this.clock.now()))),
      });
    }
    return undefined;
  }
}
