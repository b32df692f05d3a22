import { fault, PerpsBotError } from '../../domain/errors.js';
import { Instrument, type InstrumentSpec } from '../../domain/instrument.js';
import type { Decimal } from '../../domain/decimal.js';
import type { Balance, BookSnapshot, Candle, FundingRate, Quote, VenuePosition } from '../../domain/market.js';
import type { Fill, FundingPayment, MarginMode, OrderRequest, PositionMode, PositionSide } from '../../domain/order.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { RandomStream } from '../../ports/configuration/random.js';
import type { VenueKey } from '../../ports/configuration/venue-credentials.js';
import type { AccountEvent } from '../../ports/venue/account-event.js';
import type { AccountTerms } from '../../ports/venue/account-terms.js';
import type { CancelResult } from '../../ports/venue/cancel-result.js';
import type { Capabilities } from '../../ports/venue/capabilities.js';
import type { MarketEvent } from '../../ports/venue/market-event.js';
import type { OrderAmendment } from '../../ports/venue/order-amendment.js';
import type { OrderRef } from '../../ports/venue/order-ref.js';
import type { Page } from '../../ports/venue/page.js';
import type { AmendResult, SubmitResult } from '../../ports/venue/submit-result.js';
import type { Subscription } from '../../ports/venue/subscription.js';
import type { Transfer } from '../../ports/venue/transfer.js';
import { VenueAdapter } from '../../ports/venue/venue-adapter.js';
import type { OrderLookup, VenueOrder } from '../../ports/venue/venue-order.js';
import { AccountRequests } from './account/account-requests.js';
import { FillHistory } from './account/fill-history.js';
import { IncomeHistory } from './account/income-history.js';
import { withRestrictions } from './account/key-restrictions.js';
import { USDM_CAPABILITIES } from './capabilities.js';
import type { UsdmHosts } from './hosts.js';
import { ChangeDesk } from './orders/change-desk.js';
import { KnownOrders } from './orders/known-orders.js';
import { OrderRequests } from './orders/order-requests.js';
import { OrderFinder } from './orders/order-lookup.js';
import { reach } from './rest/reaching.js';
import { SignedRequests } from './rest/signed-requests.js';
import { UsdmLine, venueCodeOf } from './rest/usdm-line.js';
import { VenueOffset } from './rest/venue-offset.js';
import { userNews } from './streams/user-frames.js';
import { UserStream } from './streams/user-stream.js';
import { UsdmMarket, type UsdmMarketPorts } from './usdm-market.js';

/** Source: Binance, "Error Codes", -1022. */
const WRONG_SIGNATURE = -1_022;

export interface UsdmVenuePorts extends UsdmMarketPorts {
  /** Grows evenly, whatever becomes of the host's wall clock: the venue's time is told by it. */
  readonly ticker: Pick<Clock, 'now'>;
  readonly readKey: () => Promise<VenueKey>;
  readonly jitter: RandomStream;
  /** What the bot trades: an account's trades are listed by symbol. */
  readonly symbols: () => readonly string[];
}

/** Binance USDⓈ-M futures over its own wire: market, orders and account. */
export class UsdmVenue extends VenueAdapter {
  readonly capabilities: Capabilities;
  private readonly market: UsdmMarket;
  private readonly requests: SignedRequests;
  private readonly time: VenueOffset;
  private readonly known = new KnownOrders();
  private readonly instruments = new Map<string, Instrument>();
  private readonly orders: OrderRequests;
  private readonly changes: ChangeDesk;
  private readonly finder: OrderFinder;
  private readonly fills: FillHistory;
  private readonly income: IncomeHistory;
  private readonly account: AccountRequests;
  private readonly wide: SignedRequests | undefined;

