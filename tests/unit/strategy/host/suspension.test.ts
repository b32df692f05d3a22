import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from 'perpsbot/testing';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { swap } from '#di/testing/swap.js';
import { BuildIdentity } from '#src/ports/configuration/build-identity.js';
import { OperatorControl } from '#src/ports/core-services/operator-control.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { OperatorRequests, type OperatorRequest } from '#src/ports/storage/operator-requests.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { StrategyHost } from '#src/ports/strategy/strategy-host.js';
import { defineStrategy, type BarContext } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { StrategyWatch } from '#src/services/strategy/host/suspension/strategy-watch.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';

const PERP = 'BTC-PERP';
const ID = 'shaky@BTC-PERP';
const ADA = { actor: 'ada', reason: 'mended' };
const MINUTE = 60_000;

let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map((bot) => bot.stop()));
  made = [];
});

type Given = { journal: FakeEventStore; broker?: FakeBroker; build?: string; requests?: OperatorRequest[] };

async function life(definition: Parameters<typeof testBot>[0], given: Given): Promise<TestBot> {
  const { journal, broker = new FakeBroker(), build = 'one', requests = [] } = given;
  const bot = testBot({
    ...definition,
    broker,
    overrides: (container) => {
      swap(container, EventStore, journal);
      swap(container, BuildIdentity, { digest: build });
      swap(container, OperatorRequests, {
        waiting: () => [...requests],
        done: ({ id }) => void requests.splice(requests.findIndex((each) => each.id === id)),
      });
    },
  });
  made.push(bot);
  return bot.open();
}

/** A strategy by events whose handlers stand in the test. */
const shaky = (handlers: Partial<EventStrategy>): Parameters<typeof testBot>[0] => ({
  strategies: [
    eventStrategy({
      name: 'shaky',
      parameters: [],
      create: (_settings, symbols) => ({
        name: 'shaky',
        needs: { symbols, timeframes: [] },
        snapshot: () => undefined,
        restore: () => undefined,
        ...handlers,
      }),
    }),
  ],
});

const ask = (desk: StrategyDesk, tag: string, at: number, more: object = {}): OrderTicket => {
  const instrument = desk.instrument(PERP);
  return desk.place({
    ...{ instrument, side: 'buy', type: 'limit', lots: lots(10), role: 'entry', tag, why: 'test' },
    ...{ limit: instrument.toTicks(new Decimal(at), 'nearest') },
    ...more,
  });
};

/** Long ten, a bid and a stop that rest, and from then on it throws at every step. */
function failing(): { handlers: Partial<EventStrategy>; asked: (OrderTicket | undefined)[]; gates: string[] } {
  const asked: OrderTicket[] = [];
  const gates: string[] = [];
  let step = 0;
  return {
    asked,
    gates,
    handlers: {
      onStep(desk) {
        step += 1;
        if (step === 1) asked.push(ask(desk, 'in', 50_000, { type: 'market', limit: undefined }));
        if (step === 2) {
          const stop = desk.instrument(PERP).toTicks(new Decimal(45_000), 'nearest');
          asked.push(ask(desk, 'bid', 48_000));
          const cover = { side: 'sell', type: 'stop_market', stop, limit: undefined, reduceOnly: true };
          asked.push(ask(desk, 'cover', 0, { ...cover, role: 'stop' }));
        }
        if (step > 2) throw new Error(`step ${step}`);
      },
      onGate: ({ mode, name }) => void gates.push(`${mode} ${String(name)}`),
    },
  };
}

async function suspended(journal: FakeEventStore, broker = new FakeBroker(), more = failing()) {
  const bot = await life(shaky(more.handlers), { journal, broker });
  await bot.cycle({ [PERP]: 50_000 });
  broker.fill(broker.lastPlaced);
  await bot.cycles(4);
  return { bot, broker, ...more };
}

