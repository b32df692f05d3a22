import { OrderRequest } from '../../../domain/order.js';
import { lots } from '../../../domain/units.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { WireMarket } from '../market/wire-market.js';
import { Params } from '../params.js';
import { illegal, missing, WireRefusal } from '../refusal.js';
import { marketAsked } from '../rest/asked.js';
import { orderName } from './order-register.js';
import { orderRow } from './order-rows.js';
import { refusalOf } from './order-refusals.js';
import { plainOrder, priceOf, sizeOf } from './order-terms.js';
import type { WireAccount } from './wire-account.js';
import { WireOrder } from './wire-order.js';

type Row = Readonly<Record<string, unknown>>;

const MOST_CHANGES = 10_000;
const MOST_PLACED = 5;
const MOST_CANCELLED = 10;

const unknownOrder = (): WireRefusal => new WireRefusal(-2011, 'Unknown order sent.');

/** Orders that do not wait for a trigger. Source: Binance, "USDⓈ-M Futures, Trade". */
export class PlainDesk {
  /** What ends the countdown of a symbol. */
  private readonly countdowns = new Map<string, () => void>();

  constructor(
    readonly account: WireAccount,
    private readonly scheduler: Scheduler,
  ) {}

  /** `POST /fapi/v1/order`. */
  place(params: Params): Row {
    const { account } = this;
    const market = marketAsked(account.markets, params);
    account.exchange.pass();
    account.counts.take(1, account.now);
    const asked = plainOrder(market, params, account.mode, account.now);
    const id = account.register.nextOrderId();
    const clientId = asked.clientId ?? `x-${id}`;
    if (this.account.register.open(market).some((order) => order.clientId === clientId))
      throw new WireRefusal(-4116, 'ClientOrderId is duplicated.');
    const request = new OrderRequest({ ...asked.request, ...account.register.inside(market) });
    const order = new WireOrder(id, clientId, market, asked.terms, request, account.now);
    account.submit(order);
    return orderRow(order);
  }

  /** `POST /fapi/v1/batchOrders`: each has an answer of its own. */
  placeAll(params: Params): readonly Row[] {
    return this.each(params, 'batchOrders', MOST_PLACED, (each) => this.place(each));
  }

  /** `DELETE /fapi/v1/order`. */
  cancel(params: Params): Row {
    const order = this.named(params, unknownOrder);
    this.account.exchange.pass();
    if (!order.isOpen) throw unknownOrder();
    this.end(order);
    return orderRow(order);
  }

  /** `DELETE /fapi/v1/batchOrders`. */
  cancelSome(params: Params): readonly Row[] {
    const market = marketAsked(this.account.markets, params);
    const names = ['orderIdList', 'origClientOrderIdList'].filter((name) => params.get(name) !== undefined);
    const [name] = names;
    if (name === undefined) throw missing('orderIdList');
    const field = name === 'orderIdList' ? 'orderId' : 'origClientOrderId';
    return listed(params, name, MOST_CANCELLED).map((value) =>
      answered(() =>
        this.cancel(
          new Params(
            new URLSearchParams([
              ['symbol', market.name],
              [field, String(value)],
            ]).toString(),
          ),
        ),
      ),
    );
  }

  /** `DELETE /fapi/v1/allOpenOrders`. */
  cancelAll(params: Params): Row {
    const market = marketAsked(this.account.markets, params);
    this.cancelOf(market);
    return { code: 200, msg: 'The operation of cancel all open order is done.' };
  }

  /** `POST /fapi/v1/countdownCancelAll`. Orders that wait for a trigger are another service's, and stay. */
  countdown(params: Params): Row {
    const market = marketAsked(this.account.markets, params);
    const ms = params.whole('countdownTime', undefined);
    if (ms === undefined) throw missing('countdownTime');
    this.countdowns.get(market.name)?.();
    this.countdowns.delete(market.name);
    if (ms > 0)
      this.countdowns.set(
        market.name,
        this.scheduler.after(ms, () => this.cancelOf(market)),
      );
    return { symbol: market.name, countdownTime: String(ms) };
  }

