import { fault } from '../../../domain/errors.js';
import { exact, units, type Units } from '../../../domain/units.js';

/** Everybody the account deals with. */
export const PARTIES = ['market', 'fees', 'fund', 'outside'] as const;
export type Party = (typeof PARTIES)[number];

/**
 * The other side of every posting of the account: the market its positions are held against (funding included), the
 * venue that earns its fees, the insurance fund, and the outside that deposits come from. With what the account holds
 * they sum to zero at every instant.
 */
export class VenueBooks {
  market: Units = units(0);
  fees: Units = units(0);
  fund: Units = units(0);
  outside: Units = units(0);
  /** What the fund was given at the start. */
  endowment: Units = units(0);
  /** What the fund has made, or negative lost, of the positions it took over. */
  takenOver: Units = units(0);

  /** The account receives `amount` (either sign) from a party. */
  pay(from: Party, amount: Units): void {
    this[from] = units(exact(this[from] - amount, `Books of ${from}`));
  }

  /** Capital from outside: the fund's first. */
  endow(amount: Units): void {
    this.endowment = units(exact(this.endowment + amount, 'Insurance fund'));
    this.transfer('outside', 'fund', amount);
  }

  /** The fund closes what it took over against the market. */
  settleTakeover(result: Units): void {
    this.takenOver = units(exact(this.takenOver + result, 'Insurance fund'));
    this.transfer('market', 'fund', result);
  }

  /** Throws LEDGER-001 unless every unit that the account holds came from somebody. */
  assertBalanced(holdings: Units): void {
    const sum = holdings + this.market + this.fees + this.fund + this.outside;
    if (sum !== 0)
      throw fault(
        'LEDGER-001',
        `Account, market, fees, insurance fund and outside must sum to zero, was ${sum} units.`,
      );
  }

  private transfer(from: Party, to: Party, amount: Units): void {
    this[from] = units(exact(this[from] - amount, `Books of ${from}`));
    this[to] = units(exact(this[to] + amount, `Books of ${to}`));
  }
}
