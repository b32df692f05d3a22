import { injectable } from 'inversify';
import type { Decimal } from '../../../domain/decimal.js';
import { fault, messageOf } from '../../../domain/errors.js';
import type { InstrumentSpec } from '../../../domain/instrument.js';
import type {
  Balance,
  BookSnapshot,
  Candle,
  FundingRate,
  MarketSnapshot,
  Quote,
  VenuePosition,
} from '../../../domain/market.js';
import type {
  Fill,
  FundingPayment,
  MarginMode,
  OrderRequest,
  PositionMode,
  PositionSide,
} from '../../../domain/order.js';
import { inject } from '../../../injection/inject.js';
import type {
  AccountEvent,
  Brokerage,
  CancelResult,
  Capabilities,
  MarketEvent,
  OrderAmendment,
  OrderLookup,
  OrderRef,
  Page,
  SubmitResult,
  Subscription,
  VenueOrder,
} from '../../../ports/core-services/brokerage.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { accountSnapshot, balancesOf, openingTransfer, positionsOf } from './account-views.js';
import { forMode } from '../core/hedged-request.js';
import { candlesOf, fundingRateOf, marketOf, orderBookOf, quoteOf, snapshotOf } from './market-views.js';
import { SimulatedSubscription } from '../models/subscription.js';
import { SimulatedVenue } from './venue.js';

const FILLS_PER_PAGE = 500;
/** Those of Binance USD-M, "batchOrders". */
const BATCH = { place: 5, cancel: 10 };

const CAPABILITIES: Capabilities = {
  venue: 'simulated',
  environment: 'simulated',
  orderTypes: [
    'market',
    'limit',
    'stop_market',
    'stop_limit',
    'take_profit_market',
    'take_profit_limit',
    'trailing_stop',
  ],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTD'],
  postOnly: 'reject',
  reduceOnly: 'native',
  triggerPrices: ['last', 'mark', 'index'],
  amend: 'in_place',
  cancelAll: 'account',
  batch: BATCH,
  deadMan: true,
  brackets: true,
  clientOrderId: { maxLength: 36, pattern: /^[.A-Z:/a-z0-9_-]{1,36}$/, unique: 'forever', idempotentResend: true },
  requestExpiry: true,
  positionMode: ['one_way', 'hedge'],
  marginModes: ['cross', 'isolated'],
  leverage: 'per_order',
  fills: 'per_trade',
  streams: { book: true, trades: true, account: true },
  preview: true,
  serverTime: true,
  accountSnapshots: true,
};

/** The exchange inside, as any venue is seen. Requests to the matching engine take the wire; everything else is settled when it is returned. */
@injectable()
export class SimulatedBrokerage implements Brokerage {
  readonly capabilities = CAPABILITIES;
  private readonly subscriptions = new Set<SimulatedSubscription>();

  constructor(
    @inject(SimulatedVenue) private readonly venue: SimulatedVenue,
    @inject(ConfigController) private readonly config: ConfigController,
  ) {}

  connect(): Promise<void> {
    return settled(() => {
      this.venue.open();
    });
  }

  disconnect(): Promise<void> {
    return settled(() => {
      for (const subscription of [...this.subscriptions]) subscription.close();
    });
  }

  getAccountId(): Promise<string> {
    return settled(() => this.accountId());
  }

  listBalances(): Promise<readonly Balance[]> {
    return settled(() => balancesOf(this.opened()));
  }

  listPositions(): Promise<readonly VenuePosition[]> {
    return settled(() => positionsOf(this.opened()));
  }

  listProducts(): Promise<readonly InstrumentSpec[]> {
    return settled(() => [...this.opened().markets.values()].map((market) => market.instrument.spec));
  }

