import { fault } from './errors.js';
import { exact, units, type Units } from './units.js';

/**
 * Accounts of the double-entry book, in one settlement currency. `cash` and `margin` are what the account holds;
 * the others say where it came from. The sum over all of them is zero at every instant.
 */
export const ACCOUNTS = ['cash', 'margin', 'deposits', 'price', 'fees', 'funding', 'rounding'] as const;
export type LedgerAccount = (typeof ACCOUNTS)[number];

/** One transfer between two accounts: `amount` leaves `from` and enters `to`. */
export interface Posting {
  readonly at: number;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  readonly amount: Units;
  /** What caused it: a trade id, a funding id, a transfer id. */
  readonly ref: string;
}

/** Double-entry ledger in exact integers. Source accounts run negative: their negated balance is the income. */
export class Ledger {
  cash: Units = units(0);
  margin: Units = units(0);
  deposits: Units = units(0);
  price: Units = units(0);
  fees: Units = units(0);
  funding: Units = units(0);
  rounding: Units = units(0);

  /** Moves `amount` (either sign) and checks that the books still balance. Zero amounts move nothing. */
  move(from: LedgerAccount, to: LedgerAccount, amount: Units): void {
    this[from] = units(exact(this[from] - amount, `Ledger account ${from}`));
    this[to] = units(exact(this[to] + amount, `Ledger account ${to}`));
  }

  /** Income booked to a source account, signed from the account's side. */
  income(account: 'deposits' | 'price' | 'fees' | 'funding' | 'rounding'): Units {
    return units(0 - this[account]);
  }

  /** What the account holds, open positions not yet valued. */
  get holdings(): Units {
    return units(this.cash + this.margin);
  }

  /** Throws `LEDGER-001` unless every unit is accounted for. */
  assertBalanced(): void {
    const sum = this.cash + this.margin + this.deposits + this.price + this.fees + this.funding + this.rounding;
    if (sum !== 0) throw fault('LEDGER-001', `Ledger must sum to zero, was ${sum} units.`);
  }
}
