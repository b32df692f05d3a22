import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TimerQueue } from '#src/platform/time/timer-queue.js';
import { VirtualClock } from '#src/platform/time/virtual-clock.js';
import { PacedScheduler } from '#src/platform/time/paced-scheduler.js';
import { VirtualScheduler } from '#src/platform/time/virtual-scheduler.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

function world(): { readonly clock: VirtualClock; readonly time: VirtualScheduler } {
  const clock = new VirtualClock();
  return { clock, time: new VirtualScheduler(clock) };
}

/** A long chain of microtasks: more than one drain pass would follow. */
async function think(steps: number): Promise<void> {
  for (let i = 0; i < steps; i += 1) await Promise.resolve();
}

const immediately = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('virtual scheduler', () => {
  it('runs timers in the order of their instants, then of their setting, with the clock at each', async () => {
    const { clock, time } = world();
    const log: string[] = [];
    for (const [name, delay] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['now', 0],
    ] as const)
      time.after(delay, () => log.push(`${name}@${clock.now()}`));
    await time.runUntil(100);
    expect(log).toEqual(['now@0', 'a@10', 'b1@20', 'b2@20', 'c@30']);
    expect(clock.now()).toBe(100);
  });

  it('drives itself while something is scheduled, without waiting on the host, and stops when nothing is', async () => {
    const { clock, time } = world();
    const year = 365 * 86_400_000;
    await time.sleep(year);
    expect(clock.now()).toBe(year);
    expect(time.pending).toBe(0);
    await immediately();
    await immediately();
    expect(clock.now()).toBe(year);
  });

  it('runs what a callback sets for the same instant after what was already queued for it', async () => {
    const { clock, time } = world();
    const log: string[] = [];
    time.after(10, () => {
      log.push('first');
      time.after(0, () => log.push(`nested@${clock.now()}`));
    });
    time.after(10, () => log.push('second'));
    await time.sleep(11);
    expect(log).toEqual(['first', 'second', 'nested@10']);
  });

  it('follows every promise to its end before the next timer fires', async () => {
    const { clock, time } = world();
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      await time.sleep(10);
      await think(500);
      seen.push(clock.now());
    };
    time.after(11, () => seen.push(-clock.now()));
    await Promise.all([loop(), loop(), time.sleep(20)]);
    expect(seen).toEqual([10, 10, -11]);
  });

  it('interleaves several loops the same way every time, each exactly on its own grid', async () => {
    const run = async (): Promise<string[]> => {
      const { clock, time } = world();
      const abort = new AbortController();
      const log: string[] = [];
      const loop = async (name: string, period: number, thought: number): Promise<void> => {
        while (!abort.signal.aborted) {
          await time.sleep(period, abort.signal);
          await think(thought);
          log.push(`${name}@${clock.now()}`);
          if (name === 'quotes') time.after(3, () => log.push(`fill@${clock.now()}`));
        }
      };
      const loops = [loop('quotes', 7, 40), loop('cycle', 50, 120), loop('guards', 60, 3), loop('orders', 45, 0)];
      await time.sleep(1_000);
      abort.abort();
      await Promise.all(loops);
      return [...log];
    };
    const log = await run();
    const at = (name: string): number[] =>
      log
        .filter((line) => line.startsWith(`${name}@`))
        .map((line) => Number(line.split('@')[1]))
        .slice(0, -1);
    expect(at('cycle')).toEqual(Array.from({ length: 19 }, (_, index) => (index + 1) * 50));
    expect(at('quotes')).toEqual(Array.from({ length: 142 }, (_, index) => (index + 1) * 7));
    expect(at('orders')).toEqual(Array.from({ length: 22 }, (_, index) => (index + 1) * 45));
    const instants = log.slice(0, -4).map((line) => Number(line.split('@')[1]));
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(await run()).toEqual(log);
  });

  it('stands still while paused, and goes on from there', async () => {
    const { clock, time } = world();
    let fired = false;
    time.pause();
    time.after(10, () => (fired = true));
    await immediately();
    await immediately();
    expect([fired, clock.now(), time.pending]).toEqual([false, 0, 1]);
    time.resume();
    await immediately();
    expect([fired, clock.now()]).toEqual([true, 10]);
    time.after(10, () => (fired = false));
    time.pause();
    await immediately();
    expect(fired).toBe(true);
  });

  it('runs until an instant and no further, paused or not', async () => {
    for (const paused of [true, false]) {
      const { clock, time } = world();
      if (paused) time.pause();
      const log: number[] = [];
      const loop = async (): Promise<void> => {
        for (;;) {
          await time.sleep(10);
          log.push(clock.now());
        }
      };
      void loop();
      const running = time.runUntil(35);
      await expect(time.runUntil(50)).rejects.toMatchObject({ code: 'TIME-001' });
      await running;
      expect(log).toEqual([10, 20, 30]);
      expect(clock.now()).toBe(35);
      time.pause();
      await time.runUntil(60);
      expect(log).toEqual([10, 20, 30, 40, 50, 60]);
    }
  });

  it('advances at once for a driver that steps the world itself', () => {
    const { clock, time } = world();
    time.pause();
    const log: number[] = [];
    const again = (): void => {
      log.push(clock.now());
      if (log.length < 5) time.after(10, again);
    };
    time.after(10, again);
    time.advanceTo(25);
    expect([log, clock.now(), time.nextAt]).toEqual([[10, 20], 25, 30]);
    time.advanceTo(30);
    expect(log).toEqual([10, 20, 30]);
    expect(() => time.advanceTo(29)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
  });

  it('fires late, and never in the past, when the world was moved past a timer', async () => {
    const { clock, time } = world();
    const log: number[] = [];
    time.pause();
    time.after(10, () => log.push(clock.now()));
    clock.set(50);
    time.resume();
    await immediately();
    expect(log).toEqual([50]);
  });

  it('wakes a sleeper at once when its signal aborts, at the instant of the abort', async () => {
    const { clock, time } = world();
    const abort = new AbortController();
    const woken: number[] = [];
    const sleeper = time.sleep(1_000_000, abort.signal).then(() => woken.push(clock.now()));
    await time.sleep(5);
    abort.abort();
    await sleeper;
    expect(woken).toEqual([5]);
    expect(time.pending).toBe(0);
    await time.sleep(10, abort.signal);
    expect(clock.now()).toBe(5);
  });

  it('leaves nothing of a cancelled timer: not in the count, not in the order, not in the time', async () => {
    const { clock, time } = world();
    const log: string[] = [];
    const cancels = [10, 20, 30].map((delay) => time.after(delay, () => log.push(`timer ${delay}`)));
    cancels[1]?.();
    cancels[1]?.();
    cancels[2]?.();
    expect(time.pending).toBe(1);
    for (let turn = 0; turn < 5; turn += 1) await immediately();
    cancels[0]?.();
    expect(log).toEqual(['timer 10']);
    expect([clock.now(), time.pending, time.nextAt]).toEqual([10, 0, undefined]);
  });

  it('goes on after a callback that throws', async () => {
    const { clock, time } = world();
    time.pause();
    time.after(1, () => {
      throw new RangeError('a defect');
    });
    let fired = false;
    time.after(2, () => (fired = true));
    await expect(time.runUntil(10)).rejects.toThrow(RangeError);
    await time.runUntil(10);
    expect([fired, clock.now()]).toEqual([true, 10]);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses a delay of %s', async (delay) => {
    const { time } = world();
    expect(() => time.after(delay, () => undefined)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
    await expect(time.sleep(delay)).rejects.toMatchObject({ code: 'TIME-001' });
    expect(time.pending).toBe(0);
  });

  it('does not keep the host from its own work', async () => {
    const { time } = world();
    const abort = new AbortController();
    let cycles = 0;
    const loop = async (): Promise<void> => {
      while (!abort.signal.aborted) {
        await time.sleep(1, abort.signal);
        cycles += 1;
      }
    };
    const running = loop();
    await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort();
    await running;
    expect(cycles).toBeGreaterThan(0);
  });
});