describe('what a strategy is stopped for', () => {
  it('three faults in ten of its events', () => {
    const watch = new StrategyWatch();
    const fail = (at: number): unknown => (watch.told(), watch.faulted(at)?.check);
    const calm = (events: number): void => {
      for (let i = 0; i < events; i += 1) watch.told();
    };
    expect([fail(0), fail(1)]).toEqual([undefined, undefined]);
    calm(8);
    // The third is the eleventh event after the first.
    expect(fail(2)).toBeUndefined();
    calm(7);
    // Two of the newest ten events, and the one before.
    expect(fail(3)).toBeUndefined();
    watch.forget();
    expect([fail(4), fail(5)]).toEqual([undefined, undefined]);
    calm(7);
    expect(fail(6)).toBe('faults');
  });

  it('five faults in an hour, however much went well in between', () => {
    const watch = new StrategyWatch();
    const found: unknown[] = [];
    for (let nth = 0; nth < 6; nth += 1) {
      for (let calm = 0; calm < 20; calm += 1) watch.told();
      found.push(watch.faulted(nth * 16 * MINUTE)?.check);
    }
    expect(found).toEqual(Array<undefined>(6).fill(undefined));
    expect(watch.faulted(5 * 16 * MINUTE)).toBeDefined();
  });

  it('the second storm within an hour, and not one that goes on', () => {
    const watch = new StrategyWatch();
    const storms = [0, 5_000, 14_000, 23_000].map((at) => watch.stormed(at)?.check);
    expect(storms).toEqual([undefined, undefined, undefined, undefined]);
    expect(watch.stormed(62 * MINUTE)).toBeUndefined();
    expect(watch.stormed(63 * MINUTE)?.check).toBe('storm');
  });

  it('more entries a minute than are allowed, for three minutes one after the other', () => {
    const minutes = (...counts: number[]): unknown[] => {
      const watch = new StrategyWatch();
      return counts.map((count, minute) => {
        const found = Array.from({ length: count }, (_unused, i) => watch.entry(minute * MINUTE + i, 3)?.check);
        return found.find((each) => each !== undefined);
      });
    };
    expect(minutes(4, 4, 3, 4, 4)).toEqual(Array<undefined>(5).fill(undefined));
    expect(minutes(4, 4, 0, 4)).toEqual(Array<undefined>(4).fill(undefined));
    expect(minutes(3, 9, 4, 4)).toEqual([undefined, undefined, undefined, 'order_rate']);
  });
});

