import { fault } from '../../../domain/errors.js';
import { FINEST_UNIT, type Instrument } from '../../../domain/instrument.js';
import { ACCOUNTS } from '../../../domain/ledger.js';
import type { Fill, FundingPayment } from '../../../domain/order.js';
import { fillFromRecord, fundingFromRecord, type PlainRecord } from '../../../domain/records.js';
import { lots, marks, ticks, units } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { ExchangeState } from '../../../ports/core-services/simulated-exchange.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import {
  encodeBooks,
  encodeHoldings,
  restoreBooks,
  restoreHoldings,
  type BooksState,
  type HoldingsState,
} from './margin-state.js';
import type { Market } from '../core/market.js';
import { damaged, parse, unknownInstrument } from './state-damage.js';
import { decodeTerms, encodeTerms, type TermsState } from './terms-state.js';
import { assertUnit, type ExchangeParts, type VenueState } from './venue-state.js';
import { WorkingOrder } from '../core/working-order.js';

/**
 * 2 adds what orders, countdowns and redefined instruments need; 3 holds an account for every venue; 4 has closed
 * candles beside the core, which is written at every commit.
 */
const VERSION = 4;
type MaybeNumber = number | null;

interface CoreState {
  readonly version: number;
  readonly time: MaybeNumber;
  readonly nextOrder: number;
  readonly nextTrade: number;
  readonly accounts: readonly AccountState[];
  readonly markets: readonly MarketState[];
  readonly driver: Json;
  /** Digits of the unit that its money is counted in; absent: the finest, as in every state of before. */
  readonly moneyDigits?: number;
  /** The market that was driven. */
  readonly source?: string;
}

interface AccountState {
  readonly venue: string;
  readonly deposited: number;
  readonly depositedAt: MaybeNumber;
  readonly ledger: Readonly<Record<string, number>>;
  /** Since version 2. */
  readonly books?: BooksState;
  readonly leverages: readonly (readonly [string, number])[];
}

/** Before version 3 there was one account, and its fields stood in the core itself. */
type OldCoreState = Omit<CoreState, 'accounts'> & AccountState;

interface MarketState {
  readonly symbol: string;
  readonly tick: string;
  readonly step: string;
  /** last, mark, index, bid, bidLots, ask, askLots, at. */
  readonly prices: readonly MaybeNumber[];
  readonly quoted: boolean;
  /** The data has depth; the book itself is not kept: what happens to it meanwhile is not seen. */
  readonly depth?: boolean;
  readonly markFeed: boolean;
  /** lots, cost, realised, openedAt. */
  readonly position: readonly MaybeNumber[];
  /** nextAt, rate, takenAt. */
  readonly funding: readonly MaybeNumber[];
  /** The forming one; before version 4 the closed ones too. */
  readonly candles: string;
  /** Since version 2: every position and its margin. */
  readonly holdings?: HoldingsState;
  /** Since version 2. Ends of the dead-man countdowns: the market's, the account's. */
  readonly deadMan?: readonly MaybeNumber[];
  readonly terms?: TermsState;
  readonly changedAt?: MaybeNumber;
}

/** JSON has no NaN and no infinity: both are "not there". */
const kept = (value: number): MaybeNumber => (Number.isFinite(value) ? value : null);
const known = (value: MaybeNumber | undefined): number => value ?? Number.NaN;

/** Everything that is to be committed now. */
export function encodeState(parts: ExchangeParts): ExchangeState {
  const { ids, markets, outbox } = parts;
  const core: CoreState = {
    version: VERSION,
    time: kept(parts.time),
    nextOrder: ids.order,
    nextTrade: ids.trade,
    accounts: parts.venues.map(accountState),
    markets: [...markets.values()].map(marketState),
    driver: parts.driver(),
    ...(parts.unit.digits === FINEST_UNIT.digits ? {} : { moneyDigits: parts.unit.digits }),
    ...(parts.source === undefined ? {} : { source: parts.source }),
  };
  const orders = new Map(
    [...outbox.drifted, ...outbox.changed].map(([id, order]) => [id, JSON.stringify(order.toRecord())]),
  );
  const candles = new Map<string, string>();
  for (const [symbol, { history }] of markets) {
    const closed = history.takeClosed();
    if (closed !== undefined) candles.set(symbol, closed);
  }
  return { core: JSON.stringify(core), candles, orders, events: [...outbox.rows] };
}

