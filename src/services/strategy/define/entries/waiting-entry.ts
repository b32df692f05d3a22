import type { Intent } from '../../../../ports/strategy/intent.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import { timeOver } from '../../exits/term-words.js';
import type { WishedEntry } from './entry-intent.js';
import type { Chased } from './chases.js';
import type { ChaseEntry } from './entry-kinds.js';
import type { EntryOrder } from './entry-order.js';

export type EntrySide = 'buy' | 'sell';
export type EntryKind = NonNullable<EntryOrder['entry']>['kind'] | 'market';

/** An entry that has been sent and has not ended. */
export interface WaitingEntry extends Chased {
  readonly side: EntrySide;
  readonly ticket: OrderTicket;
  /** As it was asked last; undefined for one that rested through a restart. */
  wish: WishedEntry | undefined;
  /** Of changes that are on their way: what it stands for until they are made, and what they ask, the oldest first. */
  standing: WishedEntry | undefined;
  asked: readonly WishedEntry[];
  readonly kind: EntryKind;
  /** Its time ends with the close of this bar, or so long after its acceptance. */
  readonly untilBar: number | undefined;
  readonly timeoutMs: number | undefined;
  /** The same as it was asked; undefined where that is not known any more. */
  readonly timeout: string | undefined;
  /** When its time ends, once that is known. */
  dueAt: number | undefined;
  then: 'cancel' | 'market';
  chase: ChaseEntry | undefined;
  /** Its time is over: what is left goes to the market once its end is proven, where that was said. */
  isOver: boolean;
  /** The strategy wants nothing of it any more. */
  isEnding: boolean;
}

/** What has not filled in its time, for the market. */
export interface EntryRest {
  readonly intent: Intent;
  readonly exits: readonly Intent[];
  readonly until: number;
}

/** Of an entry whose time does not end. */
export const NO_TIME = {
  standing: undefined,
  asked: [],
  untilBar: undefined,
  timeoutMs: undefined,
  timeout: undefined,
  dueAt: undefined,
  then: 'cancel',
  chase: undefined,
  further: 0,
  isOver: false,
  isEnding: false,
} as const;

/** A change of it has been asked for, or waits for one that is on its way: of those that wait the newest is sent. */
export function askedOf(waiting: WaitingEntry, wish: WishedEntry, isBehind: boolean): void {
  if (waiting.asked.length === 0) waiting.standing = waiting.wish;
  waiting.asked = [...(isBehind ? waiting.asked.slice(0, 1) : []), wish];
}

/** A change of it is over, or it is itself: what it stands for, where that is not what was asked last. */
export function fallenBack(waiting: WaitingEntry, cause: OrderUpdate['cause']): WishedEntry | undefined {
  const { asked, standing, wish, ticket } = waiting;
  const [first, next] = asked;
  if (first === undefined) return undefined;
  const isMade = cause === 'amended';
  if (!isMade && cause !== 'amend_refused' && !ticket.isDone) return undefined;
  const stands = isMade ? first : (asked.findLast((each) => isOf(ticket, each)) ?? standing);
  waiting.asked = next === undefined || ticket.isDone ? [] : [next];
  waiting.standing = stands;
  return waiting.asked.length === 0 && stands !== wish ? stands : undefined;
}

/** From now on it stands for this. */
export function stand(waiting: WaitingEntry, wish: WishedEntry): void {
  Object.assign(waiting, { wish, then: thenOf(wish.order), chase: chaseOf(wish.order) });
}

/** Its time is over. */
export function end(waiting: WaitingEntry): void {
  if (waiting.isOver || !waiting.ticket.isOpen) return;
  waiting.isOver = true;
  waiting.ticket.cancel(timeOver('entry', waiting));
}

const isOf = ({ limitTicks, stopTicks, lots }: OrderTicket, { planned }: WishedEntry): boolean =>
  planned.ground.limit === limitTicks && planned.ground.stop === stopTicks && planned.decision.quantity === lots;

export const kindOf = ({ entry }: EntryOrder): EntryKind => entry?.kind ?? 'market';
export const chaseOf = ({ entry }: EntryOrder): ChaseEntry | undefined => (entry?.kind === 'chase' ? entry : undefined);
export const thenOf = ({ entry }: EntryOrder): 'cancel' | 'market' =>
  entry !== undefined && 'then' in entry ? (entry.then ?? 'cancel') : 'cancel';

/** What no change of an order reaches, at any venue: another one must be sent for it. */
export const isOneOrder = (known: EntryOrder, asked: EntryOrder): boolean => fixedOf(known) === fixedOf(asked);

function fixedOf({ entry, stop }: EntryOrder): string {
  const of = entry?.kind === 'limit' ? [entry.postOnly === true] : [];
  const trigger = entry?.kind === 'stop' ? [entry.triggerBy, entry.limit === undefined] : [];
  return JSON.stringify([stop === 'none', ...of, ...trigger]);
}
