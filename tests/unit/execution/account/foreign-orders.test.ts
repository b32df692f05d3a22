import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId } from '#src/domain/order.js';
import { lots, units } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { WIDE } from '../../risk/harness.js';
import { Rig, SYMBOL } from '../rig.js';

/** One lot is worth 50. */
function rigOf(risk: Partial<RiskSettings> = { maxPositionSize: new Decimal(1_000) }): Rig {
  const rig = new Rig({ risk: 'live', config: { risk: { ...WIDE, ...risk } } });
  rig.portfolio.deposit(units(100_000e8), rig.clock.now(), 'start');
  rig.portfolio.setKnown(true);
  return rig;
}

const theirs = (rig: Rig, lots: number, more: Partial<VenueOrder> = {}): VenueOrder => ({
  ...{ venueId: venueOrderId('f1'), clientId: 'web-1', symbol: SYMBOL, side: 'buy', type: 'limit' },
  ...{ size: new Decimal(lots).div(1_000), filled: new Decimal(0), price: new Decimal(49_000), reduceOnly: false },
  report: { status: 'open', at: rig.clock.now() },
  ...more,
});

const tell = (rig: Rig, order: VenueOrder): void => rig.stream.accept({ kind: 'foreign_order', order });

const answer = (rig: Rig, terms: Partial<OrderIntent> = {}): string => {
  const said = rig.live.place(rig.intent(terms), rig.clock.now());
  return said.outcome === 'refused' ? `${said.check}: ${said.reason}` : said.outcome;
};

describe('orders of others that rest on the account', () => {
  it('may fill: an entry is refused for what would be held then', () => {
    const rig = rigOf();
    expect(answer(rig)).toBe('submitted');
    tell(rig, theirs(rig, 5));
    expect(answer(rig, { lots: lots(5) })).toBe('submitted');
    expect(answer(rig, { lots: lots(1) })).toMatch(/^max_position_size: .*others’ too/);
    // What has filled of it is in the position already.
    tell(rig, theirs(rig, 5, { filled: new Decimal('0.004') }));
    expect(answer(rig, { lots: lots(5) })).toMatch(/^max_position_size/);
    expect(answer(rig, { lots: lots(4) })).toBe('submitted');
    tell(rig, theirs(rig, 5, { report: { status: 'cancelled', at: rig.clock.now() } }));
    expect(answer(rig, { lots: lots(1) })).toBe('submitted');
  });

  it('count on the other side too, at a price of their own where that is dearer', () => {
    const rig = rigOf();
    tell(rig, theirs(rig, 20, { side: 'sell', price: new Decimal(51_000) }));
    // 20 sold at 51,000 are worth 1,020.
    expect(answer(rig, { lots: lots(1) })).toMatch(/^max_position_size: .*1020/);
    tell(rig, theirs(rig, 19, { side: 'sell', price: new Decimal(51_000) }));
    expect(answer(rig, { lots: lots(1) })).toBe('submitted');
  });

  it.each([
    ['maxGrossNotional', 'max_gross_notional'],
    ['maxNetNotional', 'max_net_notional'],
  ])('count in %s', (limit, check) => {
    const rig = rigOf({ [limit]: new Decimal(1_000) });
    tell(rig, theirs(rig, 19));
    expect(answer(rig, { lots: lots(2) })).toMatch(new RegExp(`^${check}`));
    expect(answer(rig, { lots: lots(1) })).toBe('submitted');
  });

  it.each([{ reduceOnly: true }, { closePosition: true }])('add nothing where they can only reduce: %p', (more) => {
    const rig = rigOf();
    tell(rig, theirs(rig, 1_000, { side: 'sell', ...more }));
    tell(rig, theirs(rig, 1_000, { ...more, venueId: venueOrderId('f2') }));
    expect(answer(rig, { lots: lots(20) })).toBe('submitted');
  });

  it('keep no exit back, however large they are', () => {
    const rig = rigOf();
    rig.hold(10);
    for (const side of ['buy', 'sell'] as const) tell(rig, theirs(rig, 1_000, { side, venueId: venueOrderId(side) }));
    expect(answer(rig, { side: 'sell', lots: lots(10), reduceOnly: true })).toBe('submitted');
    expect(answer(rig, { lots: lots(1) })).toMatch(/^max_position_size/);
  });

  it('are found by every list of open orders, and gone with it; what was told meanwhile stays', async () => {
    const rig = rigOf();
    rig.broker.always('listOpenOrders', { value: [theirs(rig, 20)] });
    await rig.reconciler.reconcile();
    expect(answer(rig, { lots: lots(1) })).toMatch(/^max_position_size/);
    rig.broker.listOpenOrders = () => {
      tell(rig, theirs(rig, 19, { venueId: venueOrderId('f2') }));
      return Promise.resolve([]);
    };
    await rig.reconciler.reconcile();
    expect(rig.stream.status()).toMatchObject({ quarantined_orders: ['f2'] });
    expect(answer(rig, { lots: lots(2) })).toMatch(/^max_position_size/);
    expect(answer(rig, { lots: lots(1) })).toBe('submitted');
  });

  it('stay while a row of the list cannot be read: it may be theirs', async () => {
    const rig = rigOf();
    tell(rig, theirs(rig, 20));
    rig.broker.always('listOpenOrders', { value: [{ ...theirs(rig, 20), size: 'much' as unknown as Decimal }] });
    await rig.reconciler.reconcile();
    expect(answer(rig, { lots: lots(1) })).toMatch(/^max_position_size/);
  });
});
