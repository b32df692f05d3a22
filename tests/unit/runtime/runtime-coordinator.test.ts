import { afterEach, describe, expect, it } from '@jest/globals';
import { clientOrderId } from '#src/domain/client-order-id.js';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { OrderLog, PositionReconciler } from '#src/ports/core-services/execution.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { OpenOrders } from '#src/ports/runtime-state/open-orders.js';
import { RuntimeCoordinator } from '#src/ports/core-services/runtime-coordinator.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { FAKE_CAPABILITIES } from '#src/testing/fake-capabilities.js';
import type { AnswerOf } from '#src/testing/answers.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { moneyOf } from '../../support/finest.js';

const BTC = instrument();
let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map(({ bot }) => bot.stop()));
  made = [];
});

function rig(
  options: {
    config?: Parameters<typeof testConfig>[0];
    broker?: FakeBroker;
    events?: FakeEventStore;
    host?: ManualScheduler;
  } = {},
): TestBot {
  const bot = testBot({
    config: testConfig({ streaming: { enabled: false }, ...options.config }),
    ...(options.broker === undefined ? {} : { broker: options.broker }),
    overrides: (container) => {
      if (options.events !== undefined) swap(container, EventStore, options.events);
      if (options.host !== undefined) swap(container, HostScheduler, options.host);
    },
  });
  made.push(bot);
  return bot;
}

const records = (bot: TestBot, type: string): unknown[] =>
  bot
    .get(EventStore)
    .query({ types: [type] })
    .map(({ botId, payload }) => ({ botId, ...payload }));

describe('a start within a pause that an earlier run was told of (NW-15)', () => {
  const told = { throws: Object.assign(new Error('418'), { retryAfterMs: 600_000 }) };

  it('asks the venue nothing until it is over, and starts then', async () => {
    const events = new FakeEventStore();
    const broker = new FakeBroker();
    broker.next('connect', told);
    await expect(rig({ events, broker, host: broker.scheduler }).bot.open()).rejects.toMatchObject({ code: 'BOT-002' });
    expect(events.payloads('left_alone')).toHaveLength(1);

    const next = new FakeBroker({ scheduler: broker.scheduler });
    const bot = rig({ events, broker: next, host: broker.scheduler });
    const opening = bot.bot.open();
    await settled();
    await broker.scheduler.advance(599_000);
    expect(next.called()).toEqual([]);
    expect(bot.logger.at('warn').join()).toContain('The start waits for it.');
    await broker.scheduler.advance(1_000);
    await opening;
    expect(next.called().slice(0, 2)).toEqual(['connect', 'getAccountId']);
  });

  it('is stopped while it waits', async () => {
    const events = new FakeEventStore();
    const broker = new FakeBroker();
    events.append('left_alone', { until: broker.scheduler.clock.now() + 600_000, for_all: false });
    const { bot } = rig({ events, broker, host: broker.scheduler });
    const opening = expect(bot.open()).rejects.toMatchObject({ code: expect.stringMatching(/^BOT-00[23]$/) });
    await settled();
    await bot.stop();
    await opening;
    expect(broker.called()).toEqual([]);
  });
});

/** A resting buy of ours, accepted by the venue. */
async function withOrder(bot: TestBot): Promise<string> {
  bot.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), bot.clock.now());
  const submission = bot.bot.executeDecision('BTC-PERP', {
    action: 'buy',
    reason: 'test',
    quantity: lots(10),
    orderType: 'limit',
    limit: BTC.toTicks(new Decimal(49_900), 'nearest'),
  });
  if (submission.outcome !== 'submitted') throw new Error(JSON.stringify(submission));
  await settled();
  return submission.clientId;
}

const venueOrder = (clientId: string): VenueOrder => ({
  venueId: venueOrderId('v1'),
  clientId,
  symbol: 'BTC-PERP',
  side: 'buy',
  type: 'limit',
  size: new Decimal('0.01'),
  filled: new Decimal(0),
  price: new Decimal(49_900),
  reduceOnly: false,
  report: { status: 'open', at: 0, venueId: venueOrderId('v1') },
});

