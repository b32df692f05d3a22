import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { isTerminal } from '#src/domain/order-state.js';
import type { OrderRequest } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { WIDE } from '../risk/harness.js';
import { Rig, settled, SYMBOL, T0, type RigOptions } from './rig.js';

const BATCHES = { place: 5, cancel: 10 };

function listRig(options: RigOptions = {}, batch: typeof BATCHES | null = BATCHES): Rig {
  const capabilities = { brackets: true, groups: true, ...(batch === null ? {} : { batch }) };
  const rig = new Rig({
    broker: new FakeBroker({ capabilities }),
    risk: 'live',
    ...options,
    config: { ...options.config, risk: { ...WIDE, ...options.config?.risk } },
  });
  rig.portfolio.deposit(rig.instrument.toUnits(new Decimal(1_000_000), 'floor'), T0, 'start');
  rig.portfolio.setKnown(true);
  return rig;
}

const buy = (rig: Rig, size: number, extra: Partial<OrderIntent> = {}): OrderIntent =>
  rig.intent({ type: 'limit', limit: ticks(499_000), lots: lots(size), ...extra });
const sell = (rig: Rig, size: number, extra: Partial<OrderIntent> = {}): OrderIntent =>
  rig.intent({ side: 'sell', type: 'limit', limit: ticks(501_000), lots: lots(size), ...extra });
const stop = (rig: Rig, size: number, after = 0): OrderIntent =>
  rig.intent({
    ...{ side: 'sell', type: 'stop_market', stop: ticks(490_000), lots: lots(size), reduceOnly: true },
    within: { after },
  });
const rung = (rig: Rig, size: number, after = 0): OrderIntent =>
  sell(rig, size, { reduceOnly: true, within: { after } });

const idsOf = (submissions: ReturnType<Rig['live']['placeList']>): string[] =>
  submissions.map((submission) => (submission.outcome === 'submitted' ? submission.clientId : submission.outcome));
const requestsOf = ({ broker }: Rig, member: 'placeOrders' | 'cancelOrders'): number =>
  broker.called().filter((call) => call === member).length;
const isReserved = ({ openOrders }: Rig): number =>
  openOrders.size + openOrders.buying(SYMBOL) + openOrders.selling(SYMBOL) + openOrders.reducing(SYMBOL);

