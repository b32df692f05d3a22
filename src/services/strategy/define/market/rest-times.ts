import type { Instrument } from '../../../../domain/instrument.js';
import { barCloseAt } from '../../../../domain/time-spans.js';
import type { MarkUnits, Ticks } from '../../../../domain/units.js';
import type { Json } from '../../../../ports/storage/event-store.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import { plain, revived } from '../../exits/exit-record.js';
import { timeoutOf, type Timeout } from '../../exits/exit-terms.js';
import { timeOver } from '../../exits/term-words.js';
import type { ShortDesk } from '../../host/short-desk.js';
import { chasedLimit, followMark, isLate, isTurnedBack, type Chased } from '../entries/chases.js';
import type { ChaseEntry } from '../entries/entry-kinds.js';

const REST = 'rest ';

/** How an order that rests does so. */
export interface RestTerms {
  readonly timeout?: Timeout | undefined;
  /** It follows the mark. */
  readonly chase?: ChaseEntry | undefined;
  /** Sends a chase that would have traded at once, at another limit; undefined where there is nothing to send. */
  readonly again?: (desk: ShortDesk, limit: Ticks) => OrderTicket | undefined;
}

interface Timed extends Chased {
  chase: ChaseEntry | undefined;
  /** Its time ends with the close of this bar, or so long after its acceptance. */
  readonly untilBar: number | undefined;
  readonly ms: number | undefined;
  /** The same as it was asked; undefined where that is not known any more. */
  readonly timeout: string | undefined;
  readonly again: RestTerms['again'];
  dueAt: number | undefined;
}

/** How long orders by themselves may rest, and where those stand that follow the mark. */
export class RestTimes {
  private readonly timed = new Map<OrderTicket, Timed>();
  /** Chases that would have traded at once: with the next step they go one tick further. */
  private readonly turnedBack: Timed[] = [];
  private saved: readonly Readonly<Record<string, Json>>[] = [];

  constructor(
    private readonly instrument: Instrument,
    private readonly frames: { readonly bar: { readonly at: number } },
    private readonly barMs: () => number,
  ) {}

  /** From now on; bars are counted from the newest. */
  add(ticket: OrderTicket, { timeout, chase, again }: RestTerms): void {
    if ((timeout === undefined && chase === undefined) || ticket.isDone) return;
    const span = timeout === undefined ? undefined : timeoutOf(timeout);
    const bars = span !== undefined && 'bars' in span ? span.bars : 0;
    let barAt = this.frames.bar.at;
    for (let i = 0; i < bars; i += 1) barAt = barCloseAt(barAt, this.barMs());
    const ms = span !== undefined && 'ms' in span ? span.ms : undefined;
    const chased = { ticket, chase, again, first: ticket.limitTicks ?? Number.NaN };
    const untilBar = bars > 0 ? barAt : undefined;
    const begun = { movedAt: ticket.createdAt, further: 0, dueAt: undefined };
    this.timed.set(ticket, { ...chased, ...begun, untilBar, ms, timeout });
  }

  isChased(ticket: OrderTicket): boolean {
    return this.timed.get(ticket)?.chase !== undefined;
  }

  /** From now on it follows the mark so, or stays where it is; its time is not begun anew. */
  follows(ticket: OrderTicket, chase: ChaseEntry | undefined): void {
    const known = this.timed.get(ticket);
    if (known !== undefined) known.chase = chase;
    else this.add(ticket, { chase });
  }

  /** Follows the mark with what chases it. */
  follow(desk: ShortDesk, mark: MarkUnits): void {
    if (this.timed.size + this.turnedBack.length === 0) return;
    for (const timed of this.turnedBack.splice(0)) this.sendFurther(desk, timed, mark);
    for (const timed of this.timed.values())
      if (timed.chase !== undefined) followMark(desk, timed, mark, this.instrument, this.barMs());
  }

  /** What was turned back is not sent any more. */
  forget(): void {
    this.turnedBack.length = 0;
  }

  ordered(desk: StrategyDesk, update: OrderUpdate): void {
    const { ticket, cause } = update;
    const timed = this.timed.get(ticket);
    if (timed === undefined) return;
    if (cause === 'accepted' && timed.ms !== undefined) this.time(desk, timed, timed.ms);
    const isToldFurther = isTurnedBack(timed, update);
    if (!ticket.isDone) return;
    this.timed.delete(ticket);
    desk.clearTimer(REST + ticket.tag);
    if (isToldFurther && timed.again !== undefined) this.turnedBack.push(timed);
  }

  timesOver(now: number): void {
    for (const timed of this.timed.values()) if (timed.dueAt !== undefined && timed.dueAt <= now) end(timed);
  }

  barEnded(at: number): void {
    for (const timed of this.timed.values()) if (timed.untilBar !== undefined && at >= timed.untilBar) end(timed);
  }

  snapshot(): Json | undefined {
    if (this.timed.size === 0) return undefined;
    return [...this.timed.values()].map(({ ticket: { tag }, untilBar, ms, timeout, chase, first, further }) => ({
      tag,
      ...(timeout === undefined ? {} : { timeout }),
      ...(untilBar === undefined ? {} : { until_bar: untilBar }),
      ...(ms === undefined ? {} : { ms }),
      ...(chase === undefined ? {} : { chase: plain(chase), first, further }),
    }));
  }

  restore(saved: Json | undefined): void {
    this.saved = Array.isArray(saved) ? (saved as readonly Readonly<Record<string, Json>>[]) : [];
  }

  /** Those that rested through a restart: their time goes on from when they were asked, and they go on following. */
  begin(desk: StrategyDesk): void {
    for (const { tag, until_bar: untilBar, ms, timeout, chase, first, further } of this.saved) {
      const ticket = typeof tag === 'string' ? desk.find(tag) : undefined;
      if (ticket?.isOpen !== true) continue;
      const timed: Timed = {
        ...{ ticket, again: undefined, movedAt: desk.now, dueAt: undefined },
        untilBar: typeof untilBar === 'number' ? untilBar : undefined,
        ms: typeof ms === 'number' ? ms : undefined,
        timeout: typeof timeout === 'string' ? timeout : undefined,
        chase: chase === undefined || typeof first !== 'number' ? undefined : (revived(chase) as ChaseEntry),
        first: typeof first === 'number' ? first : Number.NaN,
        further: typeof further === 'number' ? further : 0,
      };
      this.timed.set(ticket, timed);
      if (timed.ms !== undefined) this.time(desk, timed, Math.max(1, ticket.createdAt + timed.ms - desk.now));
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

  private time(desk: StrategyDesk, timed: Timed, ms: number): void {
    timed.dueAt = desk.now + ms;
    desk.setTimer(REST + timed.ticket.tag, ms);
  }
}

function end(timed: Timed): void {
  const { ticket } = timed;
  if (ticket.isOpen && !ticket.isChanging) ticket.cancel(timeOver('order', timed));
}
