import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OpenOrders } from '#src/ports/runtime-state/open-orders.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { GateLedger } from '#src/ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { SqliteDriver, type SqliteDatabase } from '#src/ports/storage/sqlite.js';
import { FaultyWorld, SYMBOL, type WorldOptions } from './support/faulty-world.js';
import type { Fate } from './support/faulty-wire.js';
import { swarm } from './support/swarm.js';
import { wrap } from './support/wrap.mjs';

const worlds: FaultyWorld[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function make(options: WorldOptions = {}): FaultyWorld {
  const world = new FaultyWorld(options);
  worlds.push(world);
  return world;
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-fault-'));
  directories.push(directory);
  return directory;
}

/** A running bot whose next orders meet this fate. */
async function worldWith(fate: Fate, options: WorldOptions = {}): Promise<FaultyWorld> {
  const world = await make(options).start();
  world.wire.fateOf = () => fate;
  return world;
}

describe('an order whose answer does not come', () => {
  it('is looked up and found open; its exposure counts meanwhile and nothing is added to it (OL-01, NW-01)', async () => {
    for (const reply of ['silent', 'cut', 'thrown'] as const) {
      const world = await worldWith({ arrives: true, reply });
      // The stream is silent about it, too: only asking helps.
      world.wire.mute = true;
      world.wire.failing.add('getOrder').add('listOpenOrders');
      expect(world.rest()).toMatchObject({ outcome: 'submitted' });
      expect(world.get(OpenOrders).buying(SYMBOL)).toBe(1_000);
      await world.run(20_000);
      expect(world.buy()).toMatchObject({ outcome: 'refused', check: 'unknown_outcome' });
      world.wire.failing.clear();
      expect(await world.until(() => world.status === 'open', 30_000)).toBe(true);
      expect(world.wire.sent).toHaveLength(1);
      expect(world.differences()).toEqual([]);
    }
  });

  it('is lost only by proof: after its expiry, the venue s lag and two denials; never rejected, never sent again (OL-02, NW-02)', async () => {
    const world = await worldWith({ arrives: false, reply: 'silent' });
    world.buy();
    await world.run(11_900);
    expect(world.status).toBe('unknown');
    expect(world.get(OpenOrders).buying(SYMBOL)).toBe(1_000);
    expect(await world.until(() => world.status === 'lost', 30_000)).toBe(true);
    expect(world.get(OpenOrders).buying(SYMBOL)).toBe(0);
    expect(world.records('order_lost')).toHaveLength(1);
    expect(world.records('order').map((order) => order['status'])).not.toContain('rejected');
    expect(world.wire.sent).toHaveLength(1);
    expect(world.differences()).toEqual([]);
  });

  it('is not lost while the venue cannot be asked, however long that takes (U10, OL-04)', async () => {
    const world = await worldWith({ arrives: true, reply: 'silent' });
    world.wire.mute = true;
    world.buy();
    await world.run(0);
    world.wire.down = true;
    await world.run(300_000);
    expect(world.status).toBe('unknown');
    world.wire.down = false;
    expect(await world.until(() => world.status === 'filled', 60_000)).toBe(true);
    expect(world.differences()).toEqual([]);
  });

  it('is found filled, position and fees with it, when it was filled at once and nobody told (OL-03)', async () => {
    const world = await worldWith({ arrives: true, reply: 'silent' });
    world.wire.mute = true;
    world.buy();
    expect(world.position).toBe(0);
    expect(await world.until(() => world.status === 'filled', 30_000)).toBe(true);
    expect(world.position).toBe(1_000);
    expect(world.wire.sent).toHaveLength(1);
    expect(world.differences()).toEqual([]);
  });

  it('is what the late answer says, when one comes after all', async () => {
    const world = await worldWith({ arrives: true, reply: 'late' });
    world.wire.failing.add('getOrder').add('listOpenOrders');
    world.wire.mute = true;
    world.rest();
    await world.run(10_500);
    expect(world.status).toBe('unknown');
    await world.run(1_500);
    expect(world.status).toBe('open');
    world.wire.failing.clear();
    await world.run(20_000);
    expect(world.differences()).toEqual([]);
  });

  it('cannot be executed after its expiry, however slow the way there was', async () => {
    const world = await worldWith({ arrives: true, reply: 'silent', delayMs: 2_500 });
    world.buy();
    await world.run(60_000);
    expect(world.status).toBe('lost');
    expect(world.venue.fills).toEqual([]);
    expect(world.differences()).toEqual([]);
  });

  it('is journaled when the bot must stop before the answer, and settled by the next start before anything is decided (OL-20, PR-02)', async () => {
    const directory = newDirectory();
    const world = await worldWith({ arrives: true, reply: 'silent' }, { directory, tasks: { stopBudget: '100ms' } });
    world.wire.mute = true;
    world.buy();
    await world.run(1_000);
    // Time stands still: the answer is not awaited for ever, because the budget is one of host time.
    const report = await world.bot.stop();
    expect(report).toMatchObject({ failed: [], stopped: expect.arrayContaining(['runtime-coordinator', 'journal']) });
    expect(world.logger.at('error')).toContain('Orders could not be settled before leaving the venue');

    const next = make({ directory });
    await next.bot.open();
    expect(next.wire.sent).toEqual([]);
    expect(next.status).toBe('filled');
    expect(next.position).toBe(1_000);
    expect(next.differences()).toEqual([]);
  });
});

describe('news of the account', () => {
  /** What an undisturbed stream leads to. */
  async function outcome(disturb: (world: FaultyWorld) => void): Promise<unknown> {
    const world = await make({ strategy: 'churn', seed: 4 }).start();
    disturb(world);
    await world.run(45_000);
    disturb(world);
    world.wire.deliver = () => ({ copies: 1, delayMs: 0 });
    const differences = (): string[] => world.differences({ settled: true, inOrder: false });
    await world.until(() => differences().length === 0, 30_000);
    expect(world.get(SafetyLadder).state).toBe('NORMAL');
    expect(world.venue.fills.length).toBeGreaterThan(10);
    return differences();
  }

  it('counts once however often it comes (NW-09)', async () => {
    expect(await outcome((world) => (world.wire.deliver = () => ({ copies: 3, delayMs: 0 })))).toEqual([]);
  });

  it('leads to the same state in any order, fills before acknowledgements included (NW-10, OL-07)', async () => {
    let n = 0;
    // Each is later than the one after it, within eight.
    expect(
      await outcome((world) => (world.wire.deliver = () => ({ copies: 1, delayMs: 100 * (8 - (n++ % 8)) }))),
    ).toEqual([]);
  });

  it('is fetched when it was lost and the venue says so (NW-08)', async () => {
    let n = 0;
    expect(
      await outcome((world) => (world.wire.deliver = () => ({ copies: n++ % 3 === 0 ? 0 : 1, delayMs: 0 }))),
    ).toEqual([]);
  });
});

describe('a venue that cannot be reached', () => {
  async function leaveRestingOrder(directory: string): Promise<void> {
    const world = await make({ directory, execution: { onShutdown: 'keep' } }).start();
    world.buy();
    await world.run(1_000);
    world.rest();
    await world.run(1_000);
    expect(world.orders.map((order) => order.status)).toEqual(['filled', 'open']);
    await world.stop();
  }

  it('at the start: the start is refused, nothing becomes cancelled, and the next start finds everything as it was (U10)', async () => {
    const directory = newDirectory();
    await leaveRestingOrder(directory);
    const unlucky = make({ directory });
    unlucky.wire.down = true;
    await expect(unlucky.bot.open()).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'VENUE-002' } });
    expect(unlucky.wire.sent).toEqual([]);

    const next = await make({ directory }).start();
    expect(next.orders.map((order) => order.status)).toEqual(['filled', 'open']);
    expect(next.position).toBe(1_000);
    expect(next.differences()).toEqual([]);
  });

  it('for orders and positions alone: nothing becomes cancelled, nothing is flat, nothing is traded; both come right when it answers (U10, B-83, B-84)', async () => {
    const directory = newDirectory();
    await leaveRestingOrder(directory);
    const world = make({ directory, strategy: 'churn' });
    for (const read of ['getOrder', 'listOpenOrders', 'listPositions'] as const) world.wire.failing.add(read);
    await world.start();
    await world.run(30_000);
    expect(world.orders.map((order) => order.status)).toEqual(['filled', 'open']);
    expect(world.position).toBe(1_000);
    expect(world.wire.sent).toEqual([]);
    expect(world.get(Portfolio).known).toBe(false);
    expect(world.get(SafetyLadder).state).toBe('REDUCE_ONLY');

    world.wire.failing.clear();
    expect(await world.until(() => world.get(Portfolio).known, 30_000)).toBe(true);
    await world.run(10_000);
    expect(world.differences()).toEqual([]);
    // What a start could not confirm stays careful until a person has looked.
    expect(world.get(SafetyLadder).state).toBe('REDUCE_ONLY');
  });

  it('for positions in the middle of a run: trading pauses, the position stays, and it goes on when the venue answers (B-84)', async () => {
    const world = await make({ strategy: 'churn' }).start();
    await world.run(20_000);
    const { length: before } = world.wire.sent;
    expect(before).toBeGreaterThan(5);
    world.wire.failing.add('listPositions');
    expect(await world.until(() => !world.get(Portfolio).known, 20_000)).toBe(true);
    const { length: paused } = world.wire.sent;
    await world.run(20_000);
    expect(world.wire.sent.length).toBe(paused);
    expect(
      world
        .get(GateLedger)
        .report()
        .map((held) => held.gate),
    ).toContain('positions_unknown');
    expect(world.records('position_drift')).toEqual([]);
    // What rested may have filled meanwhile; nothing else has moved the position, and nothing made it flat.
    expect(world.differences({})).toEqual([]);

    world.wire.failing.clear();
    expect(await world.until(() => world.wire.sent.length > paused, 20_000)).toBe(true);
    expect(world.get(SafetyLadder).state).toBe('NORMAL');
    expect(world.differences({})).toEqual([]);
  });

  it('for orders in the middle of a run: none becomes cancelled (B-83)', async () => {
    const world = await make().start();
    world.rest();
    await world.run(2_000);
    world.wire.failing.add('listOpenOrders').add('getOrder');
    await world.run(60_000);
    expect(world.status).toBe('open');
    expect(world.get(OpenOrders).buying(SYMBOL)).toBe(1_000);
    world.wire.failing.clear();
    await world.run(10_000);
    expect(world.differences()).toEqual([]);
  });
});

