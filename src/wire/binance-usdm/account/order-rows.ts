import { ZERO } from '../../../domain/decimal.js';
import type { OrderRequest } from '../../../domain/order.js';
import type { WireMarket } from '../market/wire-market.js';
import type { AlgoOrder, WireOrder } from './wire-order.js';

type Row = Readonly<Record<string, unknown>>;

const priceOf = (market: WireMarket, request: OrderRequest): string =>
  request.limit === undefined ? '0' : market.priceText(request.limit);
const stopOf = (market: WireMarket, request: OrderRequest): string =>
  request.stop === undefined ? '0' : market.priceText(request.stop);

/**
 * An order as requests are answered with it. What it has filled at is not among it: the venue documents `avgPrice` and
 * `cumQuote` for questions alone.
 */
export function orderRow(order: WireOrder): Row {
  const { market, request, terms, parent } = order;
  return {
    orderId: order.orderId,
    symbol: market.name,
    status: order.status,
    clientOrderId: order.clientId,
    price: priceOf(market, request),
    origQty: market.sizeText(request.lots),
    executedQty: market.sizeText(order.filled),
    timeInForce: terms.timeInForce,
    type: terms.type,
    reduceOnly: terms.reduceOnly,
    closePosition: terms.closePosition,
    side: terms.side,
    positionSide: terms.positionSide,
    stopPrice: '0',
    workingType: terms.workingType,
    priceProtect: terms.priceProtect,
    origType: parent?.terms.type ?? terms.type,
    priceMatch: 'NONE',
    selfTradePreventionMode: terms.selfTradePreventionMode,
    goodTillDate: terms.goodTillDate,
    updateTime: order.updatedAt,
  };
}

/** The same, asked for. */
export const askedOrderRow = (order: WireOrder): Row => ({
  ...orderRow(order),
  avgPrice: order.averagePrice.toFixed(order.market.instrument.spec.tick.dp() + 2),
  cumQuote: order.quote.toFixed(),
  time: order.createdAt,
});

/** A conditional order as requests are answered with it. */
export function algoRow(order: AlgoOrder): Row {
  const { market, request, terms, child, callbackRate } = order;
  const { activation } = request.options ?? {};
  return {
    algoId: order.algoId,
    clientAlgoId: order.clientId,
    algoType: 'CONDITIONAL',
    orderType: terms.type,
    symbol: market.name,
    side: terms.side,
    positionSide: terms.positionSide,
    timeInForce: terms.timeInForce,
    quantity: market.sizeText(request.lots),
    algoStatus: order.status,
    actualOrderId: child === undefined ? '' : String(child.orderId),
    actualPrice: (child?.averagePrice ?? ZERO).toFixed(),
    triggerPrice: stopOf(market, request),
    price: priceOf(market, request),
    icebergQuantity: null,
    tpTriggerPrice: '0',
    tpPrice: '0',
    slTriggerPrice: '0',
    slPrice: '0',
    tpOrderType: '',
    selfTradePreventionMode: terms.selfTradePreventionMode,
    workingType: terms.workingType,
    priceMatch: 'NONE',
    closePosition: terms.closePosition,
    priceProtect: terms.priceProtect,
    reduceOnly: terms.reduceOnly,
    createTime: order.createdAt,
    updateTime: order.updatedAt,
    triggerTime: order.triggeredAt,
    goodTillDate: terms.goodTillDate,
    ...(callbackRate === undefined
      ? {}
      : {
          callbackRate: callbackRate.toFixed(),
          activatePrice: activation === undefined ? '0' : market.priceText(activation),
        }),
  };
}
