import { injectable } from 'inversify';
import type { Decimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import type {
  Fill,
  FundingPayment,
  MarginMode,
  OrderRequest,
  PositionMode,
  PositionSide,
  Side,
} from '../../../domain/order.js';
import type { Lots, MarkUnits, Ticks } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { AmendResult, SubmitResult } from '../../../ports/venue/submit-result.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { Files } from '../../../ports/configuration/files.js';
import { AccountMoney, FINEST_MONEY } from '../../../ports/runtime-state/account-money.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import {
  ExchangeStore,
  type BarView,
  type FundingStamp,
  type InstrumentChanges,
  type TradeRows,
} from '../../../ports/core-services/simulated-exchange.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import { assertCountdown, setCountdown } from './dead-man.js';
import { restoreState } from '../persistence/exchange-state.js';
import { InstrumentListing } from './instrument-listing.js';
import { delaysOf, type Wire } from '../models/wire.js';
import { MarketIntake } from './market-intake.js';
import type { Market } from '../core/market.js';
import { endowVenues, openVenues } from './matching-settings.js';
import type { AccountListener } from '../core/outbox.js';
import { SharedParts, WITH_THE_MARKET } from './shared-parts.js';
import type { SimulatedVenue, VenueAccount } from '../brokerage/venue.js';
import type { WorkingOrder } from '../core/working-order.js';

/** Where nobody names a file, none is looked for. */
const NO_FILES: Pick<Files, 'readText'> = { readText: () => undefined };

/**
 * Deterministic: its time is the last event's, its ids count up; within one bar instruments go by the order of calls.
 */
