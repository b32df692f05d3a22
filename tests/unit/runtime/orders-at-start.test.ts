import { afterEach, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import { RuntimeCoordinator } from '#src/ports/core-services/runtime-coordinator.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../../support/config.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const BTC = instrument();
const made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map(({ bot }) => bot.stop()));
});

it('asks for all open orders once at a start that has found them as the venue has them, and again later', async () => {
  const events = new FakeEventStore();
  const broker = new FakeBroker();
  const start = async (): Promise<TestBot> => {
    const bot = testBot({
      config: testConfig({ streaming: { enabled: false } }),
      broker,
      overrides: (container) => swap(container, EventStore, events),
    });
    made.push(bot);
    await bot.bot.open();
    return bot;
  };
  const first = await start();
  first.get(MarketData).acceptMark('BTC-PERP', BTC.toMarks(new Decimal(50_000)), first.clock.now());
  const limit = BTC.toTicks(new Decimal(49_900), 'nearest');
  const terms = { action: 'buy', reason: 'test', quantity: lots(10), orderType: 'limit', limit } as const;
  expect(first.bot.executeDecision('BTC-PERP', terms)).toMatchObject({ outcome: 'submitted' });
  await settled();
  const asked = (): number => broker.called().filter((name) => name === 'listOpenOrders').length;
  const before = asked();
  const coordinator = (await start()).get(RuntimeCoordinator);
  await coordinator.reconcileStateOnStartup();
  expect(asked() - before).toBe(1);
  await coordinator.reconcileStateOnStartup();
  expect(asked() - before).toBe(2);
});
