import { messageOf } from '../../domain/errors.js';
import type { VenuePosition } from '../../domain/market.js';
import type { Brokerage } from '../../ports/brokerage.js';

const REFRESH_MS = 60_000;
const NOTHING_KNOWN: ReadonlyMap<string, VenuePosition> = new Map();

export interface VenueAnswer {
  readonly positions: ReadonlyMap<string, VenuePosition>;
  /** Set when the venue could not tell: an empty map then means "not known", not "flat". */
  readonly error?: string;
}

/** The venue's positions, asked for at most once a minute unless something was filled meanwhile. */
export class VenuePositions {
  private known: VenueAnswer | undefined;
  private askedAt = -Infinity;

  constructor(private readonly broker: Brokerage) {}

  /** The next call asks the venue again. */
  invalidate(): void {
    this.known = undefined;
  }

  /** A failure is not kept: the next call asks again. */
  async get(now: number): Promise<VenueAnswer> {
    if (this.known !== undefined && Math.abs(now - this.askedAt) < REFRESH_MS) return this.known;
    this.known = undefined;
    this.askedAt = now;
    try {
      const positions = await this.broker.listPositions();
      const answer = { positions: new Map(positions.map((position) => [position.symbol, position])) };
      this.known = answer;
      return answer;
    } catch (error) {
      return { positions: NOTHING_KNOWN, error: messageOf(error) };
    }
  }
}
