import { describe, expect, it } from '@jest/globals';
import { clientOrderId } from '#src/domain/client-order-id.js';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument, type InstrumentSpec } from '#src/domain/instrument.js';
import { venueOrderId, type Fill, type FundingPayment, type Order } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { Page } from '#src/ports/venue/page.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { Rig, settled, SYMBOL } from './rig.js';

async function withOrder(size = 10): Promise<{ rig: Rig; order: Order }> {
  const rig = new Rig();
  await rig.start();
  const order = rig.submit({ lots: lots(size) });
  await rig.pending.idle();
  return { rig, order };
}

const orderEvent = (rig: Rig, order: Order, status: Order['status']): AccountEvent => ({
  kind: 'order',
  clientId: order.request.clientId,
  symbol: SYMBOL,
  report: { status, at: rig.clock.now(), venueId: venueOrderId('v1') },
});

describe('account stream: fills', () => {
  it('applies a fill once, from whatever source it comes (I-04)', async () => {
    const { rig, order } = await withOrder();
    const fill = rig.fill(order, 4, 't1');
    rig.stream.accept({ kind: 'fill', fill });
    rig.stream.accept({ kind: 'fill', fill });
    rig.broker.account.fills = [fill];
    expect(await rig.stream.backfill()).toBe(0);
    expect(rig.portfolio.position(rig.instrument).lots).toBe(4);
    expect(rig.log.find(order.request.clientId)).toMatchObject({ status: 'partially_filled', filled: 4 });
    expect(rig.records('fill')).toHaveLength(1);
    expect(rig.trace.lines.filter((line) => line === 'fill t1')).toHaveLength(1);
  });

  it.each<[string, Partial<InstrumentSpec>]>([
    ['tick', { tick: new Decimal('0.01') }],
    ['step', { step: new Decimal('0.0005') }],
  ])("counts a position as the catalogue does, when a finer %s of the venue's comes first", async (_, finer) => {
    const { rig, order } = await withOrder();
    const instrument = new Instrument({ ...rig.instrument.spec, ...finer });
    rig.stream.accept({ kind: 'fill', fill: { ...rig.fill(order, 3, 't1'), instrument, price: ticks(4_999_999) } });
    const [position] = rig.portfolio.positions();
    expect(position?.instrument).toBe(rig.instrument);
    expect(String(position?.size)).toBe(String(instrument.size(lots(3))));
    expect(rig.portfolio.position(rig.instrument)).toBe(position);
    rig.portfolio.assertConsistent();
  });

  it('accepts a fill before the acknowledgement, which then moves nothing back (OL-07)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      reply: async (request) => {
        const order = rig.log.find(request.clientId);
        if (order !== undefined) rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
        await settled();
        return { outcome: 'accepted', venueId: venueOrderId('v1'), at: 0 };
      },
    });
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.status(order)).toBe('filled');
  });

  it.each(['cancelled', 'expired'] as const)(
    'keeps the exposure of an order that is %s while its fills are on their way, and ends it with the last of them (I-06, NW-10)',
    async (status) => {
      const { rig, order } = await withOrder();
      rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 2, 't1') });
      const event = orderEvent(rig, order, status) as Extract<AccountEvent, { kind: 'order' }>;
      rig.stream.accept({ ...event, report: { ...event.report, reason: 'requested' }, filled: lots(6) });
      expect(rig.status(order)).toBe('partially_filled');
      expect(rig.openOrders.buying(SYMBOL)).toBe(8);
      rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 1, 't2') });
      expect(rig.openOrders.buying(SYMBOL)).toBe(7);
      rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 3, 't3') });
      expect(rig.log.find(order.request.clientId)).toMatchObject({ status, filled: 6, reason: 'requested' });
      expect(rig.openOrders.size).toBe(0);
      expect(rig.records('order_anomaly')).toEqual([]);
    },
  );

  it('fetches the fills that an ended order is short of, and then lets it end', async () => {
    const { rig, order } = await withOrder();
    rig.broker.account.fills = [rig.fill(order, 4, 't1')];
    const event = orderEvent(rig, order, 'cancelled') as Extract<AccountEvent, { kind: 'order' }>;
    rig.stream.accept({ ...event, filled: lots(4) });
    expect(rig.status(order)).toBe('open');
    await rig.scheduler.advance(1_000);
    expect(rig.log.find(order.request.clientId)).toMatchObject({ status: 'cancelled', filled: 4 });
    await rig.scheduler.advance(60_000);
    expect(rig.broker.called().filter((call) => call === 'listFills')).toHaveLength(2);
  });

  it('applies a fill that comes after the cancellation, and says so, which is no error (OL-11)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept(orderEvent(rig, order, 'cancelled'));
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1') });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(4);
    expect(rig.log.find(order.request.clientId)).toMatchObject({ status: 'cancelled', filled: 4 });
    expect(rig.records('order_anomaly')).toHaveLength(1);
    expect([rig.logger.at('info'), rig.logger.at('error')]).toEqual([['order_anomaly'], []]);
  });

  it('keeps the filled quantity of a cancelled order (OL-09)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1') });
    rig.stream.accept(orderEvent(rig, order, 'cancelled'));
    expect(rig.log.find(order.request.clientId)).toMatchObject({ status: 'cancelled', filled: 4 });
    expect(rig.openOrders.buying(SYMBOL)).toBe(0);
  });

  it('does not release exposure on the word "filled" before the fills are here, and fetches them', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept(orderEvent(rig, order, 'filled'));
    expect(rig.openOrders.buying(SYMBOL)).toBe(10);
    rig.broker.account.fills = [rig.fill(order, 10, 't1')];
    await rig.scheduler.advance(1_000);
    expect(rig.status(order)).toBe('filled');
    expect(rig.scheduler.pending).toBe(0);
  });

  it('stops everything when an order fills beyond its size (I-07)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 11, 't1') });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(11);
    expect(rig.ladder.tightened).toEqual(['HALTED order_overfilled']);
  });

  it.each([
    ['no size', { lots: lots(0) }],
    ['a negative size', { lots: lots(-4) }],
    ['a broken size', { lots: lots(0.5) }],
    ['no price', { price: ticks(0) }],
    ['a price that is no number', { price: ticks(Number.NaN) }],
    ['a fee that is no number', { fee: units(Number.NaN) }],
  ])('takes no fill with %s into the books, and stops everything', async (_what, broken) => {
    const { rig, order } = await withOrder();
    const before = rig.portfolio.equity;
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1', broken) });
    expect([rig.portfolio.position(rig.instrument).lots, rig.portfolio.equity]).toEqual([0, before]);
    expect(rig.ladder.tightened).toEqual(['HALTED account_event_failed']);
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1') });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(4);
  });

  it("takes the venue's word for a fill on the other side of its order, counts it for no order, and stops everything", async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1', { side: 'sell' }) });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(-4);
    expect(rig.log.find(order.request.clientId)).toMatchObject({ filled: 0, status: 'open' });
    expect(rig.ladder.tightened).toEqual(['HALTED order_fill_contradicts']);
  });

  it('stops everything on a fill with our name and no intent behind it (I-05)', async () => {
    const { rig } = await withOrder();
    rig.stream.accept({
      kind: 'fill',
      fill: rig.fill(clientOrderId('perps-bot', 99, 1), 3, 't1', { venueId: venueOrderId('v99') }),
    });
    expect(rig.ladder.tightened).toEqual(['HALTED orphan_fill']);
    expect(rig.portfolio.position(rig.instrument).lots).toBe(3);
  });

  it('counts a fill that is not ours as external and does not halt', async () => {
    const { rig } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill('somebody', 3, 't1', { venueId: venueOrderId('x') }) });
    expect(rig.ladder.tightened).toEqual([]);
    expect(rig.records('external_fill')).toHaveLength(1);
    expect(rig.stream.status()).toMatchObject({ external_fills: 1 });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(3);
  });

  it("finds the order of a fill by the venue's id where the venue names no client id", async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill('', 10, 't1', { venueId: venueOrderId('v1') }) });
    expect(rig.status(order)).toBe('filled');
  });

  it('never throws into the venue, and halts when an event cannot be applied', async () => {
    const { rig, order } = await withOrder();
    rig.portfolio.onFill(() => {
      throw new Error('listener broke');
    });
    expect(() => rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1') })).not.toThrow();
    expect(rig.ladder.tightened).toEqual(['HALTED account_event_failed']);
  });
});

