import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { feeOf } from '#src/domain/fees.js';
import { fundingAmount } from '#src/domain/funding.js';
import { Instrument, LARGEST_AMOUNT, MoneyUnit, rateOf, unitFor } from '#src/domain/instrument.js';
import { liquidationPriceOf } from '#src/domain/liquidation-price.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, ticks, units, type Rounding } from '#src/domain/units.js';
import { initialMarginOf } from '#src/venues/simulated/core/simulated-account.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const d = (value: string | number): Decimal => new Decimal(value);

const LINEAR = { tick: d('0.1'), step: d('0.0001') };
const FINE = { tick: d('0.00001'), step: d('0.1'), contract: 'quanto', multiplier: d('1.37') } as const;
const INVERSE = { contract: 'inverse', tick: d('0.5'), step: d(1), minSize: d(1), multiplier: d(100) } as const;
const TINY_INVERSE = { contract: 'inverse', tick: d('0.04'), step: d('0.01'), multiplier: d('0.0003') } as const;
const SPECS = [LINEAR, FINE, INVERSE, TINY_INVERSE];

/** An instrument of any contract in any unit, a price, and a size that is worth up to the largest amount there is. */
const cases = fc
  .record({
    spec: fc.constantFrom(...SPECS),
    digits: fc.integer({ min: 0, max: 8 }),
    price: fc.integer({ min: 1, max: 2_000_000 }),
    share: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    long: fc.boolean(),
  })
  .map(({ spec, digits, price, share, long }) => {
    const instrument = new Instrument(instrumentSpec({ ...spec, minNotional: d(0) }), new MoneyUnit(digits));
    const most = Decimal.min(LARGEST_AMOUNT, instrument.unit.ceiling).times(share);
    const one = worthOf(instrument, price, 1);
    const size = Math.max(1, Math.min(2 ** 52, most.div(one).floor().toNumber()));
    return { instrument, price, size: long ? size : -size };
  })
  .filter(({ instrument, price, size }) => worthOf(instrument, price, size).abs().lt(instrument.unit.ceiling));

/** By decimals alone: what `size` lots are worth at a price in ticks. */
function worthOf({ spec }: Instrument, price: number, size: number): Decimal {
  const amount = spec.step.times(size).times(spec.multiplier ?? 1);
  return spec.contract === 'inverse' ? amount.div(spec.tick.times(price)) : amount.times(spec.tick.times(price));
}

/** In whole units, one rounding. */
function rounded({ unit }: Instrument, amount: Decimal, rounding: Rounding): number {
  const scaled = amount.times(unit.perSettle);
  if (rounding === 'floor') return scaled.floor().toNumber();
  if (rounding === 'ceil') return scaled.ceil().toNumber();
  return scaled
    .abs()
    .ceil()
    .times(scaled.isNegative() ? -1 : 1)
    .toNumber();
}

/** Signed as `value` is: what is put in. */
const putIn = (instrument: Instrument, price: number, size: number): Decimal =>
  worthOf(instrument, price, size).times(instrument.spec.contract === 'inverse' ? -1 : 1);

