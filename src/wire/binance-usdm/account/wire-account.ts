import { createHash } from 'node:crypto';
import { Decimal, ZERO } from '../../../domain/decimal.js';
import type { Fill, FundingPayment, OrderRequest, PositionMode, PositionSide } from '../../../domain/order.js';
import { isTerminal } from '../../../domain/order-state.js';
import { Position } from '../../../domain/position.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { SubmitResult } from '../../../ports/venue/submit-result.js';
import { openingTransfer } from '../../../venues/simulated/brokerage/account-views.js';
import type { SimulatedVenue, VenueAccount } from '../../../venues/simulated/brokerage/venue.js';
import type { SimulatedAccount } from '../../../venues/simulated/core/simulated-account.js';
import type { WireMarket } from '../market/wire-market.js';
import type { WireMarkets } from '../rest/asked.js';
import { WireRefusal } from '../refusal.js';
import type { WireKey } from '../signatures.js';
import { AccountExchange } from './account-exchange.js';
import { AccountPast } from './account-past.js';
import { balanceChange, positionChange } from './account-rows.js';
import { ListenKeys } from './listen-keys.js';
import { OrderCounts } from './order-counts.js';
import { orderOfTheVenue } from './order-of-the-venue.js';
import { refusalOf } from './order-refusals.js';
import { OrderRegister } from './order-register.js';
import {
  accountUpdate,
  algoUpdate,
  leverageUpdate,
  orderUpdate,
  tradeLite,
  type Execution,
  type WireFill,
} from './user-events.js';
import { AlgoOrder, WireOrder } from './wire-order.js';

const ALIAS_LENGTH = 8;
const MONEY_DIGITS = 8;
const ONE = new Decimal(1);
/** How the exchange inside begins its reason. */
const SELF_TRADE = 'self_trade';
/** What the engine denies an order that has triggered for: it becomes none. */
const DENIED = ['insufficient_margin', 'reduce_only', 'bankruptcy'];

export interface WireAccountParts {
  readonly venue: SimulatedVenue;
  readonly markets: WireMarkets;
  readonly key: WireKey;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/**
 * One account: its exchange, and the venue's names and words for what happens there. What is asked of it goes through
 * `PlainDesk` and `AlgoDesk`.
 */
export class WireAccount {
  readonly exchange: AccountExchange;
  readonly listenKeys: ListenKeys;
  readonly counts = new OrderCounts();
  readonly register: OrderRegister;
  readonly past = new AccountPast();
  isMultiAsset = false;
  /** What its key may do besides looking. */
  mayTrade = true;
  /** Fees are taken in this, at that price of it; undefined: in what the market settles in. */
  feesIn: { readonly asset: string; readonly price: Decimal } | undefined = undefined;
  private held: unknown[] | undefined;
  private readonly positions = new Map<string, Position>();
  private readonly ends: (() => void)[] = [];

  constructor(private readonly parts: WireAccountParts) {
    const { venue, markets, clock, scheduler, key } = parts;
    this.register = new OrderRegister(venue, () => this.now);
    this.listenKeys = new ListenKeys(key.key, clock);
    this.ends.push(venue.onAccount((event) => this.heard(event)));
    this.exchange = new AccountExchange(venue, markets, clock, scheduler);
    this.exchange.onMoved = () => this.settleTriggers();
    const opened = openingTransfer(venue);
    if (opened !== undefined) this.past.income({ type: 'TRANSFER', symbol: '', ...opened });
  }

  /** What the venue calls it. */
  get alias(): string {
    return createHash('sha256').update(this.parts.key.key).digest('hex').slice(0, ALIAS_LENGTH);
  }

  get key(): WireKey {
    return this.parts.key;
  }

  get markets(): WireMarkets {
    return this.parts.markets;
  }

  /** Signed lots of the net position. */
  lotsOf(symbol: string): number {
    return this.venue.markets.get(symbol)?.position.lots ?? 0;
  }

  /** Its books. */
  get books(): SimulatedAccount {
    return (this.venue.accounts[0] as VenueAccount).account;
  }

  get mode(): PositionMode {
    return this.books.positionMode;
  }

  get venue(): SimulatedVenue {
    return this.parts.venue;
  }

