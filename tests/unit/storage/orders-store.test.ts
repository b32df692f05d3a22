import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { venueOrderId, OrderRequest, type Fill, type Order, type OrderTerms } from '#src/domain/order.js';
import { advance, applyFill } from '#src/domain/order-state.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { JournaledOrdersStore } from '#src/storage/journaled-orders-store.js';
import { instrument } from '#src/testing/instruments.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const BTC = instrument();

function order(clientId: string, terms: Partial<OrderTerms> = {}, rest: Partial<Order> = {}): Order {
  const request = new OrderRequest({
    clientId,
    instrument: BTC,
    side: 'buy',
    type: 'limit',
    lots: lots(10),
    limit: ticks(500_000),
    timeInForce: 'GTC',
    postOnly: false,
    reduceOnly: false,
    ...terms,
  });
  return {
    request,
    status: 'planned',
    venueIds: [],
    filled: lots(0),
    filledNotional: units(0),
    createdAt: 1_000,
    updatedAt: 1_000,
    ...rest,
  };
}

const fill = (of: Order, quantity: number, at: number): Fill => ({
  tradeId: `t${at}`,
  clientId: of.request.clientId,
  venueId: venueOrderId('v1'),
  instrument: BTC,
  side: 'buy',
  lots: lots(quantity),
  price: ticks(500_000),
  fee: units(-1),
  liquidity: 'maker',
  at,
});

function stores(): { readonly events: FakeEventStore; readonly orders: JournaledOrdersStore } {
  const events = new FakeEventStore();
  return { events, orders: new JournaledOrdersStore(events) };
}

const reload = (events: FakeEventStore): JournaledOrdersStore => {
  const fresh = new JournaledOrdersStore(events);
  fresh.load((symbol) => (symbol === 'BTC-PERP' ? BTC : undefined));
  return fresh;
};

