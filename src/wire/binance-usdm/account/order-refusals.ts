import type { Rejected, RejectReason } from '../../../ports/venue/submit-result.js';
import { WireRefusal } from '../refusal.js';
import type { WireTerms } from './wire-order.js';

type Words = readonly [code: number, message: string];

/** Source: Binance, "Error Codes". */
const WORDS: Readonly<Record<Exclude<RejectReason, 'price_filter'>, Words>> = {
  insufficient_margin: [-2019, 'Margin is insufficient.'],
  post_only_would_take: [
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
  ],
  reduce_only: [-2022, 'ReduceOnly Order is rejected.'],
  duplicate_client_id: [-4116, 'ClientOrderId is duplicated.'],
  lot_size: [-4005, 'Quantity greater than max quantity.'],
  min_notional: [-4164, "Order's notional must be no smaller than the filter's (unless you choose reduce only)."],
  max_orders: [-2025, 'Reach max open order limit.'],
  leverage: [-2027, 'Exceeded the maximum allowable position at current leverage.'],
  market_closed: [-4140, 'Invalid symbol status for opening position.'],
  unknown_symbol: [-1121, 'Invalid symbol.'],
  unsupported: [-1130, 'Data sent for a parameter is not valid.'],
  expired: [-1021, 'Timestamp for this request is outside of the recvWindow.'],
  not_fillable: [-5021, 'Due to the order could not be filled immediately, the FOK order has been rejected.'],
  would_trigger: [-2021, 'Order would immediately trigger.'],
  no_liquidity: [-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."],
  throttled: [-1008, 'Server is currently overloaded with other requests. Please try again in a few minutes.'],
  other: [-1000, 'An unknown error occurred while processing the request.'],
};
const MOST_STOPS: Words = [-4045, 'Reach max stop order limit.'];
const OUT_OF_BAND: Readonly<Record<'MARKET' | 'BUY' | 'SELL', Words>> = {
  MARKET: [-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."],
  BUY: [-4016, "Limit price can't be higher than the mark allows."],
  SELL: [-4024, "Limit price can't be lower than the mark allows."],
};

/** What the exchange has refused, in the venue's words. */
export function refusalOf({ reason }: Rejected, terms: WireTerms, isConditional: boolean): WireRefusal {
  if (reason === 'price_filter') return refusal(OUT_OF_BAND[terms.type === 'MARKET' ? 'MARKET' : terms.side]);
  return refusal(reason === 'max_orders' && isConditional ? MOST_STOPS : WORDS[reason]);
}

const refusal = ([code, message]: Words): WireRefusal => new WireRefusal(code, message);
