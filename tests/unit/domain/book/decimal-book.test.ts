import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DecimalBook } from '#src/domain/book/decimal-book.js';
import { Decimal } from '#src/domain/decimal.js';

const side = fc.constantFrom<'buy' | 'sell'>('buy', 'sell');
/** Prices and sizes of grids that grow finer as the book goes on, as a venue's filters may. */
const decimal = (most: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 0, max: 4 }))
    .map(([n, digits]) => new Decimal(n).div(new Decimal(10).pow(digits)).toString());
const change = fc.record({ side, price: decimal(3_000), size: fc.oneof(fc.constant('0'), decimal(900)) });

describe('a book of decimals', () => {
  it('has the best levels of a plain list, however fine its grid becomes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(change, fc.constant('snapshot' as const)), { maxLength: 60 }), (steps) => {
        const book = new DecimalBook();
        const plain = { buy: new Map<string, string>(), sell: new Map<string, string>() };
        for (const step of steps) {
          if (step === 'snapshot') {
            book.clear();
            plain.buy.clear();
            plain.sell.clear();
          } else {
            book.set(step.side, { price: new Decimal(step.price), size: new Decimal(step.size) });
            if (step.size === '0') plain[step.side].delete(step.price);
            else plain[step.side].set(step.price, step.size);
          }
          for (const of of ['buy', 'sell'] as const) {
            const [best] = [...plain[of]].sort(([a], [b]) =>
              of === 'buy' ? Number(b) - Number(a) : Number(a) - Number(b),
            );
            const level = book.best(of);
            expect([level?.price.toString(), level?.size.toString()]).toEqual([best?.[0], best?.[1]]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a level that no integer holds', () => {
    const book = new DecimalBook();
    expect(() => book.set('buy', { price: new Decimal('123456789012.12345678'), size: new Decimal(1) })).toThrow(
      expect.objectContaining({ code: 'NUM-001' }),
    );
  });
});
