import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sequence, type Seen } from '../support/conservation.js';

describe('conservation, over random orders, markets, leverage, liquidations, funding, modes and contracts', () => {
  it('accounts for every unit after every step, and no liquidation leaves a debt', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 80 }), (seed, steps) => {
        new Sequence(seed).run(steps);
      }),
      { numRuns: 300 },
    );
  });

  it('has met what it is about: fills, liquidations, deleveragings and funding', () => {
    const total: Seen = { fills: 0, liquidations: 0, deleveragings: 0, fundings: 0 };
    for (let seed = 1; seed <= 60; seed += 1) {
      const seen = new Sequence(seed).run(60);
      for (const key of Object.keys(total) as (keyof Seen)[]) total[key] += seen[key];
    }
    expect(total.fills).toBeGreaterThan(200);
    expect(total.liquidations).toBeGreaterThan(20);
    expect(total.deleveragings).toBeGreaterThan(5);
    expect(total.fundings).toBeGreaterThan(50);
  });

  it('gives equal sequences for equal seeds', () => {
    const fills = (seed: number): unknown => {
      const sequence = new Sequence(seed);
      sequence.run(60);
      return sequence.venue.fills.map(({ tradeId, side, lots, price, fee, at, cause }) => ({
        tradeId,
        side,
        lots,
        price,
        fee,
        at,
        cause,
      }));
    };
    for (let seed = 1; seed <= 5; seed += 1) expect(fills(seed)).toEqual(fills(seed));
  });
});
