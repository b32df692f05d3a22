import { feeOf } from '../../../domain/fees.js';
import { fundingAmount } from '../../../domain/funding.js';
import { rateOf } from '../../../domain/instrument.js';
import {
  OrderRequest,
  signOf,
  type Fill,
  type FundingPayment,
  type Liquidity,
  type OrderTerms,
  type PositionSide,
  type Side,
} from '../../../domain/order.js';
import { exact, lots, units, type Lots, type Ticks } from '../../../domain/units.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { FundingStamp } from '../../../ports/core-services/simulated-exchange.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import type { ExecutionGuard } from './execution-guard.js';
import { ENTRY_CLOSED, Links } from './links.js';
import { holdingValue } from '../core/margin.js';
import type { Market } from '../core/market.js';
import type { Outbox } from '../core/outbox.js';
import type { Holding } from '../core/positions.js';
import { onlyReduces, reducesSide } from '../core/request-kinds.js';
import { SelfTrade } from './self-trade.js';
import { seqOf, tradeIdOf, WorkingOrder } from '../core/working-order.js';

export const POSITION_GONE = 'reduce_only: there is nothing left to reduce';
/** Why an exit ends that nobody cancelled. */
const EXIT_OVER = 'position: the one it belonged to is closed';
/** Why a post-only order ends that would take when its entry wakes it. */
export const WOULD_TAKE = 'post_only: it would have taken';

/** What the next order and the next trade are numbered: venues of one run count together, so that no id comes twice. */
export interface Ids {
  order: number;
  trade: number;
}

/** The only place where orders, fills and payments come about. Ids count up and never repeat. */
export class OrderDesk {
  /** Place in line of the next order to come or to lose its place. */
  private nextPriority = 1;
  readonly links = new Links(
    (market, order, status, reason, at) => this.end(market, order, status, reason, at),
    (market, order, at) => this.rejoin(market, order, at),
  );
  readonly selfTrade = new SelfTrade((market, order, status, reason, at) =>
    this.end(market, order, status, reason, at),
  );
  /** Exits end with the position they belong to. */
  exitsEndWithPosition = false;
  /** Told when a fill is whole: what it has made of the position may be due at once, before the next order executes. */
  afterFill: (market: Market, at: number) => void = () => undefined;
  /** Every order ever accepted: client ids are unique for ever. */
  readonly byClientId = new Map<string, WorkingOrder>();
  /** The same orders, in order of arrival. */
  private readonly bySeq: WorkingOrder[] = [];

  constructor(
    private readonly account: SimulatedAccount,
    private readonly outbox: Outbox,
    readonly ids: Ids,
    private readonly guard: Pick<ExecutionGuard, 'refusal'>,
  ) {}

  /** Takes a checked request in. It is in no list of the book yet. */
  accept(market: Market, request: OrderRequest, marginPrice: Ticks, at: number): WorkingOrder {
    const order = new WorkingOrder(this.ids.order, request, at, marginPrice);
    this.ids.order += 1;
    this.toBack(order);
    this.adopt(market, order);
    this.outbox.order(order);
    return order;
  }

  private adopt(market: Market, order: WorkingOrder, of?: OrderDesk): void {
    this.byClientId.set(order.request.clientId, order);
    this.bySeq[order.seq] = order;
    this.links.adopt(market, order, (id) => this.byClientId.get(id) ?? of?.byClientId.get(id));
  }

  /** Takes in copies of another desk's open orders, older ones first; what has ended there is looked up there. */
  rehearse(market: Market, orders: readonly WorkingOrder[], of: OrderDesk): void {
    this.exitsEndWithPosition = of.exitsEndWithPosition;
    this.selfTrade.prevention = of.selfTrade.prevention;
    for (const order of orders) {
      const copy = order.copy();
      this.adopt(market, copy, of);
      if (copy.exits !== undefined && order.exits !== undefined) copy.exits.filled = order.exits.filled;
      this.place(market, copy);
    }
  }

  /** The order stands behind everybody at its price. */
  toBack(order: WorkingOrder): void {
    order.priority = this.nextPriority;
    order.queueAhead = Number.NaN;
    this.nextPriority += 1;
  }

