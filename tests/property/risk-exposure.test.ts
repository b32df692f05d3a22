import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyFill } from '#src/domain/order-state.js';
import { venueOrderId, OrderRequest, remaining, type Fill, type Order, type Side } from '#src/domain/order.js';
import { lots, units } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { BTC, d, Desk, ETH, WIDE } from '../unit/risk/harness.js';

const LIMIT = 10_000;
const PRICE = 100;
const INSTRUMENTS = [BTC, ETH];

type Step =
  | {
      readonly kind: 'order';
      readonly on: number;
      readonly side: Side;
      readonly size: number;
      readonly reduceOnly: boolean;
      readonly unknown: boolean;
    }
  | { readonly kind: 'fill'; readonly pick: number; readonly part: number }
  | { readonly kind: 'cancel'; readonly pick: number };

/** Mostly round numbers, so that closes, flips and limits meet exactly as often as they do in practice. */
const size = fc.oneof(fc.constantFrom(10_000, 50_000, 100_000, 150_000), fc.integer({ min: 1, max: 190_000 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      on: fc.constantFrom(0, 0, 0, 1),
      side: fc.constantFrom<Side>('buy', 'sell'),
      size,
      reduceOnly: fc.boolean(),
      unknown: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      pick: fc.nat(5),
      part: fc.oneof(fc.constant(190_000), size),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(5) }) },
);

/** A venue that fills what it likes, in any order, and holds reduce-only orders to the position. */
class AnyVenue {
  readonly desk: Desk;
  private ids = 0;

  constructor(risk: ConstructorParameters<typeof Desk>[0]) {
    this.desk = new Desk({ ...WIDE, ...risk });
    this.desk.setEquity(1_000_000);
    for (const instrument of INSTRUMENTS) this.desk.quote(instrument, PRICE);
  }

  /** True when approved. */
  order(on: number, side: Side, size: number, reduceOnly: boolean, unknown: boolean): boolean {
    const { desk } = this;
    const instrument = INSTRUMENTS[on] ?? BTC;
    const verdict = desk.risk.approve(desk.intent(side, 1, { instrument, lots: lots(size), reduceOnly }), desk.now);
    if (verdict.approved) this.accept(verdict.value, unknown);
    return verdict.approved;
  }

  fill(pick: number, part: number): void {
    const order = this.pick(pick);
    if (order === undefined) return;
    const { request } = order;
    const position = this.desk.portfolio.position(request.instrument);
    const opposes = position.lots > 0 === (request.side === 'sell') && position.lots !== 0;
    const room = request.reduceOnly ? (opposes ? Math.abs(position.lots) : 0) : Infinity;
    const size = Math.min(remaining(order), part, room);
    if (size <= 0) return;
    this.ids += 1;
    const fill: Fill = {
      tradeId: `t${this.ids}`,
      clientId: request.clientId,
      venueId: venueOrderId('v'),
      instrument: request.instrument,
      side: request.side,
      lots: lots(size),
      price: request.instrument.toTicks(d(PRICE), 'nearest'),
      fee: units(0),
      liquidity: 'taker',
      at: 0,
    };
    this.desk.portfolio.applyFill(fill);
    const after = applyFill(order, fill);
    if (after.status === 'filled') this.desk.orders.orders.delete(request.clientId);
    else this.desk.orders.put(after);
  }

  cancel(pick: number): void {
    const order = this.pick(pick);
    if (order !== undefined) this.desk.orders.orders.delete(order.request.clientId);
  }

  value(instrument: (typeof INSTRUMENTS)[number]): number {
    return Math.abs(this.desk.portfolio.position(instrument).lots) * Number(instrument.spec.step) * PRICE;
  }

  private accept(intent: OrderIntent, unknown: boolean): void {
    this.ids += 1;
    const request = new OrderRequest({ ...intent, clientId: `c${this.ids}` });
    this.desk.orders.put({
      request,
      status: unknown ? 'unknown' : 'open',
      venueIds: [],
      filled: lots(0),
      filledNotional: units(0),
      createdAt: 0,
      updatedAt: 0,
    });
  }

  private pick(index: number): Order | undefined {
    const all = [...this.desk.orders.all()];
    return all[index % Math.max(1, all.length)];
  }
}

function play(venue: AnyVenue, steps: readonly Step[], after: (step: Step) => void): void {
  for (const step of steps) {
    if (step.kind === 'order') venue.order(step.on, step.side, step.size, step.reduceOnly, step.unknown);
    else if (step.kind === 'fill') venue.fill(step.pick, step.part);
    else venue.cancel(step.pick);
    after(step);
  }
}

describe('exposure, whatever is approved, filled and cancelled in whatever order', () => {
  it('never passes the limit of a symbol', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const venue = new AnyVenue({ maxPositionSize: d(LIMIT) });
        play(venue, steps, () => {
          for (const instrument of INSTRUMENTS) expect(venue.value(instrument)).toBeLessThanOrEqual(LIMIT);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('never passes the limit over all symbols', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
        const venue = new AnyVenue({ maxGrossNotional: d(LIMIT) });
        play(venue, steps, () => {
          expect(venue.value(BTC) + venue.value(ETH)).toBeLessThanOrEqual(LIMIT);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('is not refused everything: within the limit, orders do pass', () => {
    const venue = new AnyVenue({ maxPositionSize: d(LIMIT) });
    expect(venue.order(0, 'buy', 60_000, false, false)).toBe(true);
    venue.fill(0, 60_000);
    expect(venue.order(0, 'sell', 90_000, false, false)).toBe(true);
    expect(venue.order(0, 'buy', 40_001, false, false)).toBe(false);
    expect(venue.order(0, 'buy', 40_000, false, false)).toBe(true);
  });
});

describe('reduce-only, whatever is approved, filled and cancelled in whatever order', () => {
  it('only ever shrinks the position, and never flips it, even where the venue does not enforce it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50_000, max: 50_000 }),
        fc.array(step, { minLength: 5, maxLength: 40 }),
        (start, steps) => {
          const venue = new AnyVenue({});
          const position = venue.desk.portfolio.position(BTC);
          position.lots = lots(start);
          position.cost = BTC.notionalAtMark(BTC.toMarks(d(PRICE)), position.lots);
          void venue.desk.ladder.tighten('REDUCE_ONLY', 'property');
          let size = Math.abs(start);
          play(venue, steps, () => {
            const open = venue.desk.orders.of(BTC.symbol).reduce((sum, order) => sum + remaining(order), 0);
            expect(Math.sign(position.lots) * Math.sign(start)).toBeGreaterThanOrEqual(0);
            expect(Math.abs(position.lots)).toBeLessThanOrEqual(size);
            // Were all of it to fill at once on a venue without reduce-only, the position would be flat at most.
            expect(open).toBeLessThanOrEqual(Math.abs(position.lots));
            size = Math.abs(position.lots);
          });
        },
      ),
      { numRuns: 400 },
    );
  });
});
