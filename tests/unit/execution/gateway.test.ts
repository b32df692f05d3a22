import { describe, expect, it } from '@jest/globals';
import { venueOrderId, type Order } from '#src/domain/order.js';
import { lots } from '#src/domain/units.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { Rig, settled } from './rig.js';

const unknown = (rig: Rig): void => {
  rig.broker.always('placeOrder', {
    lost: 'request',
  });
};

describe('order gateway: sending', () => {
  it('counts an order in exposure before the call returns', () => {
    const rig = new Rig();
    rig.submit({ lots: lots(7) });
    expect(rig.openOrders.buying('BTC-PERP')).toBe(7);
    expect(rig.broker.placed).toHaveLength(0);
  });

  it('makes the intent durable before the first byte leaves (B-59)', async () => {
    const rig = new Rig();
    const seen: unknown[] = [];
    rig.broker.always('placeOrder', {
      reply: (request) => {
        seen.push(...rig.records('order').map((record) => [record['client_id'], record['status']]));
        return { outcome: 'accepted', venueId: venueOrderId('v1'), at: request.expiresAt ?? 0 };
      },
    });
    const order = rig.submit();
    await rig.pending.idle();
    expect(seen[0]).toEqual([order.request.clientId, 'planned']);
    expect(rig.status(order)).toBe('open');
  });

  it('sends nothing when the intent cannot be made durable', async () => {
    const rig = new Rig();
    rig.events.failure = new Error('disk full');
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
    expect(rig.status(order)).toBe('rejected');
    expect(rig.openOrders.size).toBe(0);
  });

  it('refuses at once while the journal is unhealthy', () => {
    const rig = new Rig();
    rig.events.healthy = false;
    expect(() => rig.submit()).toThrow(expect.objectContaining({ code: 'STORE-004' }));
  });

  it('has at most one of six concurrent orders on the wire (B-57)', async () => {
    const rig = new Rig();
    let active = 0;
    let most = 0;
    rig.broker.always('placeOrder', {
      reply: async (request) => {
        active += 1;
        most = Math.max(most, active);
        await settled();
        active -= 1;
        return { outcome: 'accepted', venueId: venueOrderId(request.clientId), at: 0 };
      },
    });
    for (let i = 0; i < 6; i += 1) rig.submit();
    await rig.pending.idle();
    expect(most).toBe(1);
    expect(rig.broker.placed).toHaveLength(6);
  });

  it('refuses locally what a halt between decision and sending no longer permits (I-12)', async () => {
    const rig = new Rig();
    const order = rig.submit();
    await rig.ladder.tighten('HALTED', 'operator');
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
    expect(rig.log.find(order.request.clientId)).toMatchObject({ status: 'rejected', reason: 'halted' });
    expect(rig.records('order_rejected')).toHaveLength(1);
  });

  it('never sends a request later than its expiry', async () => {
    const rig = new Rig();
    let release = (): void => undefined;
    rig.broker.always('placeOrder', {
      reply: () =>
        new Promise((resolve) => (release = () => resolve({ outcome: 'accepted', venueId: venueOrderId('a'), at: 0 }))),
    });
    rig.submit();
    const late = rig.submit();
    await settled();
    rig.clock.advance(2_001);
    release();
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(1);
    expect(rig.log.find(late.request.clientId)).toMatchObject({ status: 'rejected', reason: 'expired' });
  });

  it('writes acceptance and fill as separate records (B-64)', async () => {
    const rig = new Rig();
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.records('order_accepted')).toEqual([
      expect.objectContaining({ client_id: order.request.clientId, order_id: 'v1', quantity: '0.01', price: 'market' }),
    ]);
    expect(rig.records('fill')).toHaveLength(0);
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
    expect(rig.records('fill')).toHaveLength(1);
    expect(rig.records('order_accepted')).toHaveLength(1);
  });

  it('keeps a refusal with its reason in one record', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      refuse: 'insufficient_margin',
      message: 'no funds',
    });
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.log.find(order.request.clientId)).toMatchObject({
      status: 'rejected',
      reason: 'insufficient_margin: no funds',
    });
    expect(rig.records('order_rejected')).toEqual([
      expect.objectContaining({
        symbol: 'BTC-PERP',
        side: 'buy',
        quantity: '0.01',
        price: 'market',
        reason: 'insufficient_margin: no funds',
      }),
    ]);
    expect(rig.openOrders.size).toBe(0);
  });

  it('fetches fills when the venue says that there is no position to reduce (OL-16)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      refuse: 'reduce_only',
    });
    rig.submit({ side: 'sell', reduceOnly: true });
    await rig.pending.idle();
    expect(rig.broker.called()).toContain('listFills');
    expect(rig.broker.placed).toHaveLength(1);
  });

  it('refuses new orders once closed, and lets those in flight finish', async () => {
    const rig = new Rig();
    const order = rig.submit();
    rig.gateway.close();
    await rig.pending.idle();
    expect(rig.status(order)).toBe('open');
    expect(() => rig.submit()).toThrow(expect.objectContaining({ code: 'BOT-001' }));
  });
});

