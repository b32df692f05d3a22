import { fault } from '../../../../domain/errors.js';
import type { Instrument } from '../../../../domain/instrument.js';
import { barCloseAt } from '../../../../domain/time-spans.js';
import { lots, type MarkUnits } from '../../../../domain/units.js';
import type { Json } from '../../../../ports/storage/event-store.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { Intent } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import type { ShortDesk } from '../../host/short-desk.js';
import { timeoutOf } from '../../exits/exit-terms.js';
import { chasedLimit, followMark, isLate, isTurnedBack } from './chases.js';
import { entryIntent, followersOf, restOf, type WishedEntry } from './entry-intent.js';
import type { HeldStop } from '../held-stop.js';
import { entriesFrom, entriesToJson, recordOf, type EntryRecord } from './entry-record.js';
import type { EntryOrder } from './entry-order.js';
import { askedOf, chaseOf, end, fallenBack, isOneOrder, kindOf, NO_TIME, stand, thenOf } from './waiting-entry.js';
import type { EntryKind, EntryRest, EntrySide, WaitingEntry } from './waiting-entry.js';

const TIMEOUT = 'timeout ';

/** The entries of one strategy that wait for a price, at most one a side: moved, timed, and ended. */
export class EntryKeeper {
  private readonly waiting = new Map<EntrySide, WaitingEntry>();
  /** A rest for the market that was turned away for a moment. */
  private again: EntryRest | undefined;
  /** Chases that would have traded at once: with the next step they go one tick further. */
  private readonly turnedBack: WaitingEntry[] = [];

  constructor(
    private readonly instrument: Instrument,
    private readonly barMs: () => number,
    private readonly held?: Pick<HeldStop, 'plans' | 'plan' | 'fallBack'>,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.size === 0 && this.again === undefined && this.turnedBack.length === 0;
  }

  /** An entry of this side is under way, or its rest is. */
  waitsOn(side: EntrySide): boolean {
    return this.waiting.has(side) || [this.again?.intent, ...this.turnedBack].some((each) => each?.side === side);
  }

  /** An entry of this side that can be brought to the new terms in its place. */
  takes(side: EntrySide, order: EntryOrder): boolean {
    const known = this.waiting.get(side);
    if (known?.kind !== kindOf(order) || known.kind === 'market' || known.isOver || known.isEnding) return false;
    return known.wish === undefined || isOneOrder(known.wish.order, order);
  }

  /** What an entry of this side stands for; undefined without one, and for one that rested through a restart. */
  wishOf(side: EntrySide): WishedEntry | undefined {
    return this.waiting.get(side)?.wish;
  }

  /** Two that can be brought to new terms in their places. */
  takesBoth(long: EntryOrder, short: EntryOrder): boolean {
    return this.takes('buy', long) && this.takes('sell', short);
  }

  /**
   * Sends an entry, or brings the one that rests to the new terms; its time is not begun anew. Its ticket: the planned
   * one, where there is one and an order is sent.
   */
  enter(desk: ShortDesk, side: EntrySide, wish: WishedEntry, barAt: number, planned?: OrderTicket): OrderTicket {
    const known = this.waiting.get(side);
    if (known !== undefined) {
      this.change(desk, known, wish);
      if (planned !== undefined) desk.drop(planned, 'the entry that rests was changed in its place');
      return known.ticket;
    }
    const entry = entryIntent(this.instrument, side, wish);
    const ticket = placed(desk, entry, followersOf(entry, wish), planned);
    this.await(desk, side, wish, ticket, barAt);
    return ticket;
  }

