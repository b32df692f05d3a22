import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Order } from '#src/domain/order.js';
import { SharedRequestBudget } from '#src/services/execution/gateway/shared-request-budget.js';
import { approve } from '#src/domain/risk.js';
import type { RequestKind } from '#src/ports/core-services/request-budget.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import type { BrokerMember } from '#src/testing/answers.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { settled } from '#src/testing/settled.js';
import { lots, ticks } from '#src/domain/units.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { GuardedBot } from './protection/guarded-bot.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { Rig } from './rig.js';

const MINUTE = 60_000;

const rig = (risk: Partial<RiskSettings>): Rig => new Rig({ config: { risk } });

/** Resting buys, acknowledged. */
async function resting(made: Rig, count: number): Promise<string[]> {
  const limit = made.instrument.toTicks(new Decimal(40_000), 'nearest');
  const orders = Array.from({ length: count }, () => made.submit({ type: 'limit', limit }));
  await settled();
  return orders.map(({ request }) => request.clientId);
}

const budgetOf = (
  history: readonly Order[] = [],
  resendsPerMinute = 40,
  journal = new FakeEventStore(),
  time = { measuredMs: 0 },
): SharedRequestBudget =>
  new SharedRequestBudget(
    new FakeConfigController(testConfig({ execution: { resendsPerMinute } })),
    { all: () => history.values() },
    journal,
    new RecordingLogger(),
    time,
  );

describe('PT-14: the budget of messages', () => {
  it('warns of more cancellations in a minute than the limit, once a minute, and holds none back', async () => {
    const made = rig({ cancelsPerMinute: 2 });
    for (const clientId of await resting(made, 5)) expect(await made.gateway.cancel(clientId)).toBe('cancelled');
    expect(made.records('message_budget')).toEqual([{ budget: 'cancel_rate', cancels: 3, limit: 2 }]);
    expect(made.logger.at('warn')).toContain('More is sent than venues tolerate');
  });

  it('counts a minute, and no longer', async () => {
    const made = rig({ cancelsPerMinute: 2 });
    for (const clientId of await resting(made, 6)) {
      await made.gateway.cancel(clientId);
      made.clock.advance(MINUTE / 2);
    }
    expect(made.records('message_budget')).toEqual([]);
  });

  it('does not count what empties the book for safety', async () => {
    const made = rig({ cancelsPerMinute: 2 });
    await resting(made, 5);
    expect((await made.engine.cancelAll('halt')).cancelled).toHaveLength(5);
    expect(made.records('message_budget')).toEqual([]);
  });

  it('warns of more messages for each order that traded than the limit, from a hundred on', async () => {
    const made = rig({ maxOrderToTrade: 50 });
    await made.start();
    for (const clientId of await resting(made, 49)) await made.gateway.cancel(clientId);
    made.broker.next('placeOrder', { fill: { price: 50_000 } });
    made.submit();
    await settled();
    expect(made.records('message_budget')).toEqual([]);
    await resting(made, 1);
    expect(made.records('message_budget')).toEqual([{ budget: 'order_to_trade', messages: 100, trades: 1, limit: 50 }]);
  });

  it('begins anew with the UTC day', async () => {
    const made = rig({ maxOrderToTrade: 1 });
    await resting(made, 60);
    made.clock.advance(24 * 60 * MINUTE);
    await resting(made, 60);
    expect(made.records('message_budget')).toEqual([]);
  });

  it('is optional', async () => {
    const made = rig({});
    for (const clientId of await resting(made, 120)) await made.gateway.cancel(clientId);
    expect(made.records('message_budget')).toEqual([]);
  });
});