describe('a strategy that fails again and again', () => {
  it('is suspended: its entries end, its cover stays, and what it asks for more is refused', async () => {
    const journal = new FakeEventStore();
    const { bot, broker, asked, gates } = await suspended(journal);
    expect(
      journal.payloads('strategy_fault').map(({ instance, handler, error }) => [instance, handler, error]),
    ).toEqual([3, 4, 5].map((step) => [ID, 'onStep', `step ${step}`]));
    expect(journal.payloads('strategy_suspended')).toEqual([
      expect.objectContaining({ instance: ID, check: 'faults', reason: 'failed 3 times in 10 of its events' }),
    ]);
    await bot.cycles(2);
    expect(gates).toEqual(['reduce_only suspended']);
    // It goes on failing: that is written down once a minute, not at every step.
    expect(journal.payloads('strategy_fault')).toHaveLength(4);
    expect(asked.map((ticket) => [ticket?.tag, ticket?.status])).toEqual([
      ['in', 'filled'],
      ['bid', 'cancelled'],
      ['cover', 'open'],
    ]);
    expect(bot.get(StrategyHost).suspended?.()).toMatchObject([{ instance: ID, check: 'faults' }]);
    expect(bot.get(OperatorControl).status().suspended).toMatchObject([{ instance: ID }]);
    expect(bot.logger.at('error').filter((line) => line.includes('is suspended'))).toHaveLength(1);
    expect(broker.placed).toHaveLength(3);
  });

  it('may still take off what it holds, and nothing else', async () => {
    const more = failing();
    const refusals: unknown[] = [];
    const { bot, broker } = await suspended(new FakeEventStore(), new FakeBroker(), {
      ...more,
      handlers: {
        ...more.handlers,
        onMark(_mark, desk) {
          if (desk.gate.name !== 'suspended') return;
          refusals.push(ask(desk, 'again', 48_000).refusal);
          desk.close(PERP, { why: 'out' });
        },
      },
    });
    await bot.cycle({ [PERP]: 50_100 });
    await bot.cycle({ [PERP]: 50_200 });
    expect(refusals[0]).toMatchObject({ check: 'suspended', isTransient: false });
    expect(broker.lastPlaced).toMatchObject({ side: 'sell', lots: 10, reduceOnly: true });
  });

  it('stays so over a restart, until a person lets it go on with a reason', async () => {
    const journal = new FakeEventStore();
    const { bot, broker } = await suspended(journal);
    await bot.stop();
    const tags: unknown[] = [];
    const next = await life(shaky({ onStep: (desk) => void tags.push(ask(desk, `b${desk.now}`, 48_000).status) }), {
      journal,
      broker,
    });
    await next.cycle({ [PERP]: 50_000 });
    expect(tags).toEqual(['refused']);
    const control = next.get(OperatorControl);
    await expect(control.resumeStrategy(ID, { actor: 'ada', reason: ' ' })).rejects.toMatchObject({ code: 'RISK-003' });
    await expect(control.resumeStrategy('other', ADA)).rejects.toMatchObject({ code: 'CTRL-002' });
    await control.resumeStrategy('shaky', ADA);
    await next.cycle();
    expect(tags).toEqual(['refused', 'planned']);
    expect(control.status().suspended).toEqual([]);
    expect(journal.payloads('strategy_resumed')).toEqual([{ instance: ID, ...ADA }]);
    expect(journal.payloads('operator_command').at(-1)).toEqual({
      command: 'strategy resume',
      strategy: 'shaky',
      ...ADA,
    });
  });

  it('goes on where the program that starts is another', async () => {
    const journal = new FakeEventStore();
    const { bot, broker } = await suspended(journal);
    await bot.stop();
    const next = await life(shaky({}), { journal, broker, build: 'two' });
    expect(next.get(StrategyHost).suspended?.()).toEqual([]);
    expect(journal.payloads('strategy_resumed')).toMatchObject([{ instance: ID, actor: 'system' }]);
  });

  it('goes on where a person has left a request while no bot ran, before anything trades', async () => {
    const journal = new FakeEventStore();
    const { bot, broker } = await suspended(journal);
    await bot.stop();
    const at = Date.now();
    const requests: OperatorRequest[] = [{ id: '1', command: 'strategy resume', strategy: ID, ...ADA, at }];
    const next = await life(shaky({}), { journal, broker, requests });
    next.get(OperatorControl).takeUp();
    await next.cycle({ [PERP]: 50_000 });
    expect([next.get(StrategyHost).suspended?.(), requests]).toEqual([[], []]);
    expect(journal.payloads('strategy_resumed')).toMatchObject([{ instance: ID, request: '1' }]);
  });
});

describe('a short strategy that fails', () => {
  /** Enters on the first bar, with a time stop, and fails from then on. */
  const short = defineStrategy({
    name: 'shaky',
    params: {},
    setup: () => ({}),
    onBar({ bar, position, long }: BarContext<object>) {
      if (!position.isFlat) throw new Error('no idea');
      long({ why: 'first', fraction: '10%', stop: bar.close * 0.9, timeStop: '6 bars' });
    },
  });

  it('is suspended after three bars, and leaves by its exits all the same', async () => {
    const journal = new FakeEventStore();
    const broker = new FakeBroker();
    const bot = await life({ strategies: [short] }, { journal, broker });
    await bot.cycle({ [PERP]: 50_000 });
    broker.fill(broker.lastPlaced);
    await bot.cycles(3);
    expect(journal.payloads('strategy_suspended')).toMatchObject([{ instance: ID, check: 'faults' }]);
    await bot.cycles(5);
    const [entry, ...exits] = broker.placed;
    expect(entry?.side).toBe('buy');
    expect(exits.at(-1)).toMatchObject({ side: 'sell', reduceOnly: true, lots: entry?.lots, timeInForce: 'IOC' });
    broker.fill(broker.lastPlaced);
    await bot.cycles(5);
    // Flat, and it does not begin anew.
    expect(broker.placed.filter(({ side }) => side === 'buy')).toHaveLength(1);
  });
});