describe('a list', () => {
  it('is sent as one parcel, its exits behind the id of its entry', async () => {
    const rig = listRig();
    const [entry = ''] = idsOf(rig.live.placeList([buy(rig, 10), stop(rig, 10), rung(rig, 6), rung(rig, 4)], T0));
    await rig.pending.idle();
    expect(requestsOf(rig, 'placeOrders')).toBe(1);
    expect(rig.broker.placed.map(({ options, lots: size }) => [size, options?.after])).toEqual([
      [10, undefined],
      [10, entry],
      [6, entry],
      [4, entry],
    ]);
    expect(rig.log.open().map(({ status }) => status)).toEqual(['open', 'open', 'open', 'open']);
  });

  it('takes as many parcels as it needs, and one by one where the venue has none', async () => {
    const orders = (rig: Rig): OrderIntent[] => Array.from({ length: 7 }, (_, index) => buy(rig, 1 + index));
    const rig = listRig();
    rig.live.placeList(orders(rig), T0);
    await rig.pending.idle();
    expect(requestsOf(rig, 'placeOrders')).toBe(2);
    const plain = listRig({}, null);
    plain.live.placeList(orders(plain), T0);
    await plain.pending.idle();
    expect(plain.broker.placed.map(({ lots: size }) => size)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(requestsOf(plain, 'placeOrders')).toBe(0);
  });

  it('names the group of those that end each other by the id of the first', async () => {
    const rig = listRig();
    const oco = { within: { group: 'either' } };
    const ids = idsOf(rig.live.placeList([buy(rig, 1, oco), sell(rig, 1, oco), buy(rig, 1)], T0));
    await rig.pending.idle();
    expect(rig.broker.placed.map(({ options }) => options?.group)).toEqual([ids[0], ids[0], undefined]);
  });

  it('gives each order its own outcome: one unknown in a parcel leaves the others as told', async () => {
    const rig = listRig();
    rig.broker.next('placeOrder', {}).next('placeOrder', { lost: 'answer' }).next('placeOrder', { refuse: 'other' });
    rig.live.placeList([buy(rig, 1), buy(rig, 2), buy(rig, 3), buy(rig, 4)], T0);
    await settled();
    expect([...rig.log.all()].map(({ status }) => status)).toEqual(['open', 'unknown', 'rejected', 'open']);
    await rig.gateway.resolveUnknown(T0 + 1);
    expect([...rig.log.all()].map(({ status }) => status)).toEqual(['open', 'open', 'rejected', 'open']);
  });

  it('that is answered in part, or not at all, is unknown as far as nothing was said of it', async () => {
    const rig = listRig();
    const short = (requests: readonly OrderRequest[]): SubmitResult[] =>
      requests.slice(0, 1).map(() => ({ outcome: 'rejected', reason: 'other', message: 'x', at: T0 }));
    rig.broker.next('placeOrders', { reply: short }).next('placeOrders', { throws: new Error('line broke') });
    rig.live.placeList([buy(rig, 1), buy(rig, 2)], T0);
    await settled();
    rig.live.placeList([sell(rig, 3), sell(rig, 4)], T0);
    await settled();
    expect([...rig.log.all()].map(({ status }) => status)).toEqual(['rejected', 'unknown']);
    expect(rig.records('order_rejected').at(-1)).toMatchObject({ check: 'unknown_outcome' });
  });

  it('waits in the lane of its symbol, and its reducing orders wait for nobody (S-24)', async () => {
    const rig = listRig();
    rig.hold(10);
    rig.broker.next('placeOrder', { silent: true });
    rig.live.place(buy(rig, 1), T0);
    await settled();
    rig.live.placeList([buy(rig, 2), buy(rig, 3), sell(rig, 4, { reduceOnly: true })], T0);
    await settled();
    expect(rig.broker.placed.map(({ lots: size }) => size)).toEqual([1, 4]);
  });

  it('of several symbols leaves in a parcel for each', async () => {
    const other = instrument({ symbol: 'ETH-PERP', base: 'ETH' });
    const rig = listRig();
    rig.catalogue.replace(other);
    rig.portfolio.mark('ETH-PERP', rig.markOf('50000'));
    rig.freshness.touch('ETH-PERP', T0);
    rig.broker.next('placeOrders', { silent: true });
    const legs = [rig.instrument, rig.instrument, other, other];
    rig.live.placeList(
      legs.map((leg) => buy(rig, 1, { instrument: leg })),
      T0,
    );
    await settled();
    expect(rig.broker.placed.map(({ symbol }) => symbol)).toEqual(['ETH-PERP', 'ETH-PERP']);
  });

  it('sends nothing behind an entry that did not leave', async () => {
    const rig = listRig({ permit: { objection: () => undefined, worstPrice: () => ticks(498_000) } });
    rig.live.placeList([buy(rig, 1), stop(rig, 1)], T0);
    await rig.pending.idle();
    expect(rig.broker.placed).toEqual([]);
    expect([...rig.log.all()].map(({ reason = '' }) => reason.split(':')[0])).toEqual([
      'price_collar',
      'entry_refused',
    ]);
  });

  it('is cancelled in parcels, each order with its own outcome, in the order asked', async () => {
    const rig = listRig();
    const ids = idsOf(rig.live.placeList([buy(rig, 1), buy(rig, 2), buy(rig, 3)], T0));
    await rig.pending.idle();
    rig.broker.fill(ids[1] ?? '');
    rig.broker.next('cancelOrder', {}).next('cancelOrder', {}).next('cancelOrder', { lost: 'request' });
    expect(await rig.live.cancelMany([...ids, 'nobody', ids[0] ?? ''])).toEqual([
      ...['cancelled', 'not_open', 'unknown', 'not_open', 'cancelled'],
    ]);
    expect(requestsOf(rig, 'cancelOrders')).toBe(1);
    expect(ids.map((id) => rig.log.find(id)?.status)).toEqual(['cancelled', 'filled', 'open']);
    expect(rig.records('order_cancel')).toHaveLength(3);
  });
});

describe('a list that is refused', () => {
  const LIMIT = { config: { risk: { maxPositionSize: new Decimal(500) } } };

  it('leaves nothing behind: no order, no record, no reservation, no rate used up, no signal remembered (S-11)', () => {
    const rig = listRig({ config: { risk: { ...LIMIT.config.risk, ordersPerMinute: 3, maxUnattendedEntries: 2 } } });
    const list = [buy(rig, 6), stop(rig, 6), buy(rig, 6)];
    const refused = rig.live.placeList(list, T0);
    expect(refused.map((each) => each.outcome === 'refused' && each.check)).toEqual(
      Array.from({ length: 3 }, () => 'max_position_size'),
    );
    expect(new Set(refused.map((each) => each.outcome === 'refused' && each.reason)).size).toBe(1);
    expect([isReserved(rig), [...rig.log.all()], rig.records('order'), rig.trace.lines]).toEqual([0, [], [], []]);
    expect(rig.records('strategy_disabled')).toEqual([]);
    // Everything is free again: the very same orders, made small enough.
    const again = rig.live.placeList([...list.slice(0, 2), { ...(list[2] as OrderIntent), lots: lots(3) }], T0);
    expect(again.map(({ outcome }) => outcome)).toEqual(['submitted', 'submitted', 'submitted']);
    expect(rig.records('strategy_disabled')).toHaveLength(1);
  });

  it('is asked in the order given, each with those before it counted', () => {
    const rig = listRig(LIMIT);
    expect(rig.live.placeList([buy(rig, 5), buy(rig, 5)], T0).map(({ outcome }) => outcome)).toEqual([
      ...['submitted', 'submitted'],
    ]);
    expect(rig.live.placeList([buy(rig, 1)], T0)).toMatchObject([{ check: 'max_position_size' }]);
  });

  it.each([
    ['an entry that comes later', (rig: Rig) => [stop(rig, 1, 1), buy(rig, 1)], 'list'],
    ['an entry that is itself', (rig: Rig) => [stop(rig, 1, 0)], 'list'],
    ['one that only reduces', (rig: Rig) => [buy(rig, 1), stop(rig, 1), stop(rig, 1, 1)], 'list'],
    [
      'the same signal twice',
      (rig: Rig) => [buy(rig, 1, { signalId: 's' }), buy(rig, 2, { signalId: 's' })],
      'duplicate_intent',
    ],
  ])('names %s', (_, made, check) => {
    const rig = listRig();
    expect(rig.live.placeList(made(rig), T0)).toMatchObject(made(rig).map(() => ({ outcome: 'refused', check })));
    expect(isReserved(rig)).toBe(0);
  });

  it('asks for what the venue has not: nothing sleeps behind another, or ends another, by our wish alone', () => {
    const rig = listRig({ broker: new FakeBroker({ capabilities: { batch: BATCHES } }) });
    expect(rig.live.placeList([buy(rig, 1), stop(rig, 1)], T0)).toMatchObject([{}, { check: 'unsupported' }]);
    const oco = { within: { group: 'g' } };
    expect(rig.live.placeList([buy(rig, 1, oco), buy(rig, 1, oco)], T0)).toMatchObject([{ check: 'unsupported' }, {}]);
    expect(rig.live.place(buy(rig, 1, oco), T0)).toMatchObject({ check: 'list' });
  });

  it('is refused when the journal is ill, with nothing reserved', () => {
    const rig = listRig();
    rig.events.healthy = false;
    expect(rig.live.placeList([buy(rig, 1), stop(rig, 1)], T0)).toMatchObject([{ check: 'journal_unhealthy' }, {}]);
    expect(isReserved(rig)).toBe(0);
  });

  it('given twice is the same orders to the engine that remembers', async () => {
    const rig = listRig({ engine: 'advanced' });
    const list = [buy(rig, 1), stop(rig, 1)];
    const first = rig.advanced.placeList(list, T0);
    await rig.pending.idle();
    expect(rig.advanced.placeList(list, T0)).toEqual(first);
    expect(rig.broker.placed).toHaveLength(2);
  });
});

/** In lots, at 50 each: one more than this is above the limit. */
const MOST = 20;

interface Part {
  readonly kind: 'single' | 'bracket' | 'oco' | 'either';
  readonly side: 'buy' | 'sell';
  readonly size: number;
  readonly other: number;
}
type Step =
  | { readonly do: 'list'; readonly parts: readonly Part[] }
  | { readonly do: 'fill'; readonly pick: number; readonly size: number }
  | { readonly do: 'cancel'; readonly pick: number }
  | { readonly do: 'hear' };

const size = fc.integer({ min: 1, max: 12 });
const part: fc.Arbitrary<Part> = fc.record({
  kind: fc.constantFrom('single', 'bracket', 'oco', 'either'),
  side: fc.constantFrom('buy', 'sell'),
  size,
  other: size,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('list' as const), parts: fc.array(part, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fill' as const), pick: fc.nat(9), size }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hear' as const) }) },
);

