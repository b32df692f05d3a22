import { describe, expect, it } from '@jest/globals';
import { lots } from '#src/domain/units.js';
import { OrderRequest } from '#src/domain/order.js';
import { onWire } from '#src/services/execution/orders/on-wire.js';
import { thrown } from '#src/services/execution/orders/unanswered.js';
import { fault } from '#src/domain/errors.js';
import { instrument } from '#src/testing/instruments.js';

const request = (more: object) =>
  new OrderRequest({
    ...{
      clientId: 'PB1',
      instrument: instrument(),
      side: 'sell',
      type: 'stop_market',
      lots: lots(1),
      timeInForce: 'GTC',
    },
    ...{ postOnly: false, reduceOnly: true },
    ...more,
  });

describe('an order as the venue reads it', () => {
  it('bears a leverage only where each order has its own', () => {
    const own = request({ leverage: 3 });
    expect(onWire(own, { leverage: 'per_order' })).toBe(own);
    for (const leverage of ['per_symbol', 'account', 'none'] as const) {
      const sent = onWire(own, { leverage });
      expect(sent.leverage).toBeUndefined();
      expect(sent).toMatchObject({ clientId: 'PB1', side: 'sell', type: 'stop_market', reduceOnly: true, lots: 1 });
    }
  });

  it('is not called reduce-only where it closes the position', () => {
    const closing = request({ lots: lots(0), leverage: 2, options: { closePosition: true } });
    expect(onWire(closing, { leverage: 'per_order' })).toMatchObject({ reduceOnly: false, leverage: 2 });
    expect(onWire(closing, { leverage: 'none' })).not.toHaveProperty('leverage');
  });

  it('has not left where the venue has no words for it; whatever else is thrown proves nothing', () => {
    const order = { request: request({}) } as never;
    expect(thrown(order, fault('VENUE-003', 'no such orders'), 5)).toMatchObject({
      ...{ outcome: 'rejected', reason: 'unsupported', at: 5 },
    });
    for (const error of [fault('VENUE-002', 'lost'), new Error('socket hang up'), undefined])
      expect(thrown(order, error, 5)).toMatchObject({ outcome: 'unknown', ref: { clientId: 'PB1' } });
  });
});
