import { keepStream } from '../../../src/connect/kept-stream.js';
import { Instrument } from '../../../src/domain/instrument.js';
import { OrderRequest, type Fill, type OrderTerms } from '../../../src/domain/order.js';
import { isTerminal } from '../../../src/domain/order-state.js';
import { MINUTE_MS } from '../../../src/domain/time-spans.js';
import { lots, ticks } from '../../../src/domain/units.js';
import type { AccountEvent } from '../../../src/ports/venue/account-event.js';
import type { Brokerage } from '../../../src/ports/venue/brokerage.js';
import type { OrderRef } from '../../../src/ports/venue/order-ref.js';
import type { SubmitResult } from '../../../src/ports/venue/submit-result.js';
import { MemoryNetwork } from '../../../src/platform/transport/memory-network.js';
import { SeededRandom } from '../../../src/platform/seeded-random.js';
import type { Clock } from '../../../src/ports/configuration/clock.js';
import type { WireEntry } from '../../../src/ports/transport/wire-log.js';
import type { MarketEvent } from '../../../src/ports/venue/market-event.js';
import type { Subscription } from '../../../src/ports/venue/subscription.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { ManualScheduler } from '../../../src/testing/manual-scheduler.js';
import { RecordingLogger } from '../../../src/testing/recording-logger.js';
import { BadLine } from './bad-line.js';
import { BookReader, topText } from './book-reader.js';
import type {
  AccountKey,
  AdapterRig,
  ConformingVenue,
  DrivenAccount,
  DrivenMarket,
  MarketAdapter,
  SimulatedWire,
  VenueSimulator,
} from './contract.js';
import { expectThat } from './expecting.js';

const NOW = Date.UTC(2026, 10, 30, 8, 0, 5);
const STEP_MS = 50;
const CONFIG = {
  current: {
    streaming: { reconnectMinMs: 1_000, reconnectMaxMs: 60_000 },
    execution: { requestTimeoutMs: 30_000 },
  },
};

export interface LoggedEntry extends WireEntry {
  readonly at: number;
}

/** An adapter, the server it is on, and everything between them: nothing passes but what a scenario lets pass. */
export class ConformanceWorld {
  readonly clock = new ManualClock(NOW);
  readonly scheduler = new ManualScheduler(this.clock);
  readonly line: BadLine;
  /** What reached the server, and what it said. */
  readonly log: LoggedEntry[] = [];
  readonly told: MarketEvent[] = [];
  readonly warnings: string[] = [];
  readonly books = new BookReader();
  /** Openings of the stream that is kept: when each began, and how many were under way at once at most. */
  readonly attempts: number[] = [];
  mostAtOnce = 0;
  /** Pauses before each attempt but the first. */
  readonly pauses: number[] = [];
  /** Every pair of best prices that the driven markets have had, by symbol. */
  private readonly had = new Map<string, Set<string>>();
  private readonly wish = new AbortController();
  private kept: Promise<void> = Promise.resolve();
  private readonly network: MemoryNetwork;

  private constructor(readonly venue: ConformingVenue) {
    this.network = new MemoryNetwork(this.scheduler);
    this.line = new BadLine(this.network);
  }

  simulator: VenueSimulator = undefined as unknown as VenueSimulator;
  adapter: MarketAdapter = undefined as unknown as MarketAdapter;
  trader: Brokerage = undefined as unknown as Brokerage;
  instrument: Instrument = undefined as unknown as Instrument;
  /** What the stream of the account has told. */
  readonly heardOf: AccountEvent[] = [];

  /** `skewMs`: how far the venue's clock is before the adapter's. */
  static async open(venue: ConformingVenue, skewMs = 0): Promise<ConformanceWorld> {
    const world = new ConformanceWorld(venue);
    const { clock, scheduler, network, log } = world;
    const venueClock: Clock = { now: () => clock.now() + skewMs };
    world.simulator = await venue.simulator({
      http: network,
      sockets: network,
      clock: venueClock,
      scheduler,
      log: (entry) => log.push({ ...entry, at: clock.now() }),
    });
    world.adapter = world.adapterAt('testnet', world.simulator.wire ?? {});
    return world;
  }

