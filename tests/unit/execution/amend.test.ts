import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId, type OrderChange } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import type { OrderAmendment } from '#src/ports/venue/order-amendment.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { WIDE } from '../risk/harness.js';
import { Rig, settled, SYMBOL, T0, type RigOptions } from './rig.js';

/** An order that rests at a venue of these capabilities, and how to change it. */
interface Resting {
  readonly rig: Rig;
  readonly clientId: string;
  readonly news: string[];
  readonly amend: (change: OrderChange) => ReturnType<Rig['live']['amend']>;
}

async function resting(
  capabilities: Partial<Capabilities> = { amend: 'in_place' },
  terms: Partial<OrderIntent> = {},
  options: RigOptions = {},
): Promise<Resting> {
  const rig = new Rig({
    broker: new FakeBroker({ capabilities: { amendTriggers: true, ...capabilities } }),
    ...options,
  });
  await rig.start();
  rig.portfolio.deposit(rig.instrument.toUnits(new Decimal(1_000_000), 'floor'), T0, 'start');
  rig.portfolio.setKnown(true);
  const news: string[] = [];
  rig.gateway.onAmended(({ outcome, check }) => news.push(check === undefined ? outcome : `${outcome} ${check}`));
  const placed = rig.live.place(rig.intent({ type: 'limit', limit: ticks(490_000), ...terms }), T0);
  await rig.pending.idle();
  const clientId = placed.outcome === 'submitted' ? placed.clientId : JSON.stringify(placed);
  return { rig, clientId, news, amend: (change) => rig.live.amend(clientId, change, rig.clock.now()) };
}

const changesSent = ({ broker }: Rig): OrderChange[] =>
  broker.calls
    .flatMap(({ member, args }) => (member === 'amendOrder' ? [args[0] as OrderAmendment] : []))
    .map(({ limit, stop, lots: size }) => ({ limit, stop, lots: size }) as OrderChange);

