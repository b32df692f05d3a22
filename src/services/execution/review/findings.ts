import { messageOf } from '../../../domain/errors.js';
import type { Decimal } from '../../../domain/decimal.js';
import { withDeadline } from '../../../flow/deadline.js';
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

/** For all questions of one look together: a person waits for it. */
const LOOK_MS = 20_000;
const MS_PER_SECOND = 1_000;

/** What the parts of a comparison have found. */
export class Findings {
  readonly differences: AccountDifference[] = [];
  readonly foreign: ForeignHolding[] = [];
  readonly resting: Resting[] = [];

  private readonly until: number;

  constructor(private readonly ports: Pick<ComparisonPorts, 'clock' | 'scheduler'>) {
    this.until = ports.clock.now() + LOOK_MS;
  }

  differ(difference: AccountDifference): void {
    this.differences.push(difference);
  }

  /** Nobody knows what could not be asked: that is no agreement. */
  async asking(of: string, look: () => Promise<void>): Promise<void> {
    const { clock, scheduler } = this.ports;
    try {
      const limitMs = this.until - clock.now();
      const late = (): never => {
        throw new Error(`the venue has not answered within ${LOOK_MS / MS_PER_SECOND} s`);
      };
      if (limitMs <= 0) late();
      await withDeadline(look(), { scheduler, limitMs, late });
    } catch (error) {
      this.differ({ what: 'unanswered', of, believed: null, held: messageOf(error) });
    }
  }
}
