import { describe, expect, it } from '@jest/globals';
import { clientOrderId } from '#src/domain/client-order-id.js';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId, type Order } from '#src/domain/order.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { Rig, settled, SYMBOL } from './rig.js';

async function withOpenOrder(): Promise<{ rig: Rig; order: Order; id: string }> {
  const rig = new Rig();
  await rig.start();
  const order = rig.submit();
  await rig.pending.idle();
  // What the venue knows of it each test says itself.
  rig.broker.account.orders.clear();
  return { rig, order, id: order.request.clientId };
}

describe('order reconciler', () => {
  it('changes nothing when the venue cannot be asked (B-10)', async () => {
    const { rig, order } = await withOpenOrder();
    rig.broker.always('listOpenOrders', { throws: new Error('down') });
    await expect(rig.reconciler.reconcile()).rejects.toThrow('down');
    expect(rig.status(order)).toBe('open');
    expect(rig.openOrders.buying(SYMBOL)).toBe(10);
  });

  it('never takes a failed lookup for a cancelled order (B-83)', async () => {
    const { rig, order, id } = await withOpenOrder();
    rig.broker.always('getOrder', { throws: new Error('timeout') });
    for (let i = 0; i < 10; i += 1) {
      rig.clock.advance(45_000);
      expect((await rig.reconciler.reconcile()).unexplained).toEqual([id]);
    }
    expect(rig.status(order)).toBe('open');
  });

  it('believes that an accepted order is gone only after three spaced denials and ten seconds (B-83)', async () => {
    const { rig, order, id } = await withOpenOrder();
    const deny = async (wait: number): Promise<readonly string[]> => {
      rig.clock.advance(wait);
      return (await rig.reconciler.reconcile()).unexplained;
    };
    for (const wait of [9_000, 1_500, 999]) expect(await deny(wait)).toEqual([id]);
    rig.clock.advance(1_000);
    expect((await rig.reconciler.reconcile()).resolved).toEqual([id]);
    expect(rig.log.find(id)).toMatchObject({ status: 'cancelled', reason: 'confirmed_absent' });
    expect(rig.records('order_reconciled')).toEqual([
      { client_id: id, status: 'cancelled', reason: 'confirmed_absent' },
    ]);
    expect(rig.status(order)).toBe('cancelled');
  });

  it('does not believe denials of an order younger than ten seconds', async () => {
    const { rig, order } = await withOpenOrder();
    for (let i = 0; i < 4; i += 1) {
      rig.clock.advance(2_000);
      await rig.reconciler.reconcile();
    }
    expect(rig.status(order)).toBe('open');
  });

  it("moves an order that ended unseen to the venue's truth, fills first", async () => {
    const { rig, order, id } = await withOpenOrder();
    rig.broker.account.orders.set(id, rig.venueOrder(order, 'cancelled', 4));
    rig.broker.account.fills = [rig.fill(order, 4, 't1')];
    expect(await rig.reconciler.reconcile()).toMatchObject({ localOpen: 1, venueOpen: 0, resolved: [id] });
    expect(rig.log.find(id)).toMatchObject({ status: 'cancelled', filled: 4 });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(4);
  });

  it('fetches fills of a listed order that we know too little of', async () => {
    const { rig, order, id } = await withOpenOrder();
    rig.broker.always('listOpenOrders', { value: [rig.venueOrder(order, 'open', 4)] });
    rig.broker.account.fills = [rig.fill(order, 4, 't1')];
    expect((await rig.reconciler.reconcile()).resolved).toEqual([id]);
    expect(rig.log.find(id)).toMatchObject({ status: 'partially_filled', filled: 4 });
  });

  it('says nothing when both sides agree (B-82)', async () => {
    const { rig, order } = await withOpenOrder();
    rig.broker.always('listOpenOrders', { value: [rig.venueOrder(order, 'open')] });
    const written = rig.journal.lastSeq;
    expect(await rig.reconciler.reconcile()).toMatchObject({ resolved: [], unexplained: [], quarantined: [] });
    expect(rig.journal.lastSeq).toBe(written);
  });

  it('journals a snapshot with both counts when something differs', async () => {
    const { rig } = await withOpenOrder();
    await rig.reconciler.reconcile();
    expect(rig.records('order_reconcile_snapshot')).toEqual([{ local_open: 1, exchange_open: 0, quarantined: 0 }]);
  });

  it('adopts an order with our name and no intent, counts it, and stops everything (I-05)', async () => {
    const { rig, order } = await withOpenOrder();
    const orphan = clientOrderId('perps-bot', 88, 1);
    rig.broker.always('listOpenOrders', {
      value: [
        rig.venueOrder(order, 'open'),
        { ...rig.venueOrder(order, 'open', 3), clientId: orphan, venueId: venueOrderId('v88') },
      ],
    });
    rig.broker.account.fills = [rig.fill(orphan, 3, 't1', { venueId: venueOrderId('v88') })];
    expect((await rig.reconciler.reconcile()).resolved).toEqual([orphan]);
    expect(rig.ladder.tightened).toEqual(['HALTED orphan_order']);
    expect(rig.log.find(orphan)).toMatchObject({ status: 'partially_filled', filled: 3 });
    expect(rig.openOrders.buying(SYMBOL)).toBe(17);
    expect(rig.portfolio.position(rig.instrument).lots).toBe(3);
  });

  it('does not count fills of an adopted order twice that were here before it', async () => {
    const { rig, order } = await withOpenOrder();
    const orphan = clientOrderId('perps-bot', 88, 1);
    rig.stream.accept({ kind: 'fill', fill: rig.fill(orphan, 3, 't1', { venueId: venueOrderId('v88') }) });
    rig.broker.always('listOpenOrders', {
      value: [
        rig.venueOrder(order, 'open'),
        { ...rig.venueOrder(order, 'open', 3), clientId: orphan, venueId: venueOrderId('v88') },
      ],
    });
    await rig.reconciler.reconcile();
    expect(rig.log.find(orphan)).toMatchObject({ filled: 3 });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(3);
  });

  it('quarantines orders that are not ours and leaves them alone', async () => {
    const { rig, order } = await withOpenOrder();
    rig.broker.always('listOpenOrders', {
      value: [
        rig.venueOrder(order, 'open'),
        { ...rig.venueOrder(order, 'open'), clientId: 'web-1', venueId: venueOrderId('v9') },
      ],
    });
    expect(await rig.reconciler.reconcile()).toMatchObject({ quarantined: ['web-1'], venueOpen: 2 });
    expect(rig.broker.cancelled).toHaveLength(0);
    expect(rig.ladder.tightened).toEqual([]);
  });

  it('does not revive an order the venue itself ended, whatever a lagging list says', async () => {
    const { rig, order, id } = await withOpenOrder();
    rig.stream.accept({
      kind: 'order',
      clientId: id,
      symbol: SYMBOL,
      report: { status: 'cancelled', at: rig.clock.now() },
    });
    rig.broker.always('listOpenOrders', { value: [rig.venueOrder(order, 'open')] });
    expect((await rig.reconciler.reconcile()).unexplained).toEqual([id]);
    expect(rig.status(order)).toBe('cancelled');
    expect(rig.ladder.tightened).toEqual([]);
  });

  it('revives an order only we called dead, and stops everything', async () => {
    const { rig, order, id } = await withOpenOrder();
    rig.log.replace({ ...order, status: 'lost' });
    rig.broker.always('listOpenOrders', { value: [rig.venueOrder(order, 'open')] });
    rig.broker.account.orders.set(id, rig.venueOrder(order, 'open'));
    expect((await rig.reconciler.reconcile()).resolved).toEqual([id]);
    expect(rig.status(order)).toBe('open');
    expect(rig.ladder.tightened).toEqual(['HALTED dead_order_open']);
  });

  it('leaves orders of unknown outcome to the gateway', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      lost: 'request',
    });
    const order = rig.submit();
    await rig.pending.idle();
    for (let i = 0; i < 5; i += 1) {
      rig.clock.advance(45_000);
      await rig.reconciler.reconcile();
    }
    expect(rig.status(order)).toBe('unknown');
  });
});