  constructor(
    private readonly ports: UsdmVenuePorts,
    readonly hosts: UsdmHosts,
  ) {
    super();
    this.capabilities = { ...USDM_CAPABILITIES, environment: hosts.environment };
    const line = new UsdmLine(ports, hosts.restUrl);
    const time = (this.time = new VenueOffset(ports.ticker, line));
    const requests = (this.requests = new SignedRequests(line, time, ports.readKey));
    const { known } = this;
    const instrument = (symbol: string): Promise<Instrument> => this.instrument(symbol);
    this.market = new UsdmMarket(ports, hosts, line, time);
    this.finder = new OrderFinder({ requests, time, known, open: (symbol) => this.listOpenOrders(symbol) });
    this.orders = new OrderRequests({ requests, time, known });
    this.changes = new ChangeDesk({ requests, time, known, finder: this.finder, instrument });
    this.account = new AccountRequests(requests);
    if (hosts.permissionsUrl !== undefined)
      this.wide = new SignedRequests(new UsdmLine(ports, hosts.permissionsUrl), time, ports.readKey);
    this.fills = new FillHistory({
      ...{ requests, time, known, finder: this.finder, instrument },
      symbols: (since) => this.traded(since),
    });
    this.income = new IncomeHistory({ requests, time, instrument, warn: (message) => ports.warn(message) });
  }

  /**
   * Tried again, one attempt at a time, while the venue is not to be had, within one deadline. Rejects with VENUE-002
   * naming the host then, or at once where nobody listens there; with VENUE-004 for a key that it refuses, naming the
   * environment.
   */
  async connect(signal?: AbortSignal): Promise<void> {
    const { scheduler, ticker, jitter } = this.ports;
    const place = `${this.hosts.restUrl} (${this.hosts.environment})`;
    try {
      await reach(() => this.greet(), { place, scheduler, ticker, jitter }, signal);
    } catch (error) {
      throw PerpsBotError.is(error) && error.code === 'VENUE-004' ? this.refusedKey(error) : error;
    }
  }

  private async greet(): Promise<void> {
    await this.time.measure();
    await this.account.balances();
    await this.listProducts();
  }

  disconnect(): Promise<void> {
    this.market.close();
    return Promise.resolve();
  }

  /** The venue's own name of the account: it has no other that a key is told. */
  async getAccountId(): Promise<string> {
    return `${this.capabilities.venue}:${(await this.account.balances()).alias}`;
  }

  override getServerTime(): Promise<number> {
    return this.market.getServerTime();
  }

  /** With the brackets and the fees of the account, where the venue has told them. */
  async listProducts(): Promise<readonly InstrumentSpec[]> {
    const specs = await this.market.listProducts();
    const own = await this.account.terms(this.ports.symbols());
    const told = specs.map((spec) => {
      const tiers = own.tiers.get(spec.symbol);
      return { ...spec, ...own.fees.get(spec.symbol), ...(tiers === undefined ? {} : { tiers }) };
    });
    for (const spec of told) this.keep(spec);
    return told;
  }

