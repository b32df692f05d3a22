import type { MarginMode, PositionMode } from '../../../domain/order.js';
import { lots, units } from '../../../domain/units.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import { PARTIES } from '../core/venue-books.js';
import type { Market } from '../core/market.js';
import type { Holding } from '../core/positions.js';

/** lots, cost, realised, openedAt, isolated margin. */
type HoldingState = readonly (number | null)[];

/** The positions of one market. */
export interface HoldingsState {
  readonly mode: MarginMode;
  readonly net: HoldingState;
  readonly long: HoldingState;
  readonly short: HoldingState;
}

/** What the account has besides its ledger. */
export interface BooksState {
  readonly positionMode: PositionMode;
  readonly parties: Readonly<Record<string, number>>;
  readonly endowment: number;
  readonly takenOver: number;
}

export const encodeHoldings = ({ holdings: { mode, net, long, short } }: Market): HoldingsState => ({
  mode,
  net: encode(net),
  long: encode(long),
  short: encode(short),
});

export function restoreHoldings({ holdings }: Market, saved: HoldingsState): void {
  holdings.mode = saved.mode;
  restore(holdings.net, saved.net);
  restore(holdings.long, saved.long);
  restore(holdings.short, saved.short);
}

export function encodeBooks({ books, positionMode }: SimulatedAccount): BooksState {
  return {
    positionMode,
    parties: Object.fromEntries(PARTIES.map((party) => [party, books[party]])),
    endowment: books.endowment,
    takenOver: books.takenOver,
  };
}

/**
 * A state without books is older than they are: what its ledger says was paid by the market, to the venue, from
 * outside.
 */
export function restoreBooks(account: SimulatedAccount, saved: BooksState | undefined): void {
  const { books, ledger } = account;
  if (saved === undefined) {
    books.market = units(ledger.price + ledger.funding);
    books.fees = ledger.fees;
    books.outside = units(ledger.deposits + ledger.rounding);
    return;
  }
  account.positionMode = saved.positionMode;
  for (const party of PARTIES) books[party] = units(saved.parties[party] ?? 0);
  books.endowment = units(saved.endowment);
  books.takenOver = units(saved.takenOver);
}

const encode = ({ position, wallet }: Holding): HoldingState => [
  position.lots,
  position.cost,
  position.realised,
  position.openedAt ?? null,
  wallet,
];

function restore(holding: Holding, [size, cost, realised, openedAt, wallet]: HoldingState): void {
  const { position } = holding;
  position.lots = lots(size ?? 0);
  position.cost = units(cost ?? 0);
  position.realised = units(realised ?? 0);
  position.openedAt = openedAt ?? undefined;
  holding.wallet = units(wallet ?? 0);
}
