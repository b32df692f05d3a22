import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrderRequest, type Order } from '#src/domain/order.js';
import { lots, units } from '#src/domain/units.js';
import { refusal } from '#src/services/strategy/host/intent-checks.js';
import type { TicketTerms } from '#src/services/strategy/host/live-ticket.js';
import { TicketBook } from '#src/services/strategy/host/ticket-book.js';
import { Instrument } from '#src/domain/instrument.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const INSTANCE = 'mine@BTC-PERP';
const instrument = new Instrument(instrumentSpec());
const terms: Omit<TicketTerms, 'id' | 'nth'> = {
  ...{ tag: 'close', role: 'exit', instrument, side: 'sell', type: 'market', lots: lots(1), why: 'out', createdAt: 0 },
};
const refused = refusal('nothing_to_do', 'it is being reduced already');

const book = (): TicketBook =>
  new TicketBook(INSTANCE, {
    change: () => ({ outcome: 'unchanged' }),
    end: () => 'asked',
  });

/** An order under a number of the tag, as the rest of a close has one. */
function orderOf(nth: number, status: Order['status']): Order {
  const { side, type } = terms;
  return {
    request: new OrderRequest(
      { instrument, side, type, lots: lots(1), timeInForce: 'IOC', postOnly: false, reduceOnly: true },
      `close-${nth}`,
      1,
    ),
    status,
    venueIds: [],
    filled: lots(status === 'filled' ? 1 : 0),
    filledNotional: units(0),
    createdAt: 0,
    updatedAt: 0,
    origin: {
      ...{ strategy: 'mine', reason: 'out', decidedAt: 0 },
      asked: { instance: INSTANCE, tag: 'close', nth, role: 'exit' },
    },
  };
}

/** As the desk hears of it. */
function hears(tickets: TicketBook, order: Order): void {
  const ticket = tickets.of(order);
  if (ticket === undefined) throw new Error('The order is this instance’s.');
  tickets.took(ticket, order);
}

const LIFE = ['planned', 'sending', 'open', 'filled'] as const;

describe('tickets of an instance', () => {
  it('are one for an order whose number others of its tag have passed, from its first news to its last', () => {
    const tickets = book();
    for (let nth = 1; nth <= 5; nth += 1) tickets.issue(terms).refusal = refused;
    for (const status of LIFE) {
      hears(tickets, orderOf(2, status));
      expect(tickets.open()).toHaveLength(status === 'filled' ? 0 : 1);
    }
  });

  it('are open as long as their orders, however intents, refusals and news of old and new ones come', () => {
    const step = fc.oneof(
      fc.constant('issue' as const),
      fc.constant('refuse' as const),
      fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 3 })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const tickets = book();
        const orders = new Map<number, number>();
        for (const each of steps)
          if (each === 'issue') tickets.issue(terms);
          else if (each === 'refuse') tickets.issue(terms).refusal = refused;
          else {
            // Never backwards: an order that has ended is told no more of.
            const [nth, at] = each;
            const life = Math.max(at, orders.get(nth) ?? 0);
            orders.set(nth, life);
            hears(tickets, orderOf(nth, LIFE[life] ?? 'planned'));
          }
        const living = [...orders].filter(([, life]) => life < 3).map(([nth]) => `close-${nth}`);
        expect(
          tickets
            .open()
            .map(({ order }) => order?.request.clientId)
            .sort(),
        ).toEqual(living.sort());
      }),
    );
  });
});
