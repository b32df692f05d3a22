import { Decimal } from '#src/domain/decimal.js';
import type { Balance, BookSnapshot, Candle, Quote, VenuePosition } from '#src/domain/market.js';
import type { Fill, OrderRequest } from '#src/domain/order.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import { VenueAdapter } from '#src/ports/venue/venue-adapter.js';
import type { CancelResult } from '#src/ports/venue/cancel-result.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { OrderLookup, VenueOrder } from '#src/ports/venue/venue-order.js';
import type { OrderRef } from '#src/ports/venue/order-ref.js';
import type { Page } from '#src/ports/venue/page.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import { instrumentSpec } from '#src/testing/instruments.js';

export const FAKE_CAPABILITIES: Capabilities = {
  venue: 'fake',
  environment: 'simulated',
  orderTypes: ['market', 'limit', 'stop_market', 'stop_limit'],
  timeInForce: ['GTC', 'IOC', 'FOK'],
  postOnly: 'reject',
  reduceOnly: 'native',
  triggerPrices: ['last', 'mark'],
  amend: 'none',
  cancelAll: 'symbol',
  clientOrderId: {
    maxLength: 36,
    pattern: /^[0-9A-Za-z_-]{1,36}$/,
    unique: 'forever',
    idempotentResend: true,
    remembered: false,
  },
  requestExpiry: true,
  positionMode: ['one_way'],
  leverage: 'per_symbol',
  streams: { book: true, trades: true, account: true },
  preview: false,
  serverTime: false,
  marketSnapshots: false,
  accountSnapshots: false,
  fundingPayments: false,
  transfers: false,
};

/** A scripted stream: the test pushes events into it and ends it. */
export class FakeStream implements Subscription {
  private resolveClosed!: () => void;
  readonly closed = new Promise<void>((resolve) => (this.resolveClosed = resolve));
  isOpen = true;

  constructor(
    private readonly sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.close());
  }

  /** Delivers even after close, as a venue whose socket lingers would. */
  push(event: MarketEvent): void {
    this.sink(event);
  }

  close(): void {
    this.isOpen = false;
    this.resolveClosed();
  }
}

/**
 * A hand-written venue that answers what a test tells it. Set a property to an Error (or add it to `failing`) and the
 * call rejects: failing is never the same as an empty answer.
 */
export class FakeBroker extends VenueAdapter {
  capabilities: Capabilities = FAKE_CAPABILITIES;
  readonly failing = new Map<string, Error>();
  readonly quotes = new Map<string, Quote | Error>();
  products: InstrumentSpec[] = [instrumentSpec()];
  balances: Balance[] = [{ asset: 'USDT', total: new Decimal(10_000), available: new Decimal(10_000) }];
  positions: VenuePosition[] = [];
  candles: Candle[] = [];
  openOrders: VenueOrder[] = [];
  fills: Fill[] = [];
  /** What `getOrder` knows, by client id. */
  readonly orders = new Map<string, VenueOrder>();
  /** Answers of `placeOrder`; default accepts. */
  onPlace: (request: OrderRequest) => SubmitResult | Promise<SubmitResult> = () => ({
    outcome: 'accepted',
    venueId: `v${this.placed.length}`,
    at: 0,
  });
  onCancel: (ref: OrderRef) => CancelResult | Promise<CancelResult> = (ref) => ({ outcome: 'cancelled', ref, at: 0 });
  readonly placed: OrderRequest[] = [];
  readonly cancelled: OrderRef[] = [];
  readonly calls: string[] = [];
  bookStreams: FakeStream[] = [];
  tradeStreams: FakeStream[] = [];
  accountSink: ((event: AccountEvent) => void) | undefined;

  connect(): Promise<void> {
    return this.answer('connect', undefined);
  }
  disconnect(): Promise<void> {
    return this.answer('disconnect', undefined);
  }
  getAccountId(): Promise<string> {
    return this.answer('getAccountId', 'fake-account');
  }
  listBalances(): Promise<readonly Balance[]> {
    return this.answer('listBalances', this.balances);
  }
  listPositions(): Promise<readonly VenuePosition[]> {
    return this.answer('listPositions', this.positions);
  }
  listProducts(): Promise<readonly InstrumentSpec[]> {
    return this.answer('listProducts', this.products);
  }
  getQuote(symbol: string): Promise<Quote> {
    const quote = this.quotes.get(symbol);
    if (quote === undefined || quote instanceof Error)
      return Promise.reject(quote ?? new Error(`no quote for ${symbol}`));
    return this.answer('getQuote', quote);
  }
  getOrderBook(symbol: string): Promise<BookSnapshot> {
    return this.answer('getOrderBook', { symbol, bids: [], asks: [], at: 0 });
  }
  getCandles(): Promise<readonly Candle[]> {
    return this.answer('getCandles', this.candles);
  }
  async placeOrder(request: OrderRequest): Promise<SubmitResult> {
    this.calls.push('placeOrder');
    this.placed.push(request);
    return this.onPlace(request);
  }
  async cancelOrder(ref: OrderRef): Promise<CancelResult> {
    this.calls.push('cancelOrder');
    this.cancelled.push(ref);
    return this.onCancel(ref);
  }
  getOrder(ref: OrderRef): Promise<OrderLookup> {
    const order = this.orders.get(ref.clientId);
    return this.answer('getOrder', order === undefined ? { found: false } : { found: true, order });
  }
  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]> {
    return this.answer(
      'listOpenOrders',
      symbol === undefined ? this.openOrders : this.openOrders.filter((order) => order.symbol === symbol),
    );
  }
  listFills(since: number): Promise<Page<Fill>> {
    return this.answer('listFills', { items: this.fills.filter((fill) => fill.at >= since) });
  }
  override async openBook(
    _symbols: readonly string[],
    _level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    await this.answer('openBook', undefined);
    const stream = new FakeStream(sink, signal);
    this.bookStreams.push(stream);
    return stream;
  }
  override async openTrades(
    _symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    await this.answer('openTrades', undefined);
    const stream = new FakeStream(sink, signal);
    this.tradeStreams.push(stream);
    return stream;
  }
  async openAccount(sink: (event: AccountEvent) => void): Promise<Subscription> {
    await this.answer('openAccount', undefined);
    this.accountSink = sink;
    return { closed: new Promise(() => undefined), close: () => (this.accountSink = undefined) };
  }

  private answer<T>(call: string, value: T): Promise<T> {
    this.calls.push(call);
    const failure = this.failing.get(call);
    return failure === undefined ? Promise.resolve(value) : Promise.reject(failure);
  }
}