  /** Two entries of which the first execution ends the other. */
  either(
    desk: ShortDesk,
    wishes: Readonly<Record<EntrySide, WishedEntry>>,
    barAt: number,
    planned?: readonly [OrderTicket, OrderTicket],
  ): readonly [OrderTicket, OrderTicket] {
    const [long, short] = [this.waiting.get('buy'), this.waiting.get('sell')];
    if (long !== undefined && short !== undefined) {
      for (const known of [...this.waiting.values()]) this.change(desk, known, wishes[known.side]);
      return [long.ticket, short.ticket];
    }
    const sides = ['buy', 'sell'] as const;
    const intents = sides.map((side) => entryIntent(this.instrument, side, wishes[side]));
    const tickets = desk.placeList({ kind: 'oco', intents }, planned) as [OrderTicket, OrderTicket];
    for (const [index, side] of sides.entries()) this.await(desk, side, wishes[side], tickets[index], barAt);
    return tickets;
  }

  /** Ends what waits, or what waits on one side. */
  cancel(why: string, side?: EntrySide): void {
    if (side === undefined || this.again?.intent.side === side) this.again = undefined;
    this.turnedBack.splice(0, Infinity, ...this.turnedBack.filter((each) => side !== undefined && each.side !== side));
    for (const waiting of this.waiting.values()) {
      const { ticket, side: of, kind } = waiting;
      if ((side !== undefined && of !== side) || kind === 'market') continue;
      // Also of one whose end is known and not told yet: its rest is not wanted any more.
      waiting.isEnding = true;
      if (ticket.isOpen) ticket.cancel(why);
    }
  }

  /** A bar has ended: so may the time of what waits. */
  barEnded(at: number): void {
    for (const waiting of this.waiting.values())
      if (waiting.untilBar !== undefined && at >= waiting.untilBar) end(waiting);
  }

  /** What is due by now ends, before anybody is told of a timer of this instant. */
  timesOver(now: number): void {
    for (const waiting of this.waiting.values()) if (waiting.dueAt !== undefined && waiting.dueAt <= now) end(waiting);
  }

  /** Follows the mark with what chases it. */
  follow(desk: ShortDesk, mark: MarkUnits): void {
    const { again } = this;
    if (again !== undefined && desk.now <= again.until && !this.waiting.has(again.intent.side)) this.send(desk, again);
    else this.again = undefined;
    for (const waiting of this.turnedBack.splice(0)) this.sendFurther(desk, waiting, mark);
    for (const waiting of this.waiting.values())
      if (waiting.chase !== undefined && !waiting.isOver)
        followMark(desk, waiting, mark, this.instrument, this.barMs());
  }

  /** News of an own order. */
  ordered(desk: ShortDesk, update: OrderUpdate): void {
    const { ticket, cause } = update;
    const waiting = [...this.waiting.values()].find((each) => each.ticket === ticket);
    if (waiting === undefined) return;
    this.changed(desk, waiting, cause);
    if (cause === 'accepted' && waiting.timeoutMs !== undefined) time(desk, waiting, waiting.timeoutMs);
    if (cause === 'filled') this.cancel('either: the other side has filled', waiting.side === 'buy' ? 'sell' : 'buy');
    const isToldFurther = isTurnedBack(waiting, update) && !waiting.isOver && !waiting.isEnding;
    if (!ticket.isDone) return;
    this.waiting.delete(waiting.side);
    desk.clearTimer(TIMEOUT + ticket.tag);
    if (isToldFurther) this.turnedBack.push(waiting);
    else if (waiting.isOver && !waiting.isEnding && waiting.then === 'market') this.goToMarket(desk, waiting);
  }

  snapshot(): Json | undefined {
    if (this.isEmpty) return undefined;
    const { again } = this;
    const waiting = [...this.waiting.values()].map(
      ({ isEnding, isOver, then, ticket: { tag }, ...each }): EntryRecord => ({
        ...{ ...each, tag, isOver: isOver || isEnding, then: isEnding ? 'cancel' : then },
      }),
    );
    return entriesToJson(
      { waiting, rest: again === undefined ? undefined : { ...again.intent, until: again.until } },
      this.instrument,
    );
  }