describe('work of the host', () => {
  it('is waited for: no timer fires before it has ended, however it ends', async () => {
    const { clock, time } = world();
    const ends: (() => void)[] = [];
    const disk = new Promise<void>((resolve) => ends.push(resolve));
    const socket = new Promise<void>((_resolve, reject) => ends.push(() => reject(new Error('gone'))));
    time.after(10, () => ends.push(() => undefined));
    time.waitFor(disk);
    time.waitFor(socket);
    for (let turn = 0; turn < 5; turn += 1) await immediately();
    ends[1]?.();
    for (let turn = 0; turn < 5; turn += 1) await immediately();
    expect([ends.length, clock.now()]).toEqual([2, 0]);
    ends[0]?.();
    await immediately();
    await immediately();
    expect([ends.length, clock.now()]).toEqual([3, 10]);
  });
});

/** A world at a pace, beside a host whose own time passes only while it waits, or works. */
function pacedWorld(speed: number) {
  const host = world();
  const clock = new VirtualClock();
  const config = new FakeConfigController(testConfig({ simulation: { speed } }));
  const hostClock = { monotonic: () => host.clock.now(), wall: () => host.clock.now() };
  const time = new PacedScheduler(clock, host.time, hostClock, config);
  const work = (ms: number): void => host.clock.set(host.clock.now() + ms);
  return { host, clock, time, work };
}

