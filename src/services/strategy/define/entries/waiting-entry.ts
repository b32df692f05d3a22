import type { Intent } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { WishedEntry } from './entry-intent.js';
import type { ChaseEntry } from './entry-kinds.js';
import type { EntryOrder } from './entry-order.js';

export type EntrySide = 'buy' | 'sell';
export type EntryKind = NonNullable<EntryOrder['entry']>['kind'] | 'market';

/** An entry that has been sent and has not ended. */
export interface WaitingEntry {
  readonly side: EntrySide;
  readonly ticket: OrderTicket;
  /** As it was asked last; undefined for one that rested through a restart. */
  wish: WishedEntry | undefined;
  readonly kind: EntryKind;
  /** Its time ends with the close of this bar, or so long after its acceptance. */
  readonly untilBar: number | undefined;
  readonly timeoutMs: number | undefined;
  /** When its time ends, once that is known. */
  dueAt: number | undefined;
  then: 'cancel' | 'market';
  chase: ChaseEntry | undefined;
  /** Of a chase: its first limit, in ticks. */
  readonly first: number;
  movedAt: number;
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
  untilBar: undefined,
  timeoutMs: undefined,
  dueAt: undefined,
  then: 'cancel',
  chase: undefined,
  isOver: false,
  isEnding: false,
} as const;

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
