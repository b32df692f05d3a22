import type { Decimal } from '../domain/decimal.js';
import type { InstrumentSpec } from '../domain/instrument.js';
import type {
  Balance,
  BookSnapshot,
  Candle,
  FundingRate,
  MarketSnapshot,
  Quote,
  VenuePosition,
} from '../domain/market.js';
import { hasTrigger } from '../domain/order.js';
import type { Fill, FundingPayment, MarginMode, OrderRequest, PositionMode, PositionSide } from '../domain/order.js';
import { isTerminal } from '../domain/order-state.js';
import type { AccountEvent } from '../ports/venue/account-event.js';
import type { AccountTerms } from '../ports/venue/account-terms.js';
import type { Brokerage } from '../ports/venue/brokerage.js';
import type { CancelResult } from '../ports/venue/cancel-result.js';
import type { Capabilities } from '../ports/venue/capabilities.js';
import type { MarketEvent } from '../ports/venue/market-event.js';
import type { OrderAmendment } from '../ports/venue/order-amendment.js';
import type { OrderRef } from '../ports/venue/order-ref.js';
import type { Page } from '../ports/venue/page.js';
import type { AmendResult, SubmitResult } from '../ports/venue/submit-result.js';
import type { Subscription } from '../ports/venue/subscription.js';
import type { Transfer } from '../ports/venue/transfer.js';
import type { ConversionQuote, ConversionRequest, FundsMove } from '../ports/venue/treasury.js';
import { VenueAdapter } from '../ports/venue/venue-adapter.js';
import type { OrderLookup, VenueOrder } from '../ports/venue/venue-order.js';
import type { BrokerMember } from './answers.js';
import { FakeAccount } from './fake-account.js';
import { FAKE_CAPABILITIES } from './fake-capabilities.js';
import { FakeDeadMan } from './fake-dead-man.js';
import { FakeOrderEntry } from './fake-order-entry.js';
import { FakeStream } from './fake-stream.js';
import { instrumentSpec } from './instruments.js';
import { ManualScheduler } from './manual-scheduler.js';
import { Script } from './script.js';

type Facts = Readonly<Record<string, unknown>>;

export interface FakeBrokerOptions {
  /** What it trades; BTC-PERP alone by default. */
  readonly products?: readonly InstrumentSpec[];
  /** In what it differs from `FAKE_CAPABILITIES`. */
  readonly capabilities?: Partial<Capabilities>;
  /** The time of its answers and delays; one of its own by default. */
  readonly scheduler?: ManualScheduler;
}

/** The bot's side of `FakeBroker`: the seven roles, answered as scripted or by what the fake knows. */
export class FakeVenue extends VenueAdapter {
  readonly scheduler: ManualScheduler;
  capabilities: Capabilities;
  products: InstrumentSpec[];
  /** What `getQuote` answers, by symbol: an error rejects. `setPrice` is the short way. */
  readonly quotes = new Map<string, Quote | Error>();
  readonly books = new Map<string, BookSnapshot>();
  candles: Candle[] = [];
  fundingPayments: FundingPayment[] = [];
  transfers: Transfer[] = [];
  /** What `describeAccount` answers, where `capabilities.accountTerms`. */
  terms: AccountTerms = { positionMode: 'one_way', marginMode: 'cross', permissions: { trade: true, withdraw: false } };
  /** Orders as they were placed, refused and lost ones too. */
  readonly placed: OrderRequest[] = [];
  readonly cancelled: OrderRef[] = [];
  /** Streams that the bot has opened, the newest last. */
  readonly bookStreams: FakeStream<MarketEvent>[] = [];
  readonly tradeStreams: FakeStream<MarketEvent>[] = [];
  readonly accountStreams: FakeStream<AccountEvent>[] = [];
  /** Orders that arrived, fills and positions: what the venue knows, for a test to read and to change. */
  readonly account: FakeAccount;
  readonly deadMan: FakeDeadMan;
  protected readonly script: Script;
  private readonly entry: FakeOrderEntry;

