import type { Json } from '../../../../ports/storage/event-store.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import { barCloseAt } from '../../../../domain/time-spans.js';
import { timeoutOf, type Timeout } from '../../exits/exit-terms.js';
import { timeOver } from '../../exits/term-words.js';

const REST = 'rest ';

interface Timed {
  readonly ticket: OrderTicket;
  /** Its time ends with the close of this bar, or so long after its acceptance. */
  readonly untilBar: number | undefined;
  readonly ms: number | undefined;
  /** The same as it was asked; undefined where that is not known any more. */
  readonly timeout: string | undefined;
  dueAt: number | undefined;
}

/** How long orders by themselves may rest. */
export class RestTimes {
  private readonly timed = new Map<OrderTicket, Timed>();
  private saved: readonly Readonly<Record<string, Json>>[] = [];

  add(ticket: OrderTicket, timeout: Timeout, barAt: number, barMs: number): void {
    const span = timeoutOf(timeout);
    if (ticket.isDone) return;
    let untilBar = 'bars' in span ? barAt : undefined;
    for (let i = 0; 'bars' in span && i < span.bars; i += 1) untilBar = barCloseAt(untilBar ?? barAt, barMs);
    const ms = 'ms' in span ? span.ms : undefined;
    this.timed.set(ticket, { ticket, untilBar, ms, timeout, dueAt: undefined });
  }

  ordered(desk: StrategyDesk, { ticket, cause }: OrderUpdate): void {
    const timed = this.timed.get(ticket);
    if (timed === undefined) return;
    if (cause === 'accepted' && timed.ms !== undefined) this.time(desk, timed, timed.ms);
    if (!ticket.isDone) return;
    this.timed.delete(ticket);
    desk.clearTimer(REST + ticket.tag);
  }

  timesOver(now: number): void {
    for (const timed of this.timed.values()) if (timed.dueAt !== undefined && timed.dueAt <= now) end(timed);
  }

  barEnded(at: number): void {
    for (const timed of this.timed.values()) if (timed.untilBar !== undefined && at >= timed.untilBar) end(timed);
  }

  snapshot(): Json | undefined {
    if (this.timed.size === 0) return undefined;
    return [...this.timed.values()].map(({ ticket: { tag }, untilBar, ms, timeout }) => ({
      tag,
      ...(timeout === undefined ? {} : { timeout }),
      ...(untilBar === undefined ? {} : { until_bar: untilBar }),
      ...(ms === undefined ? {} : { ms }),
    }));
  }

  restore(saved: Json | undefined): void {
    this.saved = Array.isArray(saved) ? (saved as readonly Readonly<Record<string, Json>>[]) : [];
  }

  /** Those that rested through a restart: their time goes on from when they were asked. */
  begin(desk: StrategyDesk): void {
    for (const { tag, until_bar: untilBar, ms, timeout } of this.saved) {
      const ticket = typeof tag === 'string' ? desk.find(tag) : undefined;
      if (ticket?.isOpen !== true) continue;
      const timed: Timed = {
        ...{ ticket, dueAt: undefined },
        untilBar: typeof untilBar === 'number' ? untilBar : undefined,
        ms: typeof ms === 'number' ? ms : undefined,
        timeout: typeof timeout === 'string' ? timeout : undefined,
      };
      this.timed.set(ticket, timed);
      if (timed.ms !== undefined) this.time(desk, timed, Math.max(1, ticket.createdAt + timed.ms - desk.now));
    }
    this.saved = [];
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
