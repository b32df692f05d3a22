import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyFill } from '#src/domain/order-state.js';
import {
  hasLimit,
  hasTrigger,
  OrderRequest,
  remaining,
  venueOrderId,
  type Fill,
  type Order,
  type OrderType,
  type Side,
} from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
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

  rest(side: Side, size: number, terms: Partial<OrderIntent>): boolean {
    const { desk } = this;
    const verdict = desk.risk.approve(desk.intent(side, 1, { lots: lots(size), ...terms }), desk.now);
    if (verdict.approved) this.accept(verdict.value, false);
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

/** Mark and index in ticks; one of them says more than the other. */
const told = fc.record({ mark: fc.integer({ min: 2_000, max: 4_000 }), off: fc.integer({ min: -3, max: 3 }) });
const TYPES: readonly OrderType[] = [
  'limit',
  'stop_market',
  'stop_limit',
  'take_profit_market',
  'take_profit_limit',
  'market',
];

describe('what an order gives away', () => {
  it('is held to the collar, what it waits for to the passive band, and what reduces to neither', () => {
    const far = fc.integer({ min: 400, max: 8_000 });
    const around = fc.tuple(fc.boolean(), fc.integer({ min: -90, max: 90 }), far);
    fc.assert(
      fc.property(
        told,
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 3, max: 100 }),
        fc.constantFrom<Side>('buy', 'sell'),
        fc.constantFrom(...TYPES),
        around,
        around,
        fc.boolean(),
        ({ mark, off }, collarBps, bandPercent, side, type, givenLimit, givenStop, reduceOnly) => {
          const index = mark + off;
          const at = ([isNear, near, anywhere]: [boolean, number, number]): number => (isNear ? mark + near : anywhere);
          const desk = new Desk({ ...WIDE, priceCollarBps: d(collarBps), passiveBand: d(bandPercent).div(100) });
          for (const [kind, price] of [
            ['mark', mark],
            ['index', index],
          ] as const)
            desk.prices.take(BTC.symbol, kind, BTC.toMarks(BTC.price(ticks(price))), desk.now);
          desk.quote(BTC, BTC.price(ticks(mark)).toString());
          if (reduceOnly) desk.hold(BTC, side === 'sell' ? 1 : -1);
          const [limit, stop] = [at(givenLimit), at(givenStop)];
          const verdict = desk.verdict(
            desk.intent(side, '0.5', {
              type,
              reduceOnly,
              ...(hasLimit(type) ? { limit: ticks(limit) } : {}),
              ...(hasTrigger(type) ? { stop: ticks(stop) } : {}),
            }),
          );

          const sign = side === 'buy' ? 1 : -1;
          const anchors = hasTrigger(type) ? [stop] : [mark, index];
          const gives = anchors.some((anchor) => sign * (limit - anchor) * 10_000 > anchor * collarBps);
          const isFar = anchors.some((anchor) => -sign * (limit - anchor) * 100 > anchor * bandPercent);
          const waitsFar = [mark, index].some((anchor) => Math.abs(stop - anchor) * 100 > anchor * bandPercent);
          const refused = (hasTrigger(type) && waitsFar) || (hasLimit(type) && (gives || isFar));
          expect(['price_collar', 'passive_band'].includes(verdict)).toBe(refused && !reduceOnly);
          if (!refused) expect(verdict).toBe('approved');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is what limits are measured at: no side is worth more than its limit, each order at its own price', () => {
    const resting = fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      size: fc.integer({ min: 1, max: 60_000 }),
      price: fc.integer({ min: 600, max: 1_400 }),
      waits: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(resting, { minLength: 3, maxLength: 20 }), (orders) => {
        const venue = new AnyVenue({ maxPositionSize: d(LIMIT), passiveBand: d('0.5') });
        const worth = { buy: 0, sell: 0 };
        for (const { side, size, price, waits } of orders) {
          const terms = waits
            ? { type: 'stop_market' as const, stop: ticks(price) }
            : { type: 'limit' as const, limit: ticks(price) };
          if (venue.rest(side, size, terms)) worth[side] += size * Number(BTC.spec.step) * Math.max(PRICE, price / 10);
          expect(Math.max(worth.buy, worth.sell)).toBeLessThanOrEqual(LIMIT + 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });
});