  /**
   * Entries of the verbs that rested through a restart go on: their time counts from their acceptance, as before. What
   * else was asked with the role of an entry, an addition or an order by itself, is none of these.
   */
  adopt(desk: StrategyDesk, tickets: readonly OrderTicket[], saved: Json | undefined): void {
    const { instrument } = this;
    const known = entriesFrom(saved, instrument);
    for (const ticket of tickets) {
      const record = ticket.role === 'entry' && ticket.type !== 'market' ? recordOf(ticket, known) : undefined;
      if (record !== undefined) this.adoptOne(desk, ticket, record);
    }
    if (known.rest !== undefined) {
      const { until, ...rest } = known.rest;
      this.again = { intent: { ...rest, instrument, type: 'market', role: 'entry' }, exits: [], until };
    }
    for (const record of known.waiting) this.goOnWith(desk, record);
  }

  private adoptOne(desk: StrategyDesk, ticket: OrderTicket, record: EntryRecord): void {
    const { side } = ticket;
    const { kind, untilBar, timeoutMs, timeout, then } = record;
    const waiting: WaitingEntry = {
      ...{ ...NO_TIME, side, ticket, wish: undefined, movedAt: desk.now, first: ticket.limitTicks ?? 0 },
      kind: kind === undefined ? (ticket.type === 'limit' ? 'limit' : 'stop') : (kind as EntryKind),
      ...{ untilBar, timeoutMs, timeout, then },
    };
    this.waiting.set(side, waiting);
    if (record.isOver) end(waiting);
    if (timeoutMs === undefined) return;
    const left = ticket.createdAt + timeoutMs - desk.now;
    if (left > 0) time(desk, waiting, left);
    else end(waiting);
  }

  /** One whose time was over, and whose end came while nobody was there to send its rest to the market. */
  private goOnWith(desk: StrategyDesk, record: EntryRecord): void {
    const { side, tag, isOver, then } = record;
    const ticket = isOver && then === 'market' && !this.waiting.has(side) ? desk.find(tag) : undefined;
    if (ticket?.isDone !== true || this.again !== undefined) return;
    const rest = restOf(this.instrument, ticket, record);
    if (rest !== undefined) this.again = { intent: rest, exits: [], until: ticket.updatedAt + this.barMs() };
  }

  private await(
    desk: StrategyDesk,
    side: EntrySide,
    wish: WishedEntry,
    ticket: OrderTicket | undefined,
    barAt: number,
  ): void {
    if (ticket === undefined || ticket.isDone) return;
    const { order } = wish;
    const { entry } = order;
    const timeout = entry?.timeout === undefined ? undefined : timeoutOf(entry.timeout);
    const bars = timeout !== undefined && 'bars' in timeout ? timeout.bars : undefined;
    this.waiting.set(side, {
      ...{ ...NO_TIME, side, ticket, wish, kind: kindOf(order), movedAt: desk.now, first: ticket.limitTicks ?? 0 },
      untilBar: bars === undefined ? undefined : this.closeOf(barAt, bars),
      timeoutMs: timeout !== undefined && 'ms' in timeout ? timeout.ms : undefined,
      ...{ timeout: entry?.timeout, then: thenOf(order) },
      chase: chaseOf(order),
    });
  }

  /** Of the nth bar after the one that closed at `at`. */
  private closeOf(at: number, bars: number): number {
    let end = at;
    for (let i = 0; i < bars; i += 1) end = barCloseAt(end, this.barMs());
    return end;
  }