  /** The whole adapter with an account, connected, its stream open. */
  async trade(): Promise<void> {
    this.trader = this.traderAs(this.account.key);
    await this.within(this.trader.connect());
    const spec = (await this.within(this.trader.listProducts())).find(({ symbol }) => symbol === this.market.symbol);
    expectThat(spec !== undefined, `${this.market.symbol} must be listed.`);
    this.instrument = new Instrument(spec);
    await this.listen();
  }

  /** The stream of the account, from now on. */
  async listen(): Promise<void> {
    await this.within(this.trader.openAccount((event) => this.heardOf.push(event), this.wish.signal));
  }

  traderAs(key: AccountKey): Brokerage {
    const { restUrl = '', streamUrl = '' } = this.simulator.wire ?? {};
    const trader = this.venue.trader?.({ ...this.rig('testnet'), restUrl, streamUrl, key });
    expectThat(trader !== undefined, 'A venue without a trader is asked for none.');
    return trader;
  }

  get account(): DrivenAccount {
    const { account } = this.simulator;
    expectThat(account !== undefined, 'A simulator without an account is asked for none.');
    return account;
  }

  /** An order of the first market: by default a bid of `size` lots that rests, far from the best. */
  order(clientId: string, terms: Partial<OrderTerms> = {}): OrderRequest {
    const best = this.market.best('buy');
    expectThat(best !== undefined, `${this.market.symbol} must have bids.`);
    const limit = ticks(this.instrument.toTicks(best.price, 'nearest') - 100);
    const hasPrice = terms.type === undefined || terms.type === 'limit';
    return new OrderRequest({
      ...{ clientId, instrument: this.instrument, side: 'buy', type: 'limit', lots: lots(10), timeInForce: 'GTC' },
      ...{ postOnly: false, reduceOnly: false, expiresAt: this.clock.now() + 5_000 },
      ...(hasPrice ? { limit } : {}),
      ...terms,
    });
  }

  placed(clientId: string, terms: Partial<OrderTerms> = {}): Promise<SubmitResult> {
    return this.within(this.trader.placeOrder(this.order(clientId, terms)));
  }

  refOf(clientId: string): OrderRef {
    return { clientId, symbol: this.market.symbol };
  }

  fillsOf(clientId: string): readonly Fill[] {
    const fills = this.heardOf.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
    return fills.filter((fill) => fill.clientId === clientId);
  }

  endsOf(clientId: string): readonly string[] {
    const told = this.heardOf.flatMap((event) =>
      event.kind === 'order' && event.clientId === clientId ? [event] : [],
    );
    return told.map(({ report }) => report.status).filter(isTerminal);
  }

  adapterAt(
    environment: 'live' | 'testnet',
    hosts: { readonly restUrl?: string; readonly streamUrl?: string },
  ): MarketAdapter {
    const { restUrl, streamUrl } = hosts;
    return this.venue.adapter({
      ...this.rig(environment),
      ...(restUrl === undefined ? {} : { restUrl }),
      ...(streamUrl === undefined ? {} : { streamUrl }),
    });
  }

  private rig(environment: 'live' | 'testnet'): AdapterRig {
    const { line, clock, scheduler } = this;
    return {
      ...{ environment, http: line, sockets: line, clock, scheduler },
      warn: (message) => this.warnings.push(message),
    };
  }

  get wire(): SimulatedWire {
    const { wire } = this.simulator;
    expectThat(wire !== undefined, 'A simulator without a wire is asked for none.');
    return wire;
  }

  get market(): DrivenMarket {
    return this.simulator.markets[0];
  }

  get symbols(): readonly string[] {
    return this.simulator.markets.map(({ symbol }) => symbol);
  }

  /** Lets go of all, and looks whether the adapter did. */
  async close(): Promise<void> {
    this.wish.abort();
    await this.within(this.kept, MINUTE_MS);
    this.adapter.close?.();
    await this.simulator.close();
    await this.scheduler.advance(2 * MINUTE_MS);
    expectThat(this.scheduler.pending === 0, `No timer may be left, and ${this.scheduler.pending} are.`);
  }

  readonly hear = (event: MarketEvent): void => {
    this.told.push(event);
    this.books.take(event);
  };

