import { describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '#src/domain/order-state.js';
import type { Order, OrderOptions, TriggerPrice } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import type { TimeNews } from '#src/ports/configuration/venue-time.js';
import { StopTriggers } from '#src/services/execution/engine/stop-triggers.js';
import { Rig, SYMBOL, T0, settled, type RigOptions } from './rig.js';

/** A venue without stops, and a position of ten lots behind one that the engine holds. */
function held(
  orderTypes: readonly string[] = ['market', 'limit'],
  overrides: Partial<OrderIntent> = {},
  options: RigOptions = {},
): Rig {
  const rig = new Rig({ engine: 'advanced', ...options });
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

  it('waits no longer once the clock is right by which it was refused', async () => {
    const told: ((news: TimeNews) => void)[] = [];
    const onDoubt = (listener: (news: TimeNews) => void) => {
      told.push(listener);
      return () => undefined;
    };
    const rig = held(['market', 'limit'], {}, { time: Object.assign(new ExactVenueTime(), { onDoubt }) });
    rig.broker.always('placeOrder', { refuse: 'expired' });
    await fire(rig);
    await rig.scheduler.advance(30_000);
    rig.broker.heal('placeOrder');
    const before = sizes(rig).length;
    for (const listener of told) listener('corrected');
    rig.advanced.onMark(SYMBOL, rig.markOf('49000'), rig.clock.now());
    await settled();
    expect(sizes(rig)).toHaveLength(before + 1);
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

describe('what leaves a position at the collar', () => {
  const collar = ticks(485_100);
  const permit = { objection: () => undefined, worstPrice: () => collar };
  const sent = ({ broker }: Rig) => broker.placed.map(({ type, lots: size, limit }) => [type, size, limit]);
  const atCollar = ['limit', 10, collar] as const;
  const next = (rig: Rig): Rig =>
    new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced', permit });
  const ways: readonly (readonly [string, () => Promise<Rig>])[] = [
    [
      'a held stop',
      async () => {
        const rig = held(['market', 'limit'], {}, { permit });
        await fire(rig);
        return rig;
      },
    ],
    [
      'an emergency close',
      async () => {
        const rig = held(['market', 'limit'], {}, { permit });
        await rig.advanced.cancelAll('test');
        rig.advanced.closePosition(rig.instrument, 'test', T0);
        await settled();
        return rig;
      },
    ],
  ];
  const ENDS = ways.flatMap(([name, leave]) =>
    (['expired', 'cancelled', 'rejected_late'] as const).flatMap((status) =>
      [0, 4].map((filled) => [name, status, filled, leave] as const),
    ),
  );
  it.each(ENDS)(
    '%s, %s with %d of 10 filled: the rest goes at once at market',
    async (_name, status, filled, leave) => {
      const rig = await leave();
      finish(rig, orderOf(rig, 0), filled, status);
      await settled();
      expect(sent(rig)).toEqual([atCollar, ['market', 10 - filled, undefined]]);
      expect(rig.log.find(rig.broker.placed[0]?.clientId ?? '')).toMatchObject({ collar, request: { type: 'market' } });
      finish(rig, orderOf(rig, 1), 10 - filled, 'filled');
      await rig.scheduler.advance(600_000);
      expect(sent(rig)).toHaveLength(2);
      expect([rig.advanced.metrics()['execution.active_stops'], rig.ladder.tightened]).toEqual([0, []]);
    },
  );

  it.each(ways)('%s: after a second ending there are pauses', async (_name, leave) => {
    const rig = await leave();
    finish(rig, orderOf(rig, 0), 0, 'expired');
    await settled();
    finish(rig, orderOf(rig, 1), 0, 'expired');
    await settled();
    expect(sent(rig)).toHaveLength(2);
    await rig.scheduler.advance(1_000);
    expect(sent(rig).at(-1)).toEqual(['market', 10, undefined]);
    expect(sent(rig)).toHaveLength(3);
  });

  it('refused for its price, it goes at once at market', async () => {
    const rig = held(['market', 'limit'], {}, { permit });
    rig.broker.next('placeOrder', { refuse: 'price_filter' });
    await fire(rig);
    expect(sent(rig)).toEqual([atCollar, ['market', 10, undefined]]);
  });

  it.each(ways)('%s: the next start sends what a process that died has left', async (_name, leave) => {
    const rig = await leave();
    rig.advanced.release();
    // It ends while nobody looks: the next start is told by the venue.
    const after = next(rig);
    await after.start();
    after.hold(6);
    finish(after, orderOf(after, 0), 4, 'expired');
    await settled();
    after.advanced.onMark(SYMBOL, after.markOf('50000'), after.clock.advance(5_000));
    await settled();
    expect(sent(after)).toEqual([atCollar, ['market', 6, undefined]]);
  });

  it.each(ways)('%s: so does one that died between the two', async (_name, leave) => {
    const rig = await leave();
    finish(rig, orderOf(rig, 0), 4, 'expired');
    // No step of the process follows.
    const after = next(rig);
    await after.start();
    after.hold(6);
    after.advanced.onMark(SYMBOL, after.markOf('50000'), after.clock.advance(5_000));
    await settled();
    expect(sent(after).at(-1)).toEqual(['market', 6, undefined]);
  });

  it('an emergency close is dropped by a cancellation of everything, and ends with its position', async () => {
    const rig = await ways[1]![1]();
    await rig.advanced.cancelAll('test');
    finish(rig, orderOf(rig, 0), 4, 'expired');
    await rig.scheduler.advance(600_000);
    expect(sent(rig)).toEqual([atCollar]);
  });
});

describe('the price that a held stop watches', () => {
  const told = (rig: Rig, kind: TriggerPrice, price: string): void =>
    rig.prices.take(SYMBOL, kind, rig.markOf(price), rig.clock.now());
  const step = async (rig: Rig, mark: string): Promise<number> => {
    rig.advanced.onMark(SYMBOL, rig.markOf(mark), rig.clock.now());
    await settled();
    return rig.broker.placed.length;
  };
  const warned = (rig: Rig): number =>
    rig.logger.at('warn').filter((line) => line.includes('held stop watches')).length;

  it.each<TriggerPrice>(['last', 'mark', 'index'])('is the %s that it names, and no other', async (triggerBy) => {
    const rig = held(undefined, { triggerBy });
    for (const kind of ['last', 'mark', 'index'] as const) told(rig, kind, kind === triggerBy ? '49000.1' : '48000');
    expect(await step(rig, '48000')).toBe(0);
    told(rig, triggerBy, '49000');
    expect([await step(rig, '50000'), warned(rig)]).toEqual([1, 0]);
    expect(rig.broker.lastPlaced.triggerBy).toBeUndefined();
  });

  it('is the mark of the window where it names none', async () => {
    const rig = held();
    told(rig, 'mark', '48000');
    expect(await step(rig, '49000.1')).toBe(0);
    expect(await step(rig, '49000')).toBe(1);
  });

  it('is the mark of the window while what it names is not told or stale, and that is said once each time', async () => {
    const rig = held(undefined, { triggerBy: 'mark' });
    expect([await step(rig, '49500'), await step(rig, '49400'), warned(rig)]).toEqual([0, 0, 1]);
    told(rig, 'mark', '50000');
    expect([await step(rig, '48000'), warned(rig)]).toEqual([0, 1]);
    rig.clock.advance(rig.config.current.risk.maxMarkStalenessMs + 1);
    expect([await step(rig, '48000'), warned(rig)]).toEqual([1, 2]);
  });

  it('is known to the next start', async () => {
    const rig = held(undefined, { triggerBy: 'index' });
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.hold(10);
    told(next, 'index', '49500');
    expect(await step(next, '48000')).toBe(0);
    told(next, 'index', '48900');
    expect(await step(next, '50000')).toBe(1);
  });
});

describe('a held stop in the journal', () => {
  const taken = (rig: Rig): StopTriggers =>
    new StopTriggers(rig.journal, rig.catalogue, (id) => rig.log.find(id), {
      clock: rig.clock,
      scheduler: rig.scheduler,
    });

  it('is the same order after a restart, whatever was asked of it', () => {
    const rig = new Rig();
    // Complete by its type: a field that is added is asked for here.
    const intent: Required<Omit<OrderIntent, 'snapshot' | 'within' | 'replaces' | 'pastUnknown'>> = {
      ...{ instrument: rig.instrument, side: 'sell', type: 'stop_limit', lots: lots(7) },
      ...{ limit: ticks(489_000), stop: ticks(490_000), triggerBy: 'index', timeInForce: 'GTD' },
      ...{ postOnly: true, reduceOnly: true, leverage: 3, signalId: 's', urgent: true, protects: true, bare: true },
      origin: { strategy: 'test', reason: 'out', decidedAt: T0 },
      options: {
        ...{ goodTill: T0 + 1, trailBps: 5, activation: ticks(491_000), closePosition: true, positionSide: 'long' },
        ...{ group: 'g', after: 'e', selfTrade: 'expire_both' },
      } satisfies Required<OrderOptions>,
    };
    taken(rig).add(intent);
    expect(taken(rig).all()[0]?.intent).toEqual(intent);
  });

  it('written before it said so much is read as it was meant then', () => {
    const rig = new Rig();
    const {
      signalId,
      lots: size,
      stop,
      ...terms
    } = rig.intent({ side: 'sell', type: 'stop_market', stop: ticks(490_000) });
    rig.journal.append('stop_trigger', {
      ...{ trigger_id: signalId, symbol: SYMBOL, side: 'sell', order_type: 'stop_market', tif: terms.timeInForce },
      ...{ quantity: rig.instrument.sizeText(size), stop_price: rig.instrument.priceText(stop ?? ticks(0)) },
      ...{ reduce_only: terms.reduceOnly, strategy: terms.origin.strategy, decision: terms.origin.reason },
      ...{ decided_at: terms.origin.decidedAt, state: 'armed' },
    });
    expect(taken(rig).all()[0]?.intent).toEqual({ ...terms, signalId, lots: size, stop });
  });

  it('that nobody wants any more ends with its order, over a restart too', async () => {
    const rig = held();
    const order = await fire(rig);
    await rig.advanced.cancelAll('halt');
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.hold(10);
    finish(next, order, 4, 'expired');
    await next.scheduler.advance(600_000);
    expect(sizes(next)).toEqual([10]);
    expect(taken(next).all()).toEqual([]);
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
    rig.advanced.amend(id, { limit: ticks(498_000) }, T0 + 1);
    await rig.pending.idle();
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock, engine: 'advanced' });
    await next.start();
    next.stream.accept({ kind: 'fill', fill: next.fill(orderOf(next, 1), 10, 't1') });
    expect(next.ladder.state).toBe('NORMAL');
    next.stream.accept({ kind: 'fill', fill: next.fill(orderOf(next, 0), 1, 't2') });
    expect(next.ladder.tightened).toContain('HALTED intent_overfilled');
  });
});