describe('a change of an order', () => {
  it('is durable before it leaves, and the terms of the order afterwards', async () => {
    const { rig, clientId, amend, news } = await resting();
    const seen: unknown[] = [];
    rig.broker.next('amendOrder', {
      reply: () => {
        seen.push(rig.records('order_amend').at(-1)?.['outcome'], rig.records('order').at(-1)?.['changing']);
        seen.push(rig.openOrders.buying(SYMBOL));
        return { outcome: 'accepted', venueId: venueOrderId('v2'), at: T0 };
      },
    });
    expect(amend({ lots: lots(25), limit: ticks(491_000) })).toEqual({ outcome: 'asked' });
    expect(rig.openOrders.buying(SYMBOL)).toBe(25);
    await rig.pending.idle();
    expect(seen).toMatchObject(['asked', { quantity: '0.025', limit_price: '49100' }, 25]);
    expect(rig.log.find(clientId)).toMatchObject({ request: { lots: 25, limit: 491_000 }, venueIds: ['v1', 'v2'] });
    expect([news, rig.records('order_amend').map(({ outcome }) => outcome)]).toEqual([
      ['amended'],
      ['asked', 'amended'],
    ]);
  });

  it('is refused in hand where there is nothing to change', async () => {
    const { rig, clientId, amend } = await resting();
    expect(amend({ limit: ticks(490_000), lots: lots(10) })).toEqual({ outcome: 'unchanged' });
    expect(amend({ stop: ticks(1) })).toMatchObject({ check: 'order_terms' });
    expect(amend({ lots: lots(0) })).toMatchObject({ check: 'order_terms' });
    expect(rig.live.amend('nobody', { lots: lots(1) }, T0)).toMatchObject({ check: 'not_open' });
    await rig.gateway.cancel(clientId);
    expect(amend({ lots: lots(1) })).toMatchObject({ check: 'not_open' });
    expect(changesSent(rig)).toEqual([]);
  });

  it('waits for an earlier one, and of those that wait the newest is sent', async () => {
    const { rig, clientId, amend, news } = await resting();
    expect([491_000, 492_000, 493_000].map((limit) => amend({ limit: ticks(limit) }).outcome)).toEqual([
      ...['asked', 'queued', 'queued'],
    ]);
    await rig.pending.idle();
    expect(changesSent(rig).map(({ limit }) => limit)).toEqual([491_000, 493_000]);
    expect([rig.log.find(clientId)?.request.limit, news]).toEqual([493_000, ['amended', 'amended']]);
  });

  it('waits for the answer to the order itself, and is not sent when nobody knows that', async () => {
    const rig = new Rig({ broker: new FakeBroker({ capabilities: { amend: 'in_place' } }) });
    const news: string[] = [];
    rig.gateway.onAmended(({ outcome, check = '' }) => news.push(`${outcome} ${check}`));
    const terms = { type: 'limit', limit: ticks(490_000) } as const;
    for (const lost of [undefined, 'answer'] as const) {
      if (lost !== undefined) rig.broker.next('placeOrder', { lost });
      const placed = rig.live.place(rig.intent(terms), T0);
      const clientId = placed.outcome === 'submitted' ? placed.clientId : '';
      expect(rig.live.amend(clientId, { lots: lots(5) }, T0)).toEqual({ outcome: 'queued' });
      await settled();
      await settled();
    }
    expect([changesSent(rig).length, news]).toEqual([1, ['amended ', 'refused changing']]);
  });

  it('of unknown outcome lets nobody change the order until the venue has said what holds', async () => {
    const { rig, clientId, amend, news } = await resting();
    rig.broker.next('amendOrder', { throws: new Error('line broke') });
    amend({ lots: lots(20) });
    await settled();
    expect([amend({ lots: lots(30) }), rig.openOrders.buying(SYMBOL)]).toMatchObject([{ check: 'changing' }, 20]);
    await rig.gateway.resolveUnknown(rig.clock.advance(2_000));
    expect(rig.openOrders.buying(SYMBOL)).toBe(20);
    for (let turn = 0; turn < 3; turn += 1) await rig.gateway.resolveUnknown(rig.clock.advance(20_000));
    expect([rig.openOrders.buying(SYMBOL), news]).toEqual([10, ['unknown', 'refused not_changed']]);
    expect(rig.log.find(clientId)?.changing).toBeUndefined();
    expect(amend({ lots: lots(30) })).toEqual({ outcome: 'asked' });
  });

  it('in flight when the process died is looked up before anything else touches the order', async () => {
    const { rig, clientId, amend } = await resting();
    rig.broker.next('amendOrder', { silent: true });
    amend({ lots: lots(20) });
    await settled();
    rig.broker.account.amend({ ref: { clientId, symbol: SYMBOL }, lots: lots(20) });
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await next.start();
    expect(next.openOrders.buying(SYMBOL)).toBe(20);
    expect(next.live.amend(clientId, { lots: lots(5) }, T0)).toMatchObject({ check: 'changing' });
    await next.gateway.resolveUnknown(next.clock.now());
    expect(next.log.find(clientId)).toMatchObject({ request: { lots: 20 }, status: 'open' });
    expect(next.live.amend(clientId, { lots: lots(5) }, T0)).toEqual({ outcome: 'asked' });
  });

  it('is asked of risk where it grows or gives more away: on the larger of old and new, in place of the order', async () => {
    const risk = { ...WIDE, maxPositionSize: new Decimal(600), ordersPerMinute: 1, passiveBand: new Decimal(1) };
    const { rig, amend } = await resting(undefined, {}, { risk: 'live', config: { risk } });
    expect(amend({ lots: lots(13) })).toMatchObject({ check: 'max_position_size' });
    expect(rig.openOrders.buying(SYMBOL)).toBe(10);
    expect(amend({ lots: lots(12) })).toEqual({ outcome: 'asked' });
    await rig.pending.idle();
    expect(amend({ limit: ticks(900_000) })).toMatchObject({ check: 'price_collar' });
    rig.freshness.touch(SYMBOL, T0 - 1e9);
    expect(amend({ limit: ticks(491_000) })).toMatchObject({ check: 'stale_mark' });
    expect(amend({ limit: ticks(480_000), lots: lots(4) })).toEqual({ outcome: 'asked' });
  });

  it.each([
    ['NORMAL', true, true, true],
    ['REDUCE_ONLY', true, true, false],
    ['HALTED', true, false, false],
    ['FLATTENING', true, false, false],
    ['LOCKED', false, false, false],
  ] as const)('in %s: of protection %s, downwards %s, upwards %s', async (state, protection, down, up) => {
    const stop = { side: 'sell', type: 'stop_market', stop: ticks(480_000) } as const;
    const config = { risk: { ...WIDE } };
    const of = async (terms: object, change: OrderChange): Promise<boolean> => {
      const { rig, amend, clientId } = await resting(undefined, { lots: lots(4) }, { risk: 'live', config });
      rig.hold(10);
      let id = clientId;
      if ('stop' in terms) {
        const placed = rig.live.place(rig.intent({ ...stop, lots: lots(10), reduceOnly: true }), T0);
        id = placed.outcome === 'submitted' ? placed.clientId : '';
        await rig.pending.idle();
      }
      rig.ladder.state = state;
      return (id === clientId ? amend(change) : rig.live.amend(id, change, T0)).outcome === 'asked';
    };
    expect(await of(stop, { stop: ticks(485_000) })).toBe(protection);
    expect(await of({}, { lots: lots(2) })).toBe(down);
    expect(await of({}, { lots: lots(8) })).toBe(up);
  });

  it('is waited for by a cancellation, but not by one that empties the book', async () => {
    for (const why of [undefined, 'safety'] as const) {
      const { rig, clientId, amend, news } = await resting();
      let answer = (): void => undefined;
      rig.broker.next('amendOrder', {
        reply: (change) =>
          new Promise((resolve) => {
            answer = () => resolve({ outcome: 'accepted', venueId: rig.broker.account.amend(change), at: T0 });
          }),
      });
      amend({ lots: lots(20) });
      amend({ lots: lots(30) });
      await settled();
      if (why === 'safety') rig.broker.next('cancelOrder', { lost: 'request' });
      const outcome = rig.gateway.cancel(clientId, why);
      await settled();
      expect([rig.broker.cancelled.length, amend({ lots: lots(1) })]).toMatchObject([why === 'safety' ? 1 : 0, {}]);
      answer();
      expect(await outcome).toBe('cancelled');
      expect([rig.log.find(clientId)?.status, changesSent(rig).length]).toEqual(['cancelled', 1]);
      expect(news).toEqual(['refused withdrawn', 'amended']);
    }
  });
});