/** A venue that ends the rest of a group by itself and tells of it late, and fills what it likes. */
class AnyVenue {
  readonly rig = listRig({ config: { risk: { maxPositionSize: new Decimal(MOST * 50), maxMarkStalenessMs: 1e12 } } });
  private readonly untold: string[] = [];

  async begin(): Promise<void> {
    await this.rig.start();
  }

  async list(parts: readonly Part[]): Promise<boolean> {
    const { rig } = this;
    const intents: OrderIntent[] = [];
    for (const [index, { kind, side, size: first, other }] of parts.entries()) {
      const make = side === 'buy' ? buy : sell;
      const at = intents.length;
      const within = { group: `g${index}` };
      if (kind === 'single' || kind === 'bracket') intents.push(make(rig, first));
      if (kind === 'bracket') {
        const exit = { side: side === 'buy' ? 'sell' : 'buy', reduceOnly: true, within: { after: at } } as const;
        const price = side === 'buy' ? 490_000 : 510_000;
        const exits = [{ ...exit, type: 'stop_market', stop: ticks(price), lots: lots(first) } as const];
        intents.push(
          ...exits.map((terms) => rig.intent(terms)),
          rig.intent({ ...exit, type: 'limit', limit: ticks(1_000_000 - price), lots: lots(first) }),
        );
      }
      if (kind === 'oco') intents.push(make(rig, first, { within }), make(rig, other, { within }));
      if (kind === 'either') intents.push(buy(rig, first, { within }), sell(rig, other, { within }));
    }
    const [outcome] = rig.live.placeList(intents, rig.clock.now());
    await settled();
    return outcome?.outcome === 'submitted';
  }