describe('account stream: orders', () => {
  it('turns a refusal after acceptance into a late one and releases the reservation once (OL-08)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept(orderEvent(rig, order, 'rejected'));
    rig.stream.accept(orderEvent(rig, order, 'rejected'));
    expect(rig.status(order)).toBe('rejected_late');
    expect(rig.openOrders.buying(SYMBOL)).toBe(0);
  });

  it('ignores news that arrives late or twice (NW-09) (NW-10)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1') });
    const before = rig.log.find(order.request.clientId);
    rig.stream.accept(orderEvent(rig, order, 'open'));
    rig.stream.accept(orderEvent(rig, order, 'partially_filled'));
    expect(rig.log.find(order.request.clientId)).toBe(before);
  });

  it('journals a contradiction once and changes nothing', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
    rig.stream.accept(orderEvent(rig, order, 'rejected'));
    rig.stream.accept(orderEvent(rig, order, 'rejected'));
    expect(rig.status(order)).toBe('filled');
    expect(rig.records('order_anomaly')).toHaveLength(1);
  });

  it('never takes an unknown status of the venue for open or filled (OL-24)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept(orderEvent(rig, order, 'unknown'));
    expect(rig.status(order)).toBe('open');
  });

  it('quarantines orders of others: shown, untouched', async () => {
    const { rig } = await withOrder();
    const foreign = { ...rig.venueOrder(rig.submit(), 'open'), clientId: 'web-1', venueId: venueOrderId('f1') };
    await rig.pending.idle();
    rig.stream.accept({ kind: 'foreign_order', order: foreign });
    expect(rig.stream.status()).toMatchObject({ quarantined_orders: ['f1'] });
    expect(rig.broker.cancelled).toHaveLength(0);
    rig.stream.accept({ kind: 'foreign_order', order: { ...foreign, report: { status: 'cancelled', at: 1 } } });
    expect(rig.stream.status()).toMatchObject({ quarantined_orders: [] });
  });
});

