import type { Instrument } from '../../../../domain/instrument.js';
import { barCloseAt } from '../../../../domain/time-spans.js';
import type { MarkUnits, Ticks } from '../../../../domain/units.js';
import type { Json } from '../../../../ports/storage/event-store.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { Intent } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import { timeoutOf, type Timeout } from '../../exits/exit-terms.js';
import { timeOver } from '../../exits/term-words.js';
import type { ShortDesk } from '../../host/short-desk.js';
import { chasedLimit, followMark, isLate, isTurnedBack, type Chased } from '../entries/chases.js';
import { restOf } from '../entries/entry-intent.js';
import type { ChaseEntry } from '../entries/entry-kinds.js';
import { restRecordsFrom, restToJson, type RestRecord, type Then } from './rest-records.js';

const REST = 'rest ';

/** How an order that rests does so. */
export interface RestTerms {
  readonly timeout?: Timeout | undefined;
  /** It follows the mark. */
  readonly chase?: ChaseEntry | undefined;
  /** Sends a chase that would have traded at once, at another limit; undefined where there is nothing to send. */
  readonly again?: (desk: ShortDesk, limit: Ticks) => OrderTicket | undefined;
  /** What its time leaves goes to the market; absent: it is left. */
  readonly then?: Then;
}

/** Sends what an order's time has left to the market; undefined where there is nothing to send, or another does. */
type Sends = (desk: ShortDesk, rest: Intent, until: number, terms: unknown) => OrderTicket | undefined;

interface Timed extends Chased, Omit<RestRecord, 'chase' | 'further' | 'then' | 'isOver'> {
  chase: ChaseEntry | undefined;
  then: Then | undefined;
  readonly again: RestTerms['again'];
  dueAt: number | undefined;
  isOver: boolean;
}

/** How long orders by themselves may rest, where those stand that follow the mark, and what follows their time. */
export class RestTimes {
  private readonly timed = new Map<OrderTicket, Timed>();
  /** Chases that would have traded at once: with the next step they go one tick further. */
  private readonly turnedBack: Timed[] = [];
  /** What is to go to the market and was turned away for a moment: asked again until a bar is over. */
  private owed: Timed[] = [];
  private saved: readonly (RestRecord & { readonly tag: string })[] = [];
  private readonly sends = new Map<Then['of'], Sends>();

  constructor(
    private readonly instrument: Instrument,
    private readonly frames: { readonly bar: { readonly at: number } },
    private readonly barMs: () => number,
  ) {}

  /** So the rests of these orders go to the market. */
  goesOn(of: Then['of'], sends: Sends): void {
    this.sends.set(of, sends);
  }

  /** From now on; bars are counted from the newest. */
  add(ticket: OrderTicket, { timeout, chase, again, then }: RestTerms): void {
    if ((timeout === undefined && chase === undefined) || ticket.isDone) return;
    const span = timeout === undefined ? undefined : timeoutOf(timeout);
    const bars = span !== undefined && 'bars' in span ? span.bars : 0;
    let barAt = this.frames.bar.at;
    for (let i = 0; i < bars; i += 1) barAt = barCloseAt(barAt, this.barMs());
    const ms = span !== undefined && 'ms' in span ? span.ms : undefined;
    const chased = { ticket, chase, again, then, first: ticket.limitTicks ?? Number.NaN };
    const untilBar = bars > 0 ? barAt : undefined;
    const begun = { movedAt: ticket.createdAt, further: 0, dueAt: undefined, isOver: false };
    this.timed.set(ticket, { ...chased, ...begun, untilBar, ms, timeout });
  }

  isChased(ticket: OrderTicket): boolean {
    return this.timed.get(ticket)?.chase !== undefined;
  }

  /** From now on it follows the mark so, or stays where it is, and ends so; its time is not begun anew. */
  follows(ticket: OrderTicket, { chase, then }: Pick<RestTerms, 'chase' | 'then'>): void {
    const known = this.timed.get(ticket);
    if (known !== undefined) Object.assign(known, { chase, then });
    else this.add(ticket, { chase });
  }

  /** Follows the mark with what chases it. */
  follow(desk: ShortDesk, mark: MarkUnits): void {
    if (this.timed.size + this.turnedBack.length + this.owed.length === 0) return;
    for (const timed of this.owed.splice(0)) this.goToMarket(desk, timed);
    for (const timed of this.turnedBack.splice(0)) this.sendFurther(desk, timed, mark);
    for (const timed of this.timed.values())
      if (timed.chase !== undefined && !timed.isOver) followMark(desk, timed, mark, this.instrument, this.barMs());
  }

