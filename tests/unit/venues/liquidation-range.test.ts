import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument, type InstrumentSpec } from '#src/domain/instrument.js';
import { liquidationPriceOf } from '#src/domain/liquidation-price.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import { bankruptcyPrice, isSolventAt, triggerMark } from '#src/venues/simulated/core/bankruptcy.js';
import { lastHolding } from '#src/venues/simulated/core/edge-search.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { d, MarginWorld, TIERS } from './margin-world.js';
import { SimulatedWorld, T0 } from './simulated-world.js';
import { moneyOf, unitsOf } from '../../support/finest.js';

describe('a search that is exact for any guess', () => {
  it('finds the edge that a look at every value finds, wherever it begins', () => {
    const whole = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(whole, fc.nat(60), whole, fc.oneof(whole, fc.double()), (low, width, edge, guess) => {
        const high = low + width;
        const expected = edge < low ? low - 1 : Math.min(edge, high);
        const asked = new Set<number>();
        const found = lastHolding(low, high, guess, (value) => {
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
          expect(asked.has(value)).toBe(false);
          asked.add(value);
          return value <= edge;
        });
        expect(found === expected).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('asks few times where the guess is near, whatever the range', () => {
    let asked = 0;
    const edge = 2 ** 50 + 12_345;
    const found = lastHolding(1, Number.MAX_SAFE_INTEGER, edge + 3, (value) => {
      asked += 1;
      return value <= edge;
    });
    expect(found).toBe(edge);
    expect(asked).toBeLessThan(8);
  });
});

describe('a liquidation is due however far the price has gone', () => {
  const coin = { tick: d('0.0001'), step: d(1), minSize: d(1), maxLeverage: d(50), maintenanceRate: d('0.01') };

  it.each([1, 3, 30, 300])('a short of a coin that climbs from 0.01 to 3.00 in %s steps', (steps) => {
    const world = new SimulatedWorld(coin, { equity: d(150_000) });
    const quote = (price: number, at: number): void => {
      const size = 10_000_000;
      world.venue.quote('BTC-PERP', ticks(price), lots(size), ticks(price), lots(size), T0 + at);
    };
    quote(100, 0);
    expect(world.submit('sell', 150_000).outcome).toBe('accepted');
    for (let i = 1; i <= steps; i += 1) quote(Math.round(100 * 300 ** (i / steps)), i);
    expect(world.venue.fills.some(({ cause }) => cause === 'liquidation')).toBe(true);
    expect(world.position).toBe(0);
    expect(world.venue.account.ledger.cash).toBeGreaterThanOrEqual(0);
    // Maintenance of 1 % is met up to (150,000 + 1,500) / (150,000 x 1.01) = 1.0001.
    const [first] = world.venue.fills.filter(({ cause }) => cause === 'liquidation');
    expect(first?.price).toBeGreaterThanOrEqual(10_000);
  });

  const contracts: readonly (readonly [string, Partial<InstrumentSpec>])[] = [
    ['linear', { tick: d('0.0001'), step: d(1) }],
    ['linear in brackets', { tick: d('0.0001'), step: d(1), tiers: TIERS }],
    [
      'inverse',
      { tick: d('0.01'), step: d(1), contract: 'inverse', multiplier: d(1), settle: 'BTC', minNotional: d(0) },
    ],
  ];
  const ranges = { size: fc.integer({ min: 1, max: 200_000 }), entry: fc.integer({ min: 2, max: 20_000 }) };

  it.each(contracts)(
    'the %s mark at which one is due is due, and the one before it is not, from wherever',
    (_n, spec) => {
      const instrument = new Instrument(instrumentSpec({ maintenanceRate: d('0.01'), ...spec }));
      fc.assert(
        fc.property(
          fc.record({
            ...ranges,
            long: fc.boolean(),
            from: fc.integer({ min: 1, max: 20_000 }),
            backing: fc.nat(10 ** 12),
          }),
          ({ size, entry, long, from, backing }) => {
            const position = new Position(instrument);
            position.apply(long ? 'buy' : 'sell', lots(size), ticks(entry), T0);
            const mark = marks(from * instrument.marksPerTick);
            const room = (at: number): number =>
              backing +
              position.unrealised(marks(at)) -
              instrument.margin.maintenance(Math.abs(instrument.notionalAtMark(marks(at), position.lots)));
            const due = triggerMark(instrument, position.lots, mark, long, room);
            if (room(mark) <= 0) expect(due).toBe(mark);
            else if (Number.isNaN(due)) {
              if (long) expect(room(1)).toBeGreaterThan(0);
              else expect(spec.contract).toBe('inverse');
            } else {
              expect(room(due)).toBeLessThanOrEqual(0);
              expect(room(long ? due + 1 : due - 1)).toBeGreaterThan(0);
              expect(long ? due <= mark : due >= mark).toBe(true);
              // The venue's formula names the same price, but for what rounding moves: a unit of money each in the
              // value at entry, the profit, the value at the mark and its maintenance.
              const price = liquidationPriceOf(instrument, moneyOf(units(backing)), [position]);
              if (price !== undefined) {
                // Where a mark is worth less than a unit, a unit is lost or not within one: the slope is that of many.
                const [low, high] = [due - Math.ceil(due / 1_000), due + Math.ceil(due / 1_000)];
                const slope = Math.abs(room(high) - room(Math.max(1, low))) / (high - Math.max(1, low));
                const told = price.div(instrument.markPrice(marks(1))).toNumber();
                const slack = 1 + 4 / Math.max(1e-9, slope);
                expect(Math.abs(told - due)).toBeLessThanOrEqual(slack + told * 1e-9);
              }
            }
          },
        ),
        {
          numRuns: 500,
          // One at which a unit is worth some thousand marks.
          examples: [[{ size: 67_266, entry: 13_653, long: false, from: 1, backing: 49_155_730_371 }]],
        },
      );
    },
  );

  it.each(contracts)('the %s bankruptcy price is the worst that leaves no debt', (_name, spec) => {
    const instrument = new Instrument(instrumentSpec({ maintenanceRate: d('0.01'), ...spec }));
    fc.assert(
      fc.property(
        fc.record({ ...ranges, long: fc.boolean(), backing: fc.nat(10 ** 12) }),
        ({ size, entry, long, backing }) => {
          const position = new Position(instrument);
          position.apply(long ? 'buy' : 'sell', lots(size), ticks(entry), T0);
          const price = bankruptcyPrice(position, backing);
          const worse = price === undefined ? undefined : ticks(long ? price - 1 : price + 1);
          if (price === undefined) expect(isSolventAt(position, backing, ticks(long ? 1 : 10 ** 12))).toBe(true);
          else {
            expect(isSolventAt(position, backing, price)).toBe(true);
            if (worse !== undefined && worse > 0) expect(isSolventAt(position, backing, worse)).toBe(false);
            // What the rounding to the tick leaves the account is less than one tick of the position.
            if (worse !== undefined && worse > 0) {
              const left = backing - instrument.value(price, lots(0 - position.lots)) - position.cost;
              const tick = Math.abs(instrument.value(price, position.lots) - instrument.value(worse, position.lots));
              expect(left).toBeLessThanOrEqual(tick);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('the rounding of the bankruptcy price to the tick leaves the account less than a tick, as the page says', () => {
    const spec = { contract: 'inverse' as const, tick: d('0.01'), step: d(1), minSize: d(1), multiplier: d(1) };
    const instrument = new Instrument(instrumentSpec({ ...spec, settle: 'BTC', minNotional: d(0) }));
    const position = new Position(instrument);
    position.apply('buy', lots(9), ticks(100), T0);
    // 9 USD bought at 1.00 with 0.09 coins of margin are bankrupt at 9 / 9.09 = 0.990099: 1.00 is the tick above it.
    const backing = unitsOf(d('0.09'), 'floor');
    expect(bankruptcyPrice(position, backing)).toBe(100);
    expect(backing).toBeLessThanOrEqual(instrument.value(ticks(100), lots(9)) - instrument.value(ticks(99), lots(9)));
  });

  it('several positions of one wallet are looked at wherever the mark of one goes', () => {
    const world = new MarginWorld({}, {}, 1_000);
    world.at(100).open(-50, 10);
    for (const price of [150, 1_000, 29_000, 30_000]) world.at(price);
    expect(world.position).toBe(0);
    expect(world.cash).toBeGreaterThanOrEqual(0);
    expect(new Decimal(world.cash).gte(0)).toBe(true);
  });
});
