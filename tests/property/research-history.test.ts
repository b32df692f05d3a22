import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { DecimalScanner } from '#src/data/tables/decimal-scanner.js';
import { fundingStamps } from '#src/data/tables/funding-schedule.js';
import { inferStep } from '#src/data/tables/tick-inference.js';
import { historyOf, openFiles } from '../support/recorded-files.js';

const HOUR = 3_600_000;
const decimalText = fc
  .tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 6 }), fc.boolean())
  .map(
    ([digits, decimals, negative]) =>
      `${negative ? '-' : ''}${new Decimal(digits).div(Decimal.pow(10, decimals)).toFixed(decimals)}`,
  );

describe('reading history', () => {
  it('reads any decimal text exactly', () => {
    const scanner = new DecimalScanner();
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(decimalText, (text) => {
        const bytes = encoder.encode(`,${text},`);
        expect(scanner.scan(bytes, 1, bytes.length - 1)).toBe(true);
        expect(new Decimal(scanner.mantissa).div(Decimal.pow(10, scanner.decimals)).eq(text)).toBe(true);
        expect(scanner.rounded).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a double as its shortest text says, to 15 digits', () => {
    const scanner = new DecimalScanner();
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (value) => {
        expect(scanner.scanNumber(value)).toBe(true);
        expect(
          new Decimal(scanner.mantissa)
            .div(Decimal.pow(10, scanner.decimals))
            .eq(new Decimal(String(value)).toSignificantDigits(15)),
        ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses whatever is no plain decimal number', () => {
    const scanner = new DecimalScanner();
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const bytes = encoder.encode(text);
        expect(scanner.scan(bytes, 0, bytes.length)).toBe(/^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/.test(text));
      }),
      { numRuns: 300 },
    );
  });

  it('infers a tick of which every price is a whole multiple, and a step that keeps notionals exact', async () => {
    const price = fc
      .tuple(fc.integer({ min: 1, max: 99_999_999 }), fc.integer({ min: 0, max: 6 }))
      .map(([digits, decimals]) => new Decimal(digits).div(Decimal.pow(10, decimals)));
    await fc.assert(
      fc.asyncProperty(fc.array(price, { minLength: 2, maxLength: 20 }), async (prices) => {
        const rows = prices.map(
          (each, index) =>
            `${(index + 1) * 60_000},X,${each.toFixed()},${each.toFixed()},${each.toFixed()},${each.toFixed()},1`,
        );
        const csv = `ts_ms,symbol,open,high,low,close,volume\n${rows.join('\n')}\n`;
        const { columns, spec, notes } = historyOf(await openFiles({ f: csv }));
        const { tick, step } = spec;
        expect(step).toEqual(inferStep(tick));
        expect(tick.times(step).times(1e8).isInteger()).toBe(true);
        // That prices drawn at random are far from each other is said, and is all there is to say.
        expect(notes.filter(({ code }) => code.startsWith('W-DATA') && code !== 'W-DATA-018')).toEqual([]);
        expect([...columns.close].map((ticks) => tick.times(ticks).toFixed())).toEqual(
          prices.map((each) => each.toFixed()),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('keeps every known funding rate of the span at the hour that it was recorded for, and leaves no interval without a stamp', () => {
    const hours = fc
      .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 })
      .map((each) => each.sort((a, b) => a - b));
    fc.assert(
      fc.property(hours, fc.integer({ min: -20, max: 20 }), (present, jitter) => {
        const rates = present.map((hour) => ({ at: hour * 8 * HOUR + jitter, rate: new Decimal('0.0001') }));
        const span = { from: 2 * 8 * HOUR, to: 58 * 8 * HOUR, fallbackHours: 8 };
        const stamps = fundingStamps(rates, span);
        const known = present.map((hour) => hour * 8 * HOUR).filter((at) => at >= span.from && at < span.to);
        expect(stamps.filter((stamp) => stamp.rate !== undefined).map((stamp) => stamp.at)).toEqual(known);
        for (const [index, stamp] of stamps.entries()) {
          expect(stamp.at).toBeGreaterThanOrEqual(span.from);
          expect(stamp.at).toBeLessThan(span.to);
          if (index > 0) expect(stamp.at).toBeGreaterThan((stamps[index - 1] as { at: number }).at);
        }
        if (present.length > 30) expect(stamps).toHaveLength(56);
      }),
      { numRuns: 200 },
    );
  });
});