describe('order gateway: answers after the timeout', () => {
  async function unanswered(): Promise<{ rig: Rig; order: Order; answer: (result: SubmitResult) => Promise<void> }> {
    const rig = new Rig();
    let resolve: (result: SubmitResult) => void = () => undefined;
    rig.broker.always('placeOrder', { reply: () => new Promise((answered) => (resolve = answered)) });
    const order = rig.submit();
    await settled();
    await rig.scheduler.advance(10_000);
    expect(rig.status(order)).toBe('unknown');
    return { rig, order, answer: (result) => (resolve(result), settled()) };
  }

  it('does not throw at the program around it when the journal is closed by then: the next start asks the venue', async () => {
    const { rig, order, answer } = await unanswered();
    rig.events.append = () => {
      throw new Error('closed');
    };
    await answer({ outcome: 'accepted', venueId: venueOrderId('v1'), at: rig.clock.now() });
    expect(rig.logger.at('warn')).toContain('A late reply could not be recorded');
    expect(rig.events.payloads('order').at(-1)).toMatchObject({ client_id: order.request.clientId, status: 'unknown' });
  });

  it('finds no contradiction in a refusal of an order that was proven lost', async () => {
    const { rig, order, answer } = await unanswered();
    rig.log.report(order.request.clientId, { status: 'lost', at: rig.clock.now() });
    await answer({ outcome: 'rejected', reason: 'expired', message: '', at: rig.clock.now() });
    expect(rig.status(order)).toBe('lost');
    expect(rig.records('order_anomaly')).toEqual([]);
  });
});

describe('order gateway: unknown outcomes', () => {
  it('takes a timeout for unknown, and keeps the exposure reserved (NW-01)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', { silent: true });
    const order = rig.submit();
    await settled();
    await rig.scheduler.advance(10_000);
    expect(rig.status(order)).toBe('unknown');
    expect(rig.openOrders.buying('BTC-PERP')).toBe(10);
    expect(rig.records('order_unknown')).toEqual([expect.objectContaining({ cause: 'timeout' })]);
  });

  it('takes a broker that throws for unknown, never for rejected (NW-23)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      throws: new Error('unreadable reply'),
    });
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.status(order)).toBe('unknown');
  });

  it('finds an order that arrived by its client id, and sends no second one (B-66) (OL-01)', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.account.orders.set(order.request.clientId, rig.venueOrder(order, 'open'));
    await rig.scheduler.advance(1_000);
    expect(rig.status(order)).toBe('open');
    expect(rig.broker.placed).toHaveLength(1);
    expect(rig.scheduler.pending).toBe(0);
  });

  it('finds an instant fill by fetching fills (OL-03)', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.account.orders.set(order.request.clientId, rig.venueOrder(order, 'filled', 10));
    rig.broker.account.fills = [rig.fill(order, 10, 't1')];
    expect(await rig.gateway.resolveUnknown(rig.clock.now())).toBe(1);
    expect(rig.status(order)).toBe('filled');
    expect(rig.portfolio.position(rig.instrument).lots).toBe(10);
  });

  it('does not end an order whose fills have not reached the position yet', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.account.orders.set(order.request.clientId, rig.venueOrder(order, 'cancelled', 4));
    await rig.gateway.resolveUnknown(rig.clock.now());
    expect(rig.status(order)).toBe('open');
    expect(rig.openOrders.buying('BTC-PERP')).toBe(10);
  });

  it('calls an order lost only after its expiry, by two spaced denials, with fills fetched (OL-02) (OL-04)', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    const ask = async (at: number): Promise<string | undefined> => {
      await rig.gateway.resolveUnknown(rig.clock.now() + at);
      return rig.status(order);
    };
    expect(await ask(1_000)).toBe('unknown');
    expect(await ask(1_900)).toBe('unknown');
    expect(await ask(13_000)).toBe('unknown');
    expect(await ask(13_100)).toBe('unknown');
    expect(rig.broker.called()).not.toContain('listFills');
    expect(await ask(14_000)).toBe('lost');
    expect(rig.broker.called()).toContain('listFills');
    expect(rig.openOrders.size).toBe(0);
    expect(rig.records('order_lost')).toHaveLength(1);
  });

  it('settles an order that the venue has forgotten: it is neither open nor filled, and that is said', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.always('getOrder', { reply: () => ({ found: false, forgotten: true }) });
    for (const at of [20_000, 22_000]) await rig.gateway.resolveUnknown(rig.clock.now() + at);
    expect(rig.log.find(order.request.clientId)).toMatchObject({
      status: 'lost',
      reason: 'forgotten by the venue: neither open nor filled',
    });
    expect(rig.records('order_lost')).toMatchObject([{ reason: expect.stringContaining('forgotten') }]);
    expect(rig.openOrders.size).toBe(0);
  });

  it('does not call an order lost while fills cannot be fetched', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.always('listFills', { throws: new Error('down') });
    for (let at = 20_000; at < 60_000; at += 5_000) await rig.gateway.resolveUnknown(rig.clock.now() + at);
    expect(rig.status(order)).toBe('unknown');
  });

  it('changes nothing when the venue cannot be asked (I-15)', async () => {
    const rig = new Rig();
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.always('getOrder', { throws: new Error('down') });
    for (let at = 20_000; at < 60_000; at += 5_000)
      expect(await rig.gateway.resolveUnknown(rig.clock.now() + at)).toBe(0);
    expect(rig.status(order)).toBe('unknown');
  });

  it('needs much longer to call an order lost where the venue honours no expiry', async () => {
    const rig = new Rig();
    rig.broker.capabilities = { ...rig.broker.capabilities, requestExpiry: false };
    unknown(rig);
    const order = rig.submit();
    await rig.pending.idle();
    for (let at = 20_000; at < 120_000; at += 20_000) await rig.gateway.resolveUnknown(rig.clock.now() + at);
    expect(rig.status(order)).toBe('unknown');
  });

  it('reads a refused duplicate id as "the first one exists" and asks (OL-06)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      refuse: 'duplicate_client_id',
    });
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.status(order)).toBe('unknown');
    rig.broker.account.orders.set(order.request.clientId, rig.venueOrder(order, 'open'));
    await rig.scheduler.advance(1_000);
    expect(rig.status(order)).toBe('open');
  });

  it('takes up a definite reply that comes after the timeout', async () => {
    const rig = new Rig();
    let answer: (result: SubmitResult) => void = () => undefined;
    rig.broker.always('placeOrder', { reply: () => new Promise((resolve) => (answer = resolve)) });
    rig.broker.always('getOrder', { throws: new Error('down') });
    const order = rig.submit();
    await settled();
    await rig.scheduler.advance(10_000);
    expect(rig.status(order)).toBe('unknown');
    answer({ outcome: 'rejected', reason: 'insufficient_margin', message: '', at: rig.clock.now() });
    await settled();
    expect(rig.status(order)).toBe('rejected');
  });

  it('resolves what was planned or being sent when the process died (OL-20)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', { silent: true });
    const order = rig.submit();
    await settled();
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await next.start();
    expect(next.openOrders.buying('BTC-PERP')).toBe(10);
    rig.broker.account.orders.set(order.request.clientId, rig.venueOrder(order, 'open'));
    await next.gateway.resolveUnknown(next.clock.now());
    expect(next.status(order)).toBe('open');
  });

  it('leaves no timer behind when closed', async () => {
    const rig = new Rig();
    unknown(rig);
    rig.submit();
    await rig.pending.idle();
    expect(rig.scheduler.pending).toBe(1);
    rig.gateway.close();
    expect(rig.scheduler.pending).toBe(0);
  });
});

