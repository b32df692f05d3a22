import type { Token } from '../injection/token.js';
import { AccountAccess } from '../ports/venue/account-access.js';
import { AccountSettings } from '../ports/venue/account-settings.js';
import { Brokerage } from '../ports/venue/brokerage.js';
import { Instruments } from '../ports/venue/instruments.js';
import { MarketFeed } from '../ports/venue/market-feed.js';
import { OrderEntry } from '../ports/venue/order-entry.js';
import { Treasury } from '../ports/venue/treasury.js';
import { VenueSession } from '../ports/venue/venue-session.js';
import type { BrokerMember } from './answers.js';

type MembersOf<Role> = Readonly<Record<Extract<keyof Role, BrokerMember>, true>>;

// Complete by their types: a role that gains a member does not compile without it here.
const SESSION: MembersOf<VenueSession> = { connect: true, disconnect: true, getAccountId: true, getServerTime: true };
const INSTRUMENTS: MembersOf<Instruments> = { listProducts: true };
const FEED: MembersOf<MarketFeed> = {
  getQuote: true,
  getOrderBook: true,
  getCandles: true,
  getMarketSnapshot: true,
  getFundingRate: true,
  openBook: true,
  openTrades: true,
};
const ENTRY: MembersOf<OrderEntry> = {
  placeOrder: true,
  cancelOrder: true,
  cancelAll: true,
  amendOrder: true,
  placeOrders: true,
  cancelOrders: true,
  previewOrder: true,
  setDeadMan: true,
};
const ACCESS: MembersOf<AccountAccess> = {
  listBalances: true,
  listPositions: true,
  listOpenOrders: true,
  getOrder: true,
  listFills: true,
  listFundingPayments: true,
  listTransfers: true,
  describeAccount: true,
  getAccountSnapshot: true,
  openAccount: true,
};
const SETTINGS: MembersOf<AccountSettings> = {
  setLeverage: true,
  setMarginMode: true,
  setPositionMode: true,
  moveIsolatedMargin: true,
};
const TREASURY: MembersOf<Treasury> = { quoteConversion: true, commitConversion: true, moveFunds: true };
const WHOLE: MembersOf<Brokerage> = {
  ...SESSION,
  ...INSTRUMENTS,
  ...FEED,
  ...ENTRY,
  ...ACCESS,
  ...SETTINGS,
  ...TREASURY,
};

const MEMBERS = new Map<unknown, Readonly<Record<string, true>>>([
  [Brokerage, WHOLE],
  [VenueSession, SESSION],
  [Instruments, INSTRUMENTS],
  [MarketFeed, FEED],
  [OrderEntry, ENTRY],
  [AccountAccess, ACCESS],
  [AccountSettings, SETTINGS],
  [Treasury, TREASURY],
]);

/** The members of a role that answer; undefined for a token that is no role of a venue. */
export function membersOf<T>(role: Token<T>): readonly string[] | undefined {
  const members = MEMBERS.get(role);
  return members === undefined ? undefined : Object.keys(members);
}

export const isBrokerMember = (name: string): name is BrokerMember => Object.hasOwn(WHOLE, name);