  get now(): number {
    return this.exchange.now;
  }

  close(): void {
    for (const end of this.ends.splice(0)) end();
    this.exchange.close();
  }

  /**
   * Hands an order to the exchange: it is told of before its fills, and one that is not taken in never was. Throws
   * what the venue says of such a one.
   */
  submit(order: WireOrder | AlgoOrder): void {
    const isAlgo = order instanceof AlgoOrder;
    const entered = isAlgo ? algoUpdate(order, this.now) : orderUpdate(order, 'NEW', this.now);
    this.register.enter(order);
    const held: unknown[] = (this.held = []);
    let result: SubmitResult | undefined;
    try {
      result = this.venue.submit(order.request);
    } finally {
      this.held = undefined;
      if (result?.outcome === 'accepted') this.tell(entered);
      else this.register.forget(order);
      // What has happened to others meanwhile has happened whatever became of this one.
      for (const event of held) this.tell(event);
    }
    if (result.outcome === 'rejected') throw refusalOf(result, order.terms, isAlgo);
    if (result.outcome !== 'accepted')
      throw new WireRefusal(-1007, 'Timeout waiting for response from backend server.', 408);
  }

  tellOrder(order: WireOrder, execution: Execution, fill?: WireFill): void {
    this.tell(orderUpdate(order, execution, this.now, fill));
  }

  tellAlgo(order: AlgoOrder): void {
    this.tell(algoUpdate(order, this.now));
  }

  tellLeverage(symbol: string, leverage: number): void {
    this.tell(leverageUpdate(symbol, leverage, this.now));
  }

  /** Balances, and positions of one symbol, as they stand. */
  tellAccount(reason: string, market: WireMarket | undefined, change: Decimal = ZERO): void {
    const positions = market === undefined ? [] : positionChange(this, market);
    this.tell(accountUpdate(reason, this.now, [balanceChange(this, change)], positions));
  }

  /** Conditional orders that have triggered are orders of their own from then on. */
  settleTriggers(): void {
    for (const algo of this.register.openAlgos(undefined)) {
      const working = this.venue.find({ clientId: algo.request.clientId, symbol: algo.market.name });
      if (working?.triggered === true) this.triggered(algo, working.request);
    }
  }

  private tell(event: unknown): void {
    if (this.held === undefined) this.listenKeys.tell(event);
    else this.held.push(event);
  }

  private heard(event: AccountEvent): void {
    if (event.kind === 'fill') this.filled(event.fill);
    else if (event.kind === 'funding') this.funded(event.payment);
    else if (event.kind === 'order' && isTerminal(event.report.status) && event.report.status !== 'filled')
      this.ended(event.clientId, event.report.status, event.report.reason ?? '');
  }

  private ended(inner: string, status: string, reason: string): void {
    const found = this.register.named(inner);
    if (found === undefined) return;
    if (found instanceof AlgoOrder && found.child === undefined) {
      const working = this.venue.find({ clientId: inner, symbol: found.market.name });
      const isTriggered = working?.triggered === true;
      const isDenied = isTriggered && DENIED.some((word) => reason.startsWith(word));
      if (!isTriggered || isDenied) {
        const ended =
          status === 'cancelled' ? 'CANCELED' : isDenied && !found.terms.closePosition ? 'REJECTED' : 'EXPIRED';
        Object.assign(found, { status: ended, updatedAt: this.now, reason });
        this.register.ended(found);
        this.tellAlgo(found);
        return;
      }
      this.triggered(found, working.request);
    }
    const order = found instanceof AlgoOrder ? found.child : found;
    if (order === undefined || !order.isOpen) return;
    const isCancelled = status === 'cancelled' && !order.isRefused;
    order.status = isCancelled ? 'CANCELED' : reason.startsWith(SELF_TRADE) ? 'EXPIRED_IN_MATCH' : 'EXPIRED';
    this.register.ended(order);
    order.updatedAt = this.now;
    this.tellOrder(order, isCancelled ? 'CANCELED' : 'EXPIRED');
    if (found instanceof AlgoOrder) this.finish(found);
  }

