import type { Instrument } from '../../../../domain/instrument.js';
import type { MarkUnits } from '../../../../domain/units.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import { distanceOf, timeoutOf } from '../../exits/exit-terms.js';
import { perPriceOf } from '../../exits/moving-stop.js';
import { passive } from './entry-ground.js';
import type { ChaseEntry } from './entry-kinds.js';

const DEFAULT_EVERY_MS = 1_000;
/** A venue that takes none of so many prices takes no order of this kind now. */
const MOST_TICKS_FURTHER = 10;
/** As the venue, or the bot before it, says that a post-only order would have taken. */
const WOULD_TAKE = /^post_only_(would_take|cross)/;

/** A post-only order that follows the mark. */
export interface Chased {
  readonly ticket: OrderTicket;
  readonly chase: ChaseEntry | undefined;
  /** Its first limit, in ticks. */
  readonly first: number;
  movedAt: number;
  /** Ticks further from the mark than was asked: where it was asked it would have taken. */
  further: number;
}

/** Moves it after the mark: as often, and as far, as its terms let it. */
export function followMark(
  desk: StrategyDesk,
  chased: Chased,
  mark: MarkUnits,
  instrument: Instrument,
  barMs: number,
): void {
  const { ticket, chase, first, movedAt } = chased;
  if (chase === undefined || !ticket.isOpen || ticket.isChanging || ticket.isUnknown) return;
  const limit = chasedLimit(chased, ticket.side, mark, instrument);
  if (limit === ticket.limitTicks || desk.now - movedAt < everyMs(chase, barMs)) return;
  const ground = { entry: first, risk: Number.NaN, perPrice: perPriceOf(instrument) };
  if (chase.limit !== undefined && Math.abs(limit - first) > distanceOf(chase.limit, first, ground)) return;
  chased.movedAt = desk.now;
  desk.amend(ticket, { limit, why: 'chase: the entry follows the mark' });
}

export const chasedLimit = (
  { chase, further }: Pick<Chased, 'chase' | 'further'>,
  side: 'buy' | 'sell',
  mark: MarkUnits,
  instrument: Instrument,
): ReturnType<typeof passive> => passive(side, mark, instrument, (chase?.offsetTicks ?? 0) + further);

/**
 * The venue has not taken it, or its change, because it would have traded at once: it stands one tick further from then
 * on. True where the order has ended so, unfilled, and may be sent there.
 */
export function isTurnedBack(chased: Chased, { ticket, reason = '' }: OrderUpdate): boolean {
  if (chased.chase === undefined || !WOULD_TAKE.test(reason) || chased.further >= MOST_TICKS_FURTHER) return false;
  chased.further += 1;
  return ticket.isDone && ticket.filledLots === 0;
}

/** Its time is over, or more than a bar has gone by since it was turned back: the market of then is not that of now. */
export const isLate = (
  { ticket, untilBar }: Pick<Chased, 'ticket'> & { readonly untilBar: number | undefined },
  now: number,
  barMs: number,
): boolean => now - ticket.updatedAt > barMs || (untilBar !== undefined && now >= untilBar);

function everyMs({ every }: ChaseEntry, barMs: number): number {
  if (every === undefined) return DEFAULT_EVERY_MS;
  const span = timeoutOf(every);
  return 'ms' in span ? span.ms : span.bars * barMs;
}
