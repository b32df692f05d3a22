import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { bookFees } from '#src/domain/fees.js';
import type { Fee, Fill } from '#src/domain/order.js';
import { fillFromRecord, fillToRecord, type PlainRecord } from '#src/domain/records.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { instrument } from '#src/testing/instruments.js';
import { FakeConfigController } from '../../support/config.js';
import { fill } from '../../support/fills.js';
import { RecordingTrace } from '../../support/recording-trace.js';

const PERP = instrument();
const SPOT = instrument({ symbol: 'BTC-USDT', kind: 'spot', maxLeverage: new Decimal(1), fundingIntervalHours: 0 });
const PRICE = 500_000;

const charged = (asset: string, amount: string): Fee => ({ asset, amount: new Decimal(amount) });
const unpriced = (): undefined => undefined;

function portfolio(): LedgerPortfolio {
  const book = new LedgerPortfolio(new FakeConfigController(), new RecordingTrace());
  book.deposit(PERP.toUnits(new Decimal(100_000), 'nearest'), 0, 'start');
  return book;
}

/** A fill of the spot market whose fee was charged as said. */
function bought(size: number, fees: readonly Fee[], side: Fill['side'] = 'buy'): Fill {
  const plain = fill(SPOT, side, size, PRICE);
  return { ...plain, ...bookFees(plain, fees, unpriced) };
}

describe('a fee in another asset than the settlement currency', () => {
  const plain = { instrument: PERP, price: ticks(PRICE), lots: lots(100) };

  it('is itself where it is in the settlement currency, a cost rounded away from zero, and no estimate', () => {
    expect(bookFees(plain, [charged('USDT', '-2.500000001')], unpriced)).toEqual({ fee: units(-250_000_001) });
    expect(bookFees(plain, [charged('USDT', '-2.5'), charged('USDT', '1')], unpriced)).toEqual({ fee: units(-1.5e8) });
  });

  it('is booked at the price of that instant, and marked as estimated', () => {
    const fees = [charged('BNB', '-0.00375')];
    expect(bookFees(plain, fees, (asset) => (asset === 'BNB' ? new Decimal(600) : undefined))).toEqual({
      fee: units(-225_000_000),
      fees,
      feeEstimated: true,
    });
  });

  it("is the taker's rate where no price is known, and never nothing", () => {
    const fees = [charged('NEW', '-17')];
    expect(bookFees(plain, fees, unpriced)).toEqual({ fee: units(-250_000_000), fees, feeEstimated: true });
  });

  it('keeps the ledger balanced, and comes back from its record', () => {
    const book = portfolio();
    const told = fill(PERP, 'buy', 100, PRICE);
    const made = { ...told, ...bookFees(told, [charged('BNB', '-0.00375')], () => new Decimal(600)) };
    const record = JSON.parse(JSON.stringify(fillToRecord(made))) as PlainRecord;
    expect(fillFromRecord(record, () => PERP)).toEqual(made);
    book.applyFill(made);
    expect(book.ledger.income('fees')).toBe(-225_000_000);
    expect(book.position(PERP).lots).toBe(100);
    book.assertConsistent();
  });
});

describe('a fee of a spot market in the coin that was bought', () => {
  it('leaves what can be sold again: 0.999 of 1 bought for 0.001', () => {
    const book = portfolio();
    book.applyFill(bought(1_000, [charged('BTC', '-0.001')]));
    expect(book.position(SPOT).size.toString()).toBe('0.999');
    expect(SPOT.money(book.equity).toString()).toBe('99950');
    book.mark('BTC-USDT', SPOT.toMarks(new Decimal(60_000)));
    // 0.999 coins at 60,000, and 50,000 that are left of the money.
    expect(SPOT.money(book.equity).toString()).toBe('109940');
    book.assertConsistent();
    book.applyFill(bought(999, [charged('USDT', '-49.95')], 'sell'));
    expect(book.position(SPOT).isFlat).toBe(true);
    book.assertConsistent();
  });

  it('takes a whole step as soon as one has been begun, and no second before the first is used up', () => {
    const book = portfolio();
    const sizes = Array.from({ length: 11 }, () => {
      book.applyFill(bought(10, [charged('BTC', '-0.0001')]));
      return book.position(SPOT).lots;
    });
    expect(sizes).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 99, 108]);
    book.assertConsistent();
  });

  it('is told alike by whoever reads the fills again, and holds no more than the coins that are there', () => {
    const trade = fc.record({ size: fc.integer({ min: 1, max: 50 }), rate: fc.integer({ min: 0, max: 300 }) });
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 20 }), (trades) => {
        const fills = trades.map(({ size, rate }) =>
          bought(size, [{ asset: 'BTC', amount: SPOT.size(lots(size)).times(rate).div(-100_000) }]),
        );
        const book = portfolio();
        const again = portfolio();
        let coins = new Decimal(0);
        for (const each of fills) {
          book.applyFill(each);
          const record = JSON.parse(JSON.stringify(fillToRecord(each))) as PlainRecord;
          again.applyFill(fillFromRecord(record, () => SPOT) as Fill);
          coins = coins.plus(SPOT.size(each.lots)).plus(each.fees?.[0]?.amount ?? 0);
          const { size } = book.position(SPOT);
          expect(size.lte(coins) && coins.minus(size).lt(SPOT.spec.step)).toBe(true);
          book.assertConsistent();
        }
        expect(again.position(SPOT).lots).toBe(book.position(SPOT).lots);
        expect(again.equity).toBe(book.equity);
      }),
    );
  });
});
