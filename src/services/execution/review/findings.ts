import { messageOf } from '../../../domain/errors.js';
import type { Decimal } from '../../../domain/decimal.js';
import type { InTime } from '../../../flow/in-time.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import type { AccountDifference, ForeignHolding } from '../../../ports/core-services/account-review.js';
import type { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';

/** What a comparison reads: the bot's belief, and the venue that is asked. */
export interface ComparisonPorts extends InTime {
  readonly session: Pick<VenueSession, 'capabilities'>;
  readonly account: AccountAccess;
  readonly log: Pick<OrderLog, 'open' | 'find'>;
  readonly portfolio: Pick<Portfolio, 'positions' | 'unit' | 'ledger'>;
  readonly catalogue: Pick<ProductCatalogue, 'find'>;
  readonly events: Pick<EventStore, 'fold' | 'query'>;
}

/** Open orders of a symbol that may add to a position, base units. */
export interface Resting {
  readonly symbol: string;
  readonly signed: Decimal;
  readonly isForeign: boolean;
}

/** What the parts of a comparison have found. */
export class Findings {
  readonly differences: AccountDifference[] = [];
  readonly foreign: ForeignHolding[] = [];
  readonly resting: Resting[] = [];

  differ(difference: AccountDifference): void {
    this.differences.push(difference);
  }

  /** Nobody knows what could not be asked: that is no agreement. */
  async asking(of: string, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.differ({ what: 'unanswered', of, believed: null, held: messageOf(error) });
    }
  }
}
