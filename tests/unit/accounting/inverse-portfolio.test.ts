import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { units } from '#src/domain/units.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { FakeConfigController } from '../../support/config.js';
import { fill } from '../../support/fills.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { RecordingTrace } from '../../support/recording-trace.js';

const d = (value: string | number): Decimal => new Decimal(value);
const spec = instrumentSpec({
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

function portfolio(): LedgerPortfolio {
  const made = new LedgerPortfolio(new FakeConfigController(), new RecordingTrace());
  made.deposit(units(1e9), 0, 'd');
  return made;
}

describe('the portfolio of an inverse contract', () => {
  it('is worth what its coins are: a liquidation fill reduces it, books its loss and its fee, and the books balance', () => {
    const instrument = new Instrument(spec);
    const books = portfolio();
    books.applyFill(fill(instrument, 'buy', 100_000, 20_000));
    books.mark('XBTUSD', instrument.toMarks(d(9_500)));
    expect(instrument.money(books.unrealised).toFixed(4)).toBe('-0.5263');
    expect(instrument.money(books.grossNotional).toFixed(4)).toBe('10.5263');
    books.applyFill(
      fill(instrument, 'sell', 60_000, 19_000, { cause: 'liquidation', clientId: 'autoclose-2', fee: units(-1_000) }),
    );
    expect([books.position(instrument).lots, books.ledger.income('fees')]).toEqual([40_000, -1_000]);
    expect(instrument.money(books.ledger.income('price')).toFixed(4)).toBe('-0.3158');
    books.assertConsistent();
  });

  it('refuses another contract of the same name', () => {
    const books = portfolio();
    books.applyFill(fill(new Instrument(spec), 'buy', 10, 20_000));
    expect(() => books.position(new Instrument({ ...spec, multiplier: d(10) }))).toThrow('must stay');
  });
});