  constructor({ products, capabilities, scheduler }: FakeBrokerOptions = {}) {
    super();
    this.products = [...(products ?? [instrumentSpec()])];
    this.capabilities = { ...FAKE_CAPABILITIES, ...capabilities };
    this.scheduler = scheduler ?? new ManualScheduler();
    this.script = new Script(this.scheduler);
    this.account = new FakeAccount({
      clock: this.scheduler.clock,
      tell: (event) => this.openAccountStream?.push(event),
      priceFor: ({ symbol, side }) => {
        const quote = this.quotes.get(symbol);
        if (quote instanceof Error) return undefined;
        return (side === 'buy' ? quote?.ask : quote?.bid) ?? quote?.last;
      },
      priceOf: (asset, settle) => {
        const pair = this.products.find(({ base, quote }) => base === asset && quote === settle);
        const quote = pair === undefined ? undefined : this.quotes.get(pair.symbol);
        return quote instanceof Error ? undefined : quote?.last;
      },
    });
    this.deadMan = new FakeDeadMan(this.scheduler, (symbol) => {
      const spares = this.capabilities.deadMan?.sparesTriggers === true;
      for (const { clientId = '', type } of this.open(symbol))
        if (!spares || !hasTrigger(type)) this.account.end(clientId, 'cancelled', 'dead_man');
    });
    this.entry = new FakeOrderEntry(
      this.account,
      this.script,
      () => this.now,
      () => this.capabilities,
    );
  }

  connect(signal?: AbortSignal): Promise<void> {
    return this.script.answer('connect', [signal], () => undefined);
  }
  disconnect(): Promise<void> {
    return this.script.answer('disconnect', [], () => undefined);
  }
  getAccountId(): Promise<string> {
    return this.script.answer('getAccountId', [], () => 'fake-account');
  }
  override getServerTime(): Promise<number> {
    return this.optional('getServerTime', [], this.capabilities.serverTime, () => this.now);
  }

  listProducts(): Promise<readonly InstrumentSpec[]> {
    return this.script.answer('listProducts', [], () => this.products);
  }

