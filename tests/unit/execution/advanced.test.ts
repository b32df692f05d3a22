import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { MarketSnapshot } from '#src/domain/market.js';
import { lots, ticks, units } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { Rig, settled, SYMBOL, T0 } from './rig.js';

const d = (value: number | string): Decimal => new Decimal(value);
const snapshot: MarketSnapshot = {
  symbol: SYMBOL,
  mid: d(50_000),
  spreadBps: d(1),
  depthL1: d(50_000),
  depthL10: d(200_000),
  volume1m: d(1e6),
  at: T0,
};
const advanced = (): Rig => new Rig({ engine: 'advanced' });
const withoutStops = (): Rig => {
  const rig = advanced();
  rig.broker.capabilities = { ...rig.broker.capabilities, orderTypes: ['market', 'limit'] };
  return rig;
};
const stop = (rig: Rig, overrides: Partial<OrderIntent> = {}): OrderIntent =>
  rig.intent({
    side: 'sell',
    type: 'stop_market',
    stop: ticks(490_000),
    reduceOnly: true,
    signalId: 'stop-1',
    ...overrides,
  });

describe('advanced engine: placing', () => {
  it('gives the same order for the same signal', async () => {
    const rig = advanced();
    const intent = rig.intent();
    const first = rig.advanced.place(intent, T0);
    expect(rig.advanced.place(intent, T0)).toEqual(first);
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(1);
  });

  /** The way that a decision takes, with the real risk manager. */
  const judged = (risk: Partial<BotConfig['risk']> = {}, execution: Partial<BotConfig['execution']> = {}): Rig => {
    const wide = {
      slippageGuardBps: d(0),
      maxPositionSize: d(1e9),
      maxExposurePct: d(1e3),
      maxPositionPctPerSymbol: d(1e3),
    };
    const rig = new Rig({
      engine: 'advanced',
      risk: 'live',
      config: { risk: { dynamicPositionSizing: true, ...wide, ...risk }, execution },
    });
    rig.portfolio.deposit(units(1_000_000e8), T0, 'start');
    rig.portfolio.setKnown(true);
    return rig;
  };

  it('cuts an opening order to the impact limit, and never a closing one', async () => {
    const rig = judged();
    rig.place({ action: 'buy', quantity: lots(2_000) }, snapshot);
    rig.hold(5_000);
    rig.clock.advance(1);
    rig.place({ action: 'sell', quantity: lots(2_000) }, snapshot);
    await rig.pending.idle();
    expect(rig.broker.placed.map((request) => request.lots)).toEqual([1_750, 2_000]);
    expect(rig.log.find(rig.broker.placed[0]?.clientId ?? '')?.origin?.reason).toBe(
      'test; size as advised: reduced to the impact limit',
    );
  });

  it('refuses in strict mode what does not fit, and takes what fits', () => {
    const rig = judged({}, { sizingMode: 'strict' });
    expect(rig.place({ action: 'buy', quantity: lots(2_000) }, snapshot)).toMatchObject({
      outcome: 'refused',
      check: 'market_impact',
    });
    rig.clock.advance(1);
    expect(rig.place({ action: 'buy', quantity: lots(10) }, snapshot)).toMatchObject({ outcome: 'submitted' });
  });

  it('follows dynamic advice downwards only, and refuses when it advises nothing', async () => {
    const rig = advanced();
    rig.config.current = { ...rig.config.current, risk: { ...rig.config.current.risk, dynamicPositionSizing: true } };
    const advice = { notional: units(0), reduceOnly: false, dynamic: true, reason: 'too volatile' };
    for (const advised of [4, 40]) {
      rig.risk.advice = { ...advice, lots: lots(advised) };
      rig.place({ action: 'buy', quantity: lots(10) });
      rig.clock.advance(1);
    }
    rig.risk.advice = { ...advice, lots: lots(0) };
    expect(rig.place({ action: 'buy', quantity: lots(10) })).toMatchObject({
      check: 'position_sizing',
      reason: 'too volatile',
    });
    await rig.pending.idle();
    expect(rig.broker.placed.map((request) => request.lots)).toEqual([4, 10]);
    expect(rig.stats).toEqual({ attempted: 3, successful: 2, failed: 1, others: 0 });
  });

  it.each([
    ['buy', 500_010, 'rejected'],
    ['buy', 500_000, 'open'],
    ['sell', 500_000, 'rejected'],
    ['sell', 500_010, 'open'],
  ] as const)('checks a post-only %s at %d ticks against the quote: %s', async (side, limit, expected) => {
    const rig = advanced();
    rig.broker.quotes.set(SYMBOL, { symbol: SYMBOL, bid: d(50_000), ask: d(50_001) });
    const result = rig.advanced.place(rig.intent({ side, type: 'limit', limit: ticks(limit), postOnly: true }), T0);
    await rig.pending.idle();
    const order = result.outcome === 'submitted' ? rig.log.find(result.clientId) : undefined;
    expect(order?.status).toBe(expected);
    expect(rig.broker.placed.map((request) => request.postOnly)).toEqual(expected === 'open' ? [true] : []);
    expect(rig.advanced.metrics()['execution.orders.post_only_rejected']).toBe(expected === 'open' ? 0 : 1);
  });

  it('refuses a post-only order without a quote', async () => {
    const rig = advanced();
    rig.advanced.place(rig.intent({ type: 'limit', limit: ticks(400_000), postOnly: true }), T0);
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(0);
  });

  it('gives risk refusals their own name (B-71)', () => {
    const rig = advanced();
    rig.risk.refusal = { check: 'leverage', reason: 'too much' };
    rig.advanced.place(rig.intent(), T0);
    expect(rig.advanced.metrics()['execution.orders.rejection.leverage']).toBe(1);
  });

  it('closes a position by its own sign (B-68)', async () => {
    const rig = advanced();
    rig.hold(-6);
    rig.advanced.closePosition(rig.instrument, 'test', T0);
    await rig.pending.idle();
    expect(rig.broker.placed[0]).toMatchObject({ side: 'buy', lots: 6, reduceOnly: true });
  });
});

