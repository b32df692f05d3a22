import { OrderRequest } from '../../../domain/order.js';
import type { Params } from '../params.js';
import { WireRefusal } from '../refusal.js';
import { marketAsked } from '../rest/asked.js';
import { algoRow } from './order-rows.js';
import { conditionalOrder } from './order-terms.js';
import type { WireAccount } from './wire-account.js';
import { AlgoOrder } from './wire-order.js';

type Row = Readonly<Record<string, unknown>>;

/** Over all symbols. Source: Binance, notice of 2025-12-29. */
const MOST = 200;

/** Conditional orders: a service of its own, with numbers of its own. Source: Binance, "New Algo Order". */
export class AlgoDesk {
  constructor(readonly account: WireAccount) {}

  /** `POST /fapi/v1/algoOrder`. */
  place(params: Params): Row {
    const { account } = this;
    const market = marketAsked(account.markets, params);
    account.exchange.pass();
    account.counts.take(1, account.now);
    const asked = conditionalOrder(market, params, account.mode, account.now);
    if (this.account.register.openAlgos(undefined).length >= MOST)
      throw new WireRefusal(-4045, 'Reach max stop order limit.');
    const id = account.register.nextAlgoId();
    const clientId = asked.clientId ?? `x-${id}`;
    if (this.account.register.openAlgos(undefined).some((order) => order.clientId === clientId))
      throw new WireRefusal(-4116, 'ClientOrderId is duplicated.');
    const request = new OrderRequest({ ...asked.request, ...account.register.inside(market) });
    const order = new AlgoOrder(id, clientId, market, asked.terms, request, account.now, asked.callbackRate);
    account.submit(order);
    return algoRow(order);
  }

  /** `DELETE /fapi/v1/algoOrder`. */
  cancel(params: Params): Row {
    const none = (): WireRefusal => new WireRefusal(-2011, 'Unknown order sent.');
    const order = this.named(params, none);
    this.account.exchange.pass();
    if (!order.isOpen) throw none();
    this.end(order);
    return { algoId: order.algoId, clientAlgoId: order.clientId, code: '200', msg: 'success' };
  }

  /** `DELETE /fapi/v1/algoOpenOrders`. */
  cancelAll(params: Params): Row {
    for (const order of this.account.register.openAlgos(marketAsked(this.account.markets, params))) this.end(order);
    return { code: 200, msg: 'The operation of cancel all open order is done.' };
  }

  /** `GET /fapi/v1/algoOrder`. */
  asked(params: Params): Row {
    return algoRow(this.named(params, () => new WireRefusal(-2013, 'Order does not exist.')));
  }

  private named(params: Params, none: () => WireRefusal): AlgoOrder {
    const id = params.whole('algoId', undefined);
    const name = params.get('clientAlgoId');
    if (id === undefined && name === undefined)
      throw new WireRefusal(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!");
    const { algos } = this.account.register;
    const found = id !== undefined ? algos.get(id) : algos.named(name ?? '');
    if (found === undefined) throw none();
    return found;
  }

  private end({ request, market }: AlgoOrder): void {
    this.account.venue.cancel({ clientId: request.clientId, symbol: market.name });
  }
}