describe('money to 10^12, in every unit and for every contract, equals decimals with the one named rounding', () => {
  it('notional, value, value at mark and the sizes that a value buys', () => {
    fc.assert(
      fc.property(cases, ({ instrument, price, size }) => {
        const mark = instrument.marksOfTicks(ticks(price));
        const worth = worthOf(instrument, price, size);
        expect(instrument.notional(ticks(price), lots(size))).toBe(rounded(instrument, worth, 'away'));
        expect(instrument.notionalAtMark(mark, lots(size))).toBe(rounded(instrument, worth, 'away'));
        expect(instrument.value(ticks(price), lots(size)) + 0).toBe(
          rounded(instrument, putIn(instrument, price, size), 'ceil') + 0,
        );
        expect(instrument.valueAtMark(mark, lots(size)) + 0).toBe(
          rounded(instrument, putIn(instrument, price, size), 'floor') + 0,
        );
        const budget = Math.abs(instrument.notionalAtMark(mark, lots(size)));
        const bought = instrument.lotsFor(units(budget), mark);
        expect(instrument.notionalAtMark(mark, bought)).toBeLessThanOrEqual(budget);
        expect(rounded(instrument, worthOf(instrument, price, bought + 1), 'away')).toBeGreaterThan(budget);
      }),
      { numRuns: 1_000 },
    );
  });

  it('worth, which the risk checks use, is the same number wherever doubles hold the product', () => {
    fc.assert(
      fc.property(cases, ({ instrument, price, size }) => {
        const mark = instrument.marksOfTicks(ticks(price));
        const exact = instrument.notionalAtMark(mark, lots(size));
        const known = instrument.spec.contract !== 'inverse' && worthOf(instrument, price, size).abs().lt(1e6);
        if (known) expect(instrument.worth(mark, size)).toBe(exact);
        else expect(Math.abs(instrument.worth(mark, size) - exact)).toBeLessThanOrEqual(1 + Math.abs(exact) * 2e-15);
      }),
      { numRuns: 1_000 },
    );
  });

  it('fees, funding and margin', () => {
    const rates = fc.integer({ min: -2_000, max: 20_000 }).map((rate) => d(rate).div(1e6));
    fc.assert(
      fc.property(cases, rates, ({ instrument, price, size }, rate) => {
        const { unit, margin } = instrument;
        const notional = instrument.notional(ticks(price), lots(size));
        const at = (amount: Decimal, direction: 'floor' | 'ceil'): number => amount[direction]().toNumber() + 0;
        expect(feeOf(units(Math.abs(notional)), rateOf(rate)) + 0).toBe(
          at(rate.neg().times(Math.abs(notional)), 'floor'),
        );
        expect(fundingAmount(notional, rateOf(rate)) + 0).toBe(at(rate.neg().times(notional), 'floor'));
        expect(margin.maintenance(Math.abs(notional))).toBe(
          at(instrument.spec.maintenanceRate.times(Math.abs(notional)), 'ceil'),
        );
        expect(initialMarginOf(Math.abs(notional), 20)).toBe(at(d(Math.abs(notional)).div(20), 'ceil'));
        expect(unit.units(unit.of(notional), 'nearest')).toBe(notional);
        expect(unit.text(notional)).toBe(unit.of(notional).toString());
      }),
      { numRuns: 1_000 },
    );
  });

  it('profit of opening and closing: what comes out less what was put in, each rounded against the account', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.5, max: 2, noNaN: true }), fc.nat(100), (sample, moved, percent) => {
        const { instrument, price, size } = sample;
        const exit = Math.max(1, Math.round(price * moved));
        if (!worthOf(instrument, exit, size).abs().lt(instrument.unit.ceiling)) return;
        const position = new Position(instrument);
        const [opens, closes] = size > 0 ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const);
        position.apply(opens, lots(Math.abs(size)), ticks(price), 1);
        const cost = rounded(instrument, putIn(instrument, price, size), 'ceil');
        const mark = instrument.marksOfTicks(ticks(exit));
        expect(position.unrealised(mark)).toBe(rounded(instrument, putIn(instrument, exit, size), 'floor') - cost);
        const part = Math.max(1, Math.floor((Math.abs(size) * percent) / 100));
        let paid = 0;
        for (const closed of [part, Math.abs(size) - part]) {
          if (closed === 0) continue;
          position.apply(closes, lots(closed), ticks(exit), 2);
          paid += rounded(instrument, putIn(instrument, exit, size > 0 ? -closed : closed), 'ceil');
        }
        expect(position.realised + 0).toBe(0 - paid - cost + 0);
        expect([position.lots + 0, position.cost + 0]).toEqual([0, 0]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('the price at which it is liquidated is that at which equity meets maintenance, to a few units', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.02, max: 0.9, noNaN: true }), ({ instrument, price, size }, share) => {
        const position = new Position(instrument);
        position.apply(size > 0 ? 'buy' : 'sell', lots(Math.abs(size)), ticks(price), 1);
        const wallet = instrument.money(units(Math.ceil(Math.abs(position.cost) * share)));
        const found = liquidationPriceOf(instrument, wallet, [position]);
        if (found === undefined) return;
        const { spec } = instrument;
        const at = found.div(spec.tick).toNumber();
        const exact = (value: (instrument: Instrument, price: number, size: number) => Decimal): Decimal =>
          value(instrument, 1, size).times(spec.contract === 'inverse' ? spec.tick.div(found) : found.div(spec.tick));
        const equity = wallet.plus(exact(putIn)).minus(instrument.money(position.cost));
        const maintenance = exact(worthOf).abs().times(spec.maintenanceRate);
        expect(at).toBeGreaterThan(0);
        expect(equity.minus(maintenance).abs().lte(wallet.times('1e-20').plus('1e-15'))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the unit of an account', () => {
  it('is the finest that holds the room, never finer than 10^-8', () => {
    const digits = [0, 1e4, 9e7, 9.1e7, 9e8, 9e9, 9e10, 9e12, 9e14, 9e17].map((room) => unitFor(d(room)).digits);
    expect(digits).toEqual([8, 8, 8, 7, 7, 6, 5, 3, 1, 0]);
  });

  it('changes no mark and no size: the market of an account is the same in every unit', () => {
    for (const spec of SPECS) {
      const scales = [8, 5, 0].map(
        (digits) => new Instrument(instrumentSpec(spec), new MoneyUnit(digits)).marksPerTick,
      );
      expect(new Set(scales).size).toBe(1);
    }
  });

  it('values what is not known as not a number, in every unit', () => {
    for (const digits of [8, 3]) {
      const instrument = new Instrument(instrumentSpec(FINE), new MoneyUnit(digits));
      expect(instrument.worth(Number.NaN, 5)).toBeNaN();
      expect(() => instrument.notionalAtMark(marks(Number.NaN), lots(5))).toThrow(
        expect.objectContaining({ code: 'NUM-001' }),
      );
    }
  });
});
