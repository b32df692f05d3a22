import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { DecimalText } from '#src/domain/decimal-text.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { instrument } from '#src/testing/instruments.js';
import { moneyOf, moneyText } from '../support/finest.js';

const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.constantFrom(0, -0, 1, -1, 10, 100_000_000),
);

describe('decimal text', () => {
  it('is what Decimal prints, for every unit and every count', () => {
    const unit = fc
      .tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: -3, max: 12 }))
      .map(([mantissa, places]) => new Decimal(mantissa).times(Decimal.pow(10, -places)));
    fc.assert(
      fc.property(unit, whole, (size, count) =>
        expect(new DecimalText(size).of(count)).toBe(size.times(count).toString()),
      ),
      { numRuns: 300 },
    );
  });

  it('is counted back, and what names no whole count, or is no such text, is not counted at all', () => {
    const btc = instrument({ tick: new Decimal('0.05'), step: new Decimal('0.0025') });
    const odd = fc.oneof(
      fc.string({ maxLength: 6, unit: fc.constantFrom('0', '1', '5', '9', '.', '-', '+', 'e') }),
      fc.double({ noNaN: true }).map(String),
      whole.map((count) => btc.priceText(ticks(count))),
    );
    const plain = /^-?\d+(\.\d+)?$/;
    fc.assert(
      fc.property(odd, (text) => {
        const count = btc.ticksIn(text);
        if (count === undefined) return;
        expect(text).toMatch(plain);
        expect(btc.toTicks(new Decimal(text), 'trunc')).toBe(count);
        expect(btc.price(count).eq(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), (count) => {
        expect(btc.ticksIn(btc.priceText(ticks(count)))).toBe(count);
        expect(btc.lotsIn(btc.sizeText(lots(count)))).toBe(count);
        expect(btc.unit.unitsIn(moneyText(units(count)))).toBe(count);
      }),
    );
    expect([...['0.10000', '1e1', '', '-', '.5', '5.', '1.2.3', '0.03', 'market']].map((t) => btc.ticksIn(t))).toEqual(
      Array<undefined>(9).fill(undefined),
    );
  });

  it('is what prices, sizes and amounts of an instrument print', () => {
    const btc = instrument({ tick: new Decimal('0.05'), step: new Decimal('0.0025') });
    fc.assert(
      fc.property(whole, (count) => {
        expect(btc.priceText(ticks(count))).toBe(btc.price(ticks(count)).toString());
        expect(btc.sizeText(lots(count))).toBe(btc.size(lots(count)).toString());
        expect(moneyText(units(count))).toBe(moneyOf(units(count)).toString());
      }),
      { numRuns: 300 },
    );
  });
});
