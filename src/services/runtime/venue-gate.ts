import { fault, type PerpsBotError } from '../../domain/errors.js';
import type { MarginMode, PositionMode } from '../../domain/order.js';
import type { AccountAccess } from '../../ports/venue/account-access.js';
import type { AccountSettings } from '../../ports/venue/account-settings.js';
import type { Capabilities } from '../../ports/venue/capabilities.js';
import type { MarketFeed } from '../../ports/venue/market-feed.js';
import type { OrderEntry } from '../../ports/venue/order-entry.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';

/** What a venue lacks for a call, and what comes nearest to it. */
interface Lack {
  readonly what: string;
  readonly nearest: string;
}
type Members = VenueSession & MarketFeed & OrderEntry & AccountAccess & AccountSettings;
type Gate<M extends keyof Members> = Members[M] extends (...args: infer Args) => unknown
  ? (can: Capabilities, ...args: Args) => Lack | undefined
  : never;

const lackUnless = (holds: boolean, what: string, nearest: string): Lack | undefined =>
  holds ? undefined : { what, nearest };

/** Every member that a venue may do without, and what it must state to be asked for it. */
const GATES: { readonly [M in keyof Members]?: Gate<M> } = {
  getServerTime: ({ serverTime }) =>
    lackUnless(serverTime, 'telling its clock', 'Go by the clock of this machine, kept by NTP.'),
  getMarketSnapshot: ({ marketSnapshots }) =>
    lackUnless(marketSnapshots, 'market snapshots', 'Ask for the order book and the quote.'),
  openBook: ({ streams }) => lackUnless(streams.book, 'a stream of books', 'Follow its trades, or ask for quotes.'),
  openTrades: ({ streams }) => lackUnless(streams.trades, 'a stream of trades', 'Follow its book, or ask for quotes.'),
  openAccount: ({ streams }) =>
    lackUnless(streams.account, 'a stream of the account', 'Ask for its orders and fills again and again.'),
  cancelAll: ({ cancelAll }, symbol) =>
    cancelAll === 'symbol' && symbol === undefined
      ? { what: 'cancelling the orders of all symbols in one request', nearest: 'Name one symbol after the other.' }
      : lackUnless(cancelAll !== 'none', 'cancelling many orders in one request', 'Cancel them one by one.'),
  amendOrder: ({ amend }) =>
    lackUnless(amend !== 'none', 'amending orders', 'Cancel the order, and place another once it has ended.'),
  placeOrders: ({ batch }, orders) => batchLack('placing', orders.length, batch?.place),
  cancelOrders: ({ batch }, refs) => batchLack('cancelling', refs.length, batch?.cancel),
  previewOrder: ({ preview }) => lackUnless(preview, 'trying an order', 'Set execution.previewOrders: false.'),
  setDeadMan: ({ deadMan }, countdownMs) => {
    if (deadMan === undefined)
      return { what: "a dead man's switch", nearest: 'Keep stops at the venue for what is held.' };
    const { minMs = 0, maxMs = Infinity } = deadMan;
    if (countdownMs === undefined) return undefined;
    return lackUnless(
      countdownMs >= minMs && countdownMs <= maxMs,
      `a countdown of ${String(countdownMs)} ms`,
      `Set execution.deadMan so that it is ${String(countdownMs < minMs ? minMs : maxMs)} ms.`,
    );
  },
  listFundingPayments: ({ fundingPayments }) =>
    lackUnless(fundingPayments, 'looking up funding that was paid', 'Compare the wallet.'),
  listTransfers: ({ transfers }) => lackUnless(transfers !== false, 'looking up transfers', 'Compare the wallet.'),
  describeAccount: ({ accountTerms }) =>
    lackUnless(accountTerms === true, 'reading the terms of the account', 'Look at them on the venue itself.'),
  getAccountSnapshot: ({ accountSnapshots }) =>
    lackUnless(accountSnapshots, 'account snapshots', 'Ask for balances and positions.'),
  setLeverage: ({ leverage }) =>
    lackUnless(leverage !== 'none', 'setting leverage', 'Set it on the venue itself, and keep to risk.maxLeverage.'),
  setMarginMode: ({ marginModes = [] }, _symbol, mode: MarginMode) =>
    lackUnless(marginModes.includes(mode), `switching to ${mode} margin`, oneOf(marginModes)),
  setPositionMode: ({ positionMode }, mode: PositionMode) =>
    lackUnless(positionMode.includes(mode), `${mode} positions`, oneOf(positionMode)),
  moveIsolatedMargin: ({ marginModes = [] }) =>
    lackUnless(marginModes.includes('isolated'), 'moving isolated margin', 'Reduce the position instead.'),
};

const batchLack = (what: string, size: number, most = 0): Lack | undefined =>
  most === 0
    ? { what: `${what} several orders in one request`, nearest: 'Send them one by one.' }
    : lackUnless(
        size <= most,
        `${what} ${String(size)} orders in one request`,
        `Send at most ${String(most)} at once.`,
      );

const oneOf = (choices: readonly string[]): string =>
  choices.length === 0 ? 'Leave it as the venue has it.' : `Use ${choices.join(' or ')}.`;

/**
 * Why a venue is not even asked: by its own word it does not have what the call needs. Undefined for a member that
 * every venue has. What it answers is VENUE-003, naming what comes nearest, or undefined: the venue may be asked.
 */
export function gateOf(
  member: string,
): ((can: Capabilities, args: readonly unknown[]) => PerpsBotError | undefined) | undefined {
  if (!Object.hasOwn(GATES, member)) return undefined;
  const gate = GATES[member as keyof Members] as (can: Capabilities, ...args: readonly unknown[]) => Lack | undefined;
  return (can, args) => {
    const lack = gate(can, ...args);
    if (lack === undefined) return undefined;
    return fault('VENUE-003', `${can.venue} must support ${lack.what}, and does not.`, { fix: lack.nearest });
  };
}
