import { describe, expect, it } from '@jest/globals';
import type { InstrumentStatus } from '#src/domain/instrument.js';
import { clientOrderId } from '#src/domain/client-order-id.js';
import { Decimal } from '#src/domain/decimal.js';
import type { MarketSnapshot } from '#src/domain/market.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { NOT_LISTED } from '#src/services/execution/gateway/cancel-all.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { Rig, settled, SYMBOL, T0 } from './rig.js';

const check = (rig: Rig, overrides: Partial<OrderIntent>): string => {
  const result = rig.live.place(rig.intent(overrides), rig.clock.now());
  return result.outcome === 'refused' ? result.check : result.outcome;
};
const snapshot = (spread: number, depth: number): MarketSnapshot => ({
  symbol: SYMBOL,
  mid: new Decimal(50_000),
  spreadBps: new Decimal(spread),
  depthL1: new Decimal(depth),
  depthL10: new Decimal(depth * 4),
  volume1m: new Decimal(1e6),
  at: T0,
});

const LIMIT: Partial<OrderIntent> = { type: 'limit', limit: ticks(490_000) };
const STOP: Partial<OrderIntent> = { type: 'stop_market', side: 'sell', stop: ticks(490_000) };
const CLOSE: Partial<OrderIntent> = { ...STOP, lots: lots(0), options: { closePosition: true } };

