import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId, type Order } from '#src/domain/order.js';
import { orderToRecord } from '#src/domain/records.js';
import { lots, units } from '#src/domain/units.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import { FakeEventStore } from '../support/memory-event-store.js';
import { Rig, SYMBOL, T0 } from '../unit/execution/rig.js';

/** What a venue, or an adapter with a defect, may put into any field. */
const ANYTHING: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'BUY', 'PENDING_NEW', NaN, Infinity, -1, 0, 0.5, 2 ** 53, {}, []),
  fc.constantFrom<unknown>(new Decimal(NaN), new Decimal(Infinity), new Decimal(-3), new Decimal('0.123456789')),
  fc.constantFrom<unknown>(T0, T0 / 1_000, T0 * 1_000, T0 * 1e6, 'v9', 'buy', 'sell', 'cancelled', 'lost', 'filled'),
  fc.integer(),
  fc.string({ maxLength: 5, unit: 'binary' }),
);

const spoiled = <T extends object>(value: T, at: number, by: unknown): T => {
  const keys = Object.keys(value);
  return { ...value, [keys[at % keys.length] as string]: by };
};

/** As the journal's file gives it back: what JSON cannot hold has become something else. */
function reread(journal: FakeEventStore): FakeEventStore {
  const copy = new FakeEventStore(() => T0);
  for (const event of journal.events) copy.events.push(JSON.parse(JSON.stringify(event)) as (typeof copy.events)[0]);
  return copy;
}

const stateOf = (rig: Rig): unknown => ({
  orders: [...rig.log.all()].map((order: Order) => JSON.stringify(orderToRecord(order))),
  lots: rig.portfolio.position(rig.instrument).lots,
  equity: rig.portfolio.equity,
  deposits: rig.portfolio.ledger.deposits,
});

interface Step {
  readonly kind: (typeof EVENTS)[number];
  readonly door: 'stream' | 'history';
  readonly at: number;
  readonly by: unknown;
}

interface Answer {
  readonly at: number;
  readonly by: unknown;
  readonly refused: boolean;
}

const FEES = [{ asset: 'BNB', amount: new Decimal('-0.00001') }];

const EVENTS = [
  'order',
  'fill',
  'funding',
  'transfer',
  'foreign_order',
  'position',
  'balance',
  'terms',
  'margin',
] as const;

function eventOf(
  rig: Rig,
  order: Order,
  kind: (typeof EVENTS)[number],
  at: number,
  by: unknown,
  n: number,
): AccountEvent {
  const fill = rig.fill(order, 1, `t${n}`);
  switch (kind) {
    case 'fill':
      return {
        kind,
        fill: spoiled(
          { ...fill, cause: undefined, positionSide: undefined, fees: FEES, feeEstimated: true },
          at,
          by,
        ) as never,
      };
    case 'funding': {
      const { instrument } = rig;
      const markPrice = new Decimal(50_000);
      const whole = { id: `f${n}`, instrument, at: T0, rate: undefined, markPrice, lots: lots(1), amount: units(3) };
      return { kind, payment: spoiled(whole, at, by) };
    }
    case 'transfer':
      return { ...spoiled({ id: `d${n}`, amount: new Decimal(5), asset: 'USD', at: T0 }, at, by), kind };
    case 'position': {
      const position = { symbol: SYMBOL, size: new Decimal(1), entryPrice: new Decimal(1), positionSide: undefined };
      return { kind, position: spoiled(position, at, by), at: T0 } as never;
    }
    case 'balance': {
      const balance = { asset: 'USD', total: new Decimal(5), available: new Decimal(5) };
      return { kind, balance: spoiled(balance, at, by), at: T0 };
    }
    case 'terms': {
      const symbols = [{ symbol: SYMBOL, leverage: new Decimal(3), marginMode: 'cross' }];
      const terms = { positionMode: 'one_way', marginMode: 'cross', symbols, permissions: { trade: true } };
      return { kind, terms: spoiled(terms, at, by), at: T0 } as never;
    }
    case 'margin':
      return {
        ...spoiled({ level: 'call', symbol: SYMBOL, equity: new Decimal(1), message: 'm', at: T0 }, at, by),
        kind,
      } as never;
    case 'order': {
      const report = spoiled(
        { status: 'cancelled' as const, at: T0, venueId: venueOrderId('v1'), reason: 'r' },
        at,
        by,
      );
      return { kind, clientId: order.request.clientId, symbol: SYMBOL, report };
    }
    default:
      return { kind, order: spoiled({ ...rig.venueOrder(order, 'open'), price: undefined }, at, by) as never };
  }
}

/** A fill of an order that a later report names as that of a refused one. */
const FILLED_BEFORE_ITS_ID_WAS_KNOWN: [Step[], Answer[]] = [
  [
    { kind: 'fill', door: 'stream', at: 15, by: '' },
    { kind: 'order', door: 'stream', at: 0, by: 'filled' },
  ],
  [{ at: 2, by: 'sell', refused: true }],
];

describe('whatever a venue says', () => {
  it('can be read again from the journal: a start after it finds the same orders, position and money', async () => {
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom(...EVENTS),
      door: fc.constantFrom('stream', 'history'),
      at: fc.nat(20),
      by: ANYTHING,
    });
    const answer: fc.Arbitrary<Answer> = fc.record({ at: fc.nat(4), by: ANYTHING, refused: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.array(answer, { maxLength: 3 }),
        async (steps, answers) => {
          const journal = new FakeEventStore(() => T0);
          const rig = new Rig({ journal });
          await rig.start();
          for (const { at, by, refused } of answers) {
            const plain = refused
              ? { outcome: 'rejected', reason: 'other', message: 'm', at: T0 }
              : { outcome: 'accepted', venueId: venueOrderId('v1'), at: T0, stage: 'received', order: undefined };
            rig.broker.next('placeOrder', { value: spoiled(plain, at, by) as never });
            rig.submit();
            await rig.pending.idle();
          }
          const order = rig.submit();
          await rig.pending.idle();
          for (const [n, { kind, door, at, by }] of steps.entries()) {
            const event = eventOf(rig, order, kind, at, by, n);
            if (door === 'history' && event.kind === 'fill') {
              rig.broker.listFills = () => Promise.resolve({ items: [event.fill] });
              await rig.stream.backfill().catch(() => 0);
            } else if (door === 'history' && event.kind === 'foreign_order') {
              rig.broker.always('listOpenOrders', { value: [event.order] });
              await rig.reconciler.reconcile().catch(() => undefined);
            } else rig.stream.accept(event);
          }
          rig.broker.listFills = () => Promise.resolve({ items: [] });
          const next = new Rig({ journal: reread(journal), broker: rig.broker, clock: rig.clock });
          await next.start();
          expect(stateOf(next)).toEqual(stateOf(rig));
        },
      ),
      { numRuns: 300, examples: [FILLED_BEFORE_ITS_ID_WAS_KNOWN] },
    );
  });
});