describe('where the venue changes nothing in place', () => {
  const TERMS = { type: 'limit', limit: ticks(490_000), lots: lots(10) } as const;

  it('the rest is sent anew once the end and all fills are known, linked to the old order', async () => {
    const { rig, clientId, amend, news } = await resting({ amend: 'none' }, TERMS);
    rig.broker.account.fill(clientId, { size: '0.003' }, false);
    expect(amend({ limit: ticks(491_000), lots: lots(12) })).toEqual({ outcome: 'asked' });
    expect(rig.openOrders.buying(SYMBOL)).toBe(12);
    amend({ limit: ticks(492_000) });
    await rig.pending.idle();
    const [, second, third] = rig.broker.placed;
    expect([second, third]).toMatchObject([
      ...[
        { limit: 491_000, lots: 9 },
        { limit: 492_000, lots: 9 },
      ],
    ]);
    expect(rig.log.find(second?.clientId ?? '')?.replaces).toBe(clientId);
    expect(rig.log.find(third?.clientId ?? '')).toMatchObject({ replaces: second?.clientId, status: 'open' });
    expect([rig.openOrders.buying(SYMBOL), news]).toEqual([9, ['replaced', 'replaced']]);
  });

  it.each([
    ['a size that has filled', { lots: lots(3) }, 'ended'],
    ['a smaller size', { lots: lots(2) }, 'ended'],
  ])('%s ends it', async (_, change, outcome) => {
    const { rig, clientId, amend, news } = await resting({ amend: 'none' }, TERMS);
    rig.broker.fill(clientId, { size: '0.003' });
    amend(change);
    await rig.pending.idle();
    expect([rig.broker.placed.length, rig.log.find(clientId)?.status, news]).toEqual([1, 'cancelled', [outcome]]);
  });

  it('a rest that risk refuses leaves the old order cancelled, and its reason says so', async () => {
    const { rig, clientId, amend, news } = await resting({ amend: 'none' }, TERMS);
    amend({ lots: lots(5) });
    rig.risk.refusal = { check: 'daily_loss', reason: 'too much' };
    await rig.pending.idle();
    expect(rig.log.find(clientId)).toMatchObject({ status: 'cancelled', reason: 'not replaced: daily_loss: too much' });
    expect([rig.openOrders.size, news]).toEqual([0, ['refused daily_loss']]);
  });

  it.each([
    ['a smaller size', { lots: lots(8) }, 'max_position_size'],
    ['a better price', { limit: ticks(489_000) }, 'max_position_size'],
    ['what fits', { lots: lots(2) }, undefined],
  ])('%s is asked about as the order that would be sent, before the old one is given up', async (_, change, check) => {
    const risk = { ...WIDE, maxPositionSize: new Decimal(600), passiveBand: new Decimal(1) };
    const options: RigOptions = { risk: 'live', config: { risk } };
    const { rig, clientId, amend } = await resting({ amend: 'none' }, TERMS, options);
    // Somebody else's fill: what rests would not be approved any more.
    rig.hold(10);
    const asked = amend(change);
    await rig.pending.idle();
    expect(asked).toMatchObject(check === undefined ? { outcome: 'asked' } : { outcome: 'refused', check });
    expect(rig.log.find(clientId)?.status).toBe(check === undefined ? 'cancelled' : 'open');
    expect(rig.broker.placed.map(({ lots: size }) => size)).toEqual(check === undefined ? [10, 2] : [10]);
    // Where the venue changes it in place nothing can be lost, and less is less.
    const other = await resting({ amend: 'in_place' }, TERMS, options);
    other.rig.hold(10);
    expect(other.amend(change)).toEqual({ outcome: 'asked' });
  });

  it('an order rate that is used up gives nothing up', async () => {
    const config = { risk: { ...WIDE, ordersPerMinute: 1, passiveBand: new Decimal(1) } };
    const { rig, clientId, amend } = await resting({ amend: 'none' }, TERMS, { risk: 'live', config });
    expect(amend({ lots: lots(8) })).toMatchObject({ check: 'order_rate' });
    expect([rig.log.find(clientId)?.status, rig.broker.placed.length]).toEqual(['open', 1]);
  });

  it('nothing is sent anew of what somebody cancels, or what has filled meanwhile', async () => {
    const { rig, clientId, amend, news } = await resting({ amend: 'none' }, TERMS);
    amend({ limit: ticks(491_000) });
    expect(await rig.gateway.cancel(clientId)).toBe('cancelled');
    expect([rig.broker.placed.length, news]).toEqual([1, ['refused withdrawn']]);
    const other = await resting({ amend: 'none' }, TERMS);
    other.amend({ limit: ticks(491_000) });
    other.rig.broker.account.fill(other.clientId, {}, false);
    await other.rig.pending.idle();
    expect([other.rig.broker.placed.length, other.news]).toEqual([1, ['refused too_late']]);
    expect(other.rig.log.find(other.clientId)?.status).toBe('filled');
  });

  it('a stop is replaced where triggers are not amended, though limits are', async () => {
    const stop = { side: 'sell', type: 'stop_market', stop: ticks(480_000), reduceOnly: true } as const;
    const rig = new Rig({ broker: new FakeBroker({ capabilities: { amend: 'in_place' } }) });
    rig.hold(10);
    const placed = rig.live.place(rig.intent(stop), T0);
    await rig.pending.idle();
    rig.live.amend(placed.outcome === 'submitted' ? placed.clientId : '', { stop: ticks(485_000) }, T0);
    await rig.pending.idle();
    expect([changesSent(rig), rig.broker.placed.map((order) => order.stop)]).toEqual([[], [480_000, 485_000]]);
  });
});
