import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Order } from '#src/domain/order.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { BTC, d, Desk, WIDE } from './harness.js';

const change = (desk: Desk, open: Order, size: string | number, limit: number) => {
  const verdict = desk.risk.approveChange(
    open,
    { lots: BTC.toLots(d(size)), limit: BTC.toTicks(d(limit), 'nearest') },
    desk.now,
  );
  return verdict.approved ? undefined : verdict.check;
};

describe('an order that rests, under other terms', () => {
  it('is asked about as it is to become, and not in the size that it has', () => {
    const desk = new Desk({ ...WIDE, maxOrderNotional: d(1_500) });
    const open = desk.rest('buy', '0.028', { limit: 52_800 });
    desk.quote(BTC, 53_638);
    expect(change(desk, open, '0.027', 52_859.7)).toBeUndefined();
    expect(change(desk, open, '0.028', 52_859.7)).toBe('max_order_notional');
    expect(change(desk, open, '0.029', 51_000)).toBe('max_order_notional');
    // Larger in size and lower in price: what it is worth then is what counts.
    desk.quote(BTC, 50_000);
    expect(change(desk, open, '0.029', 51_000)).toBeUndefined();
    expect(change(desk, open, '0.0279', 60_000)).toBe('max_order_notional');
  });

  it('stays within the gates that are none of size', () => {
    const desk = new Desk({ ...WIDE, priceCollarBps: d(100), maxOrderNotional: d(1) });
    const open = desk.rest('buy', '1', { limit: 49_000 });
    expect(change(desk, open, '0.5', 52_000)).toBe('price_collar');
    desk.rest('sell', '1', { limit: 50_100 });
    expect(change(desk, open, '0.5', 50_200)).toBe('self_cross');
    expect(change(desk, open, '0.5', 50_050)).toBeUndefined();
  });

  const LIMITS: Readonly<Record<string, Partial<RiskSettings>>> = {
    'the value of an order': { maxOrderNotional: d(1) },
    'the value of a position': { maxPositionSize: d(1) },
    'its share of equity': { maxPositionPctPerSymbol: d('0.0001') },
    'the exposure of all symbols': { maxExposurePct: d('0.0001') },
    leverage: { maxLeverage: d('0.0001') },
    'the buffer to liquidation': { minLiquidationBuffer: d('0.9999') },
    'the projection of it': { preTradeLiquidationProjection: true, minLiquidationBuffer: d('0.9999') },
  };
  it.each(Object.entries(LIMITS))('becomes smaller at every mark, though %s is exceeded as it stands', (_, limits) => {
    fc.assert(
      fc.property(
        fc.constantFrom<'buy' | 'sell'>('buy', 'sell'),
        fc.integer({ min: 40_000, max: 60_000 }),
        fc.integer({ min: 41_000, max: 59_000 }),
        fc.integer({ min: 2, max: 900 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (side, mark, limit, milli, part) => {
          const desk = new Desk({ ...WIDE, ...limits });
          desk.quote(BTC, mark);
          const open = desk.rest(side, d(milli).div(1_000).toString(), { limit });
          const smaller = Math.max(1, Math.floor(milli * part));
          // The price gives away up to what the size takes off.
          const room = Math.min(0.02, milli / smaller - 1);
          const price = side === 'buy' ? Math.floor(limit * (1 + room)) : Math.ceil(limit * (1 - room));
          const asked = new Desk({ ...WIDE, ...limits });
          asked.quote(BTC, mark);
          expect(asked.risk.approve(asked.intent(side, d(milli).div(1_000).toString()), asked.now).approved).toBe(
            false,
          );
          expect(change(desk, open, d(smaller).div(1_000).toString(), price)).toBeUndefined();
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });
});
