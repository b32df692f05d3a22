import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from 'perpsbot/testing';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { swap } from '#di/testing/swap.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';

const PERP = 'BTC-PERP';

type Price = { readonly limit?: number; readonly stop?: number };
function ask(desk: StrategyDesk, tag: string, more: Omit<Partial<Intent>, 'limit' | 'stop'> & Price): void {
  const instrument = desk.instrument(PERP);
  const { limit, stop, ...terms } = more;
  desk.place({
    ...{ instrument, side: 'buy', type: 'limit', lots: lots(10), role: 'entry', tag, why: 'test' },
    ...(limit === undefined ? {} : { limit: instrument.toTicks(new Decimal(limit), 'nearest') }),
    ...(stop === undefined ? {} : { stop: instrument.toTicks(new Decimal(stop), 'nearest') }),
    ...terms,
  });
}

async function life(name: string, broker: FakeBroker, journal: FakeEventStore, handlers: Partial<EventStrategy>) {
  const strategies = [
    eventStrategy({
      name,
      parameters: [],
      create: (_settings, symbols) => ({
        ...{ name, needs: { symbols, timeframes: [] }, snapshot: () => undefined, restore: () => undefined },
        ...handlers,
      }),
    }),
  ];
  const config = { execution: { onShutdown: 'keep' } };
  return testBot({ strategies, broker, config, overrides: (wired) => swap(wired, EventStore, journal) }).open();
}

const resting = async (broker: FakeBroker): Promise<string[]> =>
  (await broker.listOpenOrders(PERP)).map(({ type, side }) => `${side} ${type}`).sort();

/** Long ten lots, and what a strategy leaves behind: a bid, a stop and a target. */
async function leftBehind(name = 'old'): Promise<{ broker: FakeBroker; journal: FakeEventStore }> {
  const broker = new FakeBroker();
  const journal = new FakeEventStore();
  const bot = await life(name, broker, journal, {
    onStep(desk) {
      if (desk.find('in') === undefined) ask(desk, 'in', { type: 'market' });
      else if (desk.find('bid') === undefined) {
        const exit = { side: 'sell', reduceOnly: true } as const;
        ask(desk, 'cover', { ...exit, type: 'stop_market', role: 'stop', stop: 45_000 });
        ask(desk, 'target', { ...exit, role: 'take_profit', limit: 55_000 });
        ask(desk, 'bid', { limit: 48_000 });
      }
    },
  });
  await bot.cycle({ [PERP]: 50_000 });
  broker.fill(broker.lastPlaced);
  await bot.cycles(2);
  await bot.stop();
  expect(await resting(broker)).toEqual(['buy limit', 'sell limit', 'sell stop_market']);
  return { broker, journal };
}

describe('orders of a strategy that is configured no more', () => {
  const told = (journal: FakeEventStore): string[] =>
    journal
      .payloads('strategy_orphan')
      .map((payload) => ['instance', 'tag', 'done'].map((key) => payload[key] as string).join(' '))
      .sort();

  it('are withdrawn before the new one is told anything; what protects stays', async () => {
    const { broker, journal } = await leftBehind();
    const seen: number[] = [];
    const bot: TestBot = await life('new', broker, journal, {
      onStart: (desk, restart) => void seen.push(desk.open().length, restart?.orders.length ?? 0),
    });
    expect(await resting(broker)).toEqual(['sell stop_market']);
    expect(seen).toEqual([0, 0]);
    const id = 'old@BTC-PERP';
    expect(told(journal)).toEqual([`${id} bid withdrawn`, `${id} cover kept`, `${id} target withdrawn`]);
    await bot.cycles(3);
    expect(await resting(broker)).toEqual(['sell stop_market']);
    await bot.stop();
  });

  it('that protect keep nobody from closing, and leave with the position: they could take the next one off', async () => {
    const { broker, journal } = await leftBehind();
    const bot = await life('new', broker, journal, {
      onStep: (desk) => {
        if (desk.book(PERP).lots > 0 && desk.find('close') === undefined) desk.close(PERP, { why: 'not mine' });
      },
    });
    broker.next('placeOrder', { fill: 'all' });
    await bot.cycle({ [PERP]: 50_000 });
    await bot.cycle();
    expect(await resting(broker)).toEqual([]);
    await bot.stop();
  });

  it('of one that is still configured are its own', async () => {
    const { broker, journal } = await leftBehind('same');
    const bot = await life('same', broker, journal, {});
    expect(await resting(broker)).toEqual(['buy limit', 'sell limit', 'sell stop_market']);
    expect(told(journal)).toEqual([]);
    await bot.stop();
  });
});