@injectable()
export class DeterministicExchange implements SimulatedVenue {
  private driverState: Json | undefined = undefined;
  private readonly parts: SharedParts;
  private readonly feed: MarketIntake;
  private readonly listing: InstrumentListing;
  private opened = false;
  private restored = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(ExchangeStore) private readonly store: ExchangeStore,
    @inject(Files) private readonly files: Pick<Files, 'readText'> = NO_FILES,
    @inject(AccountMoney) money: Pick<AccountMoney, 'unit'> = FINEST_MONEY,
    @inject(Clock) world: Pick<Clock, 'now'> = WITH_THE_MARKET,
  ) {
    this.parts = new SharedParts(store, money, world);
    this.feed = new MarketIntake(this.parts);
    this.listing = new InstrumentListing(config, this.parts, this.feed, money);
  }

  get time(): number {
    return this.parts.time;
  }

  get failure(): unknown {
    return this.parts.log.failure;
  }

  get wire(): Wire {
    return this.parts.wire;
  }

  get accounts(): readonly VenueAccount[] {
    return this.parts.venues;
  }

  /** That of the first venue: the only one where no venues are named. */
  get account(): SimulatedAccount {
    return (this.parts.venues[0] as VenueAccount).account;
  }

  get markets(): ReadonlyMap<string, Market> {
    return this.parts.markets;
  }

  get fills(): readonly Fill[] {
    return this.parts.outbox.fills;
  }

  get fundings(): readonly FundingPayment[] {
    return this.parts.outbox.fundings;
  }

  open(): boolean {
    if (this.opened) return this.restored;
    this.opened = true;
    const { simulation } = this.config.current;
    const { log, outbox, wire } = this.parts;
    openVenues(this.parts, simulation, (path) => this.files.readText(path));
    wire.use(delaysOf(simulation.latency, simulation.seed, (path) => this.files.readText(path)));
    log.keeping = outbox.keeping = this.store.discards !== true;
    this.listing.open((path) => this.files.readText(path));
    const state = this.store.load();
    if (state === undefined) endowVenues(this.parts, simulation);
    else {
      const restored = restoreState(state, this.parts, (symbol) => this.listing.defineConfigured(symbol));
      Object.assign(this.parts, { time: restored.time, source: restored.source });
      Object.assign(this, { driverState: restored.driver, restored: true });
      for (const { liquidator, markets, changes } of this.parts.venues) {
        liquidator.triggers.disarm();
        for (const market of markets.values()) changes.plan(market);
      }
    }
    return this.restored;
  }

  define(instrument: Instrument): void {
    this.open();
    this.listing.define(instrument);
  }

  advance(at: number): void {
    this.open();
    this.feed.advance(at);
  }

  quote(symbol: string, bid: Ticks, bidLots: Lots, ask: Ticks, askLots: Lots, at: number): void {
    this.feed.quote(symbol, bid, bidLots, ask, askLots, at);
  }

  trade(symbol: string, price: Ticks, size: Lots, at: number, aggressor?: Side): void {
    this.feed.trade(symbol, price, size, at, aggressor);
  }

  quietTrades(symbol: string, trades: TradeRows, from: number, to: number, until: number): number {
    return this.feed.quietTrades(symbol, trades, from, to, until);
  }

  depthBegin(symbol: string, snapshot: boolean): void {
    this.feed.depthBegin(symbol, snapshot);
  }

  depth(symbol: string, side: Side, price: Ticks, size: Lots): void {
    this.feed.depth(symbol, side, price, size);
  }

  depthEnd(symbol: string, at: number): void {
    this.feed.depthEnd(symbol, at);
  }

  bar(symbol: string, bar: BarView): void {
    this.feed.bar(symbol, bar);
  }

  mark(symbol: string, mark: MarkUnits, at: number): void {
    this.feed.mark(symbol, mark, at);
  }

  index(symbol: string, index: MarkUnits, at: number): void {
    this.feed.index(symbol, index, at);
  }

  lapse(symbol: string, kind: 'mark' | 'index', at: number): void {
    this.feed.lapse(symbol, kind, at);
  }

  redefine(symbol: string, changes: InstrumentChanges, at: number): void {
    this.feed.redefine(symbol, changes, at);
  }

  fundingSchedule(symbol: string, stamps: readonly FundingStamp[]): void {
    const { funding, at } = this.feed.find(symbol);
    funding.use(stamps, Number.isNaN(at) ? undefined : at);
  }

  setFundingRate(symbol: string, rate: number): void {
    this.feed.find(symbol).funding.rate = rate;
  }

  markOf(symbol: string): MarkUnits | undefined {
    const market = this.parts.markets.get(symbol);
    return market?.hasPrice === true ? market.mark : undefined;
  }

  midOf(symbol: string): MarkUnits | undefined {
    const market = this.parts.markets.get(symbol);
    return market?.quoted === true && market.bid < market.ask ? market.mid() : undefined;
  }

  submit(request: OrderRequest): SubmitResult {
    return this.change(() => this.parts.of(request.symbol).entry.submit(request));
  }

  preview(request: OrderRequest): Readonly<Record<string, unknown>> {
    this.open();
    return this.parts.of(request.symbol).entry.preview(request);
  }

  cancel(ref: OrderRef): CancelResult {
    return this.change(() => this.parts.holderOf(ref).entry.cancel(ref));
  }

  amend(change: OrderAmendment): AmendResult {
    return this.change(() => this.parts.holderOf(change.ref).amendments.amend(change));
  }

  setDeadMan(countdownMs: number | undefined, symbol?: string): void {
    this.open();
    assertCountdown(this.parts, countdownMs, symbol);
    this.change(() => setCountdown(this.parts, countdownMs, symbol));
    this.parts.log.commit();
  }

  find(ref: OrderRef): WorkingOrder | undefined {
    return this.parts.holderOf(ref).desk.find(ref);
  }

  openOrders(symbol?: string): readonly WorkingOrder[] {
    const markets = [...this.parts.markets.values()].filter((each) => symbol === undefined || each.symbol === symbol);
    return markets.flatMap(({ book }) => [...book.all()]).sort((a, b) => a.seq - b.seq);
  }

  setLeverage(symbol: string, leverage: number): void {
    this.changeTerms(() => this.parts.of(symbol).accountTerms.setLeverage(symbol, leverage));
  }

  setMarginMode(symbol: string, mode: MarginMode): void {
    this.changeTerms(() => this.parts.of(symbol).accountTerms.setMarginMode(symbol, mode));
  }

  setPositionMode(mode: PositionMode): void {
    this.changeTerms(() => {
      for (const { accountTerms } of this.parts.venues) accountTerms.assertPositionMode(mode);
      for (const { account } of this.parts.venues) account.positionMode = mode;
    });
  }

  moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): void {
    this.changeTerms(() => this.parts.of(symbol).accountTerms.moveIsolatedMargin(symbol, amount, side));
  }

  deleverage(symbol: string, side: Side, size: Lots, price: Ticks, at: number): Lots {
    this.open();
    this.feed.find(symbol);
    return this.change(() => this.feed.deleverage(symbol, side, size, price, at));
  }

  liquidate(symbol: string, at: number): void {
    this.change(() => this.feed.forceOut(symbol, at));
  }

  onAccount(listener: AccountListener): () => void {
    return this.parts.outbox.listen((event) => this.wire.report(() => listener(event)));
  }

  watch(kind: 'book' | 'depth' | 'trades', symbol: string, sink: (event: MarketEvent) => void): () => void {
    const sinks = this.feed.find(symbol)[`${kind === 'trades' ? 'trade' : kind}Sinks`];
    sinks.add(sink);
    return () => sinks.delete(sink);
  }

  transact(work: () => void): void {
    this.change(work);
  }

  flush(): void {
    if (this.opened && this.failure === undefined) this.parts.log.commit();
  }

  close(): void {
    try {
      this.flush();
    } finally {
      this.store.close();
    }
  }

  drive(source: string, save: () => Json): Json | undefined {
    this.open();
    const known = this.parts.source ?? source;
    Object.assign(this.parts, { driver: save, source });
    // A state of before sources were kept names the driver alone.
    if (known === source || source.startsWith(`${known} `)) return this.driverState;
    for (const market of this.parts.markets.values()) market.forget((order) => this.parts.outbox.drift(order));
    for (const { liquidator } of this.parts.venues) liquidator.triggers.disarm();
    return (this.driverState = undefined);
  }

  assertConsistent(): void {
    for (const { account } of this.parts.venues) account.assertConsistent();
  }

  /** A refusal changes nothing, and is no failure of the exchange. */
  private changeTerms(work: () => void): void {
    this.open();
    this.parts.log.assertSound();
    work();
    for (const { liquidator } of this.parts.venues) liquidator.triggers.disarm();
    this.parts.log.commit();
  }

  private change<T>(work: () => T): T {
    this.open();
    const result = this.parts.log.run(work);
    this.parts.log.settle();
    return result;
  }
}