describe('position reconciler', () => {
  const at = (rig: Rig, size: string, symbol = SYMBOL): void => {
    rig.broker.account.positions = [{ symbol, size: new Decimal(size), entryPrice: new Decimal(50_000) }];
  };

  it('rejects when the venue cannot tell: that is never "flat" (B-84)', async () => {
    const { rig } = await withOpenOrder();
    rig.broker.always('listPositions', { throws: new Error('down') });
    await expect(rig.positions.reconcile()).rejects.toThrow('down');
  });

  it('explains a difference by fills it has not seen yet', async () => {
    const { rig, order } = await withOpenOrder();
    at(rig, '0.01');
    rig.broker.account.fills = [rig.fill(order, 10, 't1')];
    expect(await rig.positions.reconcile()).toEqual({ matched: true, drift: {} });
    expect(rig.records('position_drift')).toHaveLength(0);
  });

  it('looks through the whole history before it calls a new difference drift: a fill may have been swallowed long ago', async () => {
    const { rig, order } = await withOpenOrder();
    const missed = rig.fill(order, 4, 'missed', { at: rig.clock.now() });
    await rig.gateway.cancel(order.request.clientId);
    rig.clock.advance(3_600_000);
    rig.stream.accept({ kind: 'fill', fill: rig.fill('somebody', 1, 'newest', { venueId: venueOrderId('x') }) });
    at(rig, '0.005');
    rig.broker.account.fills = [missed];
    expect(await rig.positions.reconcile()).toEqual({ matched: true, drift: {} });
  });

  it('looks through the whole history once per difference, not at every comparison', async () => {
    const { rig } = await withOpenOrder();
    at(rig, '-0.02');
    await rig.positions.reconcile();
    const asked = rig.broker.called().filter((call) => call === 'listFills').length;
    await rig.positions.reconcile();
    expect(rig.broker.called().filter((call) => call === 'listFills')).toHaveLength(asked + 1);
  });

  it('journals drift that no fill explains, once while it stays the same', async () => {
    const { rig } = await withOpenOrder();
    at(rig, '-0.02');
    const drift = { [SYMBOL]: { ours: '0', venue: '-0.02' } };
    expect(await rig.positions.reconcile()).toEqual({ matched: false, drift });
    await rig.positions.reconcile();
    expect(rig.records('position_drift')).toEqual([{ changes: drift }]);
    at(rig, '0');
    expect((await rig.positions.reconcile()).matched).toBe(true);
  });

  it('finds a position that the venue no longer has', async () => {
    const { rig } = await withOpenOrder();
    rig.hold(10);
    expect(await rig.positions.reconcile()).toMatchObject({ drift: { [SYMBOL]: { ours: '0.01', venue: '0' } } });
  });

  it('reads spot holdings from balances: coins beyond ours are left alone, fewer than ours are drift (B-76)', async () => {
    const rig = new Rig({ spec: { symbol: 'BTC-USD', base: 'BTC', quote: 'USD', settle: 'USD', kind: 'spot' } });
    await rig.start();
    rig.hold(10);
    const balance = (total: string): void => {
      rig.broker.account.balances = [{ asset: 'BTC', total: new Decimal(total), available: new Decimal(total) }];
    };
    balance('0.01');
    expect((await rig.positions.reconcile()).matched).toBe(true);
    balance('3');
    expect((await rig.positions.reconcile()).matched).toBe(true);
    balance('0.004');
    expect(await rig.positions.reconcile()).toEqual({
      matched: false,
      drift: { 'BTC-USD': { ours: '0.01', venue: '0.004' } },
    });
    rig.broker.always('listBalances', { throws: new Error('down') });
    await expect(rig.positions.reconcile()).rejects.toThrow('down');
  });

  it('leaves positions in instruments alone that this bot does not trade', async () => {
    const { rig } = await withOpenOrder();
    at(rig, '5', 'ETH-PERP');
    expect((await rig.positions.reconcile()).matched).toBe(true);
    await rig.positions.reconcile();
    expect(rig.records('foreign_position')).toHaveLength(1);
  });
});