describe('live engine: venue rules', () => {
  it('refuses a size below the minimum and never enlarges it (B-67)', async () => {
    const rig = new Rig();
    expect(check(rig, { lots: lots(0) })).toBe('min_size');
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
    expect(rig.risk.asked).toHaveLength(0);
  });

  it('checks the minimum notional of market orders at the mark, and suggests a size (B-67)', () => {
    const rig = new Rig();
    rig.portfolio.mark(SYMBOL, rig.markOf('5000'));
    const result = rig.live.place(rig.intent({ lots: lots(1) }), T0);
    expect(result).toMatchObject({ outcome: 'refused', check: 'min_notional' });
    expect(result).toMatchObject({ reason: expect.stringContaining('0.002') });
  });

  it('refuses to value an order without a mark (B-01)', () => {
    const rig = new Rig();
    rig.portfolio.lastMark = () => undefined;
    expect(check(rig, { lots: lots(1) })).toBe('mark_unknown');
  });

  it('needs no minimum value to reduce, and no minimum size to close the whole position', () => {
    const rig = new Rig({ spec: { minSize: new Decimal('0.005') } });
    rig.portfolio.mark(SYMBOL, rig.markOf('500'));
    rig.hold(4);
    expect(check(rig, { side: 'sell', lots: lots(3), reduceOnly: true })).toBe('min_size');
    expect(check(rig, { side: 'sell', lots: lots(4), reduceOnly: true })).toBe('submitted');
    rig.hold(20);
    expect(check(rig, { side: 'sell', lots: lots(5), reduceOnly: true })).toBe('submitted');
  });

  it('refuses a limit order without a price, and a post-only order that is not a limit', () => {
    const rig = new Rig();
    expect(check(rig, { type: 'limit' })).toBe('price_required');
    expect(check(rig, { type: 'stop_market' })).toBe('invalid_stop');
    expect(check(rig, { type: 'market', postOnly: true })).toBe('post_only');
  });

  it('refuses what the venue cannot do before the wire', () => {
    const rig = new Rig();
    rig.broker.capabilities = { ...rig.broker.capabilities, orderTypes: ['market'], timeInForce: ['IOC'] };
    expect(check(rig, { type: 'limit', limit: ticks(500_000) })).toBe('unsupported');
    expect(check(rig, { type: 'market' })).toBe('submitted');
  });

  it.each<[string, Partial<OrderIntent>, string, string]>([
    ['that close the position', CLOSE, 'close', 'unsupported'],
    ['that follow another', { options: { after: 'entry' } }, 'brackets', 'unsupported'],
    ['of a group', { options: { group: 'one' } }, 'groups', 'unsupported'],
    ['triggered by the index', { ...STOP, triggerBy: 'index' }, 'index', 'unsupported'],
    [
      'that end within a minute',
      { ...LIMIT, timeInForce: 'GTD', options: { goodTill: T0 + 59_999 } },
      '',
      'unsupported',
    ],
    ['that end in a minute', { ...LIMIT, timeInForce: 'GTD', options: { goodTill: T0 + 60_000 } }, '', 'submitted'],
  ])('knows what few venues have: orders %s', (_name, order, has, others) => {
    const able = (more: Partial<Capabilities>): string => {
      const rig = new Rig();
      rig.hold(10);
      const { orderTypes, timeInForce } = rig.broker.capabilities;
      const known = { orderTypes, timeInForce: [...timeInForce, 'GTD' as const], goodTillMin: 60_000 };
      rig.broker.capabilities = { ...rig.broker.capabilities, ...known, ...more };
      return check(rig, order);
    };
    expect(able({})).toBe(others);
    const all = { closePosition: true, brackets: true, groups: true, triggerPrices: ['last', 'index'] } as const;
    if (has !== '') expect(able(all)).toBe('submitted');
  });

  it.each<[string, Partial<OrderIntent>, string]>([
    ['of no lots', CLOSE, 'submitted'],
    ['of some lots', { ...CLOSE, lots: lots(5) }, 'close_position'],
    ['without a trigger price', { ...CLOSE, stop: undefined as never }, 'invalid_stop'],
  ])('lets an order that closes the position pass %s: %s', (_name, order, expected) => {
    const rig = new Rig();
    rig.broker.capabilities = { ...rig.broker.capabilities, closePosition: true };
    rig.hold(10);
    expect(check(rig, order)).toBe(expected);
  });

  it.each<[string, Partial<OrderIntent>, string]>([
    ['a distance and no trigger price', { options: { trailBps: 50 } }, 'submitted'],
    ['an activation price too', { options: { trailBps: 50, activation: ticks(505_000) } }, 'submitted'],
    ['no distance', {}, 'invalid_stop'],
    ['a trigger price', { stop: ticks(490_000), options: { trailBps: 50 } }, 'invalid_stop'],
  ])('asks of a trailing stop: %s', (_name, order, expected) => {
    const rig = new Rig();
    rig.broker.capabilities = { ...rig.broker.capabilities, orderTypes: ['trailing_stop'] };
    rig.hold(10);
    expect(check(rig, { type: 'trailing_stop', side: 'sell', reduceOnly: true, ...order })).toBe(expected);
  });

  it('follows an order that closes the position from the wire to its end, whatever it fills', async () => {
    const rig = judged();
    rig.broker.capabilities = { ...rig.broker.capabilities, closePosition: true };
    rig.hold(10);
    const placed = rig.live.place(rig.intent(CLOSE), T0);
    expect(placed).toMatchObject({ outcome: 'submitted' });
    await settled();
    // Ours is reduce-only, so that it counts as what it is; the venue reads one of the two.
    expect(rig.broker.placed[0]).toMatchObject({ lots: 0, reduceOnly: false, options: { closePosition: true } });
    const [order] = rig.log.open();
    expect(order).toMatchObject({ status: 'open', request: { lots: 0, reduceOnly: true } });
    const { clientId } = order!.request;
    expect(check(rig, { side: 'sell', lots: lots(10), reduceOnly: true })).toBe('submitted');
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order!, 6, 't1', { side: 'sell' }) });
    expect(rig.log.find(clientId)).toMatchObject({ status: 'partially_filled', filled: 6 });
    expect(rig.openOrders.reducing(SYMBOL) + rig.openOrders.buying(SYMBOL) + rig.openOrders.selling(SYMBOL)).toBe(10);
    const report = { status: 'filled', at: T0 + 2 } as const;
    rig.stream.accept({ kind: 'order', clientId, symbol: SYMBOL, report, filled: lots(10) });
    expect(rig.log.find(clientId)?.status).toBe('partially_filled');
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order!, 4, 't2', { side: 'sell' }) });
    expect(rig.log.find(clientId)).toMatchObject({ status: 'filled', filled: 10 });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(0);
  });

  it('takes no order that closes a position that is not there', () => {
    const rig = judged();
    rig.broker.capabilities = { ...rig.broker.capabilities, closePosition: true };
    expect(check(rig, CLOSE)).toBe('reduce_only_block');
    rig.hold(-10);
    expect(check(rig, CLOSE)).toBe('reduce_only_block');
  });

  it.each<[InstrumentStatus | undefined, string]>([
    [undefined, 'market limit post_only reduce'],
    ['trading', 'market limit post_only reduce'],
    ['limit_only', 'limit post_only reduce'],
    ['post_only', 'post_only reduce'],
    ['reduce_only', 'reduce'],
    ['cancel_only', 'reduce'],
    ['halted', 'reduce'],
    ['closed', 'reduce'],
  ])('takes of an instrument that is %s: %s', (status, taken) => {
    const orders: Record<string, Partial<OrderIntent>> = {
      market: {},
      limit: { type: 'limit', limit: ticks(490_000) },
      post_only: { type: 'limit', limit: ticks(490_000), postOnly: true },
      reduce: { side: 'sell', reduceOnly: true },
    };
    const passed = Object.entries(orders).filter(([, order]) => {
      const rig = new Rig(status === undefined ? {} : { spec: { status } });
      rig.hold(10);
      const answer = check(rig, order);
      expect(['submitted', 'market_status']).toContain(answer);
      return answer === 'submitted';
    });
    expect(passed.map(([name]) => name).join(' ')).toBe(taken);
  });

  it('does not trade a product that the venue has not confirmed', () => {
    const rig = new Rig();
    rig.catalogue.confirmed = false;
    expect(check(rig, {})).toBe('product_unconfirmed');
  });

  it('reads the filters again once when the venue refuses for them (OL-18)', async () => {
    const rig = new Rig();
    rig.broker.always('placeOrder', {
      refuse: 'lot_size',
      message: 'step changed',
    });
    for (let i = 0; i < 3; i += 1) check(rig, {});
    await rig.pending.idle();
    expect(rig.catalogue.refreshed).toBe(1);
  });

  it.each(['lot_size', 'price_filter', 'min_notional', 'unknown_symbol'] as const)(
    'then stops opening where the venue refuses what fits its filters: %s; exits go on, until they change (OL-18)',
    async (refuse) => {
      const rig = new Rig();
      rig.broker.always('placeOrder', { refuse });
      check(rig, {});
      await rig.pending.idle();
      rig.clock.advance(1_000);
      check(rig, {});
      await rig.pending.idle();
      expect([rig.catalogue.refreshed, check(rig, {})]).toEqual([1, 'filters_refused']);
      expect(rig.records('filters_refused')).toEqual([{ symbol: SYMBOL, reason: expect.stringContaining(refuse) }]);
      rig.hold(10);
      expect(check(rig, { side: 'sell', reduceOnly: true })).toBe('submitted');
      rig.catalogue.replace(makeInstrument({ minSize: rig.instrument.spec.minSize.times(2) }));
      rig.broker.heal('placeOrder');
      expect(check(rig, {})).toBe('submitted');
      await rig.pending.idle();
      expect(rig.catalogue.refreshed).toBe(1);
    },
  );

  it('checks the filters that were read again before the next order leaves (OL-18)', async () => {
    const rig = new Rig();
    rig.broker.next('placeOrder', { refuse: 'lot_size' });
    rig.catalogue.onRefresh = () => rig.catalogue.replace(makeInstrument({ minSize: new Decimal(1) }));
    check(rig, {});
    await rig.pending.idle();
    expect(check(rig, { instrument: rig.catalogue.instrument(SYMBOL) })).toBe('min_size');
    expect(rig.broker.called().filter((call) => call === 'placeOrder')).toHaveLength(1);
  });
});

