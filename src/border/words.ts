import type { ContractKind, InstrumentStatus, MarketKind } from '../domain/instrument.js';
import type {
  FundingPayment,
  MarginMode,
  OrderStatus,
  OrderType,
  PositionMode,
  PositionSide,
  Side,
} from '../domain/order.js';
import type { MarginEvent } from '../ports/venue/account-event.js';
import type { StreamChannel, StreamNotice } from '../ports/venue/stream-notice.js';
import type { RejectReason } from '../ports/venue/submit-result.js';

/** Every word of one meaning: a record says each, so that a new one cannot be forgotten here. */
const wordsOf = <T extends string>(words: Readonly<Record<T, true>>): ReadonlySet<unknown> =>
  new Set(Object.keys(words));

export const SIDES = wordsOf<Side>({ buy: true, sell: true });
export const POSITION_SIDES = wordsOf<PositionSide>({ long: true, short: true });
export const MARGIN_MODES = wordsOf<MarginMode>({ cross: true, isolated: true });
export const POSITION_MODES = wordsOf<PositionMode>({ one_way: true, hedge: true });
export const MARGIN_LEVELS = wordsOf<MarginEvent['level']>({ call: true, liquidation: true, deleveraging: true });
export const CHARGES = wordsOf<NonNullable<FundingPayment['cause']>>({ liquidation: true });
export const MARKET_KINDS = wordsOf<MarketKind>({ perpetual: true, spot: true, future: true });
export const CONTRACT_KINDS = wordsOf<ContractKind>({ linear: true, inverse: true, quanto: true });
export const INSTRUMENT_STATUSES = wordsOf<InstrumentStatus>({
  trading: true,
  post_only: true,
  limit_only: true,
  reduce_only: true,
  cancel_only: true,
  halted: true,
  closed: true,
});
export const NOTICES = wordsOf<StreamNotice['kind']>({ gap: true, stale: true, reconnected: true, closed: true });
export const CHANNELS = wordsOf<StreamChannel>({
  book: true,
  trades: true,
  marks: true,
  instruments: true,
  depth: true,
  orders: true,
  fills: true,
  positions: true,
  balances: true,
  terms: true,
});
export const ORDER_TYPES = wordsOf<OrderType>({
  market: true,
  limit: true,
  stop_market: true,
  stop_limit: true,
  take_profit_market: true,
  take_profit_limit: true,
  trailing_stop: true,
});
export const STATUSES = wordsOf<OrderStatus>({
  planned: true,
  sending: true,
  unknown: true,
  open: true,
  partially_filled: true,
  filled: true,
  cancelled: true,
  expired: true,
  rejected: true,
  rejected_late: true,
  lost: true,
  liquidated: true,
});
export const REJECT_REASONS = wordsOf<RejectReason>({
  insufficient_margin: true,
  post_only_would_take: true,
  reduce_only: true,
  duplicate_client_id: true,
  price_filter: true,
  lot_size: true,
  min_notional: true,
  max_orders: true,
  leverage: true,
  market_closed: true,
  unknown_symbol: true,
  unsupported: true,
  expired: true,
  not_fillable: true,
  would_trigger: true,
  no_liquidity: true,
  throttled: true,
  other: true,
});