describe('a question that the venue never answers', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const QUESTIONS = [
    ['getOrder of an unknown one', 'getOrder', (rig: Rig) => rig.gateway.resolveUnknown(rig.clock.now())],
    ['getOrder of one that is not listed', 'getOrder', (rig: Rig) => rig.reconciler.reconcile()],
    ['listOpenOrders', 'listOpenOrders', (rig: Rig) => rig.reconciler.reconcile()],
    ['describeAccount', 'describeAccount', (rig: Rig) => rig.reconciler.reconcile()],
    ['listPositions', 'listPositions', (rig: Rig) => rig.positions.reconcile()],
    ['listBalances', 'listBalances', (rig: Rig) => rig.positions.reconcile()],
  ] as const;

  it.each(QUESTIONS)('holds nobody for ever, and is asked again: %s', async (what, question, ask) => {
    const rig = new Rig({ broker: new FakeBroker({ capabilities: { accountTerms: true } }) });
    await rig.start();
    rig.stream.accept({ kind: 'transfer', id: 'd', amount: new Decimal(1), asset: 'USDT', at: rig.clock.now() });
    if (what.includes('unknown')) rig.broker.next('placeOrder', { throws: new Error('cut') });
    rig.submit();
    await rig.pending.idle();
    if (what.includes('not listed')) rig.broker.account.orders.clear();
    let asked = 0;
    const answer = rig.broker[question].bind(rig.broker) as () => Promise<never>;
    rig.broker[question] = () => ((asked += 1), never());
    let isOver = false;
    const over = (): boolean => (isOver = true);
    void ask(rig).then(over, over);
    await settled();
    expect([asked, isOver]).toEqual([1, false]);
    await rig.scheduler.advance(rig.config.current.execution.requestTimeoutMs);
    expect(isOver).toBe(true);
    rig.broker[question] = () => ((asked += 1), answer());
    const before = asked;
    await ask(rig);
    expect(asked).toBeGreaterThan(before);
  });
});