  /** What it comes to, while time passes. */
  async within<T>(promise: Promise<T>, ms = MINUTE_MS): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    done.catch(() => undefined);
    for (let passed = 0; !isDone && passed <= ms; passed += STEP_MS)
      await this.scheduler.advance(passed === 0 ? 0 : STEP_MS);
    expectThat(isDone, `Something must come of it within ${ms} ms, and does not.`);
    return done;
  }

  /** A stream of the first market, or of all, that is opened once. */
  async book(level: 1 | 2 = 2, symbols: readonly string[] = [this.market.symbol]): Promise<Subscription> {
    return this.within(this.adapter.openBook(symbols, level, this.hear, this.wish.signal));
  }

  /** The book's stream is kept open as the bot keeps it, until the world is closed. */
  keep(symbols: readonly string[] = [this.market.symbol]): void {
    const { clock, scheduler, wish } = this;
    let underWay = 0;
    const jitter = new SeededRandom().stream('conformance', 1);
    this.kept = keepStream(
      { clock, scheduler, config: CONFIG, logger: new RecordingLogger(), jitter },
      {
        open: async (signal) => {
          this.attempts.push(clock.now());
          underWay += 1;
          this.mostAtOnce = Math.max(this.mostAtOnce, underWay);
          try {
            return await this.adapter.openBook(symbols, 2, this.hear, signal);
          } finally {
            underWay -= 1;
          }
        },
        opened: () => undefined,
        lost: (_why, pauseMs) => this.pauses.push(pauseMs),
      },
      wish.signal,
    );
  }

  /** Nobody wants the stream any more; resolves with how long its end took. */
  async giveUp(): Promise<number> {
    const from = this.clock.now();
    this.wish.abort();
    await this.within(this.kept);
    return this.clock.now() - from;
  }

  heard<K extends MarketEvent['kind']>(kind: K): Extract<MarketEvent, { kind: K }>[] {
    return this.told.filter((event): event is Extract<MarketEvent, { kind: K }> => event.kind === kind);
  }

  /** Best prices of the venue now; they are remembered. */
  topOf(market: DrivenMarket): string {
    const top = topText(market.best('buy'), market.best('sell'));
    let had = this.had.get(market.symbol);
    if (had === undefined) this.had.set(market.symbol, (had = new Set()));
    had.add(top);
    return top;
  }

  /** Moves one level: `away` ticks behind the best price of its side; a size of zero takes it out. */
  move(market: DrivenMarket, side: 'buy' | 'sell', away: number, size: number): void {
    this.topOf(market);
    const best = market.best(side);
    expectThat(best !== undefined, `${market.symbol} must have both sides.`);
    const { tick, step } = market.spec;
    const price = side === 'buy' ? best.price.minus(tick.times(away)) : best.price.plus(tick.times(away));
    const level = { price, size: step.times(size) };
    market.update(side === 'buy' ? [level] : [], side === 'sell' ? [level] : []);
    this.topOf(market);
  }

  /** A book that is told and not taken back is one that the venue has had. */
  expectNoWrongPrice(): void {
    for (const market of this.simulator.markets) {
      const now = this.topOf(market);
      const top = this.books.top(market.symbol);
      expectThat(
        top === undefined || this.had.get(market.symbol)?.has(top) === true,
        `The book of ${market.symbol} must be one that the venue has had, as ${now}, was ${top}.`,
      );
    }
  }

  expectEqual(market: DrivenMarket = this.market): void {
    const [top, venue] = [this.books.top(market.symbol), this.topOf(market)];
    expectThat(top === venue, `The book of ${market.symbol} must be that of the venue, ${venue}, was ${top}.`);
  }

  /** How long it takes until the book is the venue's again; the market goes on meanwhile. */
  async healed(limitMs: number, market: DrivenMarket = this.market): Promise<number> {
    const from = this.clock.now();
    for (let size = 1; this.clock.now() - from <= limitMs; size += 1) {
      this.move(market, 'buy', 0, 1_000 + size);
      await this.scheduler.advance(500);
      this.expectNoWrongPrice();
      if (this.books.top(market.symbol) === this.topOf(market)) return this.clock.now() - from;
    }
    this.expectEqual(market);
    return limitMs;
  }

  /** Requests that reached the server since an instant. */
  requests(since = 0): readonly LoggedEntry[] {
    return this.log.filter(({ kind, at }) => kind === 'request' && at >= since);
  }

  opened(since = 0): readonly LoggedEntry[] {
    return this.log.filter(({ kind, at }) => kind === 'open' && at >= since);
  }
}
