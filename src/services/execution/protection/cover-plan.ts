import type { Instrument } from '../../../domain/instrument.js';
import type { Order } from '../../../domain/order.js';
import type { Cover } from './cover.js';

/** More stops than this are put together into one: venues bound how many an account may have. */
const MOST_PIECES = 6;

export interface CoverNeed {
  /** Of the position, in lots. */
  readonly size: number;
  /** Lots of it that leave at market already. */
  readonly going: number;
  /** The venue cuts a reducing order to what is left to reduce. */
  readonly cuts: boolean;
  /** Its entry may still fill. */
  readonly sleeps: (order: Order) => boolean;
}

export interface CoverPlan {
  /** Lots of the stops to send. */
  readonly sizes: readonly number[];
  /** Stops that are too much: what else stands is enough. */
  readonly surplus: readonly Order[];
}

const NOTHING: CoverPlan = { sizes: [], surplus: [] };

/**
 * What to send and what to withdraw so that the cover is the position, no less and no more. Where there is too much of
 * it, what fits is sent before the rest leaves: every stop here can only reduce, and the venue cuts whichever comes
 * later to the position. Where a venue does not cut, on spot markets, what is too much leaves first.
 */
export function planOf(cover: Cover, { size, going, cuts, sleeps }: CoverNeed, instrument: Instrument): CoverPlan {
  const loose = cover.held.filter((order) => order.status === 'open' && !sleeps(order));
  const need = Math.max(0, size - cover.standing + sumOf(loose, cover));
  const missing = roomOf(cover, size, cuts) - cover.standing - cover.coming - going;
  if (missing > 0) {
    if (missing >= instrument.minLots && loose.length < MOST_PIECES) return send(missing, instrument);
    return cover.coming > 0 ? NOTHING : send(need - going, instrument);
  }
  if (cover.standing <= size || cover.coming > 0 || going > 0) return NOTHING;
  const { gap, surplus } = fit(loose, need, cover);
  if (gap === 0 || !cuts) return { ...NOTHING, surplus };
  return send(gap < instrument.minLots ? need : gap, instrument);
}

/**
 * How much may stand that counts. Beside stops of which nobody knows whether they stand, cover is sent once more, and
 * no third time: a bare position is worse than a second order that can only reduce. Where the venue does not cut, that
 * second one could sell what is not of the position.
 */
const roomOf = ({ unread }: Cover, size: number, cuts: boolean): number =>
  Math.max(0, Math.min(size, (cuts ? 2 : 1) * size - unread));

/** The largest first, as long as they fit: whatever is sent for the gap fits it. */
function fit(loose: readonly Order[], need: number, { worth }: Cover): { gap: number; surplus: Order[] } {
  let gap = need;
  const surplus: Order[] = [];
  for (const order of [...loose].sort((one, other) => worth(other) - worth(one))) {
    if (worth(order) <= gap) gap -= worth(order);
    else surplus.push(order);
  }
  return { gap, surplus };
}

/** In parts of about one size where it is too large for one order: none of them is too small. */
function send(size: number, { minLots, maxLots }: Instrument): CoverPlan {
  if (size < minLots) return NOTHING;
  const count = Math.ceil(size / maxLots);
  return { ...NOTHING, sizes: Array.from({ length: count }, (_part, index) => Math.floor((size + index) / count)) };
}

const sumOf = (orders: readonly Order[], { worth }: Cover): number =>
  orders.reduce((sum, order) => sum + worth(order), 0);
