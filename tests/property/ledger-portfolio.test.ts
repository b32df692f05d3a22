import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal, ZERO } from '#src/domain/decimal.js';
import { feeOf } from '#src/domain/fees.js';
import { fundingAmount } from '#src/domain/funding.js';
import { rateOf, type Instrument } from '#src/domain/instrument.js';
import type { Side } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { FakeConfigController } from '../support/config.js';
import { fill } from '../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { RecordingTrace } from '../support/recording-trace.js';

const UNIT = new Decimal('1e-8');
const INSTRUMENTS = [
  instrument(),
  instrument({ symbol: 'ETH-PERP', tick: new Decimal('0.01'), step: new Decimal('0.0001') }),
  instrument({ symbol: 'SOL-PERP', tick: new Decimal('0.003'), step: new Decimal('0.07') }),
];

/** The same books, written as one would on paper: decimals, no integers, no running sums. */
class PaperBooks {
  readonly held = new Map<string, { size: Decimal; cost: Decimal; mark: Decimal | undefined }>();
  realised = ZERO;
  fees = ZERO;
  funding = ZERO;

  of(symbol: string): { size: Decimal; cost: Decimal; mark: Decimal | undefined } {
    let held = this.held.get(symbol);
    if (held === undefined) this.held.set(symbol, (held = { size: ZERO, cost: ZERO, mark: undefined }));
    return held;
  }

  fill(symbol: string, side: Side, size: Decimal, price: Decimal, feeRate: Decimal): void {
    const held = this.of(symbol);
    const signed = side === 'buy' ? size : size.negated();
    this.fees = this.fees.plus(floor(size.times(price).times(feeRate).negated()));
    if (held.size.isZero() || held.size.isPositive() === signed.isPositive()) {
      held.size = held.size.plus(signed);
      held.cost = held.cost.plus(signed.times(price));
      return;
    }
    const closed = Decimal.min(size, held.size.abs());
    const costOfClosed = floor(held.cost.times(closed).div(held.size.abs()));
    const direction = held.size.isPositive() ? 1 : -1;
    this.realised = this.realised.plus(price.times(closed).times(direction)).minus(costOfClosed);
    held.size = held.size.plus(signed);
    held.cost = size.gt(closed) ? held.size.times(price) : held.cost.minus(costOfClosed);
  }

  unrealised(): Decimal {
    let sum = ZERO;
    for (const { size, cost, mark } of this.held.values())
      if (!size.isZero() && mark !== undefined) sum = sum.plus(size.times(mark)).minus(cost);
    return sum;
  }
}

const floor = (amount: Decimal): Decimal => amount.div(UNIT).floor().times(UNIT);

const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      of: fc.nat(2),
      buy: fc.boolean(),
      size: fc.integer({ min: 1, max: 5_000 }),
      price: fc.integer({ min: 1, max: 900_000 }),
      maker: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('mark' as const),
      of: fc.nat(2),
      mark: fc.integer({ min: 1, max: 90_000_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('funding' as const),
      of: fc.nat(2),
      rate: fc.integer({ min: -3_000, max: 3_000 }),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function play(events: readonly Event[]): { book: LedgerPortfolio; paper: PaperBooks } {
  const book = new LedgerPortfolio(new FakeConfigController(), new RecordingTrace());
  const paper = new PaperBooks();
  book.deposit(units(1_000_000_000_000), 0, 'start');
  events.forEach((one, i) => {
    const of = INSTRUMENTS[one.of] as Instrument;
    if (one.kind === 'fill') applyFill(book, paper, of, one);
    else if (one.kind === 'mark') {
      const mark = of.toMarks(of.markPrice(one.mark as never));
      book.mark(of.symbol, mark);
      paper.of(of.symbol).mark = of.markPrice(mark);
    } else applyFunding(book, paper, of, one.rate, `f${i}`);
    book.assertConsistent();
  });
  return { book, paper };
}

function applyFill(
  book: LedgerPortfolio,
  paper: PaperBooks,
  of: Instrument,
  one: Extract<Event, { kind: 'fill' }>,
): void {
  const side = one.buy ? 'buy' : 'sell';
  const rate = one.maker ? of.spec.makerFee.negated() : of.spec.takerFee;
  const fee = feeOf(of.notional(ticks(one.price), lots(one.size)), rateOf(rate));
  // A position without a mark is valued at its fills; the model marks it there, which is the same thing.
  const held = paper.of(of.symbol);
  book.applyFill(fill(of, side, one.size, one.price, { fee }));
  paper.fill(of.symbol, side, of.size(lots(one.size)), of.price(ticks(one.price)), rate);
  if (book.lastMark(of.symbol) === undefined) held.mark = of.price(ticks(one.price));
}

function applyFunding(book: LedgerPortfolio, paper: PaperBooks, of: Instrument, rate: number, id: string): void {
  const mark = book.lastMark(of.symbol);
  if (mark === undefined) return;
  const position = book.position(of);
  const exactRate = new Decimal(rate).div(1e6);
  const amount = fundingAmount(of.notionalAtMark(mark, position.lots), rateOf(exactRate));
  book.applyFunding({
    id,
    instrument: of,
    at: 0,
    rate: exactRate,
    markPrice: of.markPrice(mark),
    lots: position.lots,
    amount,
  });
  const held = paper.of(of.symbol);
  paper.funding = paper.funding.plus(floor(held.size.times(of.markPrice(mark)).times(exactRate).negated()));
}

describe('LedgerPortfolio against books kept in decimals', () => {
  it('agrees to the last unit on positions, realised, unrealised, fees, funding and equity for any fills, marks and payments', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { book, paper } = play(events);
        const [first] = INSTRUMENTS;
        const money = (value: ReturnType<typeof units>): string => (first as Instrument).money(value).toString();
        for (const of of INSTRUMENTS) {
          expect(book.position(of).size.toString()).toBe(paper.of(of.symbol).size.toString());
          expect(money(book.position(of).cost)).toBe(paper.of(of.symbol).cost.toString());
        }
        expect(money(book.ledger.income('price'))).toBe(paper.realised.toString());
        expect(money(book.ledger.income('fees'))).toBe(paper.fees.toString());
        expect(money(book.ledger.income('funding'))).toBe(paper.funding.toString());
        expect(money(book.unrealised)).toBe(paper.unrealised().toString());
        const equity = new Decimal(10_000)
          .plus(paper.realised)
          .plus(paper.fees)
          .plus(paper.funding)
          .plus(paper.unrealised());
        expect(money(book.equity)).toBe(equity.toString());
      }),
      { numRuns: 200 },
    );
  });

  it('ends in the same books when every event is delivered twice', () => {
    const trades = fc.array(
      fc.record({ buy: fc.boolean(), size: fc.integer({ min: 1, max: 9 }), price: fc.integer({ min: 1, max: 99 }) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(trades, (list) => {
        const of = INSTRUMENTS[0] as Instrument;
        const once = new LedgerPortfolio(new FakeConfigController(), new RecordingTrace());
        const twice = new LedgerPortfolio(new FakeConfigController(), new RecordingTrace());
        for (const { buy, size, price } of list) {
          const trade = fill(of, buy ? 'buy' : 'sell', size, price, { fee: units(-3) });
          once.applyFill(trade);
          twice.applyFill(trade);
          expect(twice.applyFill({ ...trade })).toBe(false);
        }
        expect(twice.ledger).toEqual(once.ledger);
        expect(twice.position(of).lots).toBe(once.position(of).lots);
      }),
      { numRuns: 100 },
    );
  });
});