describe('AccountRuntimeCoordinator coming up', () => {
  it('asks the venue in order: connection, account, products, account stream, fills, positions', async () => {
    const bot = rig();

    await bot.bot.open();

    expect(bot.broker.called().slice(0, 7)).toEqual([
      'connect',
      'getAccountId',
      'listProducts',
      'openAccount',
      'listFills',
      'listBalances',
      'listPositions',
    ]);
    expect(bot.get(EventStore).query({ types: ['account'] })[0]?.payload).toEqual({
      account: 'fake-account',
      venue: 'fake',
    });
  });

  it('refuses a venue of another world before the first byte', async () => {
    const broker = new FakeBroker();
    broker.capabilities = { ...FAKE_CAPABILITIES, environment: 'live' };
    const { bot } = rig({ broker });

    await expect(bot.open()).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'DI-005' } });

    expect(broker.called()).toEqual([]);
  });

  it('fails with the cause when the broker cannot be reached, and leaves nothing behind', async () => {
    const broker = new FakeBroker();
    const cause = new Error('no route to venue');
    broker.always('connect', { throws: cause });
    const { bot, scheduler } = rig({ broker });

    await expect(bot.open()).rejects.toMatchObject({ code: 'BOT-002', cause });

    expect(broker.called()).toEqual(['connect']);
    expect(scheduler.pending).toBe(0);
  });

  it('refuses a journal of another account, and touches no order of either', async () => {
    const events = new FakeEventStore();
    const first = rig({ events });
    await first.bot.open();
    await first.bot.stop();
    const broker = new FakeBroker();
    broker.getAccountId = () => Promise.resolve('another-account');
    broker.always('listOpenOrders', { value: [venueOrder(clientOrderId('perps-bot', 1, 0))] });
    const { bot } = rig({ broker, events });

    await expect(bot.open()).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'STORE-005' } });

    expect(broker.cancelled).toEqual([]);
    expect(broker.called()).toContain('disconnect');
  });

  it('books what the account holds as the opening balance, once, where the venue lists no transfers', async () => {
    const events = new FakeEventStore();
    const first = rig({ events });
    await first.bot.open();
    expect(moneyOf(first.bot.portfolio.equity).toString()).toBe('10000');
    await first.bot.stop();

    const second = rig({ events });
    await second.bot.open();

    expect(moneyOf(second.bot.portfolio.equity).toString()).toBe('10000');
    expect(events.payloads('transfer')).toHaveLength(1);
  });

  it.each<[string, AnswerOf<'listBalances'>]>([
    ['no answer', { throws: new Error('busy') }],
    ['an empty answer', { value: [] }],
    ['one without collateral', { value: [{ asset: 'BTC', total: new Decimal(1), available: new Decimal(1) }] }],
    ['one that says zero', { value: [{ asset: 'USDT', total: new Decimal(0), available: new Decimal(0) }] }],
  ])('takes %s for no opening balance: opens nothing, and asks again until it is known', async (_what, answer) => {
    const broker = new FakeBroker();
    broker.always('listBalances', answer);
    const made = await rig({ broker }).open();
    await made.cycle({ 'BTC-PERP': 50_000 });
    const buy = () => made.bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'test', quantity: lots(10) });
    expect(buy()).toMatchObject({ outcome: 'refused', check: 'leverage' });

    await made.get(PositionReconciler).reconcile();
    expect(made.get(PositionReconciler).awaitsBalance).toBe(true);
    broker.heal('listBalances');
    await made.get(PositionReconciler).reconcile();
    await made.get(PositionReconciler).reconcile();

    expect(moneyOf(made.bot.portfolio.equity).toString()).toBe('10000');
    expect(made.get(PositionReconciler).awaitsBalance).toBe(false);
    expect(buy()).toMatchObject({ outcome: 'submitted' });
    expect(made.get(EventStore).query({ types: ['transfer'] })).toHaveLength(1);
  });

  it('books no withdrawal for an answer that leaves the collateral out', async () => {
    const made = rig();
    await made.bot.open();
    for (const value of [[], [{ asset: 'BTC', total: new Decimal(1), available: new Decimal(1) }]]) {
      made.broker.always('listBalances', { value });
      for (let look = 0; look < 3; look += 1)
        await expect(made.get(PositionReconciler).reconcile()).rejects.toMatchObject({ code: 'VENUE-005' });
    }
    expect(moneyOf(made.bot.portfolio.equity).toString()).toBe('10000');
  });

  it('counts the open orders of its last life again', async () => {
    const events = new FakeEventStore();
    const first = rig({ events, config: { execution: { onShutdown: 'keep' } } });
    await first.bot.open();
    const clientId = await withOrder(first);
    await first.bot.stop();

    const second = rig({ events });
    await second.bot.open();

    expect([...second.get(OpenOrders).all()].map((order) => order.request.clientId)).toEqual([clientId]);
  });

  it('does not know its positions while the venue does not tell them', async () => {
    const broker = new FakeBroker();
    broker.always('listPositions', { throws: new Error('busy') });
    const bot = rig({ broker });

    await bot.bot.open();

    expect(bot.bot.portfolio.known).toBe(false);
  });
});