describe('orders store', () => {
  it('records every field of an order and gives an equal order back after a reload (B-85)', () => {
    const { events, orders } = stores();
    const full = order(
      'PB1',
      {
        type: 'stop_limit',
        stop: ticks(499_000),
        triggerBy: 'mark',
        timeInForce: 'GTD',
        postOnly: true,
        reduceOnly: true,
        leverage: 3,
        expiresAt: 5_000,
      },
      {
        status: 'partially_filled',
        venueIds: [venueOrderId('v1'), venueOrderId('v2')],
        filled: lots(4),
        filledNotional: units(200_000_000_000),
        createdAt: 1_000,
        updatedAt: 2_000,
        reason: 'why',
        origin: { strategy: 'baseline', reason: 'golden cross', decidedAt: 999 },
      },
    );
    orders.upsert(full);
    expect(reload(events).find('PB1')).toEqual(full);
    expect(reload(events).find('PB1')?.createdAt).toBe(1_000);
  });

  it('writes a record only when something changed (B-82)', () => {
    const { events, orders } = stores();
    const first = order('PB1');
    expect(orders.upsert(first)).toBe(true);
    expect(orders.upsert(first)).toBe(false);
    expect(orders.upsert({ ...first })).toBe(false);
    expect(orders.upsert({ ...first, updatedAt: 9_999 })).toBe(false);
    expect(events.events).toHaveLength(1);
    expect(orders.upsert({ ...first, venueIds: [venueOrderId('v1')] })).toBe(true);
    expect(events.payloads('order')).toHaveLength(2);
  });

  it('takes the last record of an order for the order', () => {
    const { events, orders } = stores();
    let current = order('PB1');
    for (const status of ['planned', 'sending', 'open', 'cancelled'] as const) {
      current = status === 'planned' ? current : advance(current, { status, at: 2_000, venueId: venueOrderId('v1') });
      orders.upsert(current);
    }
    orders.upsert(order('PB2'));
    const reloaded = reload(events);
    expect(reloaded.find('PB1')?.status).toBe('cancelled');
    expect([...reloaded.all()].map((each) => each.request.clientId)).toEqual(['PB1', 'PB2']);
    expect(reloaded.open().map((each) => each.request.clientId)).toEqual(['PB2']);
  });

  it('finds an order by any id the venue has used for it', () => {
    const { events, orders } = stores();
    orders.upsert(order('PB1', {}, { venueIds: [venueOrderId('v1')], status: 'open' }));
    orders.upsert(order('PB1', {}, { venueIds: [venueOrderId('v1'), venueOrderId('v9')], status: 'open' }));
    for (const store of [orders, reload(events)]) {
      expect(store.findByVenueId(venueOrderId('v1'), 'BTC-PERP')?.request.clientId).toBe('PB1');
      expect(store.findByVenueId(venueOrderId('v9'), 'BTC-PERP')?.request.clientId).toBe('PB1');
      expect(store.findByVenueId(venueOrderId('v2'), 'BTC-PERP')).toBeUndefined();
    }
  });

  it('counts unknown orders as open: absence of news is not an end', () => {
    const { orders } = stores();
    orders.upsert(order('PB1', {}, { status: 'unknown' }));
    orders.upsert(order('PB2', {}, { status: 'lost' }));
    orders.upsert(order('PB3', {}, { status: 'rejected' }));
    expect(orders.open().map((each) => each.request.clientId)).toEqual(['PB1']);
  });

  it('records each change of status, and the round trip with the first fill to completion', () => {
    const { events, orders } = stores();
    let current = order('PB1');
    orders.upsert(current);
    current = advance(current, { status: 'sending', at: 1_010 });
    orders.upsert(current);
    current = advance(current, { status: 'open', at: 1_020, venueId: venueOrderId('v1') });
    orders.upsert(current);
    current = applyFill(current, fill(current, 4, 1_100));
    orders.upsert(current);
    current = applyFill(current, fill(current, 6, 1_250));
    orders.upsert(current);
    orders.upsert({ ...current, venueIds: [venueOrderId('v1'), venueOrderId('v2')] });

    expect(
      events
        .payloads('order_status_change')
        .map((change) => [change['order_id'], change['from_status'], change['to_status']]),
    ).toEqual([
      [null, 'planned', 'sending'],
      ['v1', 'sending', 'open'],
      ['v1', 'open', 'partially_filled'],
      ['v1', 'partially_filled', 'filled'],
    ]);
    expect(events.payloads('order_round_trip')).toEqual([
      { order_id: 'v1', client_order_id: 'PB1', round_trip_ms: 250, submitted_ts: 1_000, filled_ts: 1_250 },
    ]);
  });

  it('names the reason of a refusal in the status change', () => {
    const { events, orders } = stores();
    const sending = order('PB1', {}, { status: 'sending' });
    orders.upsert(sending);
    orders.upsert(advance(sending, { status: 'rejected', at: 2_000, reason: 'post_only_would_take' }));
    expect(events.payloads('order_status_change')).toEqual([
      {
        order_id: null,
        client_order_id: 'PB1',
        from_status: 'sending',
        to_status: 'rejected',
        reason: 'post_only_would_take',
      },
    ]);
  });

  it('has an intent on disk before it resolves, and keeps nothing when that failed', async () => {
    const { events, orders } = stores();
    const first = order('PB1', {}, { venueIds: [venueOrderId('v1')] });
    const writing = orders.upsertDurable(first);
    expect(orders.find('PB1')).toBe(first);
    await writing;
    expect(events.payloads('order')).toHaveLength(1);

    events.failure = new Error('disk full');
    await expect(
      orders.upsertDurable(advance(first, { status: 'sending', at: 2_000, venueId: venueOrderId('v2') })),
    ).rejects.toThrow('disk full');
    await expect(orders.upsertDurable(order('PB2'))).rejects.toThrow('disk full');
    expect(orders.find('PB1')).toBe(first);
    expect(orders.findByVenueId(venueOrderId('v1'), 'BTC-PERP')).toBe(first);
    expect(orders.findByVenueId(venueOrderId('v2'), 'BTC-PERP')).toBeUndefined();
    expect(orders.find('PB2')).toBeUndefined();
    expect(events.payloads('order_status_change')).toEqual([]);
  });

  it('makes an unchanged but queued order durable when asked', async () => {
    const { events, orders } = stores();
    orders.upsert(order('PB1'));
    events.failure = new Error('disk full');
    await expect(orders.upsertDurable(order('PB1'))).rejects.toThrow('disk full');
  });

  it('sets orders of instruments it does not know aside and names them', () => {
    const { events, orders } = stores();
    orders.upsert(order('PB1'));
    orders.upsert(order('PB2', { instrument: instrument({ symbol: 'OLD-PERP' }) }));
    const fresh = new JournaledOrdersStore(events);
    expect(fresh.load((symbol) => (symbol === 'BTC-PERP' ? BTC : undefined))).toEqual({
      loaded: 1,
      unresolved: ['PB2'],
    });
    expect(fresh.find('PB2')).toBeUndefined();
  });

  it('refuses records that are not orders instead of skipping them', () => {
    const { events } = stores();
    events.append('order', { symbol: 'BTC-PERP' });
    expect(() => reload(events)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    const other = new FakeEventStore();
    other.append('order', { client_id: 'PB1', symbol: 'BTC-PERP', side: 'buy' });
    expect(() => reload(other)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it('starts from the journal alone when it is loaded again', () => {
    const { events, orders } = stores();
    orders.upsert(order('PB1'));
    expect(orders.load(() => BTC)).toEqual({ loaded: 1, unresolved: [] });
    events.events.length = 0;
    expect(orders.load(() => BTC)).toEqual({ loaded: 0, unresolved: [] });
    expect(orders.find('PB1')).toBeUndefined();
  });
});