  /** Puts other terms in an open order's place: its identity and what it has filled stay. */
  rewrite(order: WorkingOrder, changes: Partial<OrderTerms>): void {
    const terms: OrderTerms = order.request;
    order.request = new OrderRequest({ ...terms, ...changes });
  }

  /** Takes in an order of an earlier process; ids go on after it. */
  restore(market: Market, order: WorkingOrder): void {
    this.nextPriority = Math.max(this.nextPriority, order.priority + 1);
    this.adopt(market, order);
    if (order.isOpen) this.place(market, order);
  }

  private place(market: Market, order: WorkingOrder): void {
    if (order.asleep) market.book.sleep(order);
    else if (order.isStop) market.book.hold(order);
    else if (order.waits) market.book.wait(order);
    else market.book.rest(order);
  }

  find(ref: OrderRef): WorkingOrder | undefined {
    const order = this.byClientId.get(ref.clientId);
    if (order !== undefined) return order;
    for (const id of ref.venueIds ?? []) {
      const byId = this.bySeq[seqOf(id)];
      if (byId !== undefined) return byId;
    }
    return undefined;
  }

  /**
   * Lots the order may still execute: a reduce-only order, and a sale on a spot market, never more than the position;
   * an order with an entry never more than that has filled.
   */
  executable(market: Market, order: WorkingOrder): Lots {
    const { request, allowed } = order;
    const sale = market.instrument.spec.kind === 'spot' && request.side === 'sell';
    if (!request.reduceOnly && !sale && !reducesSide(request)) return allowed;
    return lots(Math.max(0, Math.min(allowed, this.reducible(market, request))));
  }

  /** Lots of the position that an order of this kind can close; negative or zero for none. */
  reducible(market: Market, request: OrderRequest): number {
    return -signOf(request.side) * market.holdings.of(request.options?.positionSide).position.lots;
  }

  /**
   * Executes `size` lots, at least one and at most `executable`. The order ends instead where margin does not bear it.
   */
  fill(market: Market, order: WorkingOrder, size: Lots, price: Ticks, liquidity: Liquidity, at: number): void {
    const { request } = order;
    const notional = market.instrument.notional(price, size);
    const fee = feeOf(notional, this.account.schedule.rateOf(market, liquidity, at));
    const refused = this.guard.refusal(market, request, size, price, fee);
    if (refused !== undefined) {
      this.end(market, order, 'expired', refused, at);
      return;
    }
    const tradeId = tradeIdOf(this.ids.trade);
    const positionSide = request.options?.positionSide;
    const fill: Fill = {
      tradeId,
      clientId: request.clientId,
      venueId: order.venueId,
      instrument: market.instrument,
      side: request.side,
      lots: size,
      price,
      fee,
      liquidity,
      at,
      ...(positionSide === undefined ? {} : { positionSide }),
    };
    const { position } = market.holdings.of(positionSide);
    const before = position.lots;
    this.account.apply(fill);
    this.ids.trade += 1;
    order.filled = lots(order.filled + size);
    order.filledNotional = units(exact(order.filledNotional + notional, 'Filled notional'));
    order.updatedAt = Math.max(order.updatedAt, at);
    order.status = order.remaining === 0 ? 'filled' : 'partially_filled';
    if (order.remaining === 0) market.book.remove(order);
    this.outbox.fill(fill);
    this.outbox.order(order);
    this.links.executed(order, size, at);
    if (!order.isOpen) this.links.ended(order, at);
    else if (order.allowed === 0) this.rejoin(market, order, at);
    else if (this.executable(market, order) === 0) this.end(market, order, 'expired', POSITION_GONE, at);
    if (this.exitsEndWithPosition && before !== 0 && Math.sign(position.lots) !== Math.sign(before))
      this.endExits(market, before > 0 ? 'sell' : 'buy', positionSide, at);
    this.afterFill(market, at);
  }

