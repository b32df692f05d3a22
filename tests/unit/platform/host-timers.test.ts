import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { PacedClock } from '#src/platform/time/paced-clock.js';
import { PacedScheduler } from '#src/platform/time/paced-scheduler.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const host = (): HostTimers => new HostTimers(new NodeHostClock());

function paced(speed: number): { readonly scheduler: PacedScheduler; readonly clock: PacedClock } {
  const config = new FakeConfigController(testConfig({ simulation: { speed } }));
  const clock = new PacedClock(new NodeHostClock());
  return { scheduler: new PacedScheduler(clock, host(), new NodeHostClock(), config), clock };
}

describe.each([
  ['host timers', host],
  ['paced scheduler', () => paced(1).scheduler],
] as const)('%s', (_name, make) => {
  it('calls once, after the delay, and counts what is pending', () => {
    const timers = make();
    const calls: number[] = [];
    timers.after(100, () => calls.push(timers.pending));
    expect(timers.pending).toBe(1);
    jest.advanceTimersByTime(99);
    expect(calls).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(calls).toEqual([0]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('forgets a cancelled timer, however often it is cancelled', () => {
    const timers = make();
    const fired: string[] = [];
    const cancel = timers.after(10, () => fired.push('cancelled'));
    const late = timers.after(5, () => fired.push('kept'));
    cancel();
    cancel();
    expect(timers.pending).toBe(1);
    jest.advanceTimersByTime(100);
    late();
    expect(fired).toEqual(['kept']);
    expect(timers.pending).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits thirty days when told to: longer than the host can in one go (TM-04)', () => {
    const timers = make();
    const delay = 30 * 86_400_000;
    let fired = false;
    timers.after(delay, () => (fired = true));
    jest.advanceTimersByTime(delay - 1);
    expect(fired).toBe(false);
    expect(timers.pending).toBe(1);
    jest.advanceTimersByTime(2);
    expect(fired).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 1e15])(
    'refuses a delay of %s instead of firing at once (TM-04)',
    async (delay) => {
      const timers = make();
      expect(() => timers.after(delay, () => undefined)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
      await expect(timers.sleep(delay)).rejects.toMatchObject({ code: 'TIME-001' });
      expect(timers.pending).toBe(0);
    },
  );

  it('wakes a sleeper at once, without error, when the signal aborts', async () => {
    const timers = make();
    const abort = new AbortController();
    const sleeping = timers.sleep(60_000, abort.signal);
    expect(timers.pending).toBe(1);
    abort.abort();
    await sleeping;
    expect(timers.pending).toBe(0);
    await timers.sleep(60_000, abort.signal);
    expect(timers.pending).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no listener on the signal of a sleep that ended by itself', async () => {
    const timers = make();
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const sleeping = timers.sleep(5, signal);
    jest.advanceTimersByTime(10);
    await sleeping;
    expect(removed).toHaveBeenCalledTimes(1);
  });
});

describe('host timers', () => {
  it('waits on when the host fires early', () => {
    let now = 0;
    const timers = new HostTimers({ monotonic: () => now, wall: () => 0 });
    let fired = false;
    timers.after(10, () => (fired = true));
    now = 9.4;
    jest.advanceTimersByTime(10);
    expect(fired).toBe(false);
    now = 10;
    jest.advanceTimersByTime(1);
    expect(fired).toBe(true);
  });
});

describe('paced scheduler', () => {
  it('fires by the host at its speed, at the instant of its world', () => {
    for (const speed of [0.3, 3, 60, 1_000]) {
      const { scheduler, clock } = paced(speed);
      const start = clock.now();
      const at: number[] = [];
      scheduler.after(6_000, () => at.push(clock.now() - start));
      jest.advanceTimersByTime(Math.floor(6_000 / speed) - 1);
      expect(at).toEqual([]);
      jest.advanceTimersByTime(2);
      expect(at).toEqual([6_000]);
    }
  });

  it('keeps its pace over many timers, whatever the host rounds', () => {
    const { scheduler } = paced(7);
    let fired = 0;
    const again = (): void => {
      fired += 1;
      scheduler.after(10, again);
    };
    scheduler.after(10, again);
    jest.advanceTimersByTime(1_000);
    expect(fired).toBeGreaterThan(680);
    expect(fired).toBeLessThanOrEqual(700);
  });
});
