import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { exact, mulDiv, type Rounding } from '#src/domain/units.js';

const MODES: Readonly<Record<Rounding, 0 | 1 | 2 | 3 | 6>> = {
  floor: Decimal.ROUND_FLOOR,
  ceil: Decimal.ROUND_CEIL,
  trunc: Decimal.ROUND_DOWN,
  away: Decimal.ROUND_UP,
  nearest: Decimal.ROUND_HALF_EVEN,
};
/** Digits enough for a quotient of two 106-bit products not to be rounded on the way. */
const Wide = Decimal.clone({ precision: 80 });
const integer = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });
const small = fc.integer({ min: -1_000, max: 1_000 });

describe('integers of the hot path', () => {
  it.each(Object.keys(MODES) as Rounding[])(
    'multiply and divide like exact decimals rounded to %s, whatever the size of the product',
    (rounding) => {
      fc.assert(
        fc.property(
          fc.oneof(integer, small),
          fc.oneof(fc.integer({ min: 0, max: 2 ** 40 }), small),
          fc.oneof(fc.constant(1e12), fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: -50, max: -1 })),
          (a, b, c) => {
            const wanted = new Decimal(a).times(b).div(c).toDecimalPlaces(0, MODES[rounding]);
            fc.pre(wanted.abs().lt(2 ** 53));
            expect(mulDiv(a, b, c, rounding) + 0).toBe(wanted.toNumber() + 0);
          },
        ),
        { numRuns: 200 },
      );
    },
  );

  it('multiply and divide exactly wherever the quotient fits, up to the last bit of every operand', () => {
    const any = fc.maxSafeInteger();
    const roundings = fc.constantFrom(...(Object.keys(MODES) as Rounding[]));
    // Products of a half divisor have the remainder that decides between two neighbours.
    const halves = fc
      .tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.maxSafeNat())
      .map(([half, b]) => [half, b, 2 * half] as const);
    fc.assert(
      fc.property(fc.oneof(fc.tuple(any, any, any), halves), roundings, ([a, b, c], rounding) => {
        fc.pre(c !== 0);
        const wanted = new Wide(a).times(b).div(c).toDecimalPlaces(0, MODES[rounding]);
        fc.pre(wanted.abs().lte(Number.MAX_SAFE_INTEGER));
        expect(mulDiv(a, b, c, rounding) + 0).toBe(wanted.toNumber() + 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([NaN, 0.5, Infinity, 2 ** 53])(
    'are refused at %p, which a double does not hold as a whole number',
    (value) => {
      expect(() => exact(value, 'Size')).toThrow(expect.objectContaining({ code: 'NUM-001' }));
    },
  );
});