describe('PT-13: one rate for whatever is sent again', () => {
  it('is a bucket of half a minute that fills with the other half, for all kinds together', () => {
    const budget = budgetOf();
    for (let i = 0; i < 20; i += 1) {
      expect(budget.freeAt('protection', MINUTE)).toBe(MINUTE);
      budget.sent(i % 2 === 0 ? 'protection' : 'cancel', MINUTE);
    }
    expect(budget.freeAt('protection', MINUTE)).toBe(MINUTE + 3_000);
    expect(budget.freeAt('cancel', MINUTE + 3_000)).toBe(MINUTE + 3_000);
  });

  it('keeps a part for cancellations and protection, which no flood of others uses up (NW-15)', () => {
    const budget = budgetOf();
    budget.sent('entry', MINUTE, 1_000);
    budget.sent('query', MINUTE, 1_000);
    expect(budget.freeAt('query', MINUTE)).toBe(MINUTE + 3_000);
    for (let i = 0; i < 5; i += 1) {
      expect(budget.freeAt('protection', MINUTE)).toBe(MINUTE);
      budget.sent('protection', MINUTE);
    }
    expect(budget.freeAt('cancel', MINUTE)).toBe(MINUTE + 3_000);
  });

  it('is used by the orders of the run before: a restart does not fill it', () => {
    const before = Array.from({ length: 20 }, (_none, i) => ({
      createdAt: 10 * MINUTE - 1_000 + i,
      request: { reduceOnly: true, type: 'stop_market' },
    })) as unknown as Order[];
    expect(budgetOf(before).freeAt('protection', 10 * MINUTE)).toBeGreaterThan(10 * MINUTE);
    expect(budgetOf(before).freeAt('protection', 12 * MINUTE)).toBe(12 * MINUTE);
  });

  it.each([
    ['an answer', { outcome: 'rejected', retryAfterMs: 30_000 }, 30_000],
    ['an error', Object.assign(new Error('429'), { retryAfterMs: 500 }), 500],
    ['one that means no time', { retryAfterMs: -1 }, 0],
    ['one that is no number', { retryAfterMs: 'soon' }, 0],
    ['one of years', { retryAfterMs: 1e12 }, 60 * MINUTE],
    ['nothing', undefined, 0],
  ])('honours the pause that the venue asks for (NW-15): %s', (_what, answer, pauseMs) => {
    const budget = budgetOf();
    budget.heed(answer, MINUTE);
    for (const kind of ['entry', 'query', 'cancel'] as const)
      expect(budget.freeAt(kind, MINUTE)).toBe(MINUTE + pauseMs);
    expect(budget.heldUntil(MINUTE)).toBe(pauseMs > 0 ? MINUTE + pauseMs : undefined);
    expect(budget.freeAt('protection', MINUTE)).toBe(MINUTE);

    budget.heed(answer, MINUTE, 'protection');
    expect(budget.freeAt('protection', MINUTE)).toBe(MINUTE + pauseMs);
  });
});

describe('orders of which nobody knows, that may have opened a position', () => {
  it('are asked for within the rate: what the part for protection allows is charged to it', async () => {
    const rig = new Rig({ budget: budgetOf([], 40) });
    rig.broker.always('placeOrder', { throws: new Error('502') }).always('getOrder', { throws: new Error('502') });
    for (let size = 1; size <= 5; size += 1) rig.submit({ lots: lots(size) });
    const asked: number[] = [];
    for (let second = 0; second < 120; second += 1) {
      await rig.scheduler.advance(1_000);
      await settled();
      asked.push(rig.broker.called().filter((member) => member === 'getOrder').length);
    }
    expect((asked[119] as number) - (asked[59] as number)).toBeGreaterThan(10);
    expect((asked[119] as number) - (asked[59] as number)).toBeLessThanOrEqual(40);
    rig.gateway.close();
  });
});

