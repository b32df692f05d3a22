import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { ACCOUNTS } from '../../domain/ledger.js';
import type { Fill, FundingPayment } from '../../domain/order.js';
import { fillFromRecord, fundingFromRecord, type PlainRecord } from '../../domain/records.js';
import { lots, marks, ticks, units } from '../../domain/units.js';
import type { Json } from '../../ports/event-store.js';
import type { ExchangeState } from '../../ports/simulated-exchange.js';
import type { SimulatedAccount } from './account.js';
import type { Market } from './market.js';
import type { VenueState } from './venue-state.js';
import { WorkingOrder } from './working-order.js';

const VERSION = 1;
type MaybeNumber = number | null;

interface CoreState {
  readonly version: number;
  readonly time: MaybeNumber;
  readonly nextOrder: number;
  readonly nextTrade: number;
  readonly deposited: number;
  readonly depositedAt: MaybeNumber;
  readonly ledger: Readonly<Record<string, number>>;
  readonly leverages: readonly (readonly [string, number])[];
  readonly markets: readonly MarketState[];
  readonly driver: Json;
}

interface MarketState {
  readonly symbol: string;
  readonly tick: string;
  readonly step: string;
  /** last, mark, index, bid, bidLots, ask, askLots, at. */
  readonly prices: readonly MaybeNumber[];
  readonly quoted: boolean;
  readonly markFeed: boolean;
  /** lots, cost, realised, openedAt. */
  readonly position: readonly MaybeNumber[];
  /** nextAt, rate. */
  readonly funding: readonly MaybeNumber[];
  readonly candles: string;
}

/** JSON has no NaN and no infinity: both are "not there". */
const kept = (value: number): MaybeNumber => (Number.isFinite(value) ? value : null);
const known = (value: MaybeNumber | undefined): number => value ?? Number.NaN;

/** Everything that is to be committed now. */
export function encodeState(parts: VenueState): ExchangeState {
  const { account, desk, markets, outbox } = parts;
  const core: CoreState = {
    version: VERSION,
    time: kept(parts.time),
    nextOrder: desk.nextOrder,
    nextTrade: desk.nextTrade,
    deposited: account.deposited,
    depositedAt: account.depositedAt ?? null,
    ledger: Object.fromEntries(ACCOUNTS.map((name) => [name, account.ledger[name]])),
    leverages: [...account.leverages],
    markets: [...markets.values()].map(marketState),
    driver: parts.driver(),
  };
  const orders = new Map([...outbox.changed].map(([id, order]) => [id, JSON.stringify(order.toRecord())]));
  return { core: JSON.stringify(core), orders, events: [...outbox.rows] };
}

/**
 * Takes up a stored state. `revive` makes the market of a configured instrument that is traded no more. Returns the time
 * and the driver's state. Throws STORE-001, STORE-002 or CFG-006.
 */
export function restoreState(state: ExchangeState, parts: VenueState, revive: (symbol: string) => void): { readonly time: number; readonly driver: Json } {
  const core = parse(state.core) as CoreState;
  if (core.version > VERSION) throw fault('STORE-002', `Exchange state must be of version ${VERSION} at most, was ${core.version}.`);
  if (core.version !== VERSION) throw damaged(`version ${String(core.version)}`);
  const { account, desk, markets } = parts;
  for (const saved of core.markets) {
    if (!markets.has(saved.symbol)) revive(saved.symbol);
    restoreMarket(saved, markets.get(saved.symbol), account);
  }
  desk.nextOrder = core.nextOrder;
  desk.nextTrade = core.nextTrade;
  account.deposited = units(core.deposited);
  account.depositedAt = core.depositedAt ?? undefined;
  for (const name of ACCOUNTS) account.ledger[name] = units(core.ledger[name] ?? 0);
  for (const [symbol, leverage] of core.leverages) account.leverages.set(symbol, leverage);
  restoreOrders(state.orders, parts);
  restoreEvents(state.events, parts);
  account.assertConsistent();
  return { time: known(core.time), driver: core.driver };
}

function marketState(market: Market): MarketState {
  const { instrument, position, funding } = market;
  return {
    symbol: market.symbol,
    tick: instrument.spec.tick.toString(),
    step: instrument.spec.step.toString(),
    prices: [market.last, market.mark, market.index, market.bid, market.bidLots, market.ask, market.askLots, market.at].map(kept),
    quoted: market.quoted,
    markFeed: market.hasMarkFeed,
    position: [position.lots, position.cost, position.realised, position.openedAt ?? null],
    funding: [kept(funding.nextAt), kept(funding.rate)],
    candles: market.history.encode(),
  };
}

function restoreMarket(saved: MarketState, market: Market | undefined, account: SimulatedAccount): void {
  if (market === undefined || market.instrument.spec.tick.toString() !== saved.tick || market.instrument.spec.step.toString() !== saved.step) {
    throw fault('CFG-006', `instruments.${saved.symbol} must have tick ${saved.tick} and step ${saved.step}, as in the stored paper account, was ${market === undefined ? 'missing' : 'different'}.`, {
      fix: 'Restore the instrument, or start a new paper account in another state directory.',
    });
  }
  const [last, mark, index, bid, bidLots, ask, askLots, at] = saved.prices.map(known) as [number, number, number, number, number, number, number, number];
  Object.assign(market, { last: ticks(last), mark: marks(mark), index: marks(index), bid: ticks(bid), bidLots: lots(bidLots), ask: ticks(ask), askLots: lots(askLots), at });
  market.quoted = saved.quoted;
  market.hasMarkFeed = saved.markFeed;
  const position = account.position(market.instrument);
  position.lots = lots(known(saved.position[0]));
  position.cost = units(known(saved.position[1]));
  position.realised = units(known(saved.position[2]));
  position.openedAt = saved.position[3] ?? undefined;
  const [nextAt, rate] = saved.funding;
  market.funding.resume(nextAt ?? (Number.isNaN(at) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY), known(rate));
  market.history.restore(saved.candles);
}

function restoreOrders(orders: ReadonlyMap<string, string>, { desk, markets }: VenueState): void {
  const restored = [...orders.values()].map((text) => WorkingOrder.fromRecord(parse(text) as PlainRecord, instrumentsOf(markets)) ?? unknownInstrument());
  restored.sort((a, b) => a.seq - b.seq);
  for (const order of restored) desk.restore(markets.get(order.request.symbol) ?? unknownInstrument(), order);
}

function restoreEvents(rows: readonly string[], { account, markets }: VenueState): void {
  const fills: Fill[] = [];
  const fundings: FundingPayment[] = [];
  const resolve = instrumentsOf(markets);
  for (const row of rows) {
    const record = parse(row) as { readonly fill?: PlainRecord; readonly funding?: PlainRecord };
    if (record.fill !== undefined) fills.push(fillFromRecord(record.fill, resolve) ?? unknownInstrument());
    else if (record.funding !== undefined) fundings.push(fundingFromRecord(record.funding, resolve) ?? unknownInstrument());
    else throw damaged('an event of no known kind');
  }
  account.restoreHistory(fills, fundings);
}

const instrumentsOf =
  (markets: ReadonlyMap<string, Market>) =>
  (symbol: string): Instrument | undefined =>
    markets.get(symbol)?.instrument;

const damaged = (what: string): Error => fault('STORE-001', `Exchange state must be readable, was ${what}.`, { fix: 'Restore it from a backup, or start a new paper account in another state directory.' });

function unknownInstrument(): never {
  throw damaged('about an instrument that is not in its own core');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw fault('STORE-001', 'Exchange state must be JSON.', { cause });
  }
}
