import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { token, type Token } from '#src/injection/token.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { AccountAccess } from '#src/ports/venue/account-access.js';
import { AccountSettings } from '#src/ports/venue/account-settings.js';
import { Instruments } from '#src/ports/venue/instruments.js';
import { MarketFeed } from '#src/ports/venue/market-feed.js';
import { OrderEntry } from '#src/ports/venue/order-entry.js';
import { Treasury } from '#src/ports/venue/treasury.js';
import { VenueSession } from '#src/ports/venue/venue-session.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { membersOf } from '#src/testing/role-members.js';
import { swap, testBot, type TestBot } from 'perpsbot/testing';
import { withDeadline, type Deadline } from '#src/flow/deadline.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';

const LIMIT_MS = 1_000;

/** Work that a test ends by hand, and what became of the wait for it. */
function rig(options: Partial<Deadline<string>> = {}) {
  const scheduler = new ManualScheduler();
  let end: { resolve: (value: string) => void; reject: (reason: unknown) => void } | undefined;
  const work = new Promise<string>((resolve, reject) => (end = { resolve, reject }));
  const told: unknown[] = [];
  withDeadline(work, { scheduler, limitMs: LIMIT_MS, ...options }).then(
    (value) => told.push(value),
    (reason: unknown) => told.push(reason),
  );
  return {
    scheduler,
    told,
    done: (value: string) => (end?.resolve(value), settled()),
    fails: (reason: unknown) => (end?.reject(reason), settled()),
  };
}

/** A signal that counts its listeners. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: never, options?: never) => {
    listeners.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: never) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { controller, signal, listeners };
}

describe('withDeadline', () => {
  it('settles like work that is done in time, and leaves no timer', async () => {
    const { scheduler, told, done } = rig();
    await scheduler.advance(LIMIT_MS - 1);
    await done('done');
    expect([told, scheduler.pending]).toEqual([['done'], 0]);
  });

  it('rejects with the very reason of work that fails in time, whatever it is, and leaves no timer', async () => {
    for (const reason of [new Error('refused'), 'no error at all', undefined]) {
      const { scheduler, told, fails } = rig();
      await fails(reason);
      expect(told).toHaveLength(1);
      expect(told[0]).toBe(reason);
      expect(scheduler.pending).toBe(0);
    }
  });

  it('rejects once the time is over, with the limit in words', async () => {
    const { scheduler, told } = rig();
    await scheduler.advance(LIMIT_MS - 1);
    expect(told).toEqual([]);
    await scheduler.advance(1);
    expect(told.map(String)).toEqual(['Error: not done within 1000 ms']);
    expect(scheduler.pending).toBe(0);
  });

  it('settles with what `late` returns, or with what it throws', async () => {
    const answered = rig({ late: () => 'unknown' });
    const refused = rig({
      late: () => {
        throw new Error('The quote timed out.');
      },
    });
    for (const { scheduler } of [answered, refused]) await scheduler.advance(LIMIT_MS);
    expect([answered.told, refused.told.map(String)]).toEqual([['unknown'], ['Error: The quote timed out.']]);
  });

  it('asks `late` only when it is late, and hears nothing of what the work does after that', async () => {
    let asked = 0;
    const late = (): string => `late ${(asked += 1)}`;
    const early = rig({ late });
    await early.done('done');
    await early.scheduler.advance(LIMIT_MS);
    expect([early.told, asked]).toEqual([['done'], 0]);
    const [kept, broken] = [rig({ late }), rig({ late })];
    for (const { scheduler } of [kept, broken]) await scheduler.advance(LIMIT_MS);
    await kept.done('too late');
    await broken.fails(new Error('too late'));
    expect([kept.told, broken.told, asked]).toEqual([['late 1'], ['late 2'], 2]);
  });

  it('counts from the abort of a signal: before it the work may take as long as it likes', async () => {
    const { controller, signal, listeners } = counted();
    const { scheduler, told } = rig({ from: signal });
    await scheduler.advance(100 * LIMIT_MS);
    expect([told, scheduler.delays, listeners.size]).toEqual([[], [], 1]);
    controller.abort();
    await scheduler.advance(LIMIT_MS - 1);
    expect(told).toEqual([]);
    await scheduler.advance(1);
    expect(told.map(String)).toEqual(['Error: not done within 1000 ms']);
  });

  it('counts at once from a signal that has aborted', async () => {
    const { scheduler, told } = rig({ from: AbortSignal.abort() });
    await scheduler.advance(LIMIT_MS);
    expect(told.map(String)).toEqual(['Error: not done within 1000 ms']);
  });

  it('lets go of signal and timer with the work, whenever that ends', async () => {
    const before = counted();
    const calm = rig({ from: before.signal });
    await calm.done('done');
    before.controller.abort();
    expect([calm.told, before.listeners.size, calm.scheduler.delays]).toEqual([['done'], 0, []]);

    const after = counted();
    const hurried = rig({ from: after.signal });
    after.controller.abort();
    await hurried.fails('broken');
    expect([hurried.told, after.listeners.size, hurried.scheduler.pending]).toEqual([['broken'], 0, 0]);
  });
});

/** Their callers have deadlines of their own, because what comes late still counts. */
const BY_CALLER = [
  ...['placeOrder', 'placeOrders', 'amendOrder', 'cancelOrder', 'cancelOrders'],
  ...['openBook', 'openTrades', 'openAccount'],
];
const ROLES = [VenueSession, Instruments, MarketFeed, OrderEntry, AccountAccess, AccountSettings, Treasury].map(
  (role) => role as unknown as Token<object>,
);
const CALLS = ROLES.flatMap((role) => (membersOf(role) ?? []).map((member) => [member, role] as const)).filter(
  ([member]) => !BY_CALLER.includes(member),
);

