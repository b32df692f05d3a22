import { feeOf } from '../../domain/fees.js';
import { fundingAmount } from '../../domain/funding.js';
import { rateOf } from '../../domain/instrument.js';
import { signOf, type Fill, type FundingPayment, type Liquidity, type OrderRequest } from '../../domain/order.js';
import { exact, lots, units, type Lots, type Ticks } from '../../domain/units.js';
import type { OrderRef } from '../../ports/brokerage.js';
import type { FundingStamp } from '../../ports/simulated-exchange.js';
import type { SimulatedAccount } from './account.js';
import { positionValue } from './margin.js';
import type { Market } from './market.js';
import type { Outbox } from './outbox.js';
import { seqOf, tradeIdOf, WorkingOrder } from './working-order.js';

export const POSITION_GONE = 'reduce_only: there is nothing left to reduce';

/** The only place where orders, fills and payments come about. Ids count up and never repeat. */
export class OrderDesk {
  nextOrder = 1;
  nextTrade = 1;
  /** Every order ever accepted: client ids are unique for ever. */
  readonly byClientId = new Map<string, WorkingOrder>();
  /** The same orders, in order of arrival. */
  private readonly bySeq: WorkingOrder[] = [];

  constructor(
    private readonly account: SimulatedAccount,
    private readonly outbox: Outbox,
  ) {}

  /** Takes a checked request in. It is in no list of the book yet. */
  accept(request: OrderRequest, marginPrice: Ticks, at: number): WorkingOrder {
    const order = new WorkingOrder(this.nextOrder, request, at, marginPrice);
    this.nextOrder += 1;
    this.adopt(order);
    this.outbox.order(order);
    return order;
  }

  private adopt(order: WorkingOrder): void {
    this.byClientId.set(order.request.clientId, order);
    this.bySeq[order.seq] = order;
  }

  /** Takes in an order of an earlier process; ids go on after it. */
  restore(market: Market, order: WorkingOrder): void {
    this.adopt(order);
    if (!order.isOpen) return;
    if (order.isStop) market.book.hold(order);
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

  /** Lots the order may still execute: a reduce-only order, and a sale on a spot market, never more than the position. */
  executable(market: Market, order: WorkingOrder): Lots {
    const sale = market.instrument.spec.kind === 'spot' && order.request.side === 'sell';
    if (!order.request.reduceOnly && !sale) return order.remaining;
    const reducible = -signOf(order.request.side) * market.position.lots;
    return lots(Math.max(0, Math.min(order.remaining, reducible)));
  }

  /** Executes `size` lots, at least one and at most `executable`. */
  fill(market: Market, order: WorkingOrder, size: Lots, price: Ticks, liquidity: Liquidity, at: number): void {
    const { request } = order;
    const notional = market.instrument.notional(price, size);
    const fee = feeOf(notional, liquidity === 'maker' ? market.makerRate : market.takerRate);
    const tradeId = tradeIdOf(this.nextTrade);
    const fill: Fill = { tradeId, clientId: request.clientId, venueId: order.venueId, instrument: market.instrument, side: request.side, lots: size, price, fee, liquidity, at };
    this.account.apply(fill);
    this.nextTrade += 1;
    order.filled = lots(order.filled + size);
    order.filledNotional = units(exact(order.filledNotional + notional, 'Filled notional'));
    order.updatedAt = Math.max(order.updatedAt, at);
    order.status = order.remaining === 0 ? 'filled' : 'partially_filled';
    if (order.remaining === 0) market.book.remove(order);
    this.outbox.fill(fill);
    this.outbox.order(order);
    if (order.isOpen && this.executable(market, order) === 0) this.end(market, order, 'expired', POSITION_GONE, at);
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
    order.updatedAt = Math.max(order.updatedAt, at);
    this.outbox.order(order);
  }

  /** The trigger is reached: from now on it is its plain type. It is in no list of the book until it is placed. */
  trigger(market: Market, order: WorkingOrder, at: number): void {
    market.book.remove(order);
    order.triggered = true;
    order.updatedAt = Math.max(order.updatedAt, at);
    this.outbox.touch(order);
  }

  /** Pays one stamp on the position of that instant, at the mark last known. */
  payFunding(market: Market, stamp: FundingStamp): void {
    const { instrument, position } = market;
    const amount = stamp.rate === undefined ? undefined : fundingAmount(positionValue(market), rateOf(stamp.rate));
    const payment: FundingPayment = {
      id: `sim-funding-${market.symbol}-${stamp.at}`,
      instrument,
      at: stamp.at,
      rate: stamp.rate,
      markPrice: instrument.markPrice(market.mark),
      lots: position.lots,
      amount,
    };
    this.account.pay(payment);
    this.outbox.funding(payment);
  }
}
