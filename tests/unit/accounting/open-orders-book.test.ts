import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderStatus } from '#src/domain/order-state.js';
import { OrderRequest, type Order, type OrderTerms, type Side } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { OpenOrdersBook } from '#src/services/accounting/open-orders-book.js';
import { FakeConfigController } from '../../support/config.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { RecordingTrace } from '../../support/recording-trace.js';

const UNIT = instrument({ symbol: 'UNIT-PERP', tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) });

function order(
  clientId: string,
  side: Side,
  size: number,
  status: OrderStatus = 'open',
  { filled = 0, ...more }: Partial<OrderTerms> & { filled?: number } = {},
): Order {
  const request = new OrderRequest({
    clientId,
    instrument: UNIT,
    side,
    type: 'market',
    lots: lots(size),
    timeInForce: 'IOC',
    postOnly: false,
    reduceOnly: false,
    ...more,
  });
  return {
    request,
    status,
    venueIds: [],
    filled: lots(filled),
    filledNotional: units(0),
    createdAt: 0,
    updatedAt: 0,
  };
}

function parts(): { book: OpenOrdersBook; portfolio: LedgerPortfolio } {
  const portfolio = new LedgerPortfolio(new FakeConfigController(), new RecordingTrace());
  return { book: new OpenOrdersBook(portfolio), portfolio };
}

const sums = (book: OpenOrdersBook): number[] => [
  book.buying('UNIT-PERP'),
  book.selling('UNIT-PERP'),
  book.reducing('UNIT-PERP'),
  book.unknown('UNIT-PERP'),
  book.size,
];

describe('OpenOrdersBook', () => {
  it('counts what is still to execute, reduce-only orders apart and unknown ones included', () => {
    const { book } = parts();
    book.put(order('a', 'buy', 5));
    book.put(order('b', 'buy', 4, 'unknown'));
    book.put(order('c', 'sell', 3, 'partially_filled', { filled: 1 }));
    book.put(order('d', 'sell', 7, 'planned', { reduceOnly: true }));

    expect(sums(book)).toEqual([9, 2, 7, 1, 4]);
  });

  it('replaces an order by its id and drops it once it has ended', () => {
    const { book } = parts();
    book.put(order('a', 'buy', 5, 'unknown'));
    book.put(order('a', 'buy', 5, 'partially_filled', { filled: 2 }));
    expect(sums(book)).toEqual([3, 0, 0, 0, 1]);
    expect(book.find('a')?.status).toBe('partially_filled');

    book.put(order('a', 'buy', 5, 'cancelled', { filled: 2 }));
    expect(sums(book)).toEqual([0, 0, 0, 0, 0]);
    expect(book.find('a')).toBeUndefined();
    expect(book.of('UNIT-PERP')).toEqual([]);
  });

  it('ignores the end of an order it never had', () => {
    const { book } = parts();
    book.put(order('a', 'buy', 5, 'rejected'));
    expect(sums(book)).toEqual([0, 0, 0, 0, 0]);
  });

  it('reserves the worse of both sides on top of the position, at the last mark', () => {
    const { book, portfolio } = parts();
    portfolio.applyFill(fill(UNIT, 'buy', 2, 100));
    portfolio.mark('UNIT-PERP', UNIT.toMarks(new Decimal(50)));
    expect(UNIT.money(book.reservedNotional('UNIT-PERP')).toString()).toBe('100');

    book.put(order('a', 'buy', 3));
    expect(UNIT.money(book.reservedNotional('UNIT-PERP')).toString()).toBe('250');

    book.put(order('b', 'sell', 9));
    expect(UNIT.money(book.reservedNotional('UNIT-PERP')).toString()).toBe('350');
  });

  it('counts a reduce-only order for nothing by itself, and for what it leaves an order against the position', () => {
    const { book, portfolio } = parts();
    const reserved = (): string => UNIT.money(book.reservedNotional('UNIT-PERP')).toString();
    portfolio.applyFill(fill(UNIT, 'buy', 2, 100));
    portfolio.mark('UNIT-PERP', UNIT.toMarks(new Decimal(50)));
    book.put(order('a', 'sell', 9, 'open', { reduceOnly: true }));
    expect(reserved()).toBe('100');
    // The close fills, then all of it opens.
    book.put(order('b', 'sell', 9));
    expect(reserved()).toBe('450');
    book.put(order('a', 'sell', 1, 'open', { reduceOnly: true }));
    expect(reserved()).toBe('400');
    book.put(order('c', 'buy', 5, 'open', { reduceOnly: true }));
    expect(reserved()).toBe('400');
  });

  it('counts a stop for what it leaves, likewise, of a short too', () => {
    const { book, portfolio } = parts();
    portfolio.applyFill(fill(UNIT, 'sell', 2, 100));
    portfolio.mark('UNIT-PERP', UNIT.toMarks(new Decimal(50)));
    book.put(order('a', 'buy', 2, 'open', { reduceOnly: true, type: 'stop_market', stop: ticks(60) }));
    expect(UNIT.money(book.reservedNotional('UNIT-PERP')).toString()).toBe('100');
    book.put(order('b', 'buy', 3));
    expect(UNIT.money(book.reservedNotional('UNIT-PERP')).toString()).toBe('150');
  });

  it('lets exposure without a mark fit under no limit, and no exposure under every limit', () => {
    const { book } = parts();
    expect(book.reservedNotional('UNIT-PERP')).toBe(0);
    book.put(order('a', 'buy', 3));
    expect(book.reservedNotional('UNIT-PERP')).toBe(Infinity);
  });

  it('lists orders of one symbol and of all', () => {
    const { book } = parts();
    book.put(order('a', 'buy', 5));
    book.put(order('b', 'sell', 5));
    expect(book.of('UNIT-PERP').map(({ request }) => request.clientId)).toEqual(['a', 'b']);
    expect([...book.all()]).toHaveLength(2);
    expect(book.of('ETH-PERP')).toEqual([]);
  });
});
