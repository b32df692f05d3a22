import { Decimal } from '../../../domain/decimal.js';
import { askedOrderRow, algoRow } from '../account/order-rows.js';
import type { AccountDesks } from '../account/account-desks.js';
import type { Params } from '../params.js';
import { WireRefusal } from '../refusal.js';
import { cut, marketAsked, rowsAsked, weighsByScope, weekAsked, windowAsked } from './asked.js';
import { weighs, type AccountRoute, type AccountRoutes } from './route.js';
import type { WireMarket } from '../market/wire-market.js';

const USUAL_ROWS = 500;
const MOST_ROWS = 1_000;

/** Orders, of both services. Source: Binance, "USDⓈ-M Futures, Trade". */
export const orderRoutes: AccountRoutes = new Map<string, AccountRoute>([
  ['POST /fapi/v1/order', order(0, ({ orders }, params) => orders.place(params))],
  ['PUT /fapi/v1/order', order(0, ({ orders }, params) => orders.modify(params))],
  ['DELETE /fapi/v1/order', { weight: weighs(1), answer: ({ orders }, params) => orders.cancel(params) }],
  [
    'GET /fapi/v1/order',
    { weight: weighs(1), answer: ({ orders }, params) => askedOrderRow(orders.named(params, noOrder)) },
  ],
  ['GET /fapi/v1/openOrder', { weight: weighs(1), answer: openOrder }],
  ['POST /fapi/v1/batchOrders', order(5, ({ orders }, params) => orders.placeAll(params))],
  ['PUT /fapi/v1/batchOrders', order(5, ({ orders }, params) => orders.modifyAll(params))],
  ['DELETE /fapi/v1/batchOrders', { weight: weighs(1), answer: ({ orders }, params) => orders.cancelSome(params) }],
  ['DELETE /fapi/v1/allOpenOrders', { weight: weighs(1), answer: ({ orders }, params) => orders.cancelAll(params) }],
  [
    'POST /fapi/v1/countdownCancelAll',
    { weight: weighs(10), answer: ({ orders }, params) => orders.countdown(params) },
  ],
  [
    'GET /fapi/v1/openOrders',
    {
      weight: weighsByScope(1, 40),
      answer: (desks, params) => desks.account.register.open(marketOrAll(desks, params)).map(askedOrderRow),
    },
  ],
  ['GET /fapi/v1/allOrders', { weight: weighs(5), answer: allOrders }],
  ['GET /fapi/v1/userTrades', { weight: weighs(5), answer: userTrades }],
  ['POST /fapi/v1/algoOrder', order(0, ({ algo }, params) => algo.place(params))],
  ['DELETE /fapi/v1/algoOrder', { weight: weighs(1), answer: ({ algo }, params) => algo.cancel(params) }],
  ['GET /fapi/v1/algoOrder', { weight: weighs(1), answer: ({ algo }, params) => algo.asked(params) }],
  ['DELETE /fapi/v1/algoOpenOrders', { weight: weighs(1), answer: ({ algo }, params) => algo.cancelAll(params) }],
  [
    'GET /fapi/v1/openAlgoOrders',
    {
      weight: weighsByScope(1, 40),
      answer: (desks, params) => desks.account.register.openAlgos(marketOrAll(desks, params)).map(algoRow),
    },
  ],
  ['GET /fapi/v1/allAlgoOrders', { weight: weighs(5), answer: allAlgoOrders }],
]);

function order(weight: number, answer: AccountRoute['answer']): AccountRoute {
  return { weight: weighs(weight), isOrder: true, answer };
}

const noOrder = (): WireRefusal => new WireRefusal(-2013, 'Order does not exist.');

const marketOrAll = ({ account }: AccountDesks, params: Params): WireMarket | undefined =>
  params.get('symbol') === undefined ? undefined : marketAsked(account.markets, params);

function openOrder({ orders }: AccountDesks, params: Params): unknown {
  const found = orders.named(params, noOrder);
  if (!found.isOpen) throw noOrder();
  return askedOrderRow(found);
}

function allOrders({ account }: AccountDesks, params: Params): unknown {
  const market = marketAsked(account.markets, params);
  const [from, to] = windowAsked(params);
  const first = params.whole('orderId', 0);
  const rows = account.register.orders
    .of(market)
    .filter((each) => each.orderId >= first && each.createdAt >= from && each.createdAt <= to);
  return cut(rows, rowsAsked(params, USUAL_ROWS, MOST_ROWS), first > 0).map(askedOrderRow);
}

function allAlgoOrders({ account }: AccountDesks, params: Params): unknown {
  const market = marketAsked(account.markets, params);
  const [from, to] = windowAsked(params);
  const first = params.whole('algoId', 0);
  const rows = account.register.algos
    .of(market)
    .filter((each) => each.algoId >= first && each.createdAt >= from && each.createdAt <= to);
  return cut(rows, rowsAsked(params, USUAL_ROWS, MOST_ROWS), first > 0).map(algoRow);
}

/** The first rows of the window, or from an id on; the newest where neither is named. */
function userTrades({ account }: AccountDesks, params: Params): unknown {
  const market = marketAsked(account.markets, params);
  const isFrom = params.get('fromId') !== undefined;
  const isWindowed = params.get('startTime') !== undefined || params.get('endTime') !== undefined;
  if (isFrom && isWindowed) throw new WireRefusal(-1128, 'Combination of optional parameters invalid.');
  const [from, to] = isFrom ? [0, Number.POSITIVE_INFINITY] : weekAsked(params, account.now);
  const first = params.whole('fromId', 0);
  const of = params.whole('orderId', undefined);
  const rows = account.past.trades
    .of(market.name, account.now)
    .filter(
      (trade) =>
        trade.tradeId >= first &&
        trade.at >= from &&
        trade.at <= to &&
        (of === undefined || trade.order.orderId === of),
    );
  const isForward = first > 0 || params.get('startTime') !== undefined;
  return cut(rows, rowsAsked(params, USUAL_ROWS, MOST_ROWS), isForward).map((trade) => ({
    symbol: market.name,
    id: trade.tradeId,
    orderId: trade.order.orderId,
    side: trade.order.terms.side,
    price: trade.price,
    qty: trade.size,
    realizedPnl: trade.profit.toFixed(8),
    quoteQty: new Decimal(trade.price).times(trade.size).toFixed(),
    commission: trade.fee.toFixed(8),
    commissionAsset: trade.feeAsset,
    time: trade.at,
    positionSide: trade.order.terms.positionSide,
    buyer: trade.order.terms.side === 'BUY',
    maker: trade.isMaker,
  }));
}
