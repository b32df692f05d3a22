import { describe, expect, it } from '@jest/globals';
import { venueOrderId, OrderRequest, type Order } from '#src/domain/order.js';
import { advance, applyFill, isTerminal, mayFollow, type OrderStatus } from '#src/domain/order-state.js';
import { lots, units } from '#src/domain/units.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';

const BTC = instrument();
const ENDS: readonly OrderStatus[] = [
  'filled',
  'cancelled',
  'expired',
  'rejected',
  'rejected_late',
  'lost',
  'liquidated',
];

const order = (overrides: Partial<Order> = {}): Order => ({
  request: new OrderRequest({
    clientId: 'PB000000-1-0',
    instrument: BTC,
    side: 'buy',
    type: 'market',
    lots: lots(10),
    timeInForce: 'GTC',
    postOnly: false,
    reduceOnly: false,
  }),
  status: 'sending',
  venueIds: [],
  filled: lots(0),
  filledNotional: units(0),
  createdAt: 1,
  updatedAt: 1,
  ...overrides,
});

describe('the state of an order', () => {
  it('ends in one of seven ways, and not in unknown', () => {
    const all: readonly OrderStatus[] = ['planned', 'sending', 'unknown', 'open', 'partially_filled', ...ENDS];
    expect(all.filter(isTerminal)).toEqual(ENDS);
    for (const end of ENDS) expect(all.filter((next) => mayFollow(end, next))).toEqual([]);
  });

  it('leaves unknown only for what the venue says, or for proof that it never arrived', () => {
    expect(mayFollow('unknown', 'lost')).toBe(true);
    expect(mayFollow('open', 'lost')).toBe(false);
    expect(mayFollow('unknown', 'sending')).toBe(false);
  });

  it('takes a step with its time, its id and its reason', () => {
    const next = advance(order(), { status: 'open', at: 9, venueId: venueOrderId('v1') });
    expect(next).toMatchObject({ status: 'open', updatedAt: 9, venueIds: ['v1'] });
    expect(advance(next, { status: 'cancelled', at: 10, reason: 'asked' })).toMatchObject({
      status: 'cancelled',
      reason: 'asked',
    });
  });

  it('is not moved back by news that arrives late, but keeps the id it brings', () => {
    const filled = order({ status: 'filled', filled: lots(10), venueIds: [venueOrderId('v1')] });
    expect(advance(filled, { status: 'open', at: 99, venueId: venueOrderId('v1') })).toBe(filled);
    expect(advance(filled, { status: 'open', at: 99, venueId: venueOrderId('v2') })).toEqual({
      ...filled,
      venueIds: ['v1', 'v2'],
    });
  });

  it('refuses a step that no sequence of venue events explains', () => {
    for (const status of ['rejected', 'lost'] as const) {
      expect(() => advance(order({ status: 'open' }), { status, at: 2 })).toThrow(
        expect.objectContaining({ code: 'ORDER-001' }),
      );
    }
  });

  it('fills by quantity: partly, then wholly, with the sum of what was paid', () => {
    const part = applyFill(order({ status: 'open' }), fill(BTC, 'buy', 4, 500_000));
    const whole = applyFill(part, fill(BTC, 'buy', 6, 510_000));
    expect([part.status, part.filled, whole.status, whole.filled]).toEqual(['partially_filled', 4, 'filled', 10]);
    expect(whole.filledNotional).toBe(
      BTC.notional(500_000 as never, lots(4)) + BTC.notional(510_000 as never, lots(6)),
    );
  });

  it('keeps a fill that comes after its end: the venue is right', () => {
    const cancelled = order({ status: 'cancelled' });
    expect(applyFill(cancelled, fill(BTC, 'buy', 4, 500_000))).toMatchObject({ status: 'cancelled', filled: 4 });
    expect(applyFill(cancelled, fill(BTC, 'buy', 10, 500_000))).toMatchObject({ status: 'filled', filled: 10 });
  });

  it('refuses more than was ordered', () => {
    expect(() => applyFill(order(), fill(BTC, 'buy', 11, 500_000))).toThrow(
      expect.objectContaining({ code: 'ORDER-001' }),
    );
  });
});
