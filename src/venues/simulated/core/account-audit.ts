import { fault } from '../../../domain/errors.js';
import type { Ledger } from '../../../domain/ledger.js';
import { signOf, type Fill, type FundingPayment } from '../../../domain/order.js';
import { lots, type Units } from '../../../domain/units.js';
import type { VenueBooks } from './venue-books.js';
import type { Holding, Holdings } from './positions.js';

/** What is audited. */
export interface AuditedAccount {
  readonly ledger: Ledger;
  readonly books: VenueBooks;
  readonly fills: readonly Fill[];
  readonly fundings: readonly FundingPayment[];
  readonly deposited: Units;
  allHoldings(): IterableIterator<Holdings>;
}

/** Throws LEDGER-001 unless ledger, positions, margins, fills, payments and the venue's books tell one story. */
export function assertAccount(account: AuditedAccount): void {
  const { ledger, books, fills, fundings, deposited } = account;
  ledger.assertBalanced();
  books.assertBalanced(ledger.holdings);
  let realised = 0;
  let wallets = 0;
  for (const holdings of account.allHoldings()) {
    for (const holding of holdings.all) {
      realised += holding.position.realised;
      wallets += holding.wallet;
      assertHolding(holdings, holding, fills);
    }
  }
  const liquidationFees = sum(fills, (fill) => (fill.cause === 'liquidation' ? fill.fee : 0));
  const fees = sum(fills, (fill) => fill.fee);
  const funding = sum(fundings, (payment) => payment.amount ?? 0);
  assertEqual('price profit', ledger.income('price'), realised);
  assertEqual('fees', ledger.income('fees'), fees);
  assertEqual('funding', ledger.income('funding'), funding);
  assertEqual('deposits', ledger.income('deposits'), deposited);
  assertEqual('isolated margin', ledger.margin, wallets);
  assertEqual('the market', books.market, 0 - realised - funding - books.takenOver);
  assertEqual("the venue's fees", books.fees, liquidationFees - fees);
  assertEqual('the insurance fund', books.fund, books.endowment - liquidationFees + books.takenOver);
  assertEqual('the outside', books.outside, 0 - deposited - books.endowment);
}

function assertHolding({ mode }: Holdings, { position, side, wallet }: Holding, fills: readonly Fill[]): void {
  const { symbol } = position.instrument;
  const name = side === undefined ? symbol : `${symbol} ${side}`;
  let size = 0;
  let paid = 0;
  for (const fill of fills) {
    if (fill.instrument.symbol !== symbol || fill.positionSide !== side) continue;
    const signed = signOf(fill.side) * fill.lots;
    size += signed;
    paid += fill.instrument.value(fill.price, lots(signed));
  }
  assertEqual(`${name} position`, position.lots, size);
  assertEqual(`${name} cost`, position.cost, paid + position.realised);
  if (mode === 'cross' || position.lots === 0) assertEqual(`${name} margin`, wallet, 0);
}

function assertEqual(what: string, booked: number, told: number): void {
  // Zero has two signs, and both are nothing.
  if (booked !== told) throw fault('LEDGER-001', `Exchange books: ${what} must be ${told}, was ${booked}.`);
}

const sum = <T>(items: readonly T[], amount: (item: T) => number): number =>
  items.reduce((total, item) => total + amount(item), 0);