describe('a venue that never answers', () => {
  const Players = token<readonly object[]>('Players');

  /** In the place of the whole venue, or of each role by itself; a service takes them all. */
  function playing(broker: FakeBroker, alone: boolean): TestBot {
    return testBot({
      broker,
      overrides: (container) => {
        swap(container, HostScheduler, broker.scheduler);
        container.bind(Players).toResolvedValue((...players: object[]) => players, [...ROLES]);
        if (alone) for (const role of ROLES) swap(container, role, broker);
      },
    });
  }
  const asked = (made: TestBot, role: Token<object>) =>
    made.get(Players)[ROLES.indexOf(role)] as Record<string, () => Promise<unknown>>;

  it.each([false, true])('hangs nobody in any member of any role; each role bound alone: %s', async (alone) => {
    const broker = new FakeBroker();
    const made = playing(broker, alone);
    for (const [member, role] of CALLS) {
      broker.always(member as 'getQuote', { silent: true });
      const answer = Promise.resolve(asked(made, role)[member]?.()).catch((error: unknown) => error);
      await broker.scheduler.advance(60_000);
      expect(await answer).toMatchObject({ code: 'VENUE-002', message: expect.stringContaining(` ${member} within`) });
      expect(broker.scheduler.pending).toBe(0);
    }
  });

  it('is known by its members: every one of every role has a deadline here, or is named above', () => {
    const all = Object.keys(Object.fromEntries(ROLES.flatMap((role) => (membersOf(role) ?? []).map((m) => [m, 1]))));
    expect(all.sort()).toEqual([...CALLS.map(([member]) => member), ...BY_CALLER].sort());
  });

  it('is as one that rejects, when it throws at once, and stays itself in all else', async () => {
    const broker = new FakeBroker();
    broker.getQuote = () => {
      throw new Error('at once');
    };
    const made = playing(broker, true);
    const feed = asked(made, MarketFeed as Token<object>) as unknown as FakeBroker;
    expect(feed).not.toBe(broker);
    expect(made.get(MarketFeed)).toBe(broker);
    await expect(feed.getQuote('BTC-PERP')).rejects.toThrow('at once');
    expect(feed.capabilities).toBe(broker.capabilities);
    expect(feed).toBeInstanceOf(FakeBroker);
    expect(broker.scheduler.pending).toBe(0);
  });
});