const accountState = ({ name, account }: VenueState): AccountState => ({
  venue: name,
  deposited: account.deposited,
  depositedAt: account.depositedAt ?? null,
  ledger: Object.fromEntries(ACCOUNTS.map((each) => [each, account.ledger[each]])),
  books: encodeBooks(account),
  leverages: [...account.leverages],
});

/** When the stored state was committed, what its driver had saved, and the market it told of where that is known. */
export interface RestoredDriver {
  readonly time: number;
  readonly driver: Json;
  readonly source: string | undefined;
}

/** The driver of a state that does not name its market: a recording has a place, a generated market has models. */
function driverOf(driver: Json): string | undefined {
  if (driver === null || typeof driver !== 'object') return undefined;
  return 'deliveredAt' in driver ? 'recorded-market' : 'generated-market';
}

/**
 * Takes up a stored state. `revive` makes the market of a configured instrument that is traded no more. Returns the
 * time and the driver's state. Throws STORE-001, STORE-002 or CFG-006.
 */
export function restoreState(
  state: ExchangeState,
  parts: ExchangeParts,
  revive: (symbol: string) => void,
): RestoredDriver {
  const stored = parse(state.core) as CoreState | OldCoreState;
  if (stored.version > VERSION)
    throw fault('STORE-002', `Exchange state must be of version ${VERSION} at most, was ${stored.version}.`);
  if (![1, 2, 3, VERSION].includes(stored.version)) throw damaged(`version ${String(stored.version)}`);
  assertUnit(stored.moneyDigits ?? FINEST_UNIT.digits, parts);
  const { ids, markets } = parts;
  for (const saved of stored.markets) {
    if (!markets.has(saved.symbol)) revive(saved.symbol);
    const closed = stored.version < VERSION ? '' : state.candles.get(saved.symbol);
    if (closed === undefined) throw damaged(`without the candles of ${saved.symbol}`);
    const whole = { ...saved, candles: `${saved.candles}${closed}` };
    restoreMarket(whole, markets.get(saved.symbol), parts.of(saved.symbol).account);
  }
  ids.order = stored.nextOrder;
  ids.trade = stored.nextTrade;
  restoreAccounts('accounts' in stored ? stored.accounts : [stored], parts.venues);
  restoreOrders(state.orders, parts);
  restoreEvents(state.events, parts);
  for (const { account } of parts.venues) account.assertConsistent();
  return { time: known(stored.time), driver: stored.driver, source: stored.source ?? driverOf(stored.driver) };
}

/** An account is found by the name of its venue; where there is one before and after, the name does not matter. */
function restoreAccounts(accounts: readonly AccountState[], venues: readonly VenueState[]): void {
  const sole = accounts.length === 1 && venues.length === 1;
  const paired = venues.map((venue) => ({
    venue,
    saved: sole ? accounts[0] : accounts.find((each) => each.venue === venue.name),
  }));
  if (accounts.length !== venues.length || paired.some(({ saved }) => saved === undefined)) {
    const names = (of: readonly string[]): string =>
      of.map((name) => (name === '' ? 'one without a name' : name)).join(' and ');
    throw fault(
      'CFG-006',
      `simulation.venues must be ${names(accounts.map((each) => each.venue))}, as in the stored paper accounts, was ${names(venues.map(({ name }) => name))}.`,
      {
        fix: 'Restore simulation.venues, or start new paper accounts in another state directory.',
      },
    );
  }
  for (const { venue, saved } of paired) if (saved !== undefined) restoreAccount(venue.account, saved);
}

function restoreAccount(account: SimulatedAccount, saved: AccountState): void {
  account.deposited = units(saved.deposited);
  account.depositedAt = saved.depositedAt ?? undefined;
  for (const name of ACCOUNTS) account.ledger[name] = units(saved.ledger[name] ?? 0);
  restoreBooks(account, saved.books);
  for (const [symbol, leverage] of saved.leverages) account.leverages.set(symbol, leverage);
}