describe('AccountRuntimeCoordinator reconciling at startup', () => {
  it('knows its positions once the venue agrees', async () => {
    const bot = rig();
    await bot.bot.open();
    bot.bot.portfolio.setKnown(false);

    await bot.get(RuntimeCoordinator).reconcileStateOnStartup();

    expect(bot.bot.portfolio.known).toBe(true);
    expect(bot.get(SafetyLadder).state).toBe('NORMAL');
  });

  it('says that the run before did not end in order, with what it left and what became of that', async () => {
    const events = new FakeEventStore();
    const told = async (open: TestBot): Promise<string[]> => {
      await open.bot.open();
      await open.get(RuntimeCoordinator).reconcileStateOnStartup();
      return open.logger.at('warn').filter((line) => line.startsWith('The run before'));
    };
    const first = rig({ events });
    expect(await told(first)).toEqual([]);
    await withOrder(first);
    // Killed: nothing of it stops.
    const second = rig({ events, broker: first.broker });
    const end = 'The run before did not end in order: it was killed, or its machine failed; 1 order was open;';
    expect(await told(second)).toEqual([`${end} reconciled: bot and venue agree`]);
    const third = rig({ events, broker: first.broker });
    first.broker.always('listPositions', { throws: new Error('busy') });
    expect(await told(third)).toEqual([`${end} not reconciled`]);
    await third.bot.stop();
    expect(await told(rig({ events }))).toEqual([]);
  });

  it('becomes careful, with a record, when the venue cannot be asked, and takes no order for gone (B-10)', async () => {
    const bot = rig();
    await bot.bot.open();
    const clientId = await withOrder(bot);
    bot.broker.always('listOpenOrders', { throws: new Error('venue unreachable') });

    await bot.get(RuntimeCoordinator).reconcileStateOnStartup();

    expect(bot.get(OrderLog).find(clientId)?.status).toBe('open');
    expect(bot.get(SafetyLadder)).toMatchObject({ state: 'REDUCE_ONLY', reason: 'startup_reconcile_failed' });
    expect(records(bot, 'error')).toEqual([
      { botId: 'perps-bot', message: 'startup_reconcile_failed', error: 'venue unreachable' },
    ]);
  });

  it('becomes careful when the venue holds another position', async () => {
    const bot = rig();
    await bot.bot.open();
    bot.broker.account.positions = [{ symbol: 'BTC-PERP', size: new Decimal('0.5'), entryPrice: new Decimal(50_000) }];

    await bot.get(RuntimeCoordinator).reconcileStateOnStartup();

    expect(bot.bot.portfolio.known).toBe(false);
    expect(bot.get(SafetyLadder).state).toBe('REDUCE_ONLY');
  });

  it('is left out where the configuration says so', async () => {
    const bot = rig({ config: { execution: { skipStartupReconcile: true } } });
    await bot.bot.open();
    const before = bot.broker.calls.length;

    await bot.get(RuntimeCoordinator).reconcileStateOnStartup();

    expect(bot.broker.called()).toHaveLength(before);
  });
});