describe('a pause that is told while the time of the venue is known to within so much', () => {
  it('is over on the clock of the venue, wherever in its bound ours was', () => {
    const budget = budgetOf([], 40, new FakeEventStore(), { measuredMs: 150 });
    // By the clock of the venue it is 150 ms later, and ours is put right before the pause is over.
    const told = MINUTE + 150;
    budget.heed({ retryAfterMs: 10_000 }, MINUTE);
    expect(budget.heldUntil(told + 9_999)).toBeDefined();
    expect(budget.heldUntil(told + 10_000)).toBeUndefined();
  });
});

describe('a pause that a venue asks for, over a restart (NW-15)', () => {
  const told = (ms: number) => ({ retryAfterMs: ms });

  it('holds a next run for what is left of it, each sort by itself', () => {
    const journal = new FakeEventStore();
    const before = budgetOf([], 40, journal);
    before.heed(told(600_000), MINUTE);
    before.heed(told(120_000), MINUTE, 'protection');
    before.heed(told(599_990), MINUTE + 20);
    const after = budgetOf([], 40, journal);
    expect([after.heldUntil(2 * MINUTE), after.heldUntil(2 * MINUTE, 'protection')]).toEqual([660_000, 180_000]);
    expect([after.heldUntil(4 * MINUTE), after.heldUntil(4 * MINUTE, 'protection')]).toEqual([660_000, undefined]);
    expect(after.heldUntil(660_000)).toBeUndefined();
    expect(journal.payloads('left_alone')).toEqual([
      { until: 660_000, for_all: false },
      { until: 180_000, for_all: true },
    ]);
  });

  it.each([[{}], [{ until: 'later' }], [{ until: null, for_all: true }], [{ until: 30_000 }]])(
    'a record that tells none is none: %j',
    (payload) => {
      const journal = new FakeEventStore();
      journal.append('left_alone', payload);
      expect(budgetOf([], 40, journal).heldUntil(MINUTE)).toBeUndefined();
    },
  );

  it('one of years is one of an hour', () => {
    const journal = new FakeEventStore();
    journal.append('left_alone', { until: 1e15 });
    expect(budgetOf([], 40, journal).heldUntil(MINUTE)).toBe(61 * MINUTE);
  });
});

describe('what reduces, while a venue wants to be left alone (NW-15)', () => {
  const THROTTLED = { outcome: 'rejected', reason: 'throttled', message: '418', retryAfterMs: 600_000 } as const;

  function banned(engine: 'live' | 'advanced' = 'live') {
    const budget = budgetOf([], 600);
    const rig = new Rig({ budget, engine });
    rig.hold(10);
    budget.heed(Object.assign(new Error('418'), { retryAfterMs: 600_000 }), rig.clock.now());
    rig.broker.always('placeOrder', { value: { ...THROTTLED, at: rig.clock.now() } });
    const sent = (): number => rig.broker.called().filter((call) => call === 'placeOrder').length;
    return { rig, budget, sent };
  }

  it('a close that a strategy asks for every second is tried once, and again at the told time', async () => {
    const { rig, sent } = banned();
    const outcomes = new Set<string>();
    for (let second = 0; second < 590; second += 1) {
      const submission = rig.place({ action: 'close' });
      outcomes.add(submission.outcome === 'refused' ? submission.check : submission.outcome);
      await settled();
      await rig.scheduler.advance(1_000);
    }
    expect([sent(), [...outcomes]]).toEqual([1, ['submitted', 'cool_down']]);
    rig.broker.heal('placeOrder');
    await rig.scheduler.advance(10_000);
    expect(rig.place({ action: 'close' })).toMatchObject({ outcome: 'submitted' });
    await settled();
    expect(sent()).toBe(2);
  });

  it('is sent as ever where the pause was told to a question and orders are taken', async () => {
    const { rig, sent } = banned();
    rig.broker.heal('placeOrder');
    for (let size = 1; size <= 3; size += 1) {
      rig.place({ action: 'sell', quantity: lots(size), reduceOnly: true });
      await settled();
      await rig.scheduler.advance(1_000);
    }
    expect(sent()).toBe(3);
  });

  it.each(['limit', 'market'] as const)('one that was decided before and leaves now does not: %s', async (type) => {
    const { rig, budget, sent } = banned();
    const order = rig.submit({
      side: 'sell',
      reduceOnly: true,
      type,
      ...(type === 'limit' ? { limit: ticks(1) } : {}),
    });
    budget.heed(THROTTLED, rig.clock.now(), 'protection');
    await rig.pending.idle();
    expect([sent(), rig.log.find(order.request.clientId)?.reason]).toEqual([0, expect.stringMatching(/^cool_down/)]);
  });

  it('the close of a position goes on at the told time, and not at once without its collar', async () => {
    const { rig, sent } = banned('advanced');
    rig.advanced.closePosition(rig.instrument, 'test', rig.clock.now());
    await settled();
    await rig.scheduler.advance(590_000);
    expect(sent()).toBe(1);
    rig.broker.heal('placeOrder');
    await rig.scheduler.advance(60_000);
    expect(sent()).toBe(2);
  });
});