function marketState(market: Market): MarketState {
  const { instrument, position, funding } = market;
  return {
    symbol: market.symbol,
    tick: instrument.spec.tick.toString(),
    step: instrument.spec.step.toString(),
    prices: [
      market.last,
      market.mark,
      market.index,
      market.bid,
      market.bidLots,
      market.ask,
      market.askLots,
      market.at,
    ].map(kept),
    quoted: market.quoted,
    depth: market.depth !== undefined,
    markFeed: market.hasMarkFeed,
    position: [position.lots, position.cost, position.realised, position.openedAt ?? null],
    funding: [kept(funding.nextAt), kept(funding.rate), kept(funding.takenAt)],
    candles: market.history.encodeForming(),
    holdings: encodeHoldings(market),
    deadMan: [kept(market.book.due.deadManAt), kept(market.book.due.accountDeadManAt)],
    terms: encodeTerms(market.changes),
    changedAt: kept(market.changedAt),
  };
}

function restoreMarket(saved: MarketState, market: Market | undefined, account: SimulatedAccount): void {
  if (
    market === undefined ||
    market.instrument.spec.tick.toString() !== saved.tick ||
    market.instrument.spec.step.toString() !== saved.step
  ) {
    throw fault(
      'CFG-006',
      `instruments.${saved.symbol} must have tick ${saved.tick} and step ${saved.step}, as in the stored paper account, was ${market === undefined ? 'missing' : 'different'}.`,
      {
        fix: 'Restore the instrument, or start a new paper account in another state directory.',
      },
    );
  }
  if (saved.terms !== undefined) market.redefine(decodeTerms(saved.terms), Number.NaN);
  market.changedAt = saved.changedAt ?? Number.NEGATIVE_INFINITY;
  const [deadManAt, accountDeadManAt] = saved.deadMan ?? [];
  market.book.due.set('deadManAt', deadManAt ?? Number.POSITIVE_INFINITY);
  market.book.due.set('accountDeadManAt', accountDeadManAt ?? Number.POSITIVE_INFINITY);
  const [last, mark, index, bid, bidLots, ask, askLots, at] = saved.prices.map(known) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  Object.assign(market, {
    last: ticks(last),
    mark: marks(mark),
    index: marks(index),
    bid: ticks(bid),
    bidLots: lots(bidLots),
    ask: ticks(ask),
    askLots: lots(askLots),
    at,
  });
  market.quoted = saved.quoted;
  if (saved.depth === true) market.loseDepth();
  market.hasMarkFeed = saved.markFeed;
  const position = account.position(market.instrument);
  position.lots = lots(known(saved.position[0]));
  position.cost = units(known(saved.position[1]));
  position.realised = units(known(saved.position[2]));
  position.openedAt = saved.position[3] ?? undefined;
  if (saved.holdings !== undefined) restoreHoldings(market, saved.holdings);
  const [nextAt, rate, takenAt] = saved.funding;
  market.funding.resume(
    nextAt ?? (Number.isNaN(at) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY),
    known(rate),
    takenAt ?? Number.NEGATIVE_INFINITY,
  );
  market.history.restore(saved.candles);
}

function restoreOrders(orders: ReadonlyMap<string, string>, parts: ExchangeParts): void {
  const { markets } = parts;
  const restored = [...orders.values()].map(
    (text) => WorkingOrder.fromRecord(parse(text) as PlainRecord, instrumentsOf(markets)) ?? unknownInstrument(),
  );
  restored.sort((a, b) => a.seq - b.seq);
  for (const order of restored) {
    const { symbol } = order.request;
    parts.of(symbol).desk.restore(markets.get(symbol) ?? unknownInstrument(), order);
  }
}

function restoreEvents(rows: readonly string[], { markets, outbox, venues }: ExchangeParts): void {
  const resolve = instrumentsOf(markets);
  for (const row of rows) {
    const record = parse(row) as { readonly fill?: PlainRecord; readonly funding?: PlainRecord };
    if (record.fill !== undefined) outbox.fills.push(fillFromRecord(record.fill, resolve) ?? unknownInstrument());
    else if (record.funding !== undefined)
      outbox.fundings.push(fundingFromRecord(record.funding, resolve) ?? unknownInstrument());
    else throw damaged('an event of no known kind');
  }
  for (const venue of venues) {
    const own = ({ instrument }: Fill | FundingPayment): boolean => venue.markets.has(instrument.symbol);
    venue.account.restoreHistory(outbox.fills.filter(own), outbox.fundings.filter(own));
  }
}

const instrumentsOf =
  (markets: ReadonlyMap<string, Market>) =>
  (symbol: string): Instrument | undefined =>
    markets.get(symbol)?.instrument;