  getQuote(symbol: string): Promise<Quote> {
    return this.market.getQuote(symbol);
  }

  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot> {
    return this.market.getOrderBook(symbol, depth);
  }

  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    return this.market.getCandles(symbol, intervalMs, limit);
  }

  override getFundingRate(symbol: string): Promise<FundingRate> {
    return this.market.getFundingRate(symbol);
  }

  override openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.market.openBook(symbols, level, sink, signal);
  }

  override openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.market.openTrades(symbols, sink, signal);
  }

  placeOrder(request: OrderRequest): Promise<SubmitResult> {
    return this.orders.place(request);
  }

  override placeOrders(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]> {
    return this.orders.placeAll(requests);
  }

  cancelOrder(ref: OrderRef): Promise<CancelResult> {
    return this.orders.cancel(ref);
  }

  override cancelOrders(refs: readonly OrderRef[]): Promise<readonly CancelResult[]> {
    return this.orders.cancelAll(refs);
  }

  /** As they are listed, those that wait for a trigger too, each with what became of it. */
  override async cancelAll(symbol?: string): Promise<readonly CancelResult[]> {
    return this.orders.cancelAll(
      (await this.listOpenOrders(symbol)).flatMap(({ clientId, symbol: of, venueId }) =>
        clientId === undefined ? [] : [{ clientId, symbol: of, venueIds: [venueId] }],
      ),
    );
  }

  override amendOrder(change: OrderAmendment): Promise<AmendResult> {
    return this.changes.amend(change);
  }

  override setDeadMan(countdownMs: number | undefined, symbol?: string): Promise<void> {
    if (symbol === undefined)
      return Promise.reject(fault('VENUE-003', 'The countdown of binance-usdm must be of one symbol, and named none.'));
    return this.account.countdown(symbol, countdownMs ?? 0);
  }

  async listBalances(): Promise<readonly Balance[]> {
    return (await this.account.balances()).balances;
  }

  listPositions(): Promise<readonly VenuePosition[]> {
    return this.account.positions();
  }

  async listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]> {
    return this.account.openOrders(this.known, symbol);
  }

  getOrder(ref: OrderRef): Promise<OrderLookup> {
    return this.finder.find(ref);
  }

  listFills(since: number, cursor?: string): Promise<Page<Fill>> {
    return this.fills.list(since, cursor);
  }

  override listFundingPayments(since: number): Promise<readonly FundingPayment[]> {
    return this.income.funding(since);
  }

  override listTransfers(since: number): Promise<readonly Transfer[]> {
    return this.income.transfers(since);
  }

  override async describeAccount(symbols: readonly string[]): Promise<AccountTerms> {
    return withRestrictions(await this.account.describe(symbols), this.wide);
  }

  override setLeverage(symbol: string, leverage: number): Promise<void> {
    return this.account.setLeverage(symbol, leverage);
  }

  override setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
    return this.account.setMarginMode(symbol, mode);
  }

  override setPositionMode(mode: PositionMode): Promise<void> {
    return this.account.setPositionMode(mode);
  }

  override moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): Promise<void> {
    return this.account.moveIsolatedMargin(symbol, amount, side);
  }

  async openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    if (this.instruments.size === 0) await this.listProducts();
    const { sockets, clock, scheduler } = this.ports;
    const { known, requests, instruments } = this;
    return UserStream.open(
      {
        ...{ sockets, clock, scheduler, streamUrl: this.hosts.streamUrl, requests },
        read: (text) => userNews(text, { known, instrument: (symbol) => instruments.get(symbol) }),
        ledger: (since) => this.ledger(since),
        unknown: (event, text) => this.market.notKnown(event, text),
      },
      sink,
      signal,
    );
  }

  private async ledger(since: number): Promise<readonly AccountEvent[]> {
    const [payments, transfers] = await Promise.all([this.income.funding(since), this.income.transfers(since)]);
    return [
      ...payments.map((payment): AccountEvent => ({ kind: 'funding', payment })),
      ...transfers.map((transfer): AccountEvent => ({ ...transfer, kind: 'transfer' })),
    ];
  }

  private async instrument(symbol: string): Promise<Instrument> {
    if (!this.instruments.has(symbol)) await this.listProducts();
    const found = this.instruments.get(symbol);
    if (found === undefined)
      throw fault(
        'VENUE-005',
        `${symbol} of the account must be a perpetual of ${this.capabilities.venue}, and is none.`,
      );
    return found;
  }

  /** One that cannot be held exactly is none that could be traded. */
  private keep(spec: InstrumentSpec): void {
    try {
      this.instruments.set(spec.symbol, new Instrument(spec));
    } catch (error) {
      if (!PerpsBotError.is(error)) throw error;
    }
  }

  /** What the bot trades, and whatever else the account holds or has lately been paid for. */
  private async traded(since: number): Promise<readonly string[]> {
    const [positions, rows] = await Promise.all([this.account.positions(), this.income.symbolsSince(since)]);
    return [...new Set([...this.ports.symbols(), ...positions.map(({ symbol }) => symbol), ...rows])];
  }

  private refusedKey(cause: PerpsBotError): PerpsBotError {
    const { restUrl, environment } = this.hosts;
    if (venueCodeOf(cause) === WRONG_SIGNATURE)
      return fault('VENUE-004', `${restUrl} (${environment}) must take the signature, and does not: ${cause.message}`, {
        cause,
        fix: 'Give the secret that belongs to this key: the venue knows the key, and what is signed is not of it.',
      });
    return fault('VENUE-004', `${restUrl} (${environment}) must take the key, and does not: ${cause.message}`, {
      cause,
      fix: 'Use a key of this environment that may trade futures, from an address that it allows.',
    });
  }
}