  getQuote(symbol: string): Promise<Quote> {
    return settled(() => quoteOf(marketOf(this.opened(), symbol)));
  }

  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot> {
    return settled(() => orderBookOf(marketOf(this.opened(), symbol), depth));
  }

  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    return settled(() => candlesOf(marketOf(this.opened(), symbol), intervalMs, limit, this.venue.time));
  }

  getMarketSnapshot(symbol: string): Promise<MarketSnapshot> {
    return settled(() => snapshotOf(marketOf(this.opened(), symbol)));
  }

  getFundingRate(symbol: string): Promise<FundingRate> {
    return settled(() => fundingRateOf(marketOf(this.opened(), symbol), this.venue.time));
  }

  /** Unknown when the exchange fails at it: the order may have been taken before. */
  placeOrder(request: OrderRequest): Promise<SubmitResult> {
    return this.send(() => this.submit(request), lostOrder(request));
  }

  /** At most `capabilities.batch.place` orders, which arrive together; throws VENUE-003 for more, and sends none. */
  placeOrders(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    const submit = (request: OrderRequest): SubmitResult => attempt(() => this.submit(request), lostOrder(request));
    return this.batch('place', requests, submit, lostOrder);
  }

  /** Price and size in this exchange's ticks and steps. */
  amendOrder(change: OrderAmendment): Promise<SubmitResult> {
    return this.send(
      () => this.venue.amend(change),
      (error) => ({ outcome: 'unknown', ref: change.ref, cause: messageOf(error) }),
    );
  }

  previewOrder(request: OrderRequest): Promise<Readonly<Record<string, unknown>>> {
    return settled(() => this.venue.preview(forMode(request, this.positionMode())));
  }

  cancelOrder(ref: OrderRef): Promise<CancelResult> {
    return this.send(() => this.venue.cancel(ref), lostCancel(ref));
  }

  /** At most `capabilities.batch.cancel` orders; throws VENUE-003 for more, and cancels none. */
  cancelOrders(refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    return this.batch('cancel', refs, (ref) => this.cancel(ref), lostCancel);
  }

  setDeadMan(countdownMs: number | undefined, symbol?: string): Promise<void> {
    return this.send(() => this.venue.setDeadMan(countdownMs, symbol));
  }

  /** The newest first: what follows an entry goes before it, instead of with it. */
  cancelAll(symbol?: string): Promise<readonly CancelResult[]> {
    return this.send(() =>
      [...this.venue.openOrders(symbol)]
        .reverse()
        .map((order) =>
          this.cancel({ clientId: order.request.clientId, symbol: order.request.symbol, venueIds: [order.venueId] }),
        ),
    );
  }

  getOrder(ref: OrderRef): Promise<OrderLookup> {
    return settled(() => {
      const order = this.opened().find(ref);
      return order === undefined ? { found: false } : { found: true, order: order.toVenueOrder() };
    });
  }

  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]> {
    return settled(() =>
      this.opened()
        .openOrders(symbol)
        .map((order) => order.toVenueOrder()),
    );
  }

  /** The cursor is the position in the account's list of fills, which only grows. */
  listFills(since: number, cursor?: string): Promise<Page<Fill>> {
    return settled(() => {
      const { fills } = this.opened();
      const items: Fill[] = [];
      let index = cursor === undefined ? 0 : Number(cursor);
      for (; index < fills.length && items.length < FILLS_PER_PAGE; index += 1) {
        const fill = fills[index];
        if (fill !== undefined && fill.at >= since) items.push(fill);
      }
      return index < fills.length ? { items, next: String(index) } : { items };
    });
  }

  listFundingPayments(since: number): Promise<readonly FundingPayment[]> {
    return settled(() => this.opened().fundings.filter((payment) => payment.at >= since));
  }

  listTransfers(
    since: number,
  ): Promise<
    readonly { readonly id: string; readonly amount: Decimal; readonly asset: string; readonly at: number }[]
  > {
    return settled(() => {
      const transfer = openingTransfer(this.opened());
      return transfer !== undefined && transfer.at >= since ? [transfer] : [];
    });
  }

  /** Time of the last event; 0 before the first. */
  getServerTime(): Promise<number> {
    return settled(() => {
      const { time } = this.opened();
      return Number.isNaN(time) ? 0 : time;
    });
  }

  getAccountSnapshot(): Promise<Readonly<Record<string, unknown>>> {
    return settled(() => ({
      account_id: this.accountId(),
      ...accountSnapshot(this.opened(), this.config.current.simulation.matching.maxOpenOrders),
    }));
  }

  setLeverage(symbol: string, leverage: number): Promise<void> {
    return settled(() => {
      this.venue.setLeverage(symbol, leverage);
    });
  }

  setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
    return settled(() => {
      this.venue.setMarginMode(symbol, mode);
    });
  }

  setPositionMode(mode: PositionMode): Promise<void> {
    return settled(() => {
      this.venue.setPositionMode(mode);
    });
  }

  moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): Promise<void> {
    return settled(() => {
      this.venue.moveIsolatedMargin(symbol, amount, side);
    });
  }

  /** Level 2 is level 1: the exchange knows one level. */
  openBook(
    symbols: readonly string[],
    _level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return settled(() => this.subscribe('book', symbols, sink, signal));
  }

  openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return settled(() => this.subscribe('trades', symbols, sink, signal));
  }

  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    return settled(() => {
      const stop = this.opened().onAccount(sink);
      return this.track([stop], signal);
    });
  }

  /** A request to the matching engine takes the wire. One that is lost there ends as `lost` says, or rejects. */
  private async send<T>(work: () => T, lost?: (error: unknown) => T): Promise<T> {
    try {
      return await this.opened().wire.request(work);
    } catch (error) {
      if (lost === undefined) throw error;
      return lost(error);
    }
  }

  private submit(request: OrderRequest): SubmitResult {
    return this.venue.submit(forMode(request, this.positionMode()));
  }

  /** One for all venues: `setPositionMode` names none. */
  private positionMode(): PositionMode {
    return this.opened().accounts[0]?.account.positionMode ?? 'one_way';
  }

  private accountId(): string {
    return `simulated-${this.config.current.botId}`;
  }

  private cancel(ref: OrderRef): CancelResult {
    return attempt(() => this.venue.cancel(ref), lostCancel(ref));
  }

  /** One parcel on the wire; each item has an outcome of its own, in the order given. */
  private async batch<I, R>(
    kind: 'place' | 'cancel',
    items: readonly I[],
    work: (item: I) => R,
    lost: (item: I) => (error: unknown) => R,
  ): Promise<readonly R[]> {
    const most = BATCH[kind];
    if (items.length > most)
      throw fault('VENUE-003', `A batch must ${kind} at most ${most} orders, was ${items.length}.`);
    return this.send(
      () => items.map(work),
      (error) => items.map((item) => lost(item)(error)),
    );
  }

  private subscribe(
    kind: 'book' | 'trades',
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Subscription {
    const venue = this.opened();
    for (const symbol of symbols) marketOf(venue, symbol);
    // A subscription of its own even when one sink is given twice.
    const own = (event: MarketEvent): void => sink(event);
    return this.track(
      symbols.map((symbol) => venue.watch(kind, symbol, own)),
      signal,
    );
  }

  private track(stops: readonly (() => void)[], signal: AbortSignal): Subscription {
    const subscription = new SimulatedSubscription(stops, signal, () => this.subscriptions.delete(subscription));
    this.subscriptions.add(subscription);
    if (signal.aborted) subscription.close();
    return subscription;
  }

  private opened(): SimulatedVenue {
    this.venue.open();
    return this.venue;
  }
}

const lostOrder =
  ({ clientId, symbol }: OrderRequest) =>
  (error: unknown): SubmitResult => ({ outcome: 'unknown', ref: { clientId, symbol }, cause: messageOf(error) });

const lostCancel =
  (ref: OrderRef) =>
  (error: unknown): CancelResult => ({ outcome: 'unknown', ref, cause: messageOf(error) });

function attempt<T>(work: () => T, lost: (error: unknown) => T): T {
  try {
    return work();
  } catch (error) {
    return lost(error);
  }
}

/** The outcome of synchronous work, or its error, as a promise that is already settled. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
