import type { VenueSession } from '../../../ports/venue/venue-session.js';

/** Two answers closer together than this may come from the same lagging copy of the venue's books. */
const SPACING_MS = 1_000;
const NEGATIVES_NEEDED = 2;
/** A venue may need this long until a query shows what it accepted. */
const QUERY_LAG_MS = 10_000;
/** Where a venue honours no expiry, a request may wait in its queues; no queue is known to hold one this long. */
const NO_EXPIRY_MS = 600_000;

interface Denial {
  count: number;
  lastAt: number;
}

/** Spaced answers of a venue that a request had no effect, counted once the request can be accepted no more. */
export class Negatives {
  private readonly denials = new Map<string, Denial>();

  constructor(private readonly session: Pick<VenueSession, 'capabilities'>) {}

  /** One more; true once they prove that it never arrived. `deadline`: when the venue could last accept it. */
  isProven(clientId: string, now: number, deadline: number): boolean {
    if (!(now > deadline)) return false;
    const margin = this.session.capabilities.requestExpiry ? QUERY_LAG_MS : NO_EXPIRY_MS;
    return this.count(clientId, now) >= NEGATIVES_NEEDED && now > deadline + margin;
  }

  delete(clientId: string): void {
    this.denials.delete(clientId);
  }

  private count(clientId: string, now: number): number {
    const known = this.denials.get(clientId);
    if (known === undefined) {
      this.denials.set(clientId, { count: 1, lastAt: now });
      return 1;
    }
    if (now - known.lastAt >= SPACING_MS) {
      known.count += 1;
      known.lastAt = now;
    }
    return known.count;
  }
}