/** With the real risk manager, and equity to spare. */
function judged(): Rig {
  const rig = new Rig({ risk: 'live' });
  rig.portfolio.deposit(units(100_000e8), T0, 'start');
  rig.portfolio.setKnown(true);
  return rig;
}

describe('live engine: data and risk', () => {
  it('refuses an opening order on a stale mark, and lets a reducing one pass (I-14)', () => {
    const rig = judged();
    rig.hold(10);
    rig.clock.advance(rig.config.current.risk.maxMarkStalenessMs + 1);
    expect(check(rig, {})).toBe('stale_mark');
    expect(check(rig, { side: 'sell', lots: lots(5), reduceOnly: true, urgent: true })).toBe('submitted');
  });

  it('refuses an order for which the book is too shallow (B-50)', () => {
    const rig = judged();
    // 500 USDT against 10,000: 2 + 250 basis points, limit 50.
    expect(check(rig, { snapshot: snapshot(2, 10_000) })).toBe('slippage_guard');
    expect(check(rig, { snapshot: snapshot(2, 10_000_000) })).toBe('submitted');
    expect(check(rig, { snapshot: snapshot(2, 0) })).toBe('slippage_guard');
  });

  it("multiplies expected slippage by the symbol's factor", () => {
    const rig = judged();
    expect(check(rig, { snapshot: snapshot(26, 10_000_000) })).toBe('submitted');
    const { current } = rig.config;
    rig.config.apply({
      updated: {
        ...current,
        execution: { ...current.execution, slippageMultipliers: { [SYMBOL]: new Decimal(2) } },
      },
      diff: {},
    });
    expect(check(rig, { snapshot: snapshot(26, 10_000_000) })).toBe('slippage_guard');
  });

  it('records a refusal once, with its reason (B-62)', () => {
    const rig = new Rig();
    rig.risk.refusal = { check: 'leverage', reason: 'Leverage must be at most 5, was 5.5.' };
    expect(check(rig, {})).toBe('leverage');
    expect(rig.records('order_rejected')).toEqual([
      {
        symbol: SYMBOL,
        side: 'buy',
        quantity: '0.01',
        price: 'market',
        check: 'leverage',
        reason: 'Leverage must be at most 5, was 5.5.',
      },
    ]);
    expect(rig.broker.placed).toHaveLength(0);
  });

  it('records a refusal that repeats with every bar once a minute, and how many it left out', () => {
    const rig = new Rig();
    rig.risk.refusal = { check: 'leverage', reason: 'too much' };
    for (let second = 0; second <= 60; second += 1) {
      check(rig, {});
      rig.clock.advance(1_000);
    }
    expect(rig.records('order_rejected')).toHaveLength(2);
    expect(rig.records('order_rejected')[1]).toMatchObject({ suppressed: 59 });
  });

  it('refuses while the journal is unhealthy instead of throwing', () => {
    const rig = new Rig();
    rig.events.healthy = false;
    expect(check(rig, {})).toBe('journal_unhealthy');
  });

  it('records an unexpected failure and refuses', () => {
    const rig = new Rig();
    rig.risk.approve = () => {
      throw new Error('broken');
    };
    expect(check(rig, {})).toBe('exception');
    expect(rig.records('order_exception')).toEqual([
      expect.objectContaining({ symbol: SYMBOL, side: 'buy', quantity: '0.01', error: 'broken' }),
    ]);
  });
});

