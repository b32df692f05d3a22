import type { Lots, MarkUnits } from '../../../../domain/units.js';
import { lots } from '../../../../domain/units.js';
import type { Intent, NamedIntent } from '../../../../ports/strategy/intent.js';
import type { CancelAsk, ChangeAsk } from '../../../../ports/strategy/order-ticket.js';
import type { LiveTicket } from '../live-ticket.js';

/** As it is sent; `isWhole`: it goes on until the position is gone. */
export type KeptExit = Intent & Pick<NamedIntent, 'isWhole'>;

/** What a list is carried out by. */
export interface KeptHands {
  readonly now: number;
  /** The strategy has been taken down: only what protects is sent. */
  readonly onlyProtects: boolean;
  /** Lots that are held of the symbol; below zero short. */
  held(): number;
  mark(): MarkUnits | undefined;
  /** Sends an exit that slept, under its own ticket. */
  wake(ticket: LiveTicket, exit: KeptExit): void;
  /** One that came to nothing is sent once more: another ticket of its tag. */
  again(ticket: LiveTicket, exit: KeptExit): LiveTicket;
  resize(ticket: LiveTicket, whole: Lots, why: string): ChangeAsk;
  end(ticket: LiveTicket, why: string): CancelAsk;
  /** It is not sent any more. */
  drop(ticket: LiveTicket, why: string): void;
}

/** An order of the list: what it was asked as, and the newest ticket of it. */
export interface KeptMember {
  intent: Intent;
  ticket: LiveTicket;
  /** Filled by tickets of it that came before. */
  before: number;
  /** Of a stop that came to nothing: how often it was tried again. */
  tries: number;
  /** What was turned away is asked for again at this time; undefined while nothing was. */
  againAt: number | undefined;
  /** Nothing was left for it, and so it has ended: what its entry fills after that is its business at once. */
  isSpent: boolean;
  /** What its entry had filled when it was sent last, or had nothing left to do. */
  entryFilled: number;
}

/** A member of which nothing has been sent yet. */
export const memberOf = (intent: Intent, ticket: LiveTicket): KeptMember => ({
  ...{ intent, ticket, before: 0, tries: 0, againAt: undefined, isSpent: false, entryFilled: 0 },
});

const EXECUTED = 'another order of its list has executed';
const CLOSED = 'what its entry filled is closed';
const UNFILLED = 'its entry has ended without a fill';
const GROWN = 'its entry has filled';
const PASSED = 'the market has passed the stop of its list';
/** A stop that was turned away is tried again after so long; the last of these from then on. */
const AGAIN_AFTER_MS = [5_000, 30_000, 60_000] as const;

/** Orders that end each other, on a venue that keeps no groups: the first execution of one ends the others. */
export class KeptGroup {
  constructor(readonly members: readonly KeptMember[]) {}

  get isOver(): boolean {
    return this.members.every(({ ticket }) => ticket.isDone);
  }

  tend(hands: KeptHands): void {
    const executed = this.members.find(({ ticket }) => ticket.filledLots > 0);
    if (executed === undefined) return;
    for (const { ticket } of this.members)
      if (ticket !== executed.ticket && !ticket.isDone && !ticket.isEnding) hands.end(ticket, EXECUTED);
  }
}

/**
 * Exits that sleep behind an entry, on a venue that keeps no brackets: sent with its first fill, what protects first,
 * and grown with every further one. `shares`: they share what the entry has filled, so that what one closes the others
 * close no more; else each takes off its own size of it.
 */
export class KeptBracket {
  private readonly inOrder: readonly KeptMember[];

  constructor(
    readonly entry: LiveTicket,
    readonly members: readonly KeptMember[],
    private readonly shares: boolean,
  ) {
    this.inOrder = [...members].sort((one, other) => rankOf(one) - rankOf(other));
  }

  get isOver(): boolean {
    return this.entry.isDone && this.members.every((member) => member.ticket.isDone && !mustGoOn(member));
  }

  /** Those that have not been sent. */
  get asleep(): readonly KeptMember[] {
    return this.members.filter(({ ticket }) => ticket.isUnsent);
  }

  tend(hands: KeptHands): void {
    const { entry, members, shares } = this;
    if (entry.isDone && entry.filledLots === 0) {
      for (const { ticket } of members) if (ticket.isUnsent) hands.drop(ticket, UNFILLED);
      return;
    }
    if (entry.filledLots === 0) return;
    for (const member of this.inOrder) {
      const others = shares ? members.reduce((sum, each) => sum + (each === member ? 0 : filledBy(each)), 0) : 0;
      this.look(member, lots(Math.min(member.intent.lots, entry.filledLots - others)), hands);
    }
  }

  /** `wanted`: lots that it may execute in all. */
  private look(member: KeptMember, wanted: Lots, hands: KeptHands): void {
    const { ticket, intent } = member;
    if (hands.onlyProtects && intent.role !== 'stop') return;
    const closes = intent.closePosition === true;
    const left = closes ? this.entry.filledLots : wanted - filledBy(member);
    if (ticket.isUnsent) {
      if (left > 0) {
        member.entryFilled = this.entry.filledLots;
        hands.wake(ticket, this.toSend(member, left, hands));
      } else hands.drop(ticket, CLOSED);
    } else if (ticket.isDone) this.ended(member, left, hands);
    else if (ticket.isChanging || ticket.isUnknown) return;
    else if (!closes && left <= 0) {
      this.spent(member);
      if (!ticket.isEnding) hands.end(ticket, CLOSED);
    } else if (!closes && !ticket.isEnding) this.resize(member, lots(wanted - member.before), hands);
  }