  /**
   * The position is closed or turned round: what could only have closed it ends, but for the exits of an entry that is
   * still open.
   */
  private endExits(market: Market, side: Side, positionSide: PositionSide | undefined, at: number): void {
    for (const order of [...market.book.all()]) {
      const { request } = order;
      if (request.side !== side || request.options?.positionSide !== positionSide || !onlyReduces(request)) continue;
      if (order.isOpen && order.entry?.isOpen !== true) this.end(market, order, 'expired', EXIT_OVER, at);
    }
  }

  /** What its entry filled is closed: the order sleeps until that fills more, and ends when it cannot. */
  private rejoin(market: Market, order: WorkingOrder, at: number): void {
    if (order.entry?.isOpen === true) this.sleep(market, order);
    else this.end(market, order, 'expired', ENTRY_CLOSED, at);
  }

  /** Lets the order sleep until its entry fills. */
  sleep(market: Market, order: WorkingOrder): void {
    order.asleep = true;
    order.waits = false;
    market.book.sleep(order);
    this.outbox.touch(order);
  }

  /** Takes the oldest order out that an entry's fill has woken: it is in no list of the book until it is placed. */
  nextWoken(market: Market): WorkingOrder | undefined {
    const order = market.book.nextWoken();
    if (order === undefined) return undefined;
    market.book.remove(order);
    order.asleep = false;
    order.woken = false;
    this.outbox.touch(order);
    return order;
  }

  /** The market has moved something of the order: its place in the queue, the price that it trails. */
  drift(order: WorkingOrder): void {
    this.outbox.drift(order);
  }

  /** Keeps the order for the next price. */
  wait(market: Market, order: WorkingOrder): void {
    order.waits = true;
    market.book.wait(order);
    this.outbox.touch(order);
  }

  /** Lets the order rest at its limit. */
  rest(market: Market, order: WorkingOrder): void {
    order.waits = false;
    market.book.rest(order);
    this.outbox.touch(order);
  }

  /** Ends an open order with what it has filled so far. */
  end(market: Market, order: WorkingOrder, status: 'cancelled' | 'expired', reason: string, at: number): void {
    market.book.remove(order);
    order.status = status;
    order.reason = reason;
    order.asleep = order.woken = order.waits = false;
    order.updatedAt = Math.max(order.updatedAt, at);
    this.outbox.order(order);
    this.links.ended(order, at);
  }

  /**
   * The trigger is reached: from now on it is its plain type, and in no list of the book until it is placed. One that
   * closes the position takes its size from it, and ends where there is none: see `isOpen`.
   */
  trigger(market: Market, order: WorkingOrder, at: number): void {
    market.book.remove(order);
    order.triggered = true;
    order.updatedAt = Math.max(order.updatedAt, at);
    if (order.request.options?.closePosition === true) {
      const size = this.reducible(market, order.request);
      if (!(size > 0)) {
        this.end(market, order, 'expired', POSITION_GONE, at);
        return;
      }
      this.rewrite(order, { lots: lots(size), reduceOnly: true });
    }
    this.outbox.touch(order);
  }

  /** Pays one stamp on the positions of that instant, at the mark last known; a hedged account on each side. */
  payFunding(market: Market, stamp: FundingStamp): void {
    const { net, long, short } = market.holdings;
    const hedged = this.account.positionMode === 'hedge';
    if (!hedged || (long.position.lots === 0 && short.position.lots === 0)) this.payOn(market, net, stamp);
    else for (const holding of [long, short]) if (holding.position.lots !== 0) this.payOn(market, holding, stamp);
  }

  private payOn(market: Market, holding: Holding, stamp: FundingStamp): void {
    const { instrument } = market;
    const amount =
      stamp.rate === undefined ? undefined : fundingAmount(holdingValue(market, holding), rateOf(stamp.rate));
    const payment: FundingPayment = {
      id: `sim-funding-${market.symbol}-${stamp.at}${holding.side === undefined ? '' : `-${holding.side}`}`,
      instrument,
      at: stamp.at,
      rate: stamp.rate,
      markPrice: instrument.markPrice(market.mark),
      lots: holding.position.lots,
      amount,
    };
    this.account.pay(payment, holding);
    this.outbox.funding(payment);
  }
}