  fill(pick: number, size: number): void {
    const open = this.open();
    const order = open[pick % Math.max(1, open.length)];
    if (order === undefined) return;
    const left = Math.min(size, this.left(order));
    if (left <= 0) return;
    this.rig.broker.fill(order.clientId, { size: this.rig.instrument.size(lots(left)), price: 50_000 });
    const group = order.options?.group;
    if (group === undefined || order.reduceOnly) return;
    for (const other of this.open())
      if (other.options?.group === group && other !== order) this.untold.push(other.clientId);
  }

  async cancel(pick: number): Promise<void> {
    const open = this.open();
    const order = open[pick % Math.max(1, open.length)];
    if (order !== undefined) await this.rig.gateway.cancel(order.clientId);
  }

  hear(): void {
    for (const clientId of this.untold.splice(0))
      if (this.rig.broker.account.isOpen(clientId)) this.rig.broker.end(clientId, 'cancelled');
  }

  /** Largest |position| that what is open at the venue can lead to. */
  worst(): number {
    const position = this.rig.portfolio.position(this.rig.instrument).lots;
    const adding = this.open().filter(({ reduceOnly }) => !reduceOnly);
    const sum = (side: 'buy' | 'sell'): number => {
      const groups = new Map<string, number>();
      for (const order of adding)
        if (order.side === side) {
          const key = order.options?.group ?? order.clientId;
          groups.set(key, Math.max(groups.get(key) ?? 0, this.left(order)));
        }
      return [...groups.values()].reduce((total, each) => total + each, 0);
    };
    return Math.max(position + sum('buy'), sum('sell') - position);
  }

