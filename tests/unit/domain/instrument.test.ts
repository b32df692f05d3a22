import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { applyRate, rateOf } from '#src/domain/instrument.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import { instrument } from '#src/testing/instruments.js';
import { moneyOf, unitsOf } from '../../support/finest.js';

const d = (text: string): Decimal => new Decimal(text);
const cents = instrument({ tick: d('0.01'), step: d('0.001') });

describe('Instrument', () => {
  it.each([
    ['buy', '0.0127', '50000.019', '0.012', '50000.01'],
    ['sell', '0.0127', '50000.011', '0.012', '50000.02'],
  ] as const)(
    'rounds a %s of %s at %s to %s at %s: sizes down, prices away from the market',
    (side, size, price, roundedSize, roundedPrice) => {
      expect(cents.size(cents.toLots(d(size))).toString()).toBe(roundedSize);
      expect(cents.price(cents.toTicks(d(price), side === 'buy' ? 'floor' : 'ceil')).toString()).toBe(roundedPrice);
    },
  );

  it('floors sizes unless told otherwise', () => {
    expect([cents.toLots(d('0.0019')), cents.toLots(d('0.0019'), 'ceil')]).toEqual([1, 2]);
  });

  it('sizes an entry of 10,000 at 50,100 at 0.199 of a coin, never above the notional', () => {
    const size = cents.lotsFor(unitsOf(d('10000'), 'floor'), cents.toMarks(d('50100')));
    expect(cents.size(size).toString()).toBe('0.199');
  });

  it('keeps marks on a finer scale than orders', () => {
    const mid = cents.toMarks(d('50000.0073'));
    expect(cents.markPrice(mid).toString()).toBe('50000.0073');
    expect(cents.marksOfTicks(ticks(5_000_001))).toBe(cents.toMarks(d('50000.01')));
  });

  it('values a position exactly, at a price and at a mark', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000_000 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        (price, size) => {
          const exact = cents.price(ticks(price)).times(cents.size(lots(size)));
          expect(moneyOf(cents.notional(ticks(price), lots(size))).eq(exact)).toBe(true);
          expect(moneyOf(cents.notionalAtMark(cents.marksOfTicks(ticks(price)), lots(size))).eq(exact)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives every decimal on its grid back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (value) => {
        expect(cents.toTicks(cents.price(ticks(value)), 'nearest')).toBe(value);
        expect(cents.toLots(cents.size(lots(value)))).toBe(value);
        expect(cents.toMarks(cents.markPrice(marks(value)))).toBe(value);
        expect(cents.toUnits(moneyOf(units(value)), 'nearest')).toBe(value);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['0.00001', '0.0001'],
    ['0', '0.001'],
    ['0.1', '0'],
  ])('refuses tick %s with step %s, of which no whole unit comes', (tick, step) => {
    expect(() => instrument({ tick: d(tick), step: d(step) })).toThrow(expect.objectContaining({ code: 'NUM-002' }));
  });

  it('refuses a limit up to which positions could not be held exactly, and a number beyond the exact range', () => {
    expect(() => cents.assertExactUpTo(d('90000000'))).not.toThrow();
    expect(() => cents.assertExactUpTo(d('91000000'))).toThrow(expect.objectContaining({ code: 'NUM-002' }));
    expect(() => cents.toTicks(d('1e17'), 'floor')).toThrow(expect.objectContaining({ code: 'NUM-001' }));
    expect(() => cents.toLots(d('NaN'))).toThrow(expect.objectContaining({ code: 'NUM-001' }));
  });

  it('applies a rate in whole units, rounded the way that is named', () => {
    const rate = rateOf(d('0.0005'));
    expect(applyRate(units(1_999), rate, 'floor')).toBe(0);
    expect(applyRate(units(1_999), rate, 'ceil')).toBe(1);
    expect(applyRate(units(-1_999), rate, 'floor')).toBe(-1);
    expect(applyRate(units(9_000_000_000_000_000), rate, 'floor')).toBe(4_500_000_000_000);
  });
});