describe('a journal that cannot be written', () => {
  it('lets no intent become an order, and still lets cancels out (PR-14, PR-16)', async () => {
    let full = false;
    const world = await make({
      directory: newDirectory(),
      overrides: (container) => {
        container.onActivation(SqliteDriver, (_context, driver) =>
          wrap(driver, {
            open: (path, options) =>
              path.endsWith('journal.db')
                ? withoutSpace(driver.open(path, options), () => full)
                : driver.open(path, options),
          }),
        );
      },
    }).start();
    world.rest();
    await world.run(2_000);
    expect(world.status).toBe('open');
    full = true;
    expect(world.buy()).toMatchObject({ outcome: 'submitted' });
    await world.run(2_000);
    expect(world.orders.map((order) => order.status)).toEqual(['open', 'rejected']);
    expect(world.wire.sent).toHaveLength(1);
    expect(world.get(EventStore).healthy).toBe(false);
    // A journal that is lost halts.
    expect(world.get(SafetyLadder)).toMatchObject({ state: 'HALTED', reason: 'journal_lost' });
    expect(world.buy()).toMatchObject({ outcome: 'refused', check: 'kill_switch' });

    const { cancelled, unconfirmed } = await world.bot.execEngine.cancelAll('test');
    expect({ cancelled, unconfirmed }).toEqual({ cancelled: world.wire.sent, unconfirmed: [] });
    expect(world.venue.openOrders()).toEqual([]);
  });
});

function withoutSpace(database: SqliteDatabase, full: () => boolean): SqliteDatabase {
  const refuse = (): never => {
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  };
  return wrap(database, { transaction: <T>(work: () => T): T => (full() ? refuse() : database.transaction(work)) });
}

describe('a swarm of faults', () => {
  it('never breaks an invariant and always ends in agreement with the exchange (I-02, I-03, I-04, I-05, I-06, I-09, I-12, I-13, I-15, I-16)', async () => {
    // `npm run simulate` takes as many as one likes.
    const figures = await swarm(20);
    expect(figures.failures).toEqual([]);
    // The faults did happen.
    expect(figures.orders).toBeGreaterThan(300);
    expect(figures.unknown).toBeGreaterThan(80);
    expect(figures.lost).toBeGreaterThan(40);
  }, 120_000);
});
