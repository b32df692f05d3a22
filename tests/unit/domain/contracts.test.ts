import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument, type InstrumentSpec } from '#src/domain/instrument.js';
import type { Side } from '#src/domain/order.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const d = (value: string | number): Decimal => new Decimal(value);
const make = (overrides: Partial<InstrumentSpec>): Instrument => new Instrument(instrumentSpec(overrides));
/** Tick 0.5 USD, one contract of 1 USD, settled in bitcoin. */
const xbtusd = make({
  symbol: 'XBTUSD',
  base: 'XBT',
  quote: 'USD',
  settle: 'XBT',
  contract: 'inverse',
  tick: d('0.5'),
  step: d(1),
  minSize: d(1),
  minNotional: d(0),
});
/** Contracts of 100 USD. */
const btcusd = make({
  symbol: 'BTCUSD_PERP',
  base: 'BTC',
  quote: 'USD',
  settle: 'BTC',
  contract: 'inverse',
  multiplier: d(100),
  tick: d('0.1'),
  step: d(1),
  minSize: d(1),
  minNotional: d(0),
});
/** 0.000001 XBT for one USD. */
const ethusd = make({
  symbol: 'ETHUSD',
  base: 'ETH',
  quote: 'USD',
  settle: 'XBT',
  contract: 'quanto',
  multiplier: d('0.000001'),
  tick: d('0.05'),
  step: d(1),
  minSize: d(1),
  minNotional: d(0),
});

interface Trade {
  readonly side: Side;
  readonly size: number;
  readonly price: number;
}

function played(instrument: Instrument, trades: readonly Trade[]): Position {
  const position = new Position(instrument);
  for (const { side, size, price } of trades)
    position.apply(side, lots(size), instrument.toTicks(d(price), 'nearest'), 0);
  return position;
}