describe('what was asked for before a pause was told, and would leave after it (NW-15)', () => {
  const stop = { type: 'stop_market', stop: ticks(490_000) } as const;
  const reduces = { side: 'sell', reduceOnly: true } as const;
  type Case = readonly [string, RequestKind, BrokerMember, (rig: Rig, resting: string) => unknown];
  const cases: readonly Case[] = [
    ['an entry', 'entry', 'placeOrder', (rig) => rig.submit()],
    ['a close', 'protection', 'placeOrder', (rig) => rig.submit(reduces)],
    ['a stop', 'protection', 'placeOrder', (rig) => rig.submit({ ...reduces, ...stop })],
    ['the exit of a reached stop', 'protection', 'placeOrder', (rig) => rig.submit({ ...reduces, protects: true })],
    [
      'a list',
      'protection',
      'placeOrders',
      (rig) => rig.gateway.submitList([approve(rig.intent(reduces)), approve(rig.intent(reduces))], rig.clock.now()),
    ],
    ['a change', 'entry', 'amendOrder', (rig, resting) => rig.live.amend(resting, { lots: lots(5) }, rig.clock.now())],
    [
      'one that is sent anew',
      'query',
      'cancelOrder',
      (rig, resting) => {
        rig.broker.capabilities = { ...rig.broker.capabilities, amend: 'none' };
        return rig.live.amend(resting, { lots: lots(5) }, rig.clock.now());
      },
    ],
  ];

  it.each(cases)('does not leave: %s', async (_what, kind, member, ask) => {
    const budget = budgetOf([], 600);
    const rig = new Rig({
      budget,
      broker: new FakeBroker({ capabilities: { amend: 'in_place', batch: { place: 5, cancel: 5 } } }),
    });
    rig.hold(20);
    const before = rig.submit({ type: 'limit', limit: ticks(490_000) });
    await rig.pending.idle();
    const asked = rig.broker.called().length;
    ask(rig, before.request.clientId);
    budget.heed({ retryAfterMs: 60_000 }, rig.clock.now(), kind);
    await rig.pending.idle();
    expect(rig.broker.called().slice(asked)).toEqual([]);
    // The same leaves where nothing was told.
    await rig.scheduler.advance(61_000);
    ask(rig, before.request.clientId);
    await rig.pending.idle();
    expect(rig.broker.called().slice(asked)[0]).toBe(member);
  });

  it('a cancellation has one try, and what empties the book for safety is asked for all the same', async () => {
    const budget = budgetOf([], 600);
    const rig = new Rig({ budget });
    const [one = '', two = ''] = await resting(rig, 2);
    const sent = (): number => rig.broker.called().filter((call) => call === 'cancelOrder').length;
    budget.heed({ retryAfterMs: 60_000 }, rig.clock.now());
    const ref = { clientId: one, symbol: rig.instrument.symbol };
    rig.broker.always('cancelOrder', { value: { outcome: 'unknown', ref, cause: '418', retryAfterMs: 60_000 } });
    for (let second = 0; second < 50; second += 1) {
      expect(await rig.gateway.cancel(second % 2 === 0 ? one : two)).toBe('unknown');
      expect(await rig.gateway.cancelMany([one, two])).toEqual(['unknown', 'unknown']);
      await rig.scheduler.advance(1_000);
    }
    expect(sent()).toBe(1);
    await rig.live.cancelAll('test');
    expect(sent()).toBe(3);
  });

  it('of cancellations, holds a next run, too', () => {
    const journal = new FakeEventStore();
    budgetOf([], 40, journal).heed({ retryAfterMs: 120_000 }, MINUTE, 'cancel');
    const after = budgetOf([], 40, journal);
    const kinds = ['cancel', 'query', 'protection'] as const;
    expect(kinds.map((kind) => after.heldUntil(2 * MINUTE, kind))).toEqual([180_000, 180_000, undefined]);
  });
});

