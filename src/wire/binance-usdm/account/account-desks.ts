import { AlgoDesk } from './algo-desk.js';
import { PlainDesk } from './plain-desk.js';
import { WireAccount, type WireAccountParts } from './wire-account.js';

/** An account, and who does there what is asked. */
export class AccountDesks {
  readonly account: WireAccount;
  readonly orders: PlainDesk;
  readonly algo: AlgoDesk;

  constructor(parts: WireAccountParts) {
    this.account = new WireAccount(parts);
    this.orders = new PlainDesk(this.account, parts.scheduler);
    this.algo = new AlgoDesk(this.account);
  }

  close(): void {
    this.orders.close();
    this.account.close();
  }
}
