/* eslint-disable @typescript-eslint/no-unused-vars -- the parameters are the signatures that adapters override */
import type { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type {
  Balance,
  BookSnapshot,
  Candle,
  FundingRate,
  MarketSnapshot,
  Quote,
  VenuePosition,
} from '../../domain/market.js';
import type { Fill, FundingPayment, MarginMode, OrderRequest, PositionMode, PositionSide } from '../../domain/order.js';
import type { AccountEvent } from './account-event.js';
import type { AccountTerms } from './account-terms.js';
import type { Brokerage } from './brokerage.js';
import type { CancelResult } from './cancel-result.js';
import type { Capabilities } from './capabilities.js';
import type { MarketEvent } from './market-event.js';
import type { OrderAmendment } from './order-amendment.js';
import type { OrderRef } from './order-ref.js';
import type { Page } from './page.js';
import type { AmendResult, SubmitResult } from './submit-result.js';
import type { Subscription } from './subscription.js';
import type { Transfer } from './transfer.js';
import type { ConversionQuote, ConversionRequest, FundsMove } from './treasury.js';
import type { OrderLookup, VenueOrder } from './venue-order.js';

/**
 * What an adapter or a mock starts from: what every venue must have is abstract, and what a venue may lack refuses with
 * VENUE-003 until it is overridden. `capabilities` says the same beforehand.
 */
export abstract class VenueAdapter implements Brokerage {
  abstract readonly capabilities: Capabilities;
  abstract connect(signal?: AbortSignal): Promise<void>;
  abstract disconnect(): Promise<void>;
  abstract getAccountId(): Promise<string>;
  abstract listProducts(): Promise<readonly InstrumentSpec[]>;
  abstract getQuote(symbol: string): Promise<Quote>;
  abstract getOrderBook(symbol: string, depth: number): Promise<BookSnapshot>;
  abstract getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]>;
  abstract placeOrder(request: OrderRequest): Promise<SubmitResult>;
  abstract cancelOrder(ref: OrderRef): Promise<CancelResult>;
  abstract listBalances(): Promise<readonly Balance[]>;
  abstract listPositions(): Promise<readonly VenuePosition[]>;
  abstract listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]>;
  abstract getOrder(ref: OrderRef): Promise<OrderLookup>;
  abstract listFills(since: number, cursor?: string): Promise<Page<Fill>>;
  abstract openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription>;

  getServerTime(): Promise<number> {
    return this.lacks('its time');
  }
  getMarketSnapshot(_symbol: string): Promise<MarketSnapshot> {
    return this.lacks('market snapshots');
  }
  getFundingRate(_symbol: string): Promise<FundingRate> {
    return this.lacks('funding rates');
  }
  openBook(
    _symbols: readonly string[],
    _level: 1 | 2,
    _sink: (event: MarketEvent) => void,
    _signal: AbortSignal,
  ): Promise<Subscription> {
    return this.lacks('a stream of its book');
  }
  openTrades(
    _symbols: readonly string[],
    _sink: (event: MarketEvent) => void,
    _signal: AbortSignal,
  ): Promise<Subscription> {
    return this.lacks('a stream of its trades');
  }
  cancelAll(_symbol?: string): Promise<readonly CancelResult[]> {
    return this.lacks('cancelling everything at once');
  }
  amendOrder(_change: OrderAmendment): Promise<AmendResult> {
    return this.lacks('amendments');
  }
  placeOrders(_requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    return this.lacks('batches');
  }
  cancelOrders(_refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    return this.lacks('batches');
  }
  previewOrder(_request: OrderRequest): Promise<Readonly<Record<string, unknown>>> {
    return this.lacks('previews');
  }
  setDeadMan(_countdownMs: number | undefined, _symbol?: string): Promise<void> {
    return this.lacks("a dead man's switch");
  }
  listFundingPayments(_since: number): Promise<readonly FundingPayment[]> {
    return this.lacks('funding payments');
  }
  listTransfers(_since: number): Promise<readonly Transfer[]> {
    return this.lacks('transfers');
  }
  describeAccount(_symbols: readonly string[]): Promise<AccountTerms> {
    return this.lacks('reading the terms of the account');
  }
  getAccountSnapshot(): Promise<Readonly<Record<string, unknown>>> {
    return this.lacks('account snapshots');
  }
  setLeverage(_symbol: string, _leverage: number): Promise<void> {
    return this.lacks('setting leverage');
  }
  setMarginMode(_symbol: string, _mode: MarginMode): Promise<void> {
    return this.lacks('setting the margin mode');
  }
  setPositionMode(_mode: PositionMode): Promise<void> {
    return this.lacks('setting the position mode');
  }
  moveIsolatedMargin(_symbol: string, _amount: Decimal, _side?: PositionSide): Promise<void> {
    return this.lacks('moving isolated margin');
  }
  quoteConversion(_request: ConversionRequest): Promise<ConversionQuote> {
    return this.lacks('conversions');
  }
  commitConversion(_id: string): Promise<Readonly<Record<string, unknown>>> {
    return this.lacks('conversions');
  }
  moveFunds(_request: FundsMove): Promise<Readonly<Record<string, unknown>>> {
    return this.lacks('moving funds between portfolios');
  }

  private lacks(what: string): Promise<never> {
    return Promise.reject(
      fault('VENUE-003', `${this.capabilities.venue} must support ${what}, and does not.`, {
        fix: 'Do it on the venue itself.',
      }),
    );
  }
}