describe('contracts', () => {
  it('pay an inverse long as BitMEX works it out: 100,000 contracts from 10,000 to 10,500 make 0.4761 XBT', () => {
    // bitmex.com/app/inverseFuturesGuide: 100,000 × 1 × (1/10,000 - 1/10,500).
    const { realised, lots: left } = played(xbtusd, [
      { side: 'buy', size: 100_000, price: 10_000 },
      { side: 'sell', size: 100_000, price: 10_500 },
    ]);
    expect([xbtusd.money(realised).toString(), left]).toEqual(['0.47619047', 0]);
    const lost = played(xbtusd, [
      { side: 'buy', size: 100_000, price: 10_000 },
      { side: 'sell', size: 100_000, price: 9_500 },
    ]);
    expect(xbtusd.money(lost.realised).toFixed(4)).toBe('-0.5263');
  });

  it('pay an inverse short by Binance COIN-M: size × multiplier × direction × (1/entry - 1/mark)', () => {
    // Binance, "How to Calculate Unrealized PNL and ROI%", COIN-M; a BTCUSD contract is 100 USD.
    const position = played(btcusd, [{ side: 'sell', size: 10, price: 50_000 }]);
    const exact = d(10)
      .times(100)
      .times(-1)
      .times(d(1).div(50_000).minus(d(1).div(40_000)));
    expect(btcusd.money(position.unrealised(btcusd.toMarks(d(40_000)))).toString()).toBe(exact.toString());
    expect(position.entryPrice?.toString()).toBe('50000');
  });

  it('pay a quanto long as BitMEX does: (exit - entry) × 0.000001 XBT × contracts', () => {
    // bitmex.com/app/seriesGuide/ETHUSD; 1,000 contracts at 500 are worth 0.5 XBT.
    expect(ethusd.money(ethusd.notional(ethusd.toTicks(d(500), 'nearest'), lots(1_000))).toString()).toBe('0.5');
    const { realised, entryPrice } = played(ethusd, [
      { side: 'buy', size: 1_000, price: 500 },
      { side: 'sell', size: 400, price: 550 },
    ]);
    expect([ethusd.money(realised).toString(), entryPrice?.toString()]).toEqual(['0.02', '500']);
  });

  it('round against the account: an inverse fill costs up, a mark brings down, a notional is never understated', () => {
    const size = lots(3);
    const price = xbtusd.toTicks(d(7_000), 'nearest');
    const exact = d(3).div(7_000).times(1e8);
    expect(xbtusd.value(price, size)).toBe(exact.neg().ceil().toNumber());
    expect(xbtusd.valueAtMark(xbtusd.marksOfTicks(price), size)).toBe(exact.neg().floor().toNumber());
    expect(xbtusd.notional(price, size)).toBe(exact.ceil().toNumber());
    expect(xbtusd.notional(price, lots(-3))).toBe(exact.neg().floor().toNumber());
  });

  it.each([
    ['inverse', xbtusd],
    ['inverse of 100', btcusd],
    ['quanto', ethusd],
    ['linear', make({})],
  ])('tell the price at which an order has filled: %s', (_, instrument) => {
    const price = instrument.toTicks(d(7_000), 'nearest');
    const size = lots(1_000_000);
    const told = instrument.fillPrice(instrument.notional(price, size), size).toNumber();
    expect(told).toBeGreaterThan(6_999.99);
    expect(told).toBeLessThan(7_000.01);
  });

  it('refuse an inverse contract whose lot has no whole numerator, and any without a positive multiplier', () => {
    expect(() => make({ contract: 'inverse', tick: d(3), step: d(1) })).toThrow(
      /NUM-002|step times multiplier over tick/,
    );
    expect(() => make({ contract: 'quanto', multiplier: d(0) })).toThrow('multiplier must be positive');
    expect(() => make({ contract: 'quanto', multiplier: d('0.00001') })).toThrow('tick times step');
  });

  it('leave no price-linear factor where there is none: what was missed shows as not a number', () => {
    expect([xbtusd.unitsPerTickLot, xbtusd.unitsPerMarkLot]).toEqual([Number.NaN, Number.NaN]);
    expect(xbtusd.worth(Number.NaN, 5)).toBeNaN();
    expect(xbtusd.worth(xbtusd.toMarks(d(8_000)), -5)).toBe(-62_500);
  });

  it('size an inverse order never above the notional asked for', () => {
    const mark = xbtusd.toMarks(d('8000.5'));
    const size = xbtusd.lotsFor(units(1_000_000), mark);
    expect(xbtusd.notionalAtMark(mark, size)).toBeLessThanOrEqual(1_000_000);
    expect(xbtusd.notionalAtMark(mark, lots(size + 1))).toBeGreaterThan(1_000_000);
  });

  const trades = fc.array(
    fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      size: fc.integer({ min: 1, max: 5_000 }),
      price: fc.integer({ min: 100, max: 90_000 }),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it.each([
    ['linear', make({ tick: d(1), step: d('0.001') })],
    ['inverse', xbtusd],
    ['quanto', ethusd],
  ] as const)('equal a naive decimal computation fill for fill: %s', (_kind, instrument) => {
    fc.assert(
      fc.property(trades, fc.integer({ min: 100, max: 90_000 }), (fills, mark) => {
        const position = new Position(instrument);
        const naive = new NaiveBook(instrument.spec);
        for (const { side, size, price } of fills) {
          const at = instrument.toTicks(d(price), 'nearest');
          const realised = position.apply(side, lots(size), at, 0);
          expect(instrument.money(realised).toString()).toBe(
            naive.apply(side, d(size).times(instrument.spec.step), instrument.price(at)).toString(),
          );
          expect(instrument.money(position.cost).toString()).toBe(naive.cost.toString());
        }
        expect(instrument.money(position.unrealised(instrument.toMarks(d(mark)))).toString()).toBe(
          naive.unrealised(d(mark)).toString(),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('keep every unit: what was paid in all is what was realised and what the open lots cost', () => {
    fc.assert(
      fc.property(trades, (fills) => {
        const position = new Position(xbtusd);
        let paid = 0;
        for (const { side, size, price } of fills) {
          position.apply(side, lots(size), ticks(price * 2), 0);
          paid += xbtusd.value(ticks(price * 2), lots(side === 'buy' ? size : -size));
        }
        expect(position.cost).toBe(paid + position.realised);
        expect(position.unrealised(marks(100))).toBe(
          position.lots === 0 ? 0 : xbtusd.valueAtMark(marks(100), position.lots) - position.cost,
        );
      }),
      { numRuns: 150 },
    );
  });
});

/** The same rules in decimals, one at a time: what a fill puts in, what its closing part takes out. */
class NaiveBook {
  size = d(0);
  cost = d(0);

  constructor(private readonly spec: InstrumentSpec) {}

  apply(side: Side, size: Decimal, price: Decimal): Decimal {
    const signed = side === 'buy' ? size : size.neg();
    const paid = this.value(price, signed, Decimal.ROUND_CEIL);
    const closing = this.size.s === signed.s || this.size.isZero() ? d(0) : Decimal.min(size, this.size.abs());
    if (closing.isZero()) {
      this.size = this.size.plus(signed);
      this.cost = this.cost.plus(paid);
      return d(0);
    }
    const out = this.cost.times(closing).div(this.size.abs()).toDecimalPlaces(8, Decimal.ROUND_FLOOR);
    const back = closing.eq(size)
      ? paid
      : this.value(price, side === 'buy' ? closing : closing.neg(), Decimal.ROUND_CEIL);
    const flips = size.gt(closing);
    this.cost = flips ? paid.minus(back) : this.cost.minus(out);
    this.size = this.size.plus(signed);
    return d(0).minus(back).minus(out);
  }

  unrealised(mark: Decimal): Decimal {
    return this.size.isZero() ? d(0) : this.value(mark, this.size, Decimal.ROUND_FLOOR).minus(this.cost);
  }

  private value(price: Decimal, size: Decimal, rounding: 2 | 3): Decimal {
    const amount = size.times(this.spec.multiplier ?? 1);
    return (this.spec.contract === 'inverse' ? amount.neg().div(price) : amount.times(price)).toDecimalPlaces(
      8,
      rounding,
    );
  }
}