  /** It is sent again where it came to nothing, or where its entry has filled more since it had done all it was for. */
  private ended(member: KeptMember, left: number, hands: KeptHands): void {
    const { intent, ticket } = member;
    const held = hands.held();
    if (left <= 0 || held === 0 || held > 0 === (intent.side === 'buy')) {
      // The venue ends what has nothing to close, a target too.
      if (!TURNED_AWAY.has(ticket.status) && !mustGoOn(member)) return;
      if (!this.entry.isDone) this.spent(member);
      else if (left > 0) member.tries = Infinity;
      return;
    }
    const isDone = ticket.status === 'filled' && (intent.closePosition !== true || this.hasGrown(member));
    if (isDone || (member.isSpent && this.hasGrown(member))) {
      member.tries = 0;
      this.sendAgain(member, left, hands);
    } else this.retry(member, left, hands);
  }

  private spent(member: KeptMember): void {
    member.isSpent = true;
    member.entryFilled = this.entry.filledLots;
  }

  private hasGrown({ entryFilled }: KeptMember): boolean {
    return this.entry.filledLots > entryFilled;
  }

  private sendAgain(member: KeptMember, left: number, hands: KeptHands): void {
    member.againAt = undefined;
    member.isSpent = false;
    member.entryFilled = this.entry.filledLots;
    const exit = this.toSend(member, left, hands);
    member.before = filledBy(member);
    member.ticket = hands.again(member.ticket, exit);
  }

  private resize(member: KeptMember, whole: Lots, hands: KeptHands): void {
    const { ticket, againAt } = member;
    member.isSpent = false;
    member.entryFilled = this.entry.filledLots;
    if (whole === ticket.lots || (againAt !== undefined && hands.now < againAt)) return;
    const { outcome } = hands.resize(ticket, whole, whole > ticket.lots ? GROWN : CLOSED);
    member.againAt = outcome === 'refused' ? hands.now + AGAIN_AFTER_MS[0] : undefined;
  }

  /** A stop that came to nothing protects nothing: it is sent again until it stands or nothing is left to protect. */
  private retry(member: KeptMember, left: number, hands: KeptHands): void {
    if (!mustGoOn(member)) return;
    const { tries } = member;
    const after = AGAIN_AFTER_MS[Math.min(tries, AGAIN_AFTER_MS.length - 1)] ?? 0;
    // One that the market has passed meanwhile does not wait: it leaves at market, now.
    const isNow = member.ticket.status === 'lost' || isReached(standing(member), hands.mark());
    member.againAt ??= hands.now + after;
    if (!isNow && hands.now < member.againAt) return;
    member.tries = tries + 1;
    this.sendAgain(member, left, hands);
  }

  /**
   * A stop that would trigger at once is a close at market: what else takes the position's room ends first, and what
   * that leaves open meanwhile is followed.
   */
  private toSend(member: KeptMember, left: number, hands: KeptHands): KeptExit {
    const intent = standing(member);
    const size = lots(left);
    const sized = intent.closePosition === true ? intent : { ...intent, lots: size };
    if (!isReached(intent, hands.mark())) return { ...sized, reduceOnly: true };
    for (const other of this.members) {
      if (other === member || other.ticket.isDone) continue;
      if (other.ticket.isUnsent) hands.drop(other.ticket, PASSED);
      else hands.end(other.ticket, PASSED);
    }
    const isWhole = size >= Math.abs(hands.held());
    const { instrument, side, role, tag, why, values } = intent;
    return {
      ...{ instrument, side, role, tag, why, lots: size, type: 'market', reduceOnly: true },
      ...(values === undefined ? {} : { values }),
      ...(isWhole ? { isWhole } : {}),
    };
  }
}

const filledBy = ({ before, ticket }: KeptMember): number => before + ticket.filledLots;

/** As it was asked, at the prices to which its strategy has moved it since. */
function standing({ intent, ticket: { limitTicks: limit, stopTicks: stop } }: KeptMember): Intent {
  const moved =
    (intent.limit !== undefined && limit !== undefined) || (intent.stop !== undefined && stop !== undefined);
  if (!moved) return intent;
  return {
    ...intent,
    ...(intent.limit === undefined || limit === undefined ? {} : { limit }),
    ...(intent.stop === undefined || stop === undefined ? {} : { stop }),
  };
}

const rankOf = ({ intent: { role } }: KeptMember): number => (role === 'stop' ? 0 : 1);

/** It came to nothing by no will of ours: proven never to have arrived, or a stop that was turned away. */
export const mustGoOn = ({ intent, ticket, tries }: KeptMember): boolean =>
  tries !== Infinity &&
  (ticket.status === 'lost' ||
    (intent.role === 'stop' && (ticket.refusal !== undefined || TURNED_AWAY.has(ticket.status))));
const TURNED_AWAY: ReadonlySet<string> = new Set(['rejected', 'rejected_late', 'expired']);

function isReached({ role, side, stop, instrument }: Intent, mark: MarkUnits | undefined): boolean {
  if (role !== 'stop' || stop === undefined || mark === undefined) return false;
  const level = instrument.marksOfTicks(stop);
  return side === 'sell' ? mark <= level : mark >= level;
}
