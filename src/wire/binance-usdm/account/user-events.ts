import type { Decimal } from '../../../domain/decimal.js';
import type { AlgoOrder, WireOrder } from './wire-order.js';

type Row = Readonly<Record<string, unknown>>;

/** What has just happened to an order, in the venue's words. */
export type Execution = 'NEW' | 'TRADE' | 'CANCELED' | 'EXPIRED' | 'CALCULATED' | 'AMENDMENT';

/** One fill of an order. */
export interface WireFill {
  readonly tradeId: number;
  readonly price: string;
  readonly size: string;
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly profit: Decimal;
  readonly isMaker: boolean;
}

/** `ORDER_TRADE_UPDATE`. Source: Binance, "Event: Order Update". */
export function orderUpdate(order: WireOrder, execution: Execution, at: number, fill?: WireFill): Row {
  const { market, request, terms, parent } = order;
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: at,
    T: order.updatedAt,
    o: {
      s: market.name,
      c: order.clientId,
      S: terms.side,
      o: terms.type,
      f: terms.timeInForce,
      q: market.sizeText(request.lots),
      p: request.limit === undefined ? '0' : market.priceText(request.limit),
      ap: order.averagePrice.toFixed(),
      sp: '0',
      x: execution,
      X: order.status,
      i: order.orderId,
      l: fill?.size ?? '0',
      z: market.sizeText(order.filled),
      L: fill?.price ?? '0',
      ...(fill === undefined ? {} : { N: fill.feeAsset, n: fill.fee.toFixed() }),
      T: order.updatedAt,
      t: fill?.tradeId ?? 0,
      b: '0',
      a: '0',
      m: fill?.isMaker ?? false,
      R: terms.reduceOnly,
      wt: terms.workingType,
      ot: parent?.terms.type ?? terms.type,
      ps: terms.positionSide,
      cp: terms.closePosition,
      rp: fill?.profit.toFixed() ?? '0',
      pP: terms.priceProtect,
      si: 0,
      ss: 0,
      V: terms.selfTradePreventionMode,
      pm: 'NONE',
      gtd: terms.goodTillDate,
      er: '0',
    },
  };
}

/** `TRADE_LITE`: the same fill, told early and without its fee. */
export const tradeLite = (order: WireOrder, at: number, fill: WireFill): Row => ({
  e: 'TRADE_LITE',
  E: at,
  T: order.updatedAt,
  s: order.market.name,
  q: order.market.sizeText(order.request.lots),
  p: order.request.limit === undefined ? '0' : order.market.priceText(order.request.limit),
  m: fill.isMaker,
  c: order.clientId,
  S: order.terms.side,
  L: fill.price,
  l: fill.size,
  t: fill.tradeId,
  i: order.orderId,
});

/** `ALGO_UPDATE`. Source: Binance, "Event: Algo Order Update". */
export function algoUpdate(order: AlgoOrder, at: number): Row {
  const { market, request, terms, child } = order;
  return {
    e: 'ALGO_UPDATE',
    T: order.updatedAt,
    E: at,
    o: {
      caid: order.clientId,
      aid: order.algoId,
      at: 'CONDITIONAL',
      o: terms.type,
      s: market.name,
      S: terms.side,
      ps: terms.positionSide,
      f: terms.timeInForce,
      q: market.sizeText(request.lots),
      X: order.status,
      ai: child === undefined ? '' : String(child.orderId),
      ap: child?.averagePrice.toFixed() ?? '0',
      aq: child === undefined ? '0' : market.sizeText(child.filled),
      act: child?.terms.type ?? '0',
      tp: request.stop === undefined ? '0' : market.priceText(request.stop),
      p: request.limit === undefined ? '0' : market.priceText(request.limit),
      V: terms.selfTradePreventionMode,
      wt: terms.workingType,
      pm: 'NONE',
      cp: terms.closePosition,
      pP: terms.priceProtect,
      R: terms.reduceOnly,
      tt: order.triggeredAt,
      gtd: terms.goodTillDate,
      rm: order.reason,
    },
  };
}

/** `ACCOUNT_UPDATE`: what has changed alone. */
export const accountUpdate = (
  reason: string,
  at: number,
  balances: readonly Row[],
  positions: readonly Row[],
): Row => ({ e: 'ACCOUNT_UPDATE', E: at, T: at, a: { m: reason, B: balances, P: positions } });

export const leverageUpdate = (symbol: string, leverage: number, at: number): Row => ({
  e: 'ACCOUNT_CONFIG_UPDATE',
  E: at,
  T: at,
  ac: { s: symbol, l: leverage },
});

export const listenKeyExpired = (listenKey: string, at: number): Row => ({
  e: 'listenKeyExpired',
  E: at,
  listenKey,
});
