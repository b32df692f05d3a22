import type { Fill, FundingPayment } from '../../domain/order.js';
import type { StatusReport } from '../../domain/order-state.js';
import type { Lots } from '../../domain/units.js';
import type { StreamNotice } from './stream-notice.js';
import type { Transfer } from './transfer.js';
import type { VenueOrder } from './venue-order.js';

export type AccountEvent =
  /** `filled`: lots of its fills so far, where the venue says so; its fills may still be on their way. */
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
  | StreamNotice;
