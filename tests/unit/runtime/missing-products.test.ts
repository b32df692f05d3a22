import { afterEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import { lots } from '#src/domain/units.js';
import { OrderReconciler } from '#src/ports/core-services/execution.js';
import { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const BTC = instrumentSpec();
const ETH = instrumentSpec({ symbol: 'ETH-PERP', base: 'ETH', tick: new Decimal('0.01') });
const BOTH = [BTC, ETH];

let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map(({ bot }) => bot.stop()));
  made = [];
});

/** The venue trades both, and its next answers name these. */
const name = (broker: FakeBroker, named: readonly InstrumentSpec[]): void =>
  void broker.always('listProducts', { value: named });

/** One process of a bot that is configured for both, at a venue that names what `named` says. */
function rig(named = BOTH, events = new FakeEventStore(), broker = new FakeBroker()): TestBot {
  broker.products = [...BOTH];
  name(broker, named);
  const bot = testBot({
    config: testConfig({
      symbols: ['BTC-PERP', 'ETH-PERP'],
      instruments: { 'BTC-PERP': BTC, 'ETH-PERP': ETH },
      streaming: { enabled: false },
      execution: { onShutdown: 'keep' },
    }),
    broker,
    overrides: (container) => swap(container, EventStore, events),
  });
  made.push(bot);
  return bot;
}

const order = (bot: TestBot, symbol: string, action: 'buy' | 'sell' | 'close', reduceOnly = false): string => {
  const submission = bot.bot.executeDecision(symbol, {
    action,
    reason: 'test',
    quantity: lots(10),
    ...(reduceOnly ? { reduceOnly } : {}),
  });
  return submission.outcome === 'refused' ? submission.check : submission.outcome;
};

const prices = { 'BTC-PERP': 50_000, 'ETH-PERP': 2_500 };
const sizeOf = (bot: TestBot, symbol: string): string =>
  String([...bot.get(Portfolio).positions()].find(({ instrument }) => instrument.symbol === symbol)?.size ?? 0);

/** Holds 0.01 of ETH, bought at the mark in a process that knew both products. */
async function holding(events: FakeEventStore): Promise<FakeBroker> {
  const before = rig(BOTH, events);
  await before.open();
  await before.cycle(prices);
  before.broker.next('placeOrder', { fill: { price: prices['ETH-PERP'] } });
  expect(order(before, 'ETH-PERP', 'buy')).toBe('submitted');
  await settled();
  expect(sizeOf(before, 'ETH-PERP')).toBe('0.01');
  await before.bot.stop();
  return before.broker;
}

describe('a configured product that the venue does not name', () => {
  it('holds nobody back: the bot starts with the other, says so, and opens nothing in the missing one', async () => {
    const bot = await rig([BTC]).open();
    await bot.cycle(prices);

    expect(order(bot, 'BTC-PERP', 'buy')).toBe('submitted');
    expect(() => order(bot, 'ETH-PERP', 'buy')).toThrow(expect.objectContaining({ code: 'CFG-007' }));
    expect(bot.get(ProductCatalogue).missing).toEqual(['ETH-PERP']);
    expect(bot.logger.at('warn')).toContain(
      'ETH-PERP is configured but not confirmed by the venue; nothing is opened in it',
    );
    expect(
      bot
        .get(EventStore)
        .query({ types: ['products_missing'] })
        .map(({ payload }) => payload),
    ).toEqual([{ symbols: ['ETH-PERP'] }]);
    expect(bot.logger.at('error')).toEqual([]);
  });

  it('is asked for again, and traded when an answer names it', async () => {
    const bot = await rig([BTC]).open();
    await bot.cycle(prices);
    await bot.get(OrderReconciler).reconcile();
    expect(bot.get(ProductCatalogue).missing).toEqual(['ETH-PERP']);

    name(bot.broker, BOTH);
    await bot.get(OrderReconciler).reconcile();
    await bot.cycle(prices);
    await bot.cycle(prices);
    expect(bot.get(ProductCatalogue).missing).toEqual([]);
    expect(order(bot, 'ETH-PERP', 'buy')).toBe('submitted');
    const asked = bot.broker.called().filter((call) => call === 'listProducts').length;
    await bot.get(OrderReconciler).reconcile();
    expect(bot.broker.called().filter((call) => call === 'listProducts')).toHaveLength(asked);
  });

  it('is asked for again after an answer that failed', async () => {
    const bot = await rig([BTC]).open();
    bot.broker.next('listProducts', { throws: new Error('503') });
    await bot.get(OrderReconciler).reconcile();
    name(bot.broker, BOTH);
    await bot.get(OrderReconciler).reconcile();
    expect(bot.get(ProductCatalogue).missing).toEqual([]);
  });

  it('refuses the start when none of them is named, and nothing is known of any', async () => {
    await expect(rig([]).open()).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'CFG-007' } });
  });
});

