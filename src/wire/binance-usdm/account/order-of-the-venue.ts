import { OrderRequest, type Fill } from '../../../domain/order.js';
import type { WireMarket } from '../market/wire-market.js';
import { WireOrder, type WireTerms } from './wire-order.js';

const TERMS: Omit<WireTerms, 'side' | 'positionSide'> = {
  type: 'LIMIT',
  timeInForce: 'IOC',
  reduceOnly: true,
  closePosition: false,
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
  goodTillDate: 0,
  selfTradePreventionMode: 'EXPIRE_MAKER',
};

/** One that the exchange made itself, to liquidate or to deleverage, by the names that the venue gives such. */
export function orderOfTheVenue(
  orderId: number,
  market: WireMarket,
  fill: Fill,
  request: OrderRequest = requestOf(fill),
): WireOrder {
  const name = fill.cause === 'adl' ? 'adl_autoclose' : `autoclose-${fill.at}${orderId}`;
  const side = fill.side === 'buy' ? 'BUY' : 'SELL';
  const positionSide = fill.positionSide === undefined ? 'BOTH' : fill.positionSide === 'long' ? 'LONG' : 'SHORT';
  return new WireOrder(orderId, name, market, { ...TERMS, side, positionSide }, request, fill.at);
}

const requestOf = ({ clientId, instrument, side, lots, price }: Fill): OrderRequest =>
  new OrderRequest({
    ...{ clientId, instrument, side, lots, limit: price },
    ...{ type: 'limit', timeInForce: 'IOC', postOnly: false, reduceOnly: true },
  });
