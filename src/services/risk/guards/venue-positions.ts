import { readPosition } from '../../../border/positions.js';
import { messageOf } from '../../../domain/errors.js';
import type { VenuePosition } from '../../../domain/market.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import { askUnlessHeld } from '../../../flow/left-alone.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';

const REFRESH_MS = 60_000;
const NOTHING_KNOWN: ReadonlyMap<string, VenuePosition> = new Map();

export interface VenueAnswer {
  readonly positions: ReadonlyMap<string, VenuePosition>;
  /** Set when the venue could not tell all: what is missing then is "not known", not "flat". */
  readonly error?: string;
}

/** The venue's positions, asked for at most once a minute unless something was filled meanwhile. */
export class VenuePositions {
  private known: VenueAnswer | undefined;
  private askedAt = -Infinity;

  constructor(
    private readonly account: AccountAccess,
    private readonly budget: RequestBudget = UNLIMITED,
  ) {}

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
      const asking = { budget: this.budget, clock: { now: () => now } };
      const answer = readable(await askUnlessHeld(() => this.account.listPositions(), asking));
      if (answer.error === undefined) this.known = answer;
      return answer;
    } catch (error) {
      return { positions: NOTHING_KNOWN, error: messageOf(error) };
    }
  }
}

/** One row that cannot be read leaves the others guarded. */
function readable(positions: readonly VenuePosition[]): VenueAnswer {
  const good: VenuePosition[] = [];
  let error: string | undefined;
  for (const position of positions) {
    try {
      good.push(readPosition(position));
    } catch (cause) {
      error = messageOf(cause);
    }
  }
  return { positions: bySymbol(good), ...(error === undefined ? {} : { error }) };
}

/** Of a long and a short position of one instrument, the one that is nearer to its liquidation. */
function bySymbol(positions: readonly VenuePosition[]): ReadonlyMap<string, VenuePosition> {
  const found = new Map<string, VenuePosition>();
  for (const position of positions) {
    const other = found.get(position.symbol);
    if (other === undefined || distance(position) < distance(other)) found.set(position.symbol, position);
  }
  return found;
}

/** How far the mark is from liquidation, as a share of it; infinite where that is not known or cannot be. */
function distance({ markPrice, liquidationPrice }: VenuePosition): number {
  if (markPrice === undefined || liquidationPrice === undefined || !liquidationPrice.gt(0))
    return Number.POSITIVE_INFINITY;
  return markPrice.minus(liquidationPrice).abs().div(markPrice).toNumber();
}