  private open(): OrderRequest[] {
    return this.rig.broker.placed.filter(
      ({ clientId }) => this.rig.broker.account.isOpen(clientId) && !this.untold.includes(clientId),
    );
  }

  private left({ clientId, lots: whole, options, reduceOnly, side }: OrderRequest): number {
    const filledOf = (id: string): number => this.rig.log.find(id)?.filled ?? 0;
    const own = whole - filledOf(clientId);
    if (!reduceOnly) return own;
    const position = this.rig.portfolio.position(this.rig.instrument).lots;
    const held = side === 'sell' ? Math.max(0, position) : Math.max(0, 0 - position);
    return Math.min(own, held, options?.after === undefined ? own : filledOf(options.after) - filledOf(clientId));
  }
}

describe('whatever lists, fills and cancellations come', () => {
  it('the worst case of what is open is never more than risk approved, and what is reserved neither (S-21)', async () => {
    let sent = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        const venue = new AnyVenue();
        await venue.begin();
        for (const each of steps) {
          if (each.do === 'list') {
            const isSent = await venue.list(each.parts);
            sent += isSent ? 1 : 0;
            refused += isSent ? 0 : 1;
          } else if (each.do === 'fill') venue.fill(each.pick, each.size);
          else if (each.do === 'cancel') await venue.cancel(each.pick);
          else venue.hear();
          expect(venue.worst()).toBeLessThanOrEqual(MOST);
          const { rig } = venue;
          expect(Number(rig.openOrders.reservedNotional(SYMBOL))).toBeLessThanOrEqual(
            Number(rig.instrument.toUnits(new Decimal(MOST * 50), 'floor')),
          );
          for (const order of rig.openOrders.all()) expect(isTerminal(order.status)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
    expect(Math.min(sent, refused)).toBeGreaterThan(5);
  });

  it('the larger of a group counts once, and the exits of an entry as much as it brings', () => {
    const rig = listRig({ config: { risk: { maxPositionSize: new Decimal(505) } } });
    const oco = { within: { group: 'g' } };
    const both = rig.live.placeList([buy(rig, 4, oco), buy(rig, 10, oco), sell(rig, 10, oco)], T0);
    expect(both.map(({ outcome }) => outcome)).toEqual(['submitted', 'submitted', 'submitted']);
    expect([rig.openOrders.buying(SYMBOL), rig.openOrders.selling(SYMBOL)]).toEqual([10, 10]);
    const exits = listRig({ config: { risk: { maxPositionSize: new Decimal(505) } } });
    const ladder = exits.live.placeList([buy(exits, 10), stop(exits, 10), rung(exits, 6), rung(exits, 4)], T0);
    expect(ladder.map(({ outcome }) => outcome)).toEqual(['submitted', 'submitted', 'submitted', 'submitted']);
    expect(exits.live.place(sell(exits, 1), T0)).toMatchObject({ check: 'max_position_size' });
  });
});
