import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { feeOf } from '#src/domain/fees.js';
import { fundingAmount } from '#src/domain/funding.js';
import { rateOf, type Instrument } from '#src/domain/instrument.js';
import { lots, marks, units } from '#src/domain/units.js';
import type { FundingPayment } from '#src/domain/order.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { RecordingTrace } from '../../support/recording-trace.js';

const DAY = 86_400_000;
const MONDAY = Date.UTC(2024, 0, 1);
/** Tick 1, step 1: prices and sizes below are those of the golden vectors. */
const UNIT = instrument({ symbol: 'UNIT-PERP', tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) });
const BTC = instrument();

const money = (text: string): ReturnType<typeof units> => UNIT.toUnits(new Decimal(text), 'nearest');
const at = (price: string, of = UNIT): ReturnType<typeof marks> => of.toMarks(new Decimal(price));

function portfolio(config = testConfig()): {
  book: LedgerPortfolio;
  trace: RecordingTrace;
  config: FakeConfigController;
} {
  const trace = new RecordingTrace();
  const controller = new FakeConfigController(config);
  const book = new LedgerPortfolio(controller, trace);
  book.deposit(money('10000'), MONDAY, 'start');
  return { book, trace, config: controller };
}

const payment = (of: Instrument, amount: string | undefined, id = 'f1'): FundingPayment => ({
  id,
  instrument: of,
  at: MONDAY + 8 * 3_600_000,
  rate: new Decimal('0.0001'),
  markPrice: new Decimal(100),
  lots: lots(2),
  amount: amount === undefined ? undefined : money(amount),
});

describe('LedgerPortfolio positions and profit', () => {
  it('realises 30 and leaves short 1 at 120, unrealised -5 at 125, after buy 2@100, buy 1@130, sell 4@120', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 2, 100));
    book.applyFill(fill(UNIT, 'buy', 1, 130));
    book.applyFill(fill(UNIT, 'sell', 4, 120));
    book.mark('UNIT-PERP', at('125'));

    const position = book.position(UNIT);
    expect(position.lots).toBe(-1);
    expect(position.entryPrice?.toString()).toBe('120');
    expect(UNIT.money(position.realised).toString()).toBe('30');
    expect(UNIT.money(book.unrealised).toString()).toBe('-5');
    expect(UNIT.money(book.equity).toString()).toBe('10025');
    book.assertConsistent();
  });

  it('takes a short as a short: profit when the mark falls, by its sign alone (B-74)', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'sell', 3, 100));
    book.mark('UNIT-PERP', at('90'));

    expect(book.position(UNIT).side).toBe('short');
    expect(UNIT.money(book.unrealised).toString()).toBe('30');
  });

  it('adds to a position when a fill has its side and reduces it only when it has the other (B-72)', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 2, 100));
    book.applyFill(fill(UNIT, 'buy', 2, 110));
    expect(book.position(UNIT).lots).toBe(4);

    book.applyFill(fill(UNIT, 'sell', 1, 110));
    expect(book.position(UNIT).lots).toBe(3);
    expect(UNIT.money(book.ledger.income('price')).toString()).toBe('5');
  });

  it('books fees and funding beside price profit, each from the account side (fees included)', () => {
    const { book } = portfolio();
    const fee = feeOf(UNIT.notional(100 as never, lots(2)), rateOf(UNIT.spec.takerFee));
    book.applyFill(fill(UNIT, 'buy', 2, 100, { fee }));
    book.applyFunding(payment(UNIT, '-0.02'));

    expect(UNIT.money(book.ledger.income('fees')).toString()).toBe('-0.1');
    expect(UNIT.money(book.ledger.income('funding')).toString()).toBe('-0.02');
    expect(UNIT.money(book.equity).toString()).toBe('9999.88');
    book.assertConsistent();
  });

  it('values what has no mark yet at its last fill, and does not claim a mark', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 2, 100));
    book.applyFill(fill(UNIT, 'buy', 1, 130));

    expect(UNIT.money(book.unrealised).toString()).toBe('60');
    expect(book.lastMark('UNIT-PERP')).toBeUndefined();
    expect(UNIT.money(book.grossNotional).toString()).toBe('330');
  });

  it('keeps a mark that came before the first fill', () => {
    const { book } = portfolio();
    book.mark('UNIT-PERP', at('90'));
    book.applyFill(fill(UNIT, 'buy', 2, 100));

    expect(UNIT.money(book.unrealised).toString()).toBe('-20');
    expect(UNIT.money(book.grossNotional).toString()).toBe('180');
  });

  it('sums unrealised profit over instruments as marks come', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 2, 100));
    book.applyFill(fill(BTC, 'sell', 10, 500_000));
    book.mark('UNIT-PERP', at('101'));
    book.mark('BTC-PERP', at('49000', BTC));
    book.mark('BTC-PERP', at('49500', BTC));

    expect(UNIT.money(book.unrealised).toString()).toBe('7');
    expect([...book.positions()].map((position) => position.instrument.symbol)).toEqual(['UNIT-PERP', 'BTC-PERP']);
    book.assertConsistent();
  });

  it('refuses an instrument whose scale changed under a position, and accepts changed limits', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 2, 100));
    const limits = instrument({ ...UNIT.spec, minSize: new Decimal(2) });
    const scale = instrument({ ...UNIT.spec, step: new Decimal('0.1') });

    expect(book.position(limits).lots).toBe(2);
    expect(() => book.position(scale)).toThrow(/tick and step must stay 1 and 1, was 1 and 0.1/);
  });
});