describe('account stream: money', () => {
  const payment = (rig: Rig, id: string, amount: number | undefined): FundingPayment => ({
    id,
    instrument: rig.instrument,
    at: rig.clock.now(),
    rate: amount === undefined ? undefined : new Decimal('0.0001'),
    markPrice: new Decimal(50_000),
    lots: lots(10),
    amount: amount === undefined ? undefined : units(amount),
  });

  it('books a funding payment once', async () => {
    const { rig } = await withOrder();
    rig.stream.accept({ kind: 'funding', payment: payment(rig, 'f1', -500) });
    rig.stream.accept({ kind: 'funding', payment: payment(rig, 'f1', -500) });
    expect(rig.portfolio.ledger.income('funding')).toBe(-500);
    expect(rig.records('funding')).toHaveLength(1);
  });

  it('journals a gap as a gap, once, and books nothing', async () => {
    const { rig } = await withOrder();
    rig.stream.accept({ kind: 'funding', payment: payment(rig, 'f1', undefined) });
    rig.stream.accept({ kind: 'funding', payment: payment(rig, 'f1', undefined) });
    expect(rig.portfolio.ledger.income('funding')).toBe(0);
    expect(rig.records('funding')).toEqual([expect.objectContaining({ funding_id: 'f1', rate: null, amount: null })]);
  });

  it('books a transfer of collateral once, and notes one of another asset', async () => {
    const { rig } = await withOrder();
    const transfer = (id: string, asset: string): AccountEvent => ({
      kind: 'transfer',
      id,
      asset,
      amount: new Decimal(100),
      at: rig.clock.now(),
    });
    for (const event of [transfer('d1', 'USDT'), transfer('d1', 'USDT'), transfer('d2', 'DOGE')])
      rig.stream.accept(event);
    expect(rig.portfolio.ledger.income('deposits')).toBe(100e8);
    expect(rig.records('transfer')).toHaveLength(2);
  });
});