describe('a check that asks the venue before an order leaves', () => {
  it.each([
    ['the quote of a post-only order that reduces, which leaves all the same', 'getQuote', {}, 'open'],
    ['a preview', 'previewOrder', { previewOrders: true, previewFailClosed: true }, 'rejected'],
    ['a preview that need not be', 'previewOrder', { previewOrders: true, previewFailClosed: false }, 'open'],
  ] as const)('does not ask while the venue wants to be left alone: %s', async (_what, member, execution, status) => {
    const budget = budgetOf([], 600);
    const rig = new Rig({ budget, engine: 'advanced', config: { execution } });
    rig.broker.capabilities = { ...rig.broker.capabilities, preview: true };
    rig.hold(10);
    budget.heed({ retryAfterMs: 60_000 }, rig.clock.now());
    const postOnly = member === 'getQuote';
    rig.advanced.place(
      rig.intent({ side: 'sell', reduceOnly: true, type: 'limit', limit: ticks(510_000), postOnly }),
      rig.clock.now(),
    );
    await rig.pending.idle();
    expect(rig.broker.called()).not.toContain(member);
    expect([...rig.log.all()].map((order) => order.status)).toEqual([status]);
  });

  it('cancelling everything asks all the same, and heeds what it is told', async () => {
    const budget = budgetOf([], 600);
    const rig = new Rig({ budget });
    budget.heed({ retryAfterMs: 60_000 }, rig.clock.now());
    rig.broker.always('listOpenOrders', { throws: Object.assign(new Error('418'), { retryAfterMs: 300_000 }) });
    await rig.live.cancelAll('test');
    expect(rig.broker.called()).toContain('listOpenOrders');
    expect(budget.heldUntil(rig.clock.now())).toBe(rig.clock.now() + 300_000);
  });
});

describe('a venue that asks to be left alone (NW-15)', () => {
  it('gets no entry and no stop again before that, and the stop first of all after it', async () => {
    const bot = await new GuardedBot().open();
    try {
      await bot.enter();
      const at = bot.made.clock.now();
      const told = { outcome: 'rejected', reason: 'throttled', message: '429', at, retryAfterMs: 30_000 } as const;
      bot.broker.always('placeOrder', { value: told });
      bot.broker.end(bot.stops[0]?.clientId ?? '', 'cancelled');
      await bot.made.advance(1_000);
      const sent = (): number => bot.broker.called().filter((call) => call === 'placeOrder').length;
      const before = sent();
      bot.broker.heal('placeOrder');
      await bot.made.advance(28_000);
      expect([sent() - before, bot.covered]).toEqual([0, 0]);
      expect(bot.decide('buy', 1)).toMatchObject({ outcome: 'refused' });
      await bot.made.advance(3_000);
      expect([sent() - before, bot.covered]).toEqual([1, 10]);
    } finally {
      await bot.made.stop();
    }
  });
});