describe('LedgerPortfolio funding', () => {
  it.each([
    [2, '-0.02'],
    [-2, '0.02'],
  ])('charges 2 @ 100 at 0.0001: %i lots pay %s', (size, expected) => {
    const amount = fundingAmount(UNIT.notionalAtMark(at('100'), lots(size)), rateOf(new Decimal('0.0001')));
    expect(UNIT.money(amount).toString()).toBe(expected);
  });

  it('books what a liquidation costs apart from its fills among the fees', () => {
    const { book } = portfolio();
    expect(book.applyFunding({ ...payment(UNIT, '-5'), cause: 'liquidation' })).toBe(true);
    expect(
      [book.ledger.income('fees'), book.ledger.income('funding')].map((each) => UNIT.money(each).toString()),
    ).toEqual([...['-5', '0']]);
    book.assertConsistent();
  });

  it('applies a payment once (B-73)', () => {
    const { book } = portfolio();
    expect(book.applyFunding(payment(UNIT, '-0.02'))).toBe(true);
    expect(book.applyFunding(payment(UNIT, '-0.02'))).toBe(false);
    expect(UNIT.money(book.ledger.income('funding')).toString()).toBe('-0.02');
  });

  it('applies nothing for a stamp without a rate, and takes the payment when it is named later', () => {
    const { book } = portfolio();
    expect(book.applyFunding(payment(UNIT, undefined))).toBe(false);
    expect(book.applyFunding(payment(UNIT, '-0.02'))).toBe(true);
  });
});

describe('LedgerPortfolio ledger', () => {
  it('applies a trade once by its id, and both sides of a trade with ourselves', () => {
    const { book } = portfolio();
    const trade = fill(UNIT, 'buy', 2, 100, { tradeId: 'x' });
    expect(book.applyFill(trade)).toBe(true);
    expect(book.applyFill({ ...trade })).toBe(false);
    expect(book.applyFill({ ...trade, side: 'sell' })).toBe(true);
    expect(book.position(UNIT).lots).toBe(0);
  });

  it('takes the same trade id of another market as another trade', () => {
    const { book } = portfolio();
    expect(book.applyFill(fill(UNIT, 'buy', 2, 100, { tradeId: 'x' }))).toBe(true);
    expect(book.applyFill(fill(BTC, 'buy', 2, 100, { tradeId: 'x' }))).toBe(true);
  });

  it('books a transfer once by its reference', () => {
    const { book } = portfolio();
    book.deposit(money('10000'), MONDAY, 'start');
    expect(UNIT.money(book.equity).toString()).toBe('10000');
  });

  it('moves the required margin, rounded up, between cash and margin with every fill', () => {
    const { book } = portfolio(testConfig({ strategy: { targetLeverage: 3 } }));
    book.applyFill(fill(UNIT, 'buy', 1, 100));
    expect(book.ledger.margin).toBe(3_333_333_334);
    book.applyFill(fill(UNIT, 'sell', 1, 110));
    expect(book.ledger.margin).toBe(0);
    expect(UNIT.money(book.ledger.cash).toString()).toBe('10010');
  });

  it.each([
    ['spot', testConfig({ strategy: { targetLeverage: 3 } }), instrument({ ...UNIT.spec, kind: 'spot' })],
    ['perpetuals without derivatives', testConfig({ derivatives: false, strategy: { targetLeverage: 3 } }), UNIT],
  ])('ties up the whole cost for %s', (_name, config, of) => {
    const { book } = portfolio(config);
    book.applyFill(fill(of, 'buy', 3, 100));
    expect(of.money(book.ledger.margin).toString()).toBe('300');
    expect(of.money(book.ledger.cash).toString()).toBe('9700');
    expect(of.money(book.equity).toString()).toBe('10000');
  });

  it('tells the trace and its listeners every posting, and none of zero', () => {
    const { book, trace } = portfolio();
    const heard: string[] = [];
    const stop = book.onPosting((posting) => heard.push(`${posting.from}>${posting.to} ${posting.amount}`));
    book.applyFill(fill(UNIT, 'buy', 1, 100));
    stop();
    book.applyFill(fill(UNIT, 'sell', 1, 101, { fee: units(-5), tradeId: 'z' }));

    expect(heard).toEqual(['cash>margin 5000000000']);
    expect(trace.postings.map(({ from, to, amount, ref }) => [from, to, amount, ref]).slice(2)).toEqual([
      ['price', 'cash', 100_000_000, 'z'],
      ['fees', 'cash', -5, 'z'],
      ['cash', 'margin', -5_000_000_000, 'z'],
    ]);
  });

  it('tells fill listeners after the books balance, and not after they left', () => {
    const { book } = portfolio();
    const seen: number[] = [];
    const stop = book.onFill((_fill, position) => {
      book.assertConsistent();
      seen.push(position.lots);
    });
    book.applyFill(fill(UNIT, 'buy', 1, 100));
    stop();
    book.applyFill(fill(UNIT, 'buy', 1, 100));
    expect(seen).toEqual([1]);
  });

  it.each([
    ['cash appears from nowhere', (book: LedgerPortfolio) => (book.ledger.cash = units(book.ledger.cash + 1))],
    [
      'a position is not what the ledger realised',
      (book: LedgerPortfolio) => (book.position(UNIT).realised = units(7)),
    ],
    ['a position is not what it was valued at', (book: LedgerPortfolio) => (book.position(UNIT).cost = units(7))],
  ])('names its inconsistency when %s', (_name, damage) => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 1, 100));
    book.mark('UNIT-PERP', at('100'));
    book.assertConsistent();
    damage(book);
    expect(() => book.assertConsistent()).toThrow(expect.objectContaining({ code: 'LEDGER-001' }));
  });
});

