import { describe, expect, it } from '@jest/globals';
import { venueOrderId } from '#src/domain/order.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { Rig } from '../rig.js';

async function withForeign(): Promise<{ rig: Rig; foreign: VenueOrder }> {
  const rig = new Rig();
  await rig.start();
  const order = rig.submit();
  await rig.pending.idle();
  rig.broker.account.orders.clear();
  const foreign = { ...rig.venueOrder(order, 'open'), clientId: 'web-1', venueId: venueOrderId('f1') };
  return { rig, foreign };
}

const told = (rig: Rig): unknown[] => rig.records('foreign_order').map(({ client_id }) => client_id);

describe('orders of others on the account', () => {
  it('are said once each, however often they are told, and louder where another bot goes on trading', async () => {
    const { rig, foreign } = await withForeign();
    rig.stream.accept({ kind: 'foreign_order', order: foreign });
    rig.stream.accept({ kind: 'foreign_order', order: foreign });
    expect(rig.logger.at('warn').join()).toContain('An order of somebody else is on the account');
    expect(rig.logger.at('error')).toEqual([]);
    const bots = { ...foreign, clientId: 'PB0A0A0A-7-1', venueId: venueOrderId('f2') };
    rig.stream.accept({ kind: 'foreign_order', order: bots });
    expect(rig.logger.at('error').join()).toContain('Another bot trades this account');
    expect(told(rig)).toEqual(['web-1', 'PB0A0A0A-7-1']);
  });

  it('are said where they are only listed, and held for nobody else', async () => {
    const { rig, foreign } = await withForeign();
    rig.broker.always('listOpenOrders', { reply: () => Promise.resolve([foreign]) });
    await rig.reconciler.reconcile();
    await rig.reconciler.reconcile();
    expect(told(rig)).toEqual(['web-1']);
    expect(rig.stream.status()).toMatchObject({ quarantined_orders: ['f1'] });
    expect(rig.broker.cancelled).toEqual([]);
  });
});
