import { describe, expect, it } from '@jest/globals';
import { lots, ticks, units } from '#src/domain/units.js';
import { Rig, settled } from '../rig.js';

describe('an acknowledgement that tells more than a name', () => {
  it('ends an order that it calls expired, and frees what it reserved', async () => {
    const rig = new Rig();
    await rig.start();
    rig.broker.next('placeOrder', {
      reply: ({ clientId, symbol }) => {
        const order = { ...rig.venueOrder(rig.log.find(clientId)!, 'expired') };
        return { outcome: 'accepted', venueId: order.venueId, at: rig.clock.now(), order: { ...order, symbol } };
      },
    });
    const order = rig.submit({ lots: lots(7) });
    await rig.pending.idle();
    expect(rig.status(order)).toBe('expired');
    expect(rig.openOrders.buying('BTC-PERP')).toBe(0);
  });

  it('waits for the fills that it counts, and fetches them: exposure never leaves before the position is there', async () => {
    const rig = new Rig();
    await rig.start();
    rig.broker.setPrice('BTC-PERP', 50_000);
    rig.broker.next('placeOrder', { fill: 'all', streamed: false, tells: true });
    const order = rig.submit({ lots: lots(7) });
    await settled();
    expect(rig.status(order)).toBe('open');
    expect(rig.openOrders.buying('BTC-PERP') + rig.portfolio.position(rig.instrument).lots).toBe(7);
    await rig.scheduler.advance(30_000);
    await rig.pending.idle();
    expect(rig.status(order)).toBe('filled');
    expect(rig.portfolio.position(rig.instrument).lots).toBe(7);
  });

  it('is no last word where it means "received": the refusal afterwards ends the order, with its reason', async () => {
    const rig = new Rig();
    await rig.start();
    rig.broker.next('placeOrder', { stage: 'received' });
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.status(order)).toBe('open');
    rig.broker.end(order.request, 'rejected_late', 'post_only_would_take: it would have taken');
    expect(rig.log.find(order.request.clientId)).toMatchObject({
      status: 'rejected_late',
      reason: 'post_only_would_take: it would have taken',
    });
    expect(rig.openOrders.size).toBe(0);
  });
});

describe('a post-only order that the venue makes a taker of (OL-15)', () => {
  it.each(['taker', 'maker'] as const)('is told so where it is a %s, and costs what was charged', async (liquidity) => {
    const rig = new Rig();
    await rig.start();
    const order = rig.submit({ type: 'limit', limit: ticks(490_000), postOnly: true, lots: lots(7) });
    await rig.pending.idle();
    const fill = { ...rig.fill(order, 7, 't1'), liquidity, fee: units(-12_345) };
    rig.stream.accept({ kind: 'fill', fill });
    const told = liquidity === 'taker' ? [expect.objectContaining({ what: 'taker fill t1' })] : [];
    expect(rig.records('order_anomaly')).toEqual(told);
    expect(rig.portfolio.ledger.income('fees')).toBe(-12_345);
    expect(rig.status(order)).toBe('filled');
  });
});

describe('a cancellation that is requested', () => {
  it('has cancelled nothing yet: the order stays open, and counts, until the venue ends it', async () => {
    const rig = new Rig();
    await rig.start();
    const order = rig.submit({ lots: lots(7) });
    await rig.pending.idle();
    rig.broker.next('cancelOrder', { requested: true });
    expect(await rig.gateway.cancel(order.request.clientId)).toBe('unknown');
    expect(rig.status(order)).toBe('open');
    expect(rig.openOrders.buying('BTC-PERP')).toBe(7);
    rig.broker.end(order.request, 'cancelled');
    expect(rig.status(order)).toBe('cancelled');
  });

  it('is confirmed by what the venue says of the order, where it has ended already', async () => {
    const rig = new Rig();
    await rig.start();
    const order = rig.submit();
    await rig.pending.idle();
    const { clientId } = order.request;
    rig.broker.next('cancelOrder', {
      reply: (ref) => {
        rig.broker.account.orders.set(clientId, rig.venueOrder(order, 'cancelled'));
        return { outcome: 'requested', ref, at: rig.clock.now() };
      },
    });
    expect(await rig.gateway.cancel(clientId)).toBe('cancelled');
    expect(rig.status(order)).toBe('cancelled');
  });

  it('of an order that we have forgotten is not confirmed', async () => {
    const rig = new Rig();
    await rig.start();
    const order = rig.submit();
    await rig.pending.idle();
    const forgotten = order.request.clientId.replace(/-\w+-/, '-9Z-');
    rig.broker.account.orders.set(forgotten, { ...rig.venueOrder(order, 'open'), clientId: forgotten });
    rig.broker.always('cancelOrder', { requested: true });
    const report = await rig.engine.cancelAll('test');
    expect(report).toEqual({ cancelled: [], unconfirmed: expect.arrayContaining([forgotten]) });
  });
});