describe('LedgerPortfolio baselines', () => {
  it('starts a new day at UTC midnight with the equity of that moment (B-18)', () => {
    const { book } = portfolio();
    book.observe(MONDAY + 1);
    book.applyFill(fill(UNIT, 'buy', 10, 100, { at: MONDAY + 2 }));
    book.mark('UNIT-PERP', at('90'));
    book.observe(MONDAY + DAY - 1);
    expect(UNIT.money(book.dayStartEquity ?? units(0)).toString()).toBe('10000');

    book.observe(MONDAY + DAY);
    expect(UNIT.money(book.dayStartEquity ?? units(0)).toString()).toBe('9900');
  });

  it('does not know the start of a day before anything happened', () => {
    expect(new LedgerPortfolio(new FakeConfigController(), new RecordingTrace()).dayStartEquity).toBeUndefined();
  });

  it('rolls the day on an event as on a mark, so that replayed fills of today count as today', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 10, 100, { at: MONDAY + 1 }));
    book.applyFill(fill(UNIT, 'sell', 10, 90, { at: MONDAY + DAY + 1 }));
    book.observe(MONDAY + DAY + 2);

    expect(UNIT.money(book.dayStartEquity ?? units(0)).toString()).toBe('10000');
    expect(UNIT.money(book.equity).toString()).toBe('9900');
  });

  it('does not turn the day back for an event that arrives late', () => {
    const { book } = portfolio();
    book.observe(MONDAY + DAY);
    book.applyFill(fill(UNIT, 'buy', 1, 100, { at: MONDAY, fee: units(-100_000_000) }));
    book.observe(MONDAY + DAY + 1);
    expect(UNIT.money(book.dayStartEquity ?? units(0)).toString()).toBe('10000');
  });

  it('remembers the highest equity it was shown', () => {
    const { book } = portfolio();
    book.applyFill(fill(UNIT, 'buy', 10, 100));
    book.mark('UNIT-PERP', at('120'));
    book.observe(MONDAY + 1);
    book.mark('UNIT-PERP', at('80'));
    book.observe(MONDAY + 2);
    expect(UNIT.money(book.equityPeak).toString()).toBe('10200');
  });

  it('moves both baselines with money put in and taken out', () => {
    const { book } = portfolio();
    book.observe(MONDAY + 1);
    book.deposit(money('500'), MONDAY + 2, 'in');
    book.deposit(money('-2000'), MONDAY + 3, 'out');

    expect(UNIT.money(book.equity).toString()).toBe('8500');
    expect(UNIT.money(book.equityPeak).toString()).toBe('8500');
    expect(UNIT.money(book.dayStartEquity ?? units(0)).toString()).toBe('8500');
  });

  it('does not know its positions until somebody confirmed them', () => {
    const { book } = portfolio();
    expect(book.known).toBe(false);
    book.setKnown(true);
    expect(book.known).toBe(true);
  });
});