describe('order gateway: cancelling', () => {
  it('ends an order when the venue confirms', async () => {
    const rig = new Rig();
    const order = rig.submit();
    await rig.pending.idle();
    expect(await rig.gateway.cancel(order.request.clientId)).toBe('cancelled');
    expect(rig.status(order)).toBe('cancelled');
  });

  it('keeps counting an order whose cancel was not answered (NW-18)', async () => {
    const rig = new Rig();
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.always('cancelOrder', { lost: 'request' });
    expect(await rig.gateway.cancel(order.request.clientId)).toBe('unknown');
    expect(rig.status(order)).toBe('open');
    expect(rig.openOrders.buying('BTC-PERP')).toBe(10);
  });

  it('learns from "nothing to cancel" that a fill was faster (OL-10)', async () => {
    const rig = new Rig();
    const order = rig.submit();
    await rig.pending.idle();
    rig.broker.always('cancelOrder', { reply: (ref) => ({ outcome: 'not_open', ref }) });
    rig.broker.account.orders.set(order.request.clientId, rig.venueOrder(order, 'filled', 10));
    rig.broker.account.fills = [rig.fill(order, 10, 't1')];
    expect(await rig.gateway.cancel(order.request.clientId)).toBe('not_open');
    expect(rig.status(order)).toBe('filled');
  });

  it('takes back an order that has not been sent yet', async () => {
    const rig = new Rig();
    const order = rig.submit();
    expect(await rig.gateway.cancel(order.request.clientId)).toBe('cancelled');
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
    expect(rig.log.find(order.request.clientId)).toMatchObject({ status: 'rejected', reason: 'withdrawn' });
  });

  it('does not wait behind an order on the wire', async () => {
    const rig = new Rig();
    const resting = rig.submit();
    await rig.pending.idle();
    rig.broker.always('placeOrder', { silent: true });
    rig.submit();
    await settled();
    expect(await rig.gateway.cancel(resting.request.clientId)).toBe('cancelled');
  });
});
