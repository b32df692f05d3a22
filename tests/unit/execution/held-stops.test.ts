import { describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '#src/domain/order-state.js';
import type { Order } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { Rig, SYMBOL, T0, settled } from './rig.js';

/** A venue without stops, and a position of ten lots behind one that the engine holds. */
function held(orderTypes: readonly string[] = ['market', 'limit'], overrides: Partial<OrderIntent> = {}): Rig {
  const rig = new Rig({ engine: 'advanced' });
  rig.broker.capabilities = { ...rig.broker.capabilities, orderTypes: orderTypes as never };
  rig.hold(10);
  rig.advanced.place(
    rig.intent({
      side: 'sell',
      type: 'stop_market',
      stop: ticks(490_000),
      reduceOnly: true,
      signalId: 'stop-1',
      ...overrides,
    }),
    T0,
  );
  return rig;
}

async function fire(rig: Rig): Promise<Order> {
  rig.advanced.onMark(SYMBOL, rig.markOf('49000'), rig.clock.now());
  await settled();
  return orderOf(rig, 0);
}

function orderOf(rig: Rig, index: number): Order {
  const order = rig.log.find(rig.broker.placed[index]?.clientId ?? '');
  if (order === undefined) throw new Error(`There is no order ${index}.`);
  return order;
}

/** Fills this much, then ends so. */
function finish(rig: Rig, order: Order, filled: number, status: OrderStatus): void {
  if (filled > 0) rig.stream.accept({ kind: 'fill', fill: rig.fill(order, filled, `t-${order.request.clientId}`) });
  if (status === 'filled') return;
  const { clientId, symbol } = order.request;
  rig.stream.accept({ kind: 'order', clientId, symbol, report: { status, at: rig.clock.now() }, filled: lots(filled) });
}

const sizes = (rig: Rig): number[] => rig.broker.placed.map(({ lots: size }) => size);

describe('the order of a held stop that was reached', () => {
  const ENDINGS = (['cancelled', 'expired', 'rejected_late'] as const).flatMap((status) =>
    [0, 4].map((filled) => [status, filled] as const),
  );
  it.each(ENDINGS)(
    '%s with %d of 10 filled: the rest is sent again, whatever the mark does',
    async (status, filled) => {
      const rig = held();
      finish(rig, await fire(rig), filled, status);
      rig.advanced.onMark(SYMBOL, rig.markOf('50000'), rig.clock.now());
      expect(sizes(rig)).toEqual([10]);
      await rig.scheduler.advance(1_000);
      expect(sizes(rig)).toEqual([10, 10 - filled]);
      finish(rig, orderOf(rig, 1), 10 - filled, 'filled');
      await rig.scheduler.advance(600_000);
      expect(sizes(rig)).toEqual([10, 10 - filled]);
      expect(rig.advanced.metrics()['execution.active_stops']).toBe(0);
      expect(rig.ladder.tightened).toEqual([]);
    },
  );

  it('is no end while it is open or unknown, and none is sent beside it', async () => {
    const rig = held();
    await fire(rig);
    await rig.scheduler.advance(600_000);
    expect(sizes(rig)).toEqual([10]);
  });

  it('waits longer after each ending, and is sent in HALTED', async () => {
    const rig = held();
    rig.broker.always('placeOrder', { refuse: 'other' });
    await fire(rig);
    await rig.scheduler.advance(3_600_000);
    const attempts = rig.broker.called().filter((call) => call === 'placeOrder').length;
    expect(attempts).toBeGreaterThan(50);
    expect(attempts).toBeLessThan(75);
    rig.broker.heal('placeOrder');
    await rig.ladder.tighten('HALTED', 'test');
    const before = sizes(rig).length;
    await rig.scheduler.advance(60_000);
    expect(rig.broker.placed.slice(before).map(({ reduceOnly }) => reduceOnly)).toEqual([true]);
  });

  it('ends with its position, however that went', async () => {
    const rig = held();
    const first = await fire(rig);
    rig.portfolio.applyFill(rig.fill('elsewhere', 10, 'elsewhere', { side: 'sell' }));
    finish(rig, first, 0, 'cancelled');
    await rig.scheduler.advance(600_000);
    expect(sizes(rig)).toEqual([10]);
    expect(rig.advanced.metrics()['execution.active_stops']).toBe(0);
  });

  it('is taken up by the next start with what is left of it', async () => {
    const rig = held();
    finish(rig, await fire(rig), 4, 'expired');
    rig.advanced.release();
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.hold(6);
    next.clock.advance(5_000);
    next.advanced.onMark(SYMBOL, next.markOf('50000'), next.clock.now());
    await settled();
    expect(sizes(next)).toEqual([10, 6]);
  });
});

describe('held stops at the end of a process', () => {
  it('go to a venue that takes another kind of stop, and the next start follows them there', async () => {
    const rig = held(['market', 'limit', 'stop_limit']);
    rig.advanced.handOverStops(T0);
    await settled();
    expect(rig.broker.placed.map(({ type, stop, limit }) => [type, stop, limit])).toEqual([
      ['stop_limit', 490_000, 485_100],
    ]);
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.hold(10);
    next.advanced.onMark(SYMBOL, next.markOf('48000'), T0);
    expect(next.broker.placed).toHaveLength(1);
    finish(next, orderOf(next, 0), 0, 'cancelled');
    next.advanced.onMark(SYMBOL, next.markOf('48000'), next.clock.advance(5_000));
    await settled();
    expect(next.broker.placed.map(({ type }) => type)).toEqual(['stop_limit', 'market']);
  });

  it('stay in the journal where the venue takes none', async () => {
    const rig = held();
    rig.advanced.handOverStops(T0);
    await rig.advanced.cancelAll('shutdown', ({ reduceOnly }) => reduceOnly);
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.hold(10);
    expect(next.advanced.checkStopTriggers(SYMBOL, next.markOf('48000'), T0)).toEqual(['stop-1']);
  });
});

describe('PT-24: the orders of one intent never fill more than it meant', () => {
  it('PT-24 a late fill of an order that was taken for ended halts the bot', async () => {
    const rig = held();
    const first = await fire(rig);
    finish(rig, first, 0, 'cancelled');
    await rig.scheduler.advance(1_000);
    finish(rig, orderOf(rig, 1), 10, 'filled');
    expect(rig.ladder.state).toBe('NORMAL');
    rig.stream.accept({ kind: 'fill', fill: rig.fill(first, 1, 'late') });
    expect(rig.ladder.tightened).toContain('HALTED intent_overfilled');
    expect(rig.ladder.state).toBe('HALTED');
    expect(rig.records('intent_overfilled')).toEqual([
      expect.objectContaining({ parent: 'stop-1', filled_lots: 11, meant_lots: 10 }),
    ]);
  });

  it('PT-24 holds for replacements, over a restart too', async () => {
    const rig = new Rig({ engine: 'advanced' });
    const placed = rig.advanced.place(rig.intent({ type: 'limit', limit: ticks(499_000) }), T0);
    await settled();
    const id = placed.outcome === 'submitted' ? placed.clientId : '';
    await rig.advanced.cancelAndReplace(id, { limit: ticks(498_000) }, T0 + 1);
    await settled();
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.stream.accept({ kind: 'fill', fill: next.fill(orderOf(next, 1), 10, 't1') });
    expect(next.ladder.state).toBe('NORMAL');
    next.stream.accept({ kind: 'fill', fill: next.fill(orderOf(next, 0), 1, 't2') });
    expect(next.ladder.tightened).toContain('HALTED intent_overfilled');
  });
});