describe('advanced engine: stops', () => {
  it('leaves a stop to a venue that has them', async () => {
    const rig = advanced();
    rig.advanced.place(stop(rig), T0);
    await rig.pending.idle();
    expect(rig.broker.placed[0]).toMatchObject({ type: 'stop_market', stop: 490_000 });
    expect(rig.advanced.metrics()['execution.active_stops']).toBe(0);
  });

  it('holds a stop the venue cannot, and sends its order when the mark reaches it (B-69)', async () => {
    const rig = withoutStops();
    rig.hold(10);
    expect(rig.advanced.place(stop(rig), T0)).toMatchObject({ outcome: 'submitted' });
    expect(rig.advanced.metrics()).toMatchObject({ 'execution.stop_triggers': 1, 'execution.active_stops': 1 });
    rig.advanced.onMark(SYMBOL, rig.markOf('49000.1'), T0);
    expect(rig.broker.placed).toHaveLength(0);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0);
    rig.advanced.onMark(SYMBOL, rig.markOf('48900'), T0);
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(1);
    expect(rig.broker.placed[0]).toMatchObject({ side: 'sell', type: 'market', lots: 10, reduceOnly: true });
    expect(rig.advanced.metrics()['execution.active_stops']).toBe(0);
  });

  it.each([
    ['buy', 'stop_market', '49000', '48999.9'],
    ['sell', 'stop_market', '49000', '49000.1'],
    ['buy', 'take_profit_market', '49000', '49000.1'],
    ['sell', 'take_profit_market', '49000', '48999.9'],
  ] as const)('fires a %s %s at %s and not at %s', (side, type, at, notAt) => {
    const rig = withoutStops();
    rig.hold(side === 'sell' ? 10 : -10);
    rig.advanced.place(stop(rig, { side, type }), T0);
    expect(rig.advanced.checkStopTriggers(SYMBOL, rig.markOf(notAt), T0)).toEqual([]);
    expect(rig.advanced.checkStopTriggers(SYMBOL, rig.markOf(at), T0)).toEqual(['stop-1']);
  });

  it('sends a limit order for a stop-limit', async () => {
    const rig = withoutStops();
    rig.hold(10);
    rig.advanced.place(stop(rig, { type: 'stop_limit', limit: ticks(489_000) }), T0);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0);
    await rig.pending.idle();
    expect(rig.broker.placed[0]).toMatchObject({ type: 'limit', limit: 489_000 });
  });

  it('arms a stop again when the venue refuses its order (OL-21)', async () => {
    const rig = withoutStops();
    rig.hold(10);
    rig.broker.always('placeOrder', {
      refuse: 'insufficient_margin',
    });
    rig.advanced.place(stop(rig), T0);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0);
    await rig.pending.idle();
    expect(rig.advanced.metrics()['execution.active_stops']).toBe(1);
    rig.broker.always('placeOrder', {
      reply: () => ({ outcome: 'accepted', venueId: venueOrderId('v1'), at: rig.clock.now() }),
    });
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0 + 1);
    expect(rig.broker.placed).toHaveLength(1);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), rig.clock.advance(5_000));
    await rig.pending.idle();
    expect(rig.broker.placed).toHaveLength(2);
    expect(rig.advanced.metrics()['execution.active_stops']).toBe(0);
  });

  it('holds its stops across a restart, and one that has fired stays fired', async () => {
    const rig = withoutStops();
    rig.hold(10);
    rig.advanced.place(stop(rig), T0);
    rig.advanced.place(stop(rig, { signalId: 'stop-2', stop: ticks(480_000) }), T0);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0);
    await rig.pending.idle();
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.advanced.onMark(SYMBOL, next.markOf('50000'), T0);
    expect(next.advanced.metrics()['execution.active_stops']).toBe(1);
    expect(next.advanced.checkStopTriggers(SYMBOL, next.markOf('48000'), T0)).toEqual(['stop-2']);
  });

  it('arms a stop again after a crash between its order and the venue: never planned on disk', async () => {
    const rig = withoutStops();
    rig.hold(10);
    rig.advanced.place(stop(rig), T0);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0);
    rig.events.events.length = rig.events.events.findLastIndex((event) => event.type === 'stop_trigger') + 1;
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    expect(next.advanced.checkStopTriggers(SYMBOL, next.markOf('49000'), T0)).toEqual(['stop-1']);
  });

  it('arms a stop again after a crash between its order and the venue: planned, and proven never to have arrived', async () => {
    const rig = withoutStops();
    rig.hold(10);
    rig.broker.always('placeOrder', { silent: true });
    rig.advanced.place(stop(rig), T0);
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), T0);
    await settled();
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    expect(next.advanced.checkStopTriggers(SYMBOL, next.markOf('49000'), T0)).toEqual([]);
    for (const wait of [1_000, 60_000, 60_000]) await next.gateway.resolveUnknown(next.clock.advance(wait));
    next.clock.advance(60_000);
    expect(next.advanced.checkStopTriggers(SYMBOL, next.markOf('49000'), next.clock.now())).toEqual(['stop-1']);
  });

  it('refuses a stop without a price, and a trailing stop nobody can hold', () => {
    const rig = withoutStops();
    expect(rig.advanced.place(rig.intent({ type: 'stop_market', reduceOnly: true }), T0)).toMatchObject({
      check: 'invalid_stop',
    });
    expect(rig.advanced.place(stop(rig, { type: 'trailing_stop' }), T0)).toMatchObject({ check: 'stop_disabled' });
  });

  it('drops held stops with cancel-all', async () => {
    const rig = withoutStops();
    rig.hold(10);
    rig.advanced.place(stop(rig), T0);
    await rig.advanced.cancelAll('test');
    expect(rig.advanced.checkStopTriggers(SYMBOL, rig.markOf('40000'), T0)).toEqual([]);
  });
});