  /** What was turned back is not sent any more, and nothing that rests goes to the market. */
  forget(): void {
    this.turnedBack.length = 0;
    this.owed = [];
    for (const timed of this.timed.values()) timed.then = undefined;
  }

  ordered(desk: ShortDesk, update: OrderUpdate): void {
    const { ticket, cause } = update;
    const timed = this.timed.get(ticket);
    if (timed === undefined) return;
    if (cause === 'accepted' && timed.ms !== undefined) this.time(desk, timed, timed.ms);
    const isToldFurther = isTurnedBack(timed, update) && !timed.isOver;
    if (!ticket.isDone) return;
    this.timed.delete(ticket);
    desk.clearTimer(REST + ticket.tag);
    if (isToldFurther && timed.again !== undefined) this.turnedBack.push(timed);
    else if (timed.isOver) this.goToMarket(desk, timed);
  }

  timesOver(now: number): void {
    for (const timed of this.timed.values()) if (timed.dueAt !== undefined && timed.dueAt <= now) end(timed);
  }

  barEnded(at: number): void {
    for (const timed of this.timed.values()) if (timed.untilBar !== undefined && at >= timed.untilBar) end(timed);
  }

  snapshot(): Json | undefined {
    const all = [...this.timed.values(), ...this.owed];
    return all.length === 0 ? undefined : all.map((timed) => restToJson(timed.ticket.tag, timed));
  }

  restore(saved: Json | undefined): void {
    this.saved = restRecordsFrom(saved);
  }

  /**
   * Those that rested through a restart: their time goes on from when they were asked, they go on following, and what
   * their time has left goes to the market; of entries where they are kept (`keeps`).
   */
  begin(desk: StrategyDesk, keeps: boolean): void {
    for (const { tag, ...record } of this.saved) {
      const ticket = desk.find(tag);
      if (ticket === undefined) continue;
      const timed: Timed = { ...record, ticket, again: undefined, movedAt: desk.now, dueAt: undefined };
      if (ticket.role === 'entry' && !keeps) Object.assign(timed, { then: undefined, isOver: false });
      if (!ticket.isOpen) {
        // Its end came while nobody was there. What is at market already is its rest.
        if (timed.isOver && ticket.type !== 'market') this.owed.push(timed);
        continue;
      }
      this.timed.set(ticket, timed);
      if (timed.isOver) end(timed);
      else if (timed.ms !== undefined) this.time(desk, timed, Math.max(1, ticket.createdAt + timed.ms - desk.now));
    }
    this.saved = [];
  }

  /** Its time is not begun anew. */
  private sendFurther(desk: ShortDesk, timed: Timed, mark: MarkUnits): void {
    const { ticket: before, again } = timed;
    if (isLate(timed, desk.now, this.barMs())) return;
    const ticket = again?.(desk, chasedLimit(timed, before.side, mark, this.instrument));
    if (ticket === undefined || ticket.isDone) return;
    this.timed.set(ticket, { ...timed, ticket, movedAt: desk.now, dueAt: undefined });
  }

  /** What its time has left, once its end is proven; turned away for a moment it is asked again, for a bar. */
  private goToMarket(desk: ShortDesk, timed: Timed): void {
    const { then, ticket, timeout } = timed;
    const until = ticket.updatedAt + this.barMs();
    const rest = then === undefined ? undefined : restOf(this.instrument, ticket, { timeout, timeoutMs: timed.ms });
    if (then === undefined || rest === undefined || desk.now > until || desk.open({ tag: rest.tag }).length > 0) return;
    const sent = this.sends.get(then.of)?.(desk, rest, until, then.terms);
    if (sent?.refusal?.isTransient === true) this.owed.push(timed);
  }

  private time(desk: StrategyDesk, timed: Timed, ms: number): void {
    timed.dueAt = desk.now + ms;
    desk.setTimer(REST + timed.ticket.tag, ms);
  }
}

/** Its time is over, whatever else has been asked of it. An end that came to nothing is asked for again. */
function end(timed: Timed): void {
  const { ticket } = timed;
  if (!ticket.isOpen || (timed.isOver && ticket.isChanging)) return;
  timed.isOver = true;
  ticket.cancel(timeOver('order', timed));
}
