import { describe, expect, it } from '@jest/globals';
import { Instrument } from '#src/domain/instrument.js';
import { lots, ticks } from '#src/domain/units.js';
import type { Json } from '#src/ports/storage/event-store.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import { RestTimes } from '#src/services/strategy/define/market/rest-times.js';
import type { ShortDesk } from '#src/services/strategy/host/short-desk.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const MINUTE = 60_000;
const instrument = new Instrument(instrumentSpec());
const mark = instrument.marksOfTicks(ticks(100));

type Given = { -readonly [K in keyof OrderTicket]: OrderTicket[K] } & { asked: string[] };
const ticketOf = (given: Partial<OrderTicket> = {}): Given => {
  const asked: string[] = [];
  const cancel = (why: string) => (asked.push(why), 'asked');
  return {
    ...{ tag: 'add', role: 'entry', side: 'buy', type: 'limit', status: 'open', why: 'in', createdAt: 0, updatedAt: 0 },
    ...{ lots: lots(10), filledLots: lots(4), isOpen: true, isDone: false, isChanging: false, asked, cancel, ...given },
  } as unknown as Given;
};
const ENDED = { isOpen: false, isDone: true, status: 'cancelled' } as const;

/** A table of rests, the desk that they see, and what they send. */
const tableOf = (isRefused: () => boolean = () => false, found?: OrderTicket) => {
  const sent: (Intent & { readonly terms?: unknown })[] = [];
  const clock = { now: 0 };
  const desk = {
    ...{ open: () => [], find: () => found, setTimer: () => undefined, clearTimer: () => undefined },
    get now() {
      return clock.now;
    },
  } as unknown as ShortDesk;
  const table = new RestTimes(instrument, { bar: { at: 0 } }, () => MINUTE);
  for (const of of ['add', 'reduce', 'bracket'] as const)
    table.goesOn(of, (_desk, rest, _until, terms) => {
      sent.push(terms === undefined ? rest : { ...rest, terms });
      const refusal = isRefused() ? { check: 'cool_down', reason: 'for a moment', isTransient: true } : undefined;
      return ticketOf({ refusal });
    });
  const ended = (ticket: Given): void => {
    Object.assign(ticket, ENDED);
    table.ordered(desk, { ticket, previous: 'open', cause: 'cancelled', reason: undefined, at: 0 });
  };
  return { table, desk, clock, sent, ended };
};
const TERMS = { timeout: '1 bar', then: { of: 'add' } } as const;

describe('what is left of an order that rests', () => {
  it('ends in its time also while a change of it is on its way, and once', () => {
    const { table } = tableOf();
    const ticket = ticketOf({ isChanging: true });
    table.add(ticket, TERMS);
    table.barEnded(MINUTE);
    table.barEnded(2 * MINUTE);
    expect(ticket.asked).toEqual(["the order's timeout of 1 bar was over"]);
  });

  it('goes to the market once its end is proven; not where somebody else ended it, nor where it is not wanted', () => {
    const { table, sent, ended } = tableOf();
    const [over, taken, forgotten] = [ticketOf(), ticketOf(), ticketOf()];
    table.add(taken, TERMS);
    ended(taken);
    table.add(forgotten, TERMS);
    table.barEnded(MINUTE);
    table.forget();
    ended(forgotten);
    expect(sent).toEqual([]);
    table.add(over, TERMS);
    table.barEnded(MINUTE);
    ended(over);
    const why = "in: the entry's timeout of 1 bar was over";
    expect(sent).toEqual([{ instrument, side: 'buy', type: 'market', lots: 6, role: 'entry', tag: 'add', why }]);
  });

  it('is asked for again where it was turned away for a moment, while a bar lasts, over a restart too', () => {
    const { table, desk, clock, sent, ended } = tableOf(() => true);
    const ticket = ticketOf();
    table.add(ticket, TERMS);
    table.barEnded(MINUTE);
    ended(ticket);
    table.follow(desk, mark);
    expect(sent).toHaveLength(2);
    const saved = table.snapshot();
    clock.now = 2 * MINUTE;
    table.follow(desk, mark);
    expect(sent).toHaveLength(2);
    expect(table.snapshot()).toBeUndefined();
    const next = (keeps: boolean, found: OrderTicket): number => {
      const life = tableOf(() => false, found);
      life.table.restore(saved);
      life.table.begin(life.desk, keeps);
      life.table.follow(life.desk, mark);
      return life.sent.length;
    };
    expect([next(true, ticket), next(false, ticket), next(true, ticketOf({ ...ENDED, type: 'market' }))]).toEqual([
      1, 0, 0,
    ]);
  });

  it('takes along what its kind needs, through a restart', () => {
    const exits = { stop: 90, takeProfit: [{ at: instrument.price(ticks(120)), share: '50%' }] };
    const before = tableOf();
    const ticket = ticketOf({ tag: 'in' });
    before.table.add(ticket, { timeout: '1 bar', then: { of: 'bracket', terms: { exits } } });
    before.table.barEnded(MINUTE);
    const after = tableOf(() => false, ticket);
    after.table.restore(JSON.parse(JSON.stringify(before.table.snapshot())) as Json);
    after.table.begin(after.desk, true);
    expect(ticket.asked).toHaveLength(2);
    after.ended(ticket);
    expect(after.sent).toMatchObject([{ lots: 6, tag: 'in', terms: { exits } }]);
  });

  it('of what cannot be read nothing is invented', () => {
    for (const saved of [7, [7], [{ tag: 1 }], [{ tag: 'add', over: true, then: 'market' }]] as Json[]) {
      const { table, desk, sent } = tableOf(() => false, ticketOf(ENDED));
      table.restore(saved);
      table.begin(desk, true);
      table.follow(desk, mark);
      expect(sent).toEqual([]);
    }
  });
});