describe('account stream: restore and backfill', () => {
  it('rebuilds the portfolio from the journal without writing anything (I-10)', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'transfer', id: 'd1', asset: 'USDT', amount: new Decimal(1_000), at: 1 });
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    next.orders.load((symbol) => next.catalogue.find(symbol));
    const written = next.journal.lastSeq;
    next.stream.restore();
    expect(next.journal.lastSeq).toBe(written);
    expect(next.portfolio.equity).toBe(rig.portfolio.equity);
    expect(next.portfolio.position(next.instrument).lots).toBe(10);
  });

  it('repairs an order whose last record a crash has cut off after its fill', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
    const cut = rig.events.events.findIndex((event) => event.type === 'fill');
    rig.events.events.length = cut + 1;
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await next.start();
    expect(next.log.find(order.request.clientId)).toMatchObject({ status: 'filled', filled: 10 });
    expect(next.openOrders.buying(SYMBOL)).toBe(0);
  });

  it('fetches what happened while the process was down (NW-08)', async () => {
    const { rig, order } = await withOrder();
    rig.clock.advance(3_600_000);
    rig.broker.account.fills = [rig.fill(order, 10, 't1', { at: order.createdAt + 5 })];
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await next.start();
    expect(next.portfolio.position(next.instrument).lots).toBe(10);
    expect(next.status(order)).toBe('filled');
  });

  it('asks from the oldest order that may still fill, not from the newest fill', async () => {
    const { rig, order } = await withOrder();
    rig.clock.advance(3_600_000);
    rig.stream.accept({ kind: 'fill', fill: rig.fill('somebody', 1, 'newest', { venueId: venueOrderId('x') }) });
    rig.broker.account.fills = [rig.fill(order, 10, 'missed', { at: order.createdAt + 5 })];
    expect(await rig.stream.backfill()).toBe(1);
  });

  it('asks from before the newest fill, because queries lag', async () => {
    const { rig } = await withOrder();
    const [order] = rig.log.open();
    if (order !== undefined) await rig.gateway.cancel(order.request.clientId);
    rig.clock.advance(3_600_000);
    rig.stream.accept({ kind: 'fill', fill: rig.fill('somebody', 1, 'newest', { venueId: venueOrderId('x') }) });
    rig.broker.account.fills = [
      rig.fill('somebody', 1, 'late', { venueId: venueOrderId('x'), at: rig.clock.now() - 30_000 }),
    ];
    expect(await rig.stream.backfill()).toBe(1);
  });

  it('rejects when the venue cannot tell', async () => {
    const { rig } = await withOrder();
    rig.broker.always('listFills', { throws: new Error('down') });
    await expect(rig.stream.backfill()).rejects.toThrow('down');
  });

  it('reads every page of fills', async () => {
    const { rig, order } = await withOrder();
    const pages = [{ items: [rig.fill(order, 3, 't1')], next: 'p2' }, { items: [rig.fill(order, 7, 't2')] }];
    rig.broker.listFills = (_since: number, cursor?: string) =>
      Promise.resolve(cursor === 'p2' ? (pages[1] ?? { items: [] }) : (pages[0] ?? { items: [] }));
    expect(await rig.stream.backfill()).toBe(2);
    expect(rig.status(order)).toBe('filled');
  });

  it('fetches fills after a gap, and again until it works', async () => {
    const { rig, order } = await withOrder();
    rig.broker.always('listFills', { throws: new Error('down') });
    rig.stream.accept({ kind: 'gap', message: 'sequence 4 after 2', at: rig.clock.now() });
    await rig.pending.idle();
    rig.broker.heal();
    rig.broker.account.fills = [rig.fill(order, 10, 't1')];
    await rig.scheduler.advance(1_000);
    expect(rig.status(order)).toBe('filled');
    expect(rig.scheduler.pending).toBe(0);
  });

  it('fetches what was missed when the stream ends while an earlier gap is being fetched', async () => {
    const ends: (() => void)[] = [];
    const asked: ((page: { items: Fill[] }) => void)[] = [];
    class SlowBroker extends FakeBroker {
      slow = false;
      override openAccount(): Promise<Subscription> {
        return Promise.resolve({ closed: new Promise<void>((resolve) => ends.push(resolve)), close: () => undefined });
      }
      override listFills(since: number): Promise<Page<Fill>> {
        return this.slow ? new Promise((resolve) => asked.push(resolve)) : super.listFills(since);
      }
    }
    const broker = new SlowBroker();
    const rig = new Rig({ broker });
    await rig.start();
    const order = rig.submit();
    await rig.pending.idle();
    broker.slow = true;
    rig.stream.accept({ kind: 'gap', message: 'sequence 4 after 2', at: rig.clock.now() });
    await settled();
    ends[0]?.();
    await settled();
    broker.slow = false;
    asked[0]?.({ items: [] });
    await settled();
    broker.account.fills = [rig.fill(order, 10, 't1')];
    await rig.scheduler.advance(1_000);
    expect(rig.portfolio.position(rig.instrument).lots).toBe(10);
  });

  it('makes the account reduce-only when records of an instrument it no longer knows had to be left out', async () => {
    const { rig, order } = await withOrder();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, spec: { symbol: 'ETH-PERP' } });
    await next.start();
    expect(next.ladder.tightened).toEqual(['REDUCE_ONLY history_incomplete']);
  });

  it('opens the stream again when it ends, and not after close', async () => {
    let opened = 0;
    const ends: (() => void)[] = [];
    class EndingBroker extends FakeBroker {
      override openAccount(): Promise<Subscription> {
        opened += 1;
        return Promise.resolve({ closed: new Promise<void>((resolve) => ends.push(resolve)), close: () => undefined });
      }
    }
    const rig = new Rig({ broker: new EndingBroker() });
    await rig.start();
    ends[0]?.();
    await settled();
    await rig.scheduler.advance(1_000);
    expect(opened).toBe(2);
    await rig.stream.close();
    ends[1]?.();
    await rig.scheduler.advance(60_000);
    expect(opened).toBe(2);
    expect(rig.scheduler.pending).toBe(0);
  });

  it('listens to nothing after close', async () => {
    const { rig, order } = await withOrder();
    const [line] = rig.broker.accountStreams;
    await rig.stream.close();
    line?.push({ kind: 'fill', fill: rig.fill(order, 10, 't1') });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(0);
  });

  it('stops everything when an order proven lost is open after all (I-15)', async () => {
    const { rig, order } = await withOrder();
    rig.log.replace({ ...order, status: 'lost' });
    rig.stream.accept(orderEvent(rig, order, 'open'));
    expect(rig.status(order)).toBe('open');
    expect(rig.openOrders.buying(SYMBOL)).toBe(10);
    expect(rig.ladder.tightened).toEqual(['HALTED lost_order_open']);
  });
});
