import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { Instrument, rateOf, unitsOf } from '../../domain/instrument.js';
import type { Fill, FundingPayment, OrderRequest } from '../../domain/order.js';
import type { Lots, MarkUnits, Ticks } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import type { CancelResult, MarketEvent, OrderRef, SubmitResult } from '../../ports/brokerage.js';
import type { Json } from '../../ports/event-store.js';
import { ConfigController } from '../../ports/settings.js';
import { ExchangeStore, type BarView, type FundingStamp } from '../../ports/simulated-exchange.js';
import type { SimulatedAccount } from './account.js';
import { restoreState } from './exchange-state.js';
import { MarketFeed } from './market-feed.js';
import { Market } from './market.js';
import { OrderEntry } from './order-entry.js';
import { isLeverage } from './order-validation.js';
import type { AccountListener } from './outbox.js';
import { QuoteMatching } from './quote-matching.js';
import { VenueParts } from './venue-parts.js';
import type { SimulatedVenue } from './venue.js';
import type { WorkingOrder } from './working-order.js';

const BPS = 10_000;

/**
 * The exchange inside. Deterministic: its time is that of the last event, its ids count up, and equal calls give equal
 * fills. Between instruments, order within one bar is the order of the calls.
 */
@injectable()
export class SimulatedExchangeImpl implements SimulatedVenue {
  driverState: Json | undefined = undefined;
  private readonly parts: VenueParts;
  private readonly feed: MarketFeed;
  private readonly entry: OrderEntry;
  private opened = false;
  private restored = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(ExchangeStore) private readonly store: ExchangeStore,
  ) {
    this.parts = new VenueParts(store);
    const matching = new QuoteMatching(this.parts.desk);
    this.feed = new MarketFeed(this.parts, matching);
    this.entry = new OrderEntry(this.parts, matching);
  }

  get time(): number {
    return this.parts.time;
  }

  get failure(): unknown {
    return this.parts.log.failure;
  }

  get account(): SimulatedAccount {
    return this.parts.account;
  }

  get markets(): ReadonlyMap<string, Market> {
    return this.parts.markets;
  }

  get fills(): readonly Fill[] {
    return this.account.fills;
  }

  get fundings(): readonly FundingPayment[] {
    return this.account.fundings;
  }

  open(): boolean {
    if (this.opened) return this.restored;
    this.opened = true;
    const { simulation, symbols } = this.config.current;
    const { terms, log, outbox, account } = this.parts;
    terms.halfSpread = rateOf(simulation.barHalfSpreadBps.div(BPS));
    terms.volumeShare = simulation.maxVolumeShare === undefined ? undefined : rateOf(simulation.maxVolumeShare);
    log.keeping = outbox.keeping = this.store.discards !== true;
    for (const symbol of symbols) this.defineConfigured(symbol);
    this.config.onChange((change) => {
      for (const symbol of change.updated.symbols) this.defineConfigured(symbol);
    });
    const state = this.store.load();
    if (state === undefined) account.deposit(unitsOf(simulation.equity, 'nearest'));
    else {
      const restored = restoreState(state, this.parts, (symbol) => this.defineConfigured(symbol));
      this.parts.time = restored.time;
      this.driverState = restored.driver;
      this.restored = true;
    }
    return this.restored;
  }

  define(instrument: Instrument): void {
    this.open();
    const { markets, account } = this.parts;
    const known = markets.get(instrument.symbol);
    if (known !== undefined && (isSame(known.instrument, instrument) || !Number.isNaN(known.at))) {
      assertGrid(known.instrument, instrument);
      return;
    }
    for (const { symbol, instrument: other } of markets.values()) {
      if (other.spec.settle === instrument.spec.settle || symbol === instrument.symbol) continue;
      throw fault('CFG-006', `instruments.${instrument.symbol}.settle must be ${other.spec.settle}, as that of ${symbol}, was ${instrument.spec.settle}.`);
    }
    this.feed.forget();
    markets.set(instrument.symbol, new Market(instrument, account.position(instrument), this.config.current.updateIntervalMs));
  }

  advance(at: number): void {
    this.open();
    this.feed.advance(at);
  }

  quote(symbol: string, bid: Ticks, bidLots: Lots, ask: Ticks, askLots: Lots, at: number): void {
    this.feed.quote(symbol, bid, bidLots, ask, askLots, at);
  }

  trade(symbol: string, price: Ticks, size: Lots, at: number): void {
    this.feed.trade(symbol, price, size, at);
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

  submit(request: OrderRequest): SubmitResult {
    return this.change(() => this.entry.submit(request));
  }

  preview(request: OrderRequest): Readonly<Record<string, unknown>> {
    this.open();
    return this.entry.preview(request);
  }

  cancel(ref: OrderRef): CancelResult {
    return this.change(() => this.entry.cancel(ref));
  }

  find(ref: OrderRef): WorkingOrder | undefined {
    return this.parts.desk.find(ref);
  }

  openOrders(symbol?: string): readonly WorkingOrder[] {
    const open: WorkingOrder[] = [];
    for (const market of this.parts.markets.values()) if (symbol === undefined || market.symbol === symbol) open.push(...market.book.all());
    return open.sort((a, b) => a.seq - b.seq);
  }

  setLeverage(symbol: string, leverage: number): void {
    this.open();
    const instrument = this.parts.markets.get(symbol)?.instrument;
    if (instrument === undefined || instrument.spec.kind === 'spot' || !isLeverage(leverage, instrument)) {
      throw fault('VENUE-003', `Leverage of ${symbol} must be from 1 to ${instrument?.spec.maxLeverage.toString() ?? 'that of a known instrument'}, was ${leverage}.`);
    }
    this.account.leverages.set(symbol, leverage);
    this.parts.log.commit();
  }

  onAccount(listener: AccountListener): () => void {
    return this.parts.outbox.listen(listener);
  }

  watch(kind: 'book' | 'trades', symbol: string, sink: (event: MarketEvent) => void): () => void {
    const market = this.feed.find(symbol);
    const sinks = kind === 'book' ? market.bookSinks : market.tradeSinks;
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

  keepDriverState(save: () => Json): void {
    this.parts.driver = save;
  }

  assertConsistent(): void {
    this.account.assertConsistent();
  }

  private change<T>(work: () => T): T {
    this.open();
    const result = this.parts.log.run(work);
    this.parts.log.settle();
    return result;
  }

  private defineConfigured(symbol: string): void {
    const spec = this.config.current.instruments[symbol];
    if (spec !== undefined && !this.parts.markets.has(symbol)) this.define(new Instrument(spec));
  }
}

/** An instrument that has traded keeps its grid: its positions and orders are counted in it. */
function assertGrid(known: Instrument, given: Instrument): void {
  if (known.spec.tick.eq(given.spec.tick) && known.spec.step.eq(given.spec.step)) return;
  throw fault('CFG-006', `Tick and step of ${known.symbol} must stay ${known.spec.tick.toString()} and ${known.spec.step.toString()} while its market is open, were ${given.spec.tick.toString()} and ${given.spec.step.toString()}.`);
}

function isSame({ spec: a }: Instrument, { spec: b }: Instrument): boolean {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof typeof a>;
  return [...fields].every((field) => String(a[field]) === String(b[field]));
}