describe('AccountRuntimeCoordinator and reduce-only', () => {
  it('leaves one record of the bot and one of the risk engine for a change, and none for no change', async () => {
    const bot = rig();
    await bot.bot.open();

    await bot.bot.setReduceOnlyMode(true, 'operator asked', 'ada');
    await bot.bot.setReduceOnlyMode(true, 'operator asked', 'ada');

    expect(bot.bot.isReduceOnlyMode()).toBe(true);
    expect(records(bot, 'reduce_only_mode_changed')).toEqual([
      expect.objectContaining({ botId: 'risk_engine', enabled: true, reason: 'operator asked' }),
      expect.objectContaining({ botId: 'perps-bot', enabled: true, reason: 'operator asked' }),
    ]);
  });

  it('switches off for an operator with a reason, and for nobody else', async () => {
    const bot = rig();
    await bot.bot.open();
    await bot.bot.setReduceOnlyMode(true, 'careful');

    await expect(bot.bot.setReduceOnlyMode(false, 'all clear')).rejects.toMatchObject({ code: 'RISK-003' });
    await bot.bot.setReduceOnlyMode(false, 'all clear', 'ada');

    expect(bot.bot.isReduceOnlyMode()).toBe(false);
  });

  it('never lifts a halt as a side effect', async () => {
    const bot = rig();
    await bot.bot.open();
    await bot.get(SafetyLadder).tighten('HALTED', 'kill');

    await expect(bot.bot.setReduceOnlyMode(false, 'all clear', 'ada')).rejects.toMatchObject({ code: 'RISK-003' });

    expect(bot.get(SafetyLadder).state).toBe('HALTED');
  });
});

describe('AccountRuntimeCoordinator going down', () => {
  it('cancels its resting orders, then leaves the venue (B-33)', async () => {
    const bot = rig();
    await bot.bot.open();
    const clientId = await withOrder(bot);

    await bot.bot.stop();

    expect(bot.broker.cancelled.map((ref) => ref.clientId)).toEqual([clientId]);
    expect(bot.broker.called().at(-1)).toBe('disconnect');
    expect(bot.broker.accountStreams.some(({ isOpen }) => isOpen)).toBe(false);
  });

  it.each([
    ['told to keep them', { execution: { onShutdown: 'keep' as const } }],
    ['it only ran dry', { dryRun: true }],
  ])('leaves resting orders where %s (B-33)', async (_case, config) => {
    const bot = rig({ config });
    await bot.bot.open();
    bot.broker.always('listOpenOrders', { value: [venueOrder(clientOrderId('perps-bot', 1, 0))] });

    await bot.bot.stop();

    expect(bot.broker.called()).not.toContain('listOpenOrders');
    expect(bot.broker.called().at(-1)).toBe('disconnect');
  });

  it('says which orders may still be live', async () => {
    const bot = rig();
    await bot.bot.open();
    const clientId = await withOrder(bot);
    bot.broker.always('cancelOrder', { lost: 'request' });

    await bot.bot.stop();

    expect(bot.logger.lines.find(({ message }) => message === 'Orders may still be live')?.fields).toEqual({
      orders: [clientId],
    });
  });

  it('leaves the venue although cancelling hangs, within the budget of the part (B-34)', async () => {
    const host = new ManualScheduler();
    const bot = rig({ host });
    await bot.bot.open();
    await withOrder(bot);
    bot.broker.listOpenOrders = () => new Promise(() => undefined);

    const stopping = bot.bot.stop();
    await settled();
    await host.advance(800);
    const report = await stopping;

    expect(bot.broker.called().at(-1)).toBe('disconnect');
    expect(report.failed).toEqual([]);
    expect(bot.logger.at('error')).toContain('Orders could not be settled before leaving the venue');
  });

  it('takes no new order from then on', async () => {
    const bot = rig();
    await bot.bot.open();
    await bot.get(RuntimeCoordinator).stop();

    await expect(withOrder(bot)).rejects.toThrow('closed');
  });

  it('gives up a connection that is still being made', async () => {
    const broker = new FakeBroker();
    broker.connect = (signal?: AbortSignal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('given up'))));
    const bot = rig({ broker });
    bot.get(EventStore).open();
    const coordinator = bot.get(RuntimeCoordinator);
    const starting = Promise.resolve(coordinator.start()).catch((error: unknown) => error);

    await coordinator.stop();

    expect(await starting).toEqual(new Error('given up'));
  });
});