  private change(desk: StrategyDesk, waiting: WaitingEntry, wish: WishedEntry): void {
    const { ticket, chase } = waiting;
    const { planned, order } = wish;
    const { limit, stop } = planned.ground;
    const isBehind = ticket.isChanging;
    // A chase stays where it has come to.
    const answer = desk.amend(ticket, {
      ...(limit === undefined || chase !== undefined ? {} : { limit }),
      ...(stop === undefined ? {} : { stop }),
      ...(planned.decision.quantity === undefined
        ? {}
        : { lots: lots(Math.max(planned.decision.quantity, ticket.filledLots)) }),
      why: planned.decision.reason,
    });
    // It stays as it was, and that is said.
    if (answer.outcome === 'refused') {
      desk.hold(this.instrument.symbol, answer.refusal.reason);
      return;
    }
    if (answer.outcome !== 'unchanged') askedOf(waiting, wish, isBehind);
    stand(waiting, wish);
    // The order itself says all of that already; something was asked all the same.
    if (answer.outcome === 'unchanged') desk.hold(this.instrument.symbol, order.why, order.values);
  }

  /** What it fills to is left as it stands, where the venue, or the bot in the end, has not made a change. */
  private changed(desk: ShortDesk, waiting: WaitingEntry, cause: OrderUpdate['cause']): void {
    const standing = fallenBack(waiting, cause);
    if (standing === undefined) return;
    stand(waiting, standing);
    this.held?.fallBack(desk.account(this.instrument.symbol), standing.planned, waiting.ticket, desk.now);
  }

  /** A chase that would have traded at once, one tick further from the mark; its time is not begun anew. */
  private sendFurther(desk: ShortDesk, waiting: WaitingEntry, mark: MarkUnits): void {
    const { side, wish } = waiting;
    const { instrument, held } = this;
    if (wish === undefined || isLate(waiting, desk.now, this.barMs())) return;
    if (desk.account(instrument.symbol).lots !== 0) return;
    held?.plan(side, wish.planned.stop, wish.planned.exits, desk.now);
    const limit = chasedLimit(waiting, side, mark, instrument);
    const ticket = desk.place({ ...entryIntent(instrument, side, wish), limit });
    held?.plans.bind(side, ticket);
    if (!ticket.isDone) this.waiting.set(side, { ...waiting, ticket, movedAt: desk.now, dueAt: undefined });
  }

  /** What has not filled in its time. Turned away for a moment, it is asked again at the next steps, for a bar. */
  private goToMarket(desk: ShortDesk, waiting: WaitingEntry): void {
    const { ticket, wish } = waiting;
    const intent = restOf(this.instrument, ticket, waiting);
    if (intent === undefined) return;
    // Of what has filled already the rungs rest.
    const exits = wish === undefined || ticket.filledLots > 0 ? [] : followersOf(intent, wish);
    this.send(desk, { intent, exits, until: desk.now + this.barMs() });
  }

  private send(desk: ShortDesk, rest: EntryRest): void {
    // While it is being sent it is no other entry's.
    this.again = rest;
    const ticket = placed(desk, rest.intent, rest.exits);
    if (ticket.refusal?.isTransient !== true) this.again = undefined;
    const { side } = ticket;
    this.held?.plans.bind(side, ticket);
    if (ticket.isDone) return;
    this.waiting.set(side, { ...NO_TIME, side, ticket, kind: 'market', wish: undefined, first: 0, movedAt: desk.now });
  }
}

/** The ticket of an entry, with what travels behind it: where nothing can, its first fill has the ladder placed. */
function placed(desk: ShortDesk, entry: Intent, exits: readonly Intent[], planned?: OrderTicket): OrderTicket {
  if (exits.length === 0 || !desk.hasBrackets) return desk.place(entry, planned);
  const [ticket] = desk.placeList({ kind: 'followers', entry, exits }, planned === undefined ? [] : [planned]);
  if (ticket !== undefined) return ticket;
  throw fault('STRAT-001', `An entry must have a ticket: ${entry.tag}.`);
}

/** Its time ends so much later: as a timer, so that somebody looks. */
function time(desk: StrategyDesk, waiting: WaitingEntry, ms: number): void {
  waiting.dueAt = desk.now + ms;
  desk.setTimer(TIMEOUT + waiting.ticket.tag, ms);
}
