import type { Json } from '../../../../ports/storage/event-store.js';
import type { OrderUpdate } from '../../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import { barCloseAt } from '../../../../domain/time-spans.js';
import { timeoutOf, type Timeout } from '../../exits/exit-terms.js';

const REST = 'rest ';

interface Timed {
  readonly ticket: OrderTicket;
  /** Its time ends with the close of this bar, or so long after its acceptance. */
  readonly untilBar: number | undefined;
  readonly ms: number | undefined;
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
    this.timed.set(ticket, { ticket, untilBar, ms: 'ms' in span ? span.ms : undefined, dueAt: undefined });
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
    for (const { ticket, dueAt } of this.timed.values()) if (dueAt !== undefined && dueAt <= now) end(ticket);
  }

  barEnded(at: number): void {
    for (const { ticket, untilBar } of this.timed.values()) if (untilBar !== undefined && at >= untilBar) end(ticket);
  }

  snapshot(): Json | undefined {
    if (this.timed.size === 0) return undefined;
    return [...this.timed.values()].map(({ ticket: { tag }, untilBar, ms }) => ({
      tag,
      ...(untilBar === undefined ? {} : { until_bar: untilBar }),
      ...(ms === undefined ? {} : { ms }),
    }));
  }

  restore(saved: Json | undefined): void {
    this.saved = Array.isArray(saved) ? (saved as readonly Readonly<Record<string, Json>>[]) : [];
  }

  /** Those that rested through a restart: their time goes on from when they were asked. */
  begin(desk: StrategyDesk): void {
    for (const { tag, until_bar: untilBar, ms } of this.saved) {
      const ticket = typeof tag === 'string' ? desk.find(tag) : undefined;
      if (ticket?.isOpen !== true) continue;
      const timed: Timed = {
        ...{ ticket, dueAt: undefined },
        untilBar: typeof untilBar === 'number' ? untilBar : undefined,
        ms: typeof ms === 'number' ? ms : undefined,
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

function end(ticket: OrderTicket): void {
  if (ticket.isOpen && !ticket.isChanging) ticket.cancel('its time was over');
}
