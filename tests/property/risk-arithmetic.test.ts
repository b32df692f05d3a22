import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { units } from '#src/domain/units.js';
import { divideUp, PPM, ppmOf, share, shareUp } from '#src/services/risk/parts-per-million.js';
import { Decimal } from '#src/domain/decimal.js';

const amount = fc.integer({ min: 0, max: 9_000_000_000_000 });
const ppm = fc.integer({ min: 1_000, max: 200 * PPM });
const big = (value: number): bigint => BigInt(value);
const ceil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

describe('shares in parts per million', () => {
  it('are exact: the floor and the ceiling of the true product and quotient', () => {
    fc.assert(
      fc.property(amount, ppm, (a, p) => {
        expect(big(share(units(a), p))).toBe((big(a) * big(p)) / big(PPM));
        expect(big(shareUp(units(a), p))).toBe(ceil(big(a) * big(p), big(PPM)));
        expect(big(divideUp(units(a), p))).toBe(ceil(big(a) * big(PPM), big(p)));
      }),
      { numRuns: 300 },
    );
  });

  it('round limits down and requirements up', () => {
    const fraction = new Decimal('0.1234567');
    expect([ppmOf(fraction, 'floor'), ppmOf(fraction, 'ceil')]).toEqual([123_456, 123_457]);
  });
});