describe('live engine: preview', () => {
  const previewing = (preview: () => Promise<Record<string, unknown>>, failClosed: boolean): Rig => {
    const rig = new Rig({ config: { execution: { previewOrders: true, previewFailClosed: failClosed } } });
    rig.broker.capabilities = { ...rig.broker.capabilities, preview: true };
    rig.broker.previewOrder = preview;
    return rig;
  };

  it('asks for a preview only when enabled, and journals it', async () => {
    const rig = previewing(() => Promise.resolve({ fee: new Decimal('0.25') }), false);
    check(rig, {});
    await rig.pending.idle();
    expect(rig.records('order_preview')).toEqual([
      expect.objectContaining({ order_type: 'market', price: 'market', preview: { fee: '0.25' } }),
    ]);
    rig.execution = { previewOrders: false };
    check(rig, {});
    await rig.pending.idle();
    expect(rig.records('order_preview')).toHaveLength(1);
  });

  it('sends the order although its preview failed', async () => {
    const rig = previewing(() => Promise.reject(new Error('404')), false);
    check(rig, {});
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(1);
  });

  it('refuses the order when a failed preview is configured to close', async () => {
    const rig = previewing(() => Promise.reject(new Error('404')), true);
    check(rig, {});
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
    expect(rig.records('order_rejected')).toEqual([expect.objectContaining({ reason: 'preview_failed: 404' })]);
  });
});

describe('live engine: cancel all', () => {
  it("asks the venue and cancels ours, forgotten ones included, and nobody else's (B-63)", async () => {
    const rig = new Rig();
    check(rig, {});
    await rig.pending.idle();
    const [known] = rig.log.open();
    if (known === undefined) throw new Error('no order');
    const forgotten = clientOrderId('perps-bot', 77, 1);
    for (const clientId of [forgotten, 'web-1'])
      rig.broker.account.orders.set(clientId, {
        ...rig.venueOrder(known, 'open'),
        clientId,
        venueId: venueOrderId(`v-${clientId}`),
      });
    const report = await rig.live.cancelAll('test');
    expect([...report.cancelled].sort()).toEqual([known.request.clientId, forgotten].sort());
    expect(rig.broker.cancelled.map((ref) => ref.clientId)).not.toContain('web-1');
    expect(report.unconfirmed).toEqual([]);
  });

  it('says what may still be live', async () => {
    const rig = new Rig();
    check(rig, {});
    await rig.pending.idle();
    rig.broker.always('listOpenOrders', { throws: new Error('down') });
    rig.broker.always('cancelOrder', { lost: 'request' });
    const report = await rig.live.cancelAll('test');
    expect(report.cancelled).toEqual([]);
    expect(report.unconfirmed).toEqual([NOT_LISTED, rig.log.open()[0]?.request.clientId]);
  });

  it('cancels what is known at once where the list is never answered, and waits for that no longer than its time', async () => {
    const rig = new Rig();
    check(rig, {});
    await rig.pending.idle();
    const known = rig.log.open()[0]?.request.clientId ?? '';
    rig.broker.listOpenOrders = () => new Promise(() => undefined);
    const report = rig.live.cancelAll('test');
    await settled();
    expect(rig.broker.cancelled.map((ref) => ref.clientId)).toEqual([known]);
    await rig.scheduler.advance(rig.config.current.execution.requestTimeoutMs);
    expect(await report).toEqual({ cancelled: [known], unconfirmed: [NOT_LISTED] });
  });
});
