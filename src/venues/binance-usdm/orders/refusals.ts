import type { RejectReason } from '../../../ports/venue/submit-result.js';

/** No such order, asked for; nothing to cancel. */
export const NO_SUCH_ORDER = -2_013;
export const UNKNOWN_ORDER = -2_011;
/** The change would change nothing. */
export const NOTHING_TO_CHANGE = -5_027;

/** Source: Binance, "USDⓈ-M Futures, Error Codes". What is not among them is `other`. */
const REASONS: Readonly<Record<RejectReason, readonly number[]>> = {
  insufficient_margin: [-2_018, -2_019, -4_051],
  post_only_would_take: [-5_022],
  reduce_only: [-2_022, -2_024, -4_118],
  duplicate_client_id: [-4_116, -4_111],
  price_filter: [-1_111, -4_001, -4_002, -4_006, -4_007, -4_013, -4_014, -4_016, -4_024, -4_135, -4_183, -4_184],
  lot_size: [-4_003, -4_004, -4_005, -4_023],
  min_notional: [-4_164, -5_029],
  max_orders: [-2_025, -4_045, -5_026],
  leverage: [-2_027, -2_028, -4_028, -4_202, -4_203, -4_205, -4_206, -4_208, -4_209],
  market_closed: [-1_122, -4_108, -4_140, -4_141, -5_024],
  unknown_symbol: [-1_121],
  unsupported: [
    ...[-1_014, -1_102, -1_106, -1_115, -1_116, -1_117, -1_128, -1_130, -1_136, -2_026, -4_015, -4_061, -4_062],
    ...[-4_120, -4_137, -4_138, -4_139, -5_025, -5_037, -5_038],
  ],
  expired: [-1_021, -5_028],
  not_fillable: [-5_021],
  would_trigger: [-2_021, -4_142],
  no_liquidity: [-2_020, -4_131],
  throttled: [-1_003, -1_008, -1_015],
  other: [],
};

const BY_CODE: ReadonlyMap<number, RejectReason> = new Map(
  Object.entries(REASONS).flatMap(([reason, codes]) => codes.map((code) => [code, reason as RejectReason] as const)),
);

export const reasonOf = (code: number): RejectReason => BY_CODE.get(code) ?? 'other';
