import { injectable } from 'inversify';
import type { Decimal } from '../../../domain/decimal.js';
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
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { AccountTerms } from '../../../ports/venue/account-terms.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { Page } from '../../../ports/venue/page.js';
import type { AmendResult, SubmitResult } from '../../../ports/venue/submit-result.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import type { Transfer } from '../../../ports/venue/transfer.js';
import { VenueAdapter } from '../../../ports/venue/venue-adapter.js';
import type { OrderLookup, VenueOrder } from '../../../ports/venue/venue-order.js';
import { listedAs } from '../core/market-events.js';
import { CAPABILITIES } from './capabilities.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';
import { settled } from './settled.js';
import { SimulatedAccountAccess } from './simulated-account-access.js';
import { SimulatedMarketFeed } from './simulated-market-feed.js';
import { SimulatedOrderEntry } from './simulated-order-entry.js';
import { Subscriptions } from './subscriptions.js';
import { opened, SimulatedVenue } from './venue.js';

/**
 * The exchange inside, as any venue is seen. Requests to the matching engine take the wire; everything else is settled
 * when it is returned. It has no treasury.
 */
@injectable()
export class SimulatedBrokerage extends VenueAdapter {
  readonly capabilities: Capabilities;
  private readonly subscriptions = new Subscriptions();
  private readonly entry: SimulatedOrderEntry;
  private readonly feed: SimulatedMarketFeed;
  private readonly account: SimulatedAccountAccess;

  constructor(
    @inject(SimulatedVenue) private readonly venue: SimulatedVenue,
    @inject(ConfigController) config: ConfigController,
  ) {
    super();
    const hedges = config.current.simulation.margin.positionMode === 'hedge';
    this.capabilities = { ...CAPABILITIES, hedges };
    this.entry = new SimulatedOrderEntry(venue);
    this.feed = new SimulatedMarketFeed(venue, this.subscriptions);
    this.account = new SimulatedAccountAccess(venue, config, this.subscriptions);
  }

  connect(): Promise<void> {
    return settled(() => {
      this.venue.open();
    });
  }
  disconnect(): Promise<void> {
    return settled(() => this.subscriptions.closeAll());
  }
  getAccountId(): Promise<string> {
    return settled(() => this.account.accountId);
  }
  /** Time of the last event; 0 before the first. */
  override getServerTime(): Promise<number> {
    return settled(() => {
      const { time } = opened(this.venue);
      return Number.isNaN(time) ? 0 : time;
    });
  }

  listProducts(): Promise<readonly InstrumentSpec[]> {
    return settled(() => [...opened(this.venue).markets.values()].map(listedAs));
  }

  placeOrder(request: OrderRequest): Promise<SubmitResult> {
    return this.entry.placeOrder(request);
  }
  cancelOrder(ref: OrderRef): Promise<CancelResult> {
    return this.entry.cancelOrder(ref);
  }
  override cancelAll(symbol?: string): Promise<readonly CancelResult[]> {
    return this.entry.cancelAll(symbol);
  }
  override amendOrder(change: OrderAmendment): Promise<AmendResult> {
    return this.entry.amendOrder(change);
  }
  override placeOrders(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    return this.entry.placeOrders(requests);
  }
  override cancelOrders(refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    return this.entry.cancelOrders(refs);
  }
  override previewOrder(request: OrderRequest): Promise<Readonly<Record<string, unknown>>> {
    return this.entry.previewOrder(request);
  }
  override setDeadMan(countdownMs: number | undefined, symbol?: string): Promise<void> {
    return this.entry.setDeadMan(countdownMs, symbol);
  }

  getQuote(symbol: string): Promise<Quote> {
    return this.feed.getQuote(symbol);
  }
  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot> {
    return this.feed.getOrderBook(symbol, depth);
  }
  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    return this.feed.getCandles(symbol, intervalMs, limit);
  }
  override getMarketSnapshot(symbol: string): Promise<MarketSnapshot> {
    return this.feed.getMarketSnapshot(symbol);
  }
  override getFundingRate(symbol: string): Promise<FundingRate> {
    return this.feed.getFundingRate(symbol);
  }
  override openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.feed.openBook(symbols, level, sink, signal);
  }
  override openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.feed.openTrades(symbols, sink, signal);
  }

  listBalances(): Promise<readonly Balance[]> {
    return this.account.listBalances();
  }
  listPositions(): Promise<readonly VenuePosition[]> {
    return this.account.listPositions();
  }
  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]> {
    return this.account.listOpenOrders(symbol);
  }
  getOrder(ref: OrderRef): Promise<OrderLookup> {
    return this.account.getOrder(ref);
  }
  listFills(since: number, cursor?: string): Promise<Page<Fill>> {
    return this.account.listFills(since, cursor);
  }
  override listFundingPayments(since: number): Promise<readonly FundingPayment[]> {
    return this.account.listFundingPayments(since);
  }
  override listTransfers(since: number): Promise<readonly Transfer[]> {
    return this.account.listTransfers(since);
  }
  override describeAccount(symbols: readonly string[]): Promise<AccountTerms> {
    return this.account.describeAccount(symbols);
  }
  override getAccountSnapshot(): Promise<Readonly<Record<string, unknown>>> {
    return this.account.getAccountSnapshot();
  }
  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    return this.account.openAccount(sink, signal);
  }

  override setLeverage(symbol: string, leverage: number): Promise<void> {
    return settled(() => {
      this.venue.setLeverage(symbol, leverage);
    });
  }
  override setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
    return settled(() => {
      this.venue.setMarginMode(symbol, mode);
    });
  }
  override setPositionMode(mode: PositionMode): Promise<void> {
    return settled(() => {
      this.venue.setPositionMode(mode);
    });
  }
  override moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): Promise<void> {
    return settled(() => {
      this.venue.moveIsolatedMargin(symbol, amount, side);
    });
  }
}
