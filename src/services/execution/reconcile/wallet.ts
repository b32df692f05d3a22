import { Decimal } from '../../../domain/decimal.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';

/** Venues round by rules of their own: a difference below a thousandth of what is there is theirs. */
const TOLERANCE = new Decimal('0.001');
const LEAST = new Decimal('0.01');

/**
 * What the wallet must hold by the books, `elsewhere` being fees that another wallet has paid (negative: paid). What a
 * spot holding cost has left the wallet, while the books count it as margin.
 */
export function walletOf(books: WalletBooks, elsewhere: Decimal): Decimal {
  let held = books.unit.of(books.ledger.holdings).minus(elsewhere);
  for (const { instrument, cost } of books.positions())
    if (instrument.spec.kind === 'spot') held = held.minus(instrument.money(cost));
  return held;
}
type WalletBooks = Pick<Portfolio, 'positions' | 'unit' | 'ledger'>;

/** Whether a difference is more than what rounding explains. */
export const isBeyondRounding = (difference: Decimal, ours: Decimal): boolean =>
  difference.abs().gt(Decimal.max(ours.abs().times(TOLERANCE), LEAST));