  /** The child is told of first, with its first fill too, and the parent that it has triggered only then. */
  private triggered(algo: AlgoOrder, request: OrderRequest): WireOrder {
    const terms = { ...algo.terms, type: request.limit === undefined ? 'MARKET' : 'LIMIT' };
    const child = new WireOrder(
      this.register.nextOrderId(),
      algo.clientId,
      algo.market,
      terms,
      request,
      this.now,
      algo,
    );
    Object.assign(algo, { child, status: 'TRIGGERED', triggeredAt: this.now, updatedAt: this.now });
    this.register.ended(algo);
    this.register.add(child);
    this.tellOrder(child, 'NEW');
    if (child.request.limit !== undefined) this.tellTriggered(algo);
    return child;
  }

  /** Once, whatever of its child comes first. */
  private tellTriggered(algo: AlgoOrder): void {
    if (algo.isTriggerTold) return;
    algo.isTriggerTold = true;
    this.tellAlgo(algo);
  }

  private finish(algo: AlgoOrder): void {
    this.tellTriggered(algo);
    Object.assign(algo, { status: 'FINISHED', updatedAt: this.now });
    this.tellAlgo(algo);
  }

  private filled(fill: Fill): void {
    const order = this.orderOf(fill);
    const { market } = order;
    const { instrument } = market;
    order.filled = (order.filled + fill.lots) as typeof order.filled;
    order.quote = order.quote.plus(instrument.price(fill.price).times(instrument.size(fill.lots)));
    order.updatedAt = fill.at;
    const isWhole = order.filled >= order.request.lots;
    order.status = isWhole ? 'FILLED' : 'PARTIALLY_FILLED';
    if (isWhole) this.register.ended(order);
    const { unit } = this.books;
    const profit = unit.of(this.position(market, fill.positionSide).apply(fill.side, fill.lots, fill.price, fill.at));
    const { asset: feeAsset, price: feePrice } = this.feesIn ?? { asset: instrument.spec.settle, price: ONE };
    const fee = unit.of(fill.fee).negated().div(feePrice).toDecimalPlaces(MONEY_DIGITS);
    const told: WireFill = {
      tradeId: this.past.nextTradeId(),
      price: market.priceText(fill.price),
      size: market.sizeText(fill.lots),
      fee,
      feeAsset,
      profit,
      isMaker: fill.liquidity === 'maker',
    };
    this.past.traded({ ...told, symbol: market.name, order, at: fill.at });
    this.tell(tradeLite(order, this.now, told));
    this.tellAccount('ORDER', market);
    const isOurs = fill.cause === undefined;
    this.tellOrder(order, isOurs ? 'TRADE' : 'CALCULATED', told);
    const { parent } = order;
    if (parent?.status === 'TRIGGERED') {
      this.tellTriggered(parent);
      if (isWhole) this.finish(parent);
    }
  }

  /** An order that the exchange made itself, to liquidate or to deleverage, is one that nobody sent. */
  private orderOf(fill: Fill): WireOrder {
    const found = this.register.named(fill.clientId);
    if (found instanceof WireOrder) return found;
    const working = this.venue.find({ clientId: fill.clientId, symbol: fill.instrument.symbol });
    if (found instanceof AlgoOrder) return found.child ?? this.triggered(found, working?.request ?? found.request);
    const market = this.markets.get(fill.instrument.symbol) as WireMarket;
    const made = orderOfTheVenue(this.register.nextOrderId(), market, fill, working?.request);
    this.register.enter(made);
    this.tellOrder(made, 'NEW');
    return made;
  }

  private funded({ instrument, amount, at }: FundingPayment): void {
    if (amount === undefined) return;
    const paid = this.books.unit.of(amount);
    this.past.income({
      type: 'FUNDING_FEE',
      symbol: instrument.symbol,
      amount: paid,
      asset: instrument.spec.settle,
      at,
    });
    this.tellAccount('FUNDING_FEE', undefined, paid);
  }

  private position(market: WireMarket, side: PositionSide | undefined): Position {
    const name = `${market.name} ${side ?? 'both'}`;
    let position = this.positions.get(name);
    const inner = this.venue.markets.get(market.name);
    if (position === undefined)
      this.positions.set(name, (position = new Position(inner?.instrument ?? market.instrument)));
    return position;
  }
}