describe('advanced engine: cancel and replace', () => {
  const resting = async (): Promise<{ rig: Rig; clientId: string }> => {
    const rig = advanced();
    rig.hold(50);
    const result = rig.advanced.place(
      rig.intent({ side: 'sell', type: 'limit', limit: ticks(510_000), lots: lots(20), reduceOnly: true }),
      T0,
    );
    await rig.pending.idle();
    return { rig, clientId: result.outcome === 'submitted' ? result.clientId : '' };
  };

  it('keeps side and reduce-only, and orders what has not filled (B-08)', async () => {
    const { rig, clientId } = await resting();
    rig.broker.account.fills = [rig.fill(clientId, 5, 't1', { side: 'sell' })];
    rig.advanced.amend(clientId, { limit: ticks(509_000) }, T0 + 1);
    await rig.pending.idle();
    expect(rig.broker.placed[1]).toMatchObject({
      side: 'sell',
      reduceOnly: true,
      type: 'limit',
      limit: 509_000,
      lots: 15,
    });
    expect(rig.broker.placed[1]?.clientId).not.toBe(clientId);
  });

  it('keeps everything else that was asked for, but the entry that has ended', async () => {
    const rig = advanced();
    rig.broker.capabilities = { ...rig.broker.capabilities, brackets: true, groups: true, leverage: 'per_order' };
    rig.hold(50);
    const entry = rig.submit();
    const options = { group: 'g', selfTrade: 'expire_maker', after: entry.request.clientId } as const;
    const terms = { side: 'sell', type: 'stop_market', stop: ticks(490_000), reduceOnly: true } as const;
    const placed = rig.advanced.place(
      rig.intent({ ...terms, lots: lots(5), triggerBy: 'mark', leverage: 3, signalId: 'linked', options }),
      T0,
    );
    const clientId = placed.outcome === 'submitted' ? placed.clientId : JSON.stringify(placed);
    await rig.pending.idle();
    rig.advanced.amend(clientId, { stop: ticks(491_000) }, T0 + 1);
    await rig.pending.idle();
    expect(rig.log.find(rig.broker.placed.at(-1)?.clientId ?? '')?.replaces).toBe(clientId);
    expect(rig.broker.placed.at(-1)).toMatchObject({ triggerBy: 'mark', leverage: 3, options });
    rig.log.report(entry.request.clientId, { status: 'cancelled', at: T0 + 2 });
    rig.advanced.amend(rig.broker.placed.at(-1)?.clientId ?? '', { stop: ticks(492_000) }, T0 + 3);
    await rig.pending.idle();
    expect(rig.broker.placed.at(-1)?.options).toEqual({ group: 'g', selfTrade: 'expire_maker' });
  });

  it('places nothing before the cancellation is confirmed (B-08)', async () => {
    const { rig, clientId } = await resting();
    rig.broker.always('cancelOrder', { lost: 'request' });
    const told: string[] = [];
    rig.gateway.onAmended(({ outcome, check }) => told.push(`${outcome} ${check}`));
    rig.advanced.amend(clientId, { limit: ticks(505_000) }, T0 + 1);
    await rig.pending.idle();
    rig.broker.always('cancelOrder', { reply: (ref) => ({ outcome: 'cancelled', ref, at: T0 }) });
    rig.broker.always('listFills', { throws: new Error('down') });
    rig.advanced.amend(clientId, { limit: ticks(505_000) }, T0 + 1);
    await rig.pending.idle();
    expect(told).toEqual(['refused not_replaced', 'refused not_replaced']);
    expect(rig.broker.placed).toHaveLength(1);
  });

  it('changes what it is told to change', async () => {
    const { rig, clientId } = await resting();
    rig.advanced.amend(clientId, { limit: ticks(505_000), lots: lots(8) }, T0 + 1);
    await rig.pending.idle();
    expect(rig.broker.placed[1]).toMatchObject({ side: 'sell', limit: 505_000, lots: 8 });
  });
});

describe('advanced engine: gauges', () => {
  it('counts placed, filled, cancelled and rejected orders', async () => {
    const rig = advanced();
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const result = rig.advanced.place(rig.intent(), T0);
      if (result.outcome === 'submitted') ids.push(result.clientId);
    }
    await rig.pending.idle();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(ids[0] ?? '', 10, 't1') });
    await rig.gateway.cancel(ids[1] ?? '');
    rig.advanced.place(rig.intent({ lots: lots(0) }), T0);
    expect(rig.advanced.metrics()).toMatchObject({
      'execution.orders.placed': 3,
      'execution.orders.filled': 1,
      'execution.orders.cancelled': 1,
      'execution.orders.rejected': 1,
      'execution.orders.rejection.min_size': 1,
      'execution.pending_orders': 1,
    });
  });
});
