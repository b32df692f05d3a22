import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderType, Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { onGrid } from '#src/services/execution/orders/on-grid.js';
import { instrument } from '#src/testing/instruments.js';

const d = (text: string): Decimal => new Decimal(text);
/** Counted in 0.1 and 0.001; the venue takes whole prices and hundredths. */
const COARSE = instrument({ orderGrid: { tick: d('1'), step: d('0.01') } });

const intent = (side: Side, type: OrderType, size: number, price: number) => ({
  instrument: COARSE,
  side,
  type,
  lots: lots(size),
  ...(type === 'limit' ? { limit: ticks(price) } : { stop: ticks(price) }),
  timeInForce: 'GTC' as const,
  postOnly: false,
  reduceOnly: false,
  signalId: 's',
  origin: { strategy: 'test', reason: 'test', decidedAt: 0 },
});

describe('an order on a grid that is coarser than what is held', () => {
  it.each<[Side, OrderType, number]>([
    ['buy', 'limit', 500_000],
    ['sell', 'limit', 500_010],
    ['sell', 'stop_market', 500_010],
    ['buy', 'stop_market', 500_000],
    ['sell', 'take_profit_market', 500_000],
    ['buy', 'take_profit_market', 500_010],
  ])('%s %s of 50,000.3 is at %d ticks', (side, type, at) => {
    const { limit, stop } = onGrid(intent(side, type, 10, 500_003));
    expect(limit ?? stop).toBe(at);
  });

  it.each([
    [10, 10],
    [19, 10],
    [20, 20],
    [9, 9],
  ])('%d lots are sent as %d: down, and the rest of a position as it is', (size, sent) => {
    expect(onGrid(intent('sell', 'limit', size, 500_000)).lots).toBe(sent);
  });

  it('is the very same order where the grid is the instrument’s own', () => {
    const own = { ...intent('buy', 'limit', 7, 500_003), instrument: instrument() };
    expect(onGrid(own)).toBe(own);
  });

  it('never comes down to a price of zero', () => {
    expect(onGrid(intent('buy', 'limit', 10, 3)).limit).toBe(10);
  });
});