describe('paced scheduler', () => {
  it('lets work take as long as it takes: what follows is later on the host and never in its world', async () => {
    const { host, clock, time, work } = pacedWorld(20);
    const log: string[] = [];
    time.after(100, () => {
      log.push(`decided at ${clock.now()}`);
      work(5_000);
      time.after(40, () => log.push(`answered at ${clock.now()}, ${host.clock.now()} on the host`));
    });
    time.after(2_100, () => log.push(`expired at ${clock.now()}, ${host.clock.now()} on the host`));
    await time.sleep(3_000);
    // A tenth of a second of the five is made up for.
    expect(log).toEqual(['decided at 100', 'answered at 140, 5005 on the host', 'expired at 2100, 5005 on the host']);
    expect(host.clock.now()).toBe(5_050);
  });

  it('fires first what is set for earlier while it waits, and nothing early when that is cancelled', async () => {
    const { host, clock, time } = pacedWorld(1);
    const log: string[] = [];
    const say = (name: string) => () => log.push(`${name} at ${clock.now()}, ${host.clock.now()}`);
    time.after(1_000, say('late'));
    const cancel = time.after(50, say('cancelled'));
    time.after(100, say('early'));
    cancel();
    await time.sleep(1_000);
    expect(log).toEqual(['early at 100, 100', 'late at 1000, 1000']);
  });

  it('does not wait for years when its driver sets the clock, nor hurry after nothing was due', async () => {
    const { host, clock, time, work } = pacedWorld(2);
    const year = 365 * 86_400_000;
    time.after(1_000, () => undefined);
    clock.set(year);
    await time.sleep(1_000);
    expect([clock.now(), host.clock.now()]).toEqual([year + 1_000, 1_000]);
    work(60_000);
    await time.sleep(1_000);
    expect([clock.now(), host.clock.now()]).toEqual([year + 2_000, 61_500]);
    time.pause();
    const sleeping = time.sleep(1_000);
    work(60_000);
    time.resume();
    await sleeping;
    expect(host.clock.now()).toBe(122_000);
  });
});

describe('timer queue', () => {
  it('gives timers out by instant, then by insertion, whatever is removed in between', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), at: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('take' as const) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const queue = new TimerQueue();
        let model: ReturnType<TimerQueue['add']>[] = [];
        for (const step of operations) {
          if (step.kind === 'add') model.push(queue.add(step.at, () => undefined));
          else if (step.kind === 'remove' && model.length > 0) {
            const timer = model[step.pick % model.length]!;
            expect(queue.remove(timer)).toBe(true);
            expect(queue.remove(timer)).toBe(false);
            model = model.filter((each) => each !== timer);
          } else if (queue.first !== undefined) {
            const { first } = queue;
            queue.remove(first);
            model = model.filter((each) => each !== first);
          }
          model.sort((a, b) => a.at - b.at || a.order - b.order);
          expect(queue.first).toBe(model[0]);
          expect(queue.size).toBe(model.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});
