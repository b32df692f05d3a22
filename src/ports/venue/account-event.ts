import type { Decimal } from '../../domain/decimal.js';
import type { Balance, VenuePosition } from '../../domain/market.js';
import type { Fill, FundingPayment } from '../../domain/order.js';
import type { StatusReport } from '../../domain/order-state.js';
import type { Lots } from '../../domain/units.js';
import type { AccountTerms } from './account-terms.js';
import type { StreamNotice } from './stream-notice.js';
import type { Transfer } from './transfer.js';
import type { VenueOrder } from './venue-order.js';

/** A venue's warning: positions will be, or are being, closed for want of margin, or against a counterparty's gain. */
export interface MarginEvent {
  readonly kind: 'margin';
  readonly level: 'call' | 'liquidation' | 'deleveraging';
  /** Absent: the whole account. */
  readonly symbol?: string;
  /** What backs the positions, and what must. */
  readonly equity?: Decimal;
  readonly maintenance?: Decimal;
  readonly message: string;
  readonly at: number;
}

export type AccountEvent =
  /**
   * `filled`: lots of its fills so far, where the venue says so; its fills may still be on their way. A refusal after
   * the acknowledgement is `rejected_late`.
   */
  | {
      readonly kind: 'order';
      readonly clientId: string;
      readonly symbol: string;
      readonly report: StatusReport;
      readonly filled?: Lots;
    }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'funding'; readonly payment: FundingPayment }
  | ({ readonly kind: 'transfer' } & Transfer)
  | { readonly kind: 'foreign_order'; readonly order: VenueOrder }
  /** A position as it stands now; size zero: it is closed. */
  | { readonly kind: 'position'; readonly position: VenuePosition; readonly at: number }
  | { readonly kind: 'balance'; readonly balance: Balance; readonly at: number }
  | { readonly kind: 'terms'; readonly terms: AccountTerms; readonly at: number }
  | MarginEvent
  | StreamNotice;