  /** `PUT /fapi/v1/order`: the change may end the order. */
  modify(params: Params): Row {
    const { account } = this;
    const order = this.named(params, () => new WireRefusal(-2013, 'Order does not exist.'));
    account.exchange.pass();
    account.counts.take(1, account.now);
    if (params.need('side') !== order.terms.side) throw illegal('side');
    if (order.terms.type !== 'LIMIT') throw new WireRefusal(-5028, 'Order type is not supported for this operation.');
    for (const name of ['quantity', 'price']) params.need(name);
    const limit = priceOf(order.market, params, 'price');
    const size = sizeOf(order.market, params, 'limit');
    if (!order.isOpen) throw new WireRefusal(-2013, 'Order does not exist.');
    if (order.changes >= MOST_CHANGES) throw new WireRefusal(-5026, 'Exceed maximum modify order limit.');
    if (limit === order.request.limit && size === order.request.lots)
      throw new WireRefusal(-5027, 'No need to modify the order.');
    if (order.filled > 0 && size <= order.filled) {
      this.end(order);
      return orderRow(order);
    }
    const ref = { clientId: order.request.clientId, symbol: order.market.name };
    const result = account.venue.amend({ ref, lots: lots(size), ...(limit === undefined ? {} : { limit }) });
    if (result.outcome === 'rejected' && result.reason === 'post_only_would_take') {
      this.end(order);
      return orderRow(order);
    }
    if (result.outcome === 'rejected') throw refusalOf(result, order.terms, false);
    order.changes += 1;
    order.request = account.venue.find(ref)?.request ?? order.request;
    order.updatedAt = account.now;
    if (order.isOpen) account.tellOrder(order, 'AMENDMENT');
    return orderRow(order);
  }

  /** `PUT /fapi/v1/batchOrders`. */
  modifyAll(params: Params): readonly Row[] {
    return this.each(params, 'batchOrders', MOST_PLACED, (each) => this.modify(each));
  }

  /** The order that is meant: the newest of its name. Throws what `none` says where there is none. */
  named(params: Params, none: () => WireRefusal): WireOrder {
    const market = marketAsked(this.account.markets, params);
    const id = params.whole('orderId', undefined);
    const name = params.get('origClientOrderId');
    if (id === undefined && name === undefined)
      throw new WireRefusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    const { orders } = this.account.register;
    const found = id !== undefined ? orders.get(id) : orders.named(orderName(market, name ?? ''));
    if (found?.market !== market) throw none();
    return found;
  }

  close(): void {
    for (const end of this.countdowns.values()) end();
    this.countdowns.clear();
  }

  /** Ends one that has been accepted as the venue ends what it refuses late. */
  expire(order: WireOrder): void {
    if (!order.isOpen) return;
    order.isRefused = true;
    this.end(order);
  }

  private end({ request, market }: WireOrder): void {
    this.account.venue.cancel({ clientId: request.clientId, symbol: market.name });
  }

  private cancelOf(market: WireMarket): void {
    for (const order of this.account.register.open(market)) this.end(order);
  }

  private each(params: Params, name: string, most: number, work: (params: Params) => Row): readonly Row[] {
    return listed(params, name, most).map((entry) => {
      if (typeof entry !== 'object' || entry === null) throw illegal(name);
      const fields = Object.entries(entry as Readonly<Record<string, unknown>>);
      const query = new URLSearchParams(fields.map(([key, value]): [string, string] => [key, String(value)]));
      return answered(() => work(new Params(query.toString())));
    });
  }
}

function listed(params: Params, name: string, most: number): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(params.need(name));
  } catch (error) {
    if (error instanceof WireRefusal) throw error;
    throw illegal(name);
  }
  if (!Array.isArray(list) || list.length === 0 || list.length > most) throw illegal(name);
  return list as readonly unknown[];
}

function answered(work: () => Row): Row {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WireRefusal)) throw error;
    return { code: error.code, msg: error.message };
  }
}