  getQuote(symbol: string): Promise<Quote> {
    return this.script.answer('getQuote', [symbol], () => {
      const quote = this.quotes.get(symbol);
      if (quote === undefined) throw new Error(`no quote for ${symbol}: broker.setPrice('${symbol}', price)`);
      if (quote instanceof Error) throw quote;
      return quote;
    });
  }
  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot> {
    const empty = { symbol, bids: [], asks: [], at: this.now };
    return this.script.answer('getOrderBook', [symbol, depth], () => this.books.get(symbol) ?? empty);
  }
  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    return this.script.answer('getCandles', [symbol, intervalMs, limit], () => this.candles);
  }
  override getMarketSnapshot(symbol: string): Promise<MarketSnapshot> {
    return this.optional('getMarketSnapshot', [symbol]);
  }
  override getFundingRate(symbol: string): Promise<FundingRate> {
    return this.optional('getFundingRate', [symbol]);
  }
  override openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.optional('openBook', [symbols, level, sink, signal], this.capabilities.streams.book, () =>
      opened(this.bookStreams, sink, signal),
    );
  }
  override openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.optional('openTrades', [symbols, sink, signal], this.capabilities.streams.trades, () =>
      opened(this.tradeStreams, sink, signal),
    );
  }

  placeOrder(request: OrderRequest): Promise<SubmitResult> {
    return this.place(request);
  }
  cancelOrder(ref: OrderRef): Promise<CancelResult> {
    return this.cancel(ref);
  }
  override cancelAll(symbol?: string): Promise<readonly CancelResult[]> {
    return this.optional('cancelAll', [symbol], this.capabilities.cancelAll !== 'none', () =>
      Promise.all(
        this.open(symbol).map(({ clientId = '', symbol: of }) => this.entry.cancel({ clientId, symbol: of })),
      ),
    );
  }
  override amendOrder(change: OrderAmendment): Promise<AmendResult> {
    return this.optional('amendOrder', [change], this.capabilities.amend !== 'none', () => {
      const at = this.now;
      if (this.capabilities.requestExpiry && change.expiresAt !== undefined && at > change.expiresAt)
        return { outcome: 'rejected', reason: 'expired', message: 'it arrived after its expiry', at };
      return { outcome: 'accepted', venueId: this.account.amend(change), at };
    });
  }
  override placeOrders(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    return this.optional('placeOrders', [requests], this.capabilities.batch !== undefined, () =>
      Promise.all(requests.map((request) => this.place(request))),
    );
  }
  override cancelOrders(refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    return this.optional('cancelOrders', [refs], this.capabilities.batch !== undefined, () =>
      Promise.all(refs.map((ref) => this.cancel(ref))),
    );
  }
  override previewOrder(request: OrderRequest): Promise<Facts> {
    return this.optional('previewOrder', [request], this.capabilities.preview, () => ({}));
  }
  override setDeadMan(countdownMs: number | undefined, symbol?: string): Promise<void> {
    return this.optional('setDeadMan', [countdownMs, symbol], this.capabilities.deadMan !== undefined, () =>
      this.deadMan.windUp(countdownMs, symbol),
    );
  }

  listBalances(): Promise<readonly Balance[]> {
    return this.script.answer('listBalances', [], () => this.account.balances);
  }
  listPositions(): Promise<readonly VenuePosition[]> {
    return this.script.answer('listPositions', [], () => this.account.positions);
  }
  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]> {
    return this.script.answer('listOpenOrders', [symbol], () => this.open(symbol));
  }
  getOrder(ref: OrderRef): Promise<OrderLookup> {
    return this.script.answer('getOrder', [ref], () => {
      const order = this.account.orders.get(ref.clientId);
      return order === undefined || this.account.isHidden(ref.clientId) ? { found: false } : { found: true, order };
    });
  }
  listFills(since: number, cursor?: string): Promise<Page<Fill>> {
    return this.script.answer('listFills', [since, cursor], () => ({
      items: this.account.fills.filter((fill) => fill.at >= since && !this.account.isHidden(fill.clientId)),
    }));
  }
  override listFundingPayments(since: number): Promise<readonly FundingPayment[]> {
    return this.optional('listFundingPayments', [since], this.capabilities.fundingPayments, () =>
      this.fundingPayments.filter(({ at }) => at >= since),
    );
  }
  override listTransfers(since: number): Promise<readonly Transfer[]> {
    return this.optional('listTransfers', [since], this.capabilities.transfers !== false, () =>
      this.transfers.filter(({ at }) => at >= since),
    );
  }
  override describeAccount(symbols: readonly string[]): Promise<AccountTerms> {
    return this.optional('describeAccount', [symbols], this.capabilities.accountTerms === true, () => this.terms);
  }
  override getAccountSnapshot(): Promise<Facts> {
    return this.optional('getAccountSnapshot', [], this.capabilities.accountSnapshots, () => ({}));
  }
  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    return this.script.answer('openAccount', [sink, signal], () => opened(this.accountStreams, sink, signal));
  }

  override setLeverage(symbol: string, leverage: number): Promise<void> {
    return this.optional('setLeverage', [symbol, leverage], this.capabilities.leverage !== 'none', () => undefined);
  }
  override setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
    const can = this.capabilities.marginModes?.includes(mode) === true;
    return this.optional('setMarginMode', [symbol, mode], can, () => undefined);
  }
  override setPositionMode(mode: PositionMode): Promise<void> {
    const can = this.capabilities.positionMode.includes(mode);
    return this.optional('setPositionMode', [mode], can, () => undefined);
  }
  override moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): Promise<void> {
    const can = this.capabilities.marginModes?.includes('isolated') === true;
    return this.optional('moveIsolatedMargin', [symbol, amount, side], can, () => undefined);
  }

  override quoteConversion(request: ConversionRequest): Promise<ConversionQuote> {
    return this.optional('quoteConversion', [request]);
  }
  override commitConversion(id: string): Promise<Facts> {
    return this.optional('commitConversion', [id]);
  }
  override moveFunds(request: FundsMove): Promise<Facts> {
    return this.optional('moveFunds', [request]);
  }

  /** The newest account stream that is open. */
  protected get openAccountStream(): FakeStream<AccountEvent> | undefined {
    return this.accountStreams.findLast(({ isOpen }) => isOpen);
  }

  private get now(): number {
    return this.scheduler.clock.now();
  }

  private place(request: OrderRequest): Promise<SubmitResult> {
    this.placed.push(request);
    return this.entry.place(request, this.script.take('placeOrder', [request]));
  }

  private cancel(ref: OrderRef): Promise<CancelResult> {
    this.cancelled.push(ref);
    return this.entry.cancel(ref, this.script.take('cancelOrder', [ref]));
  }

  private open(symbol?: string): VenueOrder[] {
    return [...this.account.orders.values()].filter(
      (order) =>
        !isTerminal(order.report.status) &&
        (symbol === undefined || order.symbol === symbol) &&
        !this.account.isHidden(order.clientId ?? ''),
    );
  }

  /** What is scripted is answered; else what the capabilities state; else it refuses, as an adapter that lacks it. */
  private optional<M extends BrokerMember>(
    member: M,
    args: Parameters<Brokerage[M]>,
    can = false,
    byDefault?: () => Awaited<ReturnType<Brokerage[M]>> | Promise<Awaited<ReturnType<Brokerage[M]>>>,
  ): Promise<Awaited<ReturnType<Brokerage[M]>>> {
    const lacking = VenueAdapter.prototype[member] as () => Promise<never>;
    return this.script.answer(member, args, () => (can && byDefault !== undefined ? byDefault() : lacking.call(this)));
  }
}

function opened<E>(streams: FakeStream<E>[], sink: (event: E) => void, signal: AbortSignal): FakeStream<E> {
  const stream = new FakeStream(sink, signal);
  streams.push(stream);
  return stream;
}
