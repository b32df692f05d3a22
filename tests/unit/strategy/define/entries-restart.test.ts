import { describe, expect, it } from '@jest/globals';
import { Instrument } from '#src/domain/instrument.js';
import { lots, ticks } from '#src/domain/units.js';
import type { Json } from '#src/ports/storage/event-store.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import { EntryKeeper } from '#src/services/strategy/define/entries/entry-keeper.js';
import type { ShortDesk } from '#src/services/strategy/host/short-desk.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const MINUTE = 60_000;
const instrument = new Instrument(instrumentSpec());
const mark = instrument.marksOfTicks(ticks(100));

/** As much of a ticket as an entry looks at. */
const ticketOf = (given: Partial<OrderTicket>): OrderTicket & { cancelled?: string } => {
  const ticket = {
    ...{ tag: 'entry.long', role: 'entry', side: 'buy', type: 'limit', status: 'open', why: 'in' },
    ...{ lots: lots(10), filledLots: lots(0), isOpen: true, isDone: false, createdAt: 0, updatedAt: 0 },
    ...given,
    cancel(why: string) {
      (ticket as { cancelled?: string }).cancelled = why;
      return 'asked';
    },
  };
  return ticket as unknown as OrderTicket & { cancelled?: string };
};

/** A desk that writes down what is placed, and refuses it for a moment where that is said. */
class Desk {
  readonly placed: Intent[] = [];
  readonly timers: string[] = [];
  now = 0;
  refuses = false;
  found: OrderTicket | undefined;

  place(intent: Intent): OrderTicket {
    this.placed.push(intent);
    const refusal = { check: 'cool_down', reason: 'for a moment', isTransient: true };
    return ticketOf({ ...intent, ...(this.refuses ? { refusal, isDone: true, isOpen: false } : {}) });
  }

  find(): OrderTicket | undefined {
    return this.found;
  }

  setTimer(name: string, ms: number): void {
    this.timers.push(`${name} ${ms}`);
  }

  clearTimer(): void {
    // Nothing is timed here.
  }

  get asDesk(): ShortDesk {
    return this as unknown as ShortDesk;
  }
}

const keeperOf = () => new EntryKeeper(instrument, () => MINUTE);
const RECORD: Json = [{ side: 'buy', tag: 'entry.long', kind: 'limit', then: 'market', timeout_ms: 30_000 }];

describe('entries that rested through a restart', () => {
  it('are those of the verbs: an addition and an order by itself stay what they are', () => {
    const keeper = keeperOf();
    const desk = new Desk();
    keeper.adopt(desk.asDesk, [ticketOf({ tag: 'add' }), ticketOf({ tag: 'entry.7', type: 'stop_market' })], undefined);
    expect(keeper.isEmpty).toBe(true);
    keeper.adopt(desk.asDesk, [ticketOf({ tag: 'entry.long' })], undefined);
    expect(keeper.isEmpty).toBe(false);
  });

  it('go on with their time, and with their own name', () => {
    const keeper = keeperOf();
    const desk = new Desk();
    desk.now = 10_000;
    keeper.adopt(desk.asDesk, [ticketOf({ tag: 'mine' })], [{ ...(RECORD[0] as object), tag: 'mine' }]);
    expect(desk.timers).toEqual(['timeout mine 20000']);
    expect(keeper.snapshot()).toEqual([{ ...(RECORD[0] as object), tag: 'mine' }]);
  });

  it('send a rest that had been turned away for a moment, while its bar lasts', () => {
    const desk = new Desk();
    const before = keeperOf();
    const ticket = ticketOf({ filledLots: lots(4) });
    before.adopt(desk.asDesk, [ticket], RECORD);
    before.timesOver(30_000);
    expect((ticket as { cancelled?: string }).cancelled).toBe("the entry's timeout of 30s was over");
    desk.refuses = true;
    const ended = { ...ticket, isDone: true, isOpen: false, status: 'cancelled' };
    Object.assign(ticket, ended);
    const update = { ticket, previous: 'open', cause: 'cancelled', reason: undefined, at: 30_000 } as const;
    before.ordered(desk.asDesk, update);
    expect(desk.placed).toHaveLength(1);
    const saved = before.snapshot();

    for (const [now, sent] of [
      [30_000, 2],
      [30_000 + 2 * MINUTE, 2],
    ] as const) {
      const after = keeperOf();
      desk.now = now;
      after.adopt(desk.asDesk, [], saved);
      expect(after.isEmpty).toBe(false);
      after.follow(desk.asDesk, mark);
      expect(desk.placed).toHaveLength(sent);
    }
    expect(desk.placed[1]).toMatchObject({
      ...{ side: 'buy', type: 'market', lots: 6, role: 'entry', tag: 'entry.long' },
      why: "in: the entry's timeout of 30s was over",
    });
  });

  it('send the rest of one whose end came while nobody was there, and of one that was withdrawn do not', () => {
    const desk = new Desk();
    desk.found = ticketOf({ isDone: true, isOpen: false, status: 'cancelled' });
    for (const [then, sent] of [
      ['market', 1],
      ['cancel', 1],
    ]) {
      const keeper = keeperOf();
      keeper.adopt(desk.asDesk, [], [{ ...(RECORD[0] as object), then: then as string, over: true }]);
      keeper.follow(desk.asDesk, mark);
      expect(desk.placed).toHaveLength(sent as number);
    }
  });

  it('that cannot be read are not invented', () => {
    const desk = new Desk();
    for (const saved of [
      7,
      'x',
      [7],
      [{ side: 'up' }],
      [{ side: 'buy', rest: 'much', tag: 'a', why: 'b', until: 1 }],
    ]) {
      const keeper = keeperOf();
      keeper.adopt(desk.asDesk, [], saved);
      expect(keeper.isEmpty).toBe(true);
    }
  });
});
