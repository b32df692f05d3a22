import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Order } from '#src/domain/order.js';
import { SharedRequestBudget } from '#src/services/execution/gateway/shared-request-budget.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { settled } from '#src/testing/settled.js';
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
  const budgetOf = (history: readonly Order[] = [], resendsPerMinute = 40): SharedRequestBudget =>
    new SharedRequestBudget(
      new FakeConfigController(testConfig({ execution: { resendsPerMinute } })),
      { all: () => history.values() },
      new RecordingLogger(),
    );

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
    for (const kind of ['entry', 'query', 'cancel', 'protection'] as const)
      expect(budget.freeAt(kind, MINUTE)).toBe(MINUTE + pauseMs);
    expect(budget.heldUntil(MINUTE)).toBe(pauseMs > 0 ? MINUTE + pauseMs : undefined);
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