describe('what is open in a product that the venue does not name', () => {
  it.each<[string, (events: FakeEventStore) => void]>([
    ['as the journal describes it', () => undefined],
    [
      'as the configuration does, of a journal that describes none',
      (events) => {
        const kept = events.events.filter(({ type }) => type !== 'instrument' && type !== 'products_missing');
        events.events.splice(0, events.events.length, ...kept);
      },
    ],
  ])('is looked after over a restart, %s, and can be closed', async (_, change) => {
    const events = new FakeEventStore();
    const broker = await holding(events);
    change(events);

    const bot = await rig([BTC], events, broker).open();
    await bot.cycle(prices);
    await bot.cycle({ ...prices, 'ETH-PERP': 2_600 });
    expect(sizeOf(bot, 'ETH-PERP')).toBe('0.01');
    expect(bot.get(SafetyLadder).state).toBe('NORMAL');
    expect(String(bot.get(Portfolio).unrealised)).toBe(String(100_000_000));

    expect(order(bot, 'ETH-PERP', 'buy')).toBe('product_unconfirmed');
    bot.broker.next('placeOrder', { fill: 'all' });
    expect(order(bot, 'ETH-PERP', 'close')).toBe('submitted');
    await settled();
    expect(sizeOf(bot, 'ETH-PERP')).toBe('0');
  });

  it('is looked after when the only product of all is not named', async () => {
    const events = new FakeEventStore();
    const broker = await holding(events);

    const bot = await rig([], events, broker).open();
    await bot.cycle(prices);
    expect([order(bot, 'BTC-PERP', 'buy'), order(bot, 'ETH-PERP', 'close')]).toEqual([
      'product_unconfirmed',
      'submitted',
    ]);
  });

  it('stays when an answer in the middle of a run does not name it', async () => {
    const bot = await rig().open();
    await bot.cycle(prices);
    bot.broker.next('placeOrder', { fill: 'all' });
    expect(order(bot, 'ETH-PERP', 'buy')).toBe('submitted');
    await settled();
    const before = bot.get(ProductCatalogue).instrument('ETH-PERP');

    name(bot.broker, [BTC]);
    await bot.get(ProductCatalogue).refresh();
    await bot.cycle(prices);
    expect(bot.get(ProductCatalogue).find('ETH-PERP')).toBe(before);
    expect(bot.get(ProductCatalogue).getProduct('ETH-PERP')).toMatchObject({ confirmed: false });
    expect([order(bot, 'ETH-PERP', 'buy'), order(bot, 'ETH-PERP', 'sell', true)]).toEqual([
      'product_unconfirmed',
      'submitted',
    ]);

    name(bot.broker, BOTH);
    await bot.get(ProductCatalogue).refresh();
    expect(order(bot, 'ETH-PERP', 'buy')).toBe('submitted');
  });
});

describe('AC-14: a product that the venue shuts', () => {
  it.each(['reduce_only', 'cancel_only', 'halted', 'closed'] as const)(
    'is not entered while it is %s, can be left, and is entered again when it trades',
    async (status) => {
      const bot = await rig().open();
      await bot.cycle(prices);
      bot.broker.next('placeOrder', { fill: 'all' });
      expect(order(bot, 'ETH-PERP', 'buy')).toBe('submitted');
      await settled();

      name(bot.broker, [BTC, { ...ETH, status }]);
      await bot.get(ProductCatalogue).refresh();
      await bot.cycle(prices);
      expect([order(bot, 'ETH-PERP', 'buy'), order(bot, 'BTC-PERP', 'buy')]).toEqual([
        'product_unconfirmed',
        'submitted',
      ]);
      expect(bot.get(ProductCatalogue).missing).toEqual(['ETH-PERP']);
      expect(order(bot, 'ETH-PERP', 'close')).toBe('submitted');

      name(bot.broker, BOTH);
      await bot.get(OrderReconciler).reconcile();
      await bot.cycle(prices);
      expect(order(bot, 'ETH-PERP', 'buy')).toBe('submitted');
    },
  );

  it.each(['trading', 'post_only', 'limit_only'] as const)('is traded while it is %s', async (status) => {
    const bot = await rig([BTC, { ...ETH, status }]).open();
    await bot.cycle(prices);
    expect(bot.get(ProductCatalogue).getProduct('ETH-PERP').confirmed).toBe(true);
  });
});
