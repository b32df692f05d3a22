import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { HostClock } from '#src/ports/configuration/clock.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { PacedClock } from '#src/platform/time/paced-clock.js';
import { PacedScheduler } from '#src/platform/time/paced-scheduler.js';
import { VirtualClock } from '#src/platform/time/virtual-clock.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

class FakeHostClock implements HostClock {
  passed = 0;
  time = Date.UTC(2024, 5, 1);

  monotonic(): number {
    return this.passed;
  }
  wall(): number {
    return this.time;
  }
}

const atSpeed = (speed: number | 'max'): FakeConfigController =>
  new FakeConfigController(testConfig({ simulation: { speed } }));

describe('host clock', () => {
  it('reads a clock that never goes back, and the wall clock in epoch milliseconds', () => {
    const clock = new NodeHostClock();
    const first = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(clock.wall() - Date.now())).toBeLessThan(60_000);
  });
});

describe('paced clock', () => {
  it('begins at the wall clock, and is moved by its driver alone, whatever the wall clock does then (TM-01, TM-02)', () => {
    const host = new FakeHostClock();
    const clock = new PacedClock(host);
    const start = host.time;
    expect(clock.now()).toBe(start);
    host.passed += 1_000;
    host.time += 3_600_000;
    expect(clock.now()).toBe(start);
    clock.set(start + 60_000);
    host.time -= 7_200_000;
    expect(clock.now()).toBe(start + 60_000);
  });

  it('goes on from where an earlier process left it, and never back', () => {
    const clock = new PacedClock(new FakeHostClock());
    clock.set(5_000_000);
    expect(clock.now()).toBe(5_000_000);
    expect(() => clock.set(4_999_999)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
  });

  it('gives whole milliseconds', () => {
    const host = new FakeHostClock();
    host.time += 0.999;
    expect(new PacedClock(host).now()).toBe(Math.floor(host.time));
  });

  it.each(['max', 0, -1, Number.NaN, Number.POSITIVE_INFINITY] as const)('has no pace of speed %s', (speed) => {
    const host = new FakeHostClock();
    expect(() => new PacedScheduler(new PacedClock(host), new ManualScheduler(), host, atSpeed(speed))).toThrow(
      expect.objectContaining({ code: 'TIME-001' }),
    );
  });
});

describe('virtual clock', () => {
  it('stands where it was set and only goes forward', () => {
    const clock = new VirtualClock();
    expect(clock.now()).toBe(0);
    clock.set(1_000);
    clock.set(1_000);
    expect(clock.now()).toBe(1_000);
    expect(() => clock.set(999)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
    expect(clock.now()).toBe(1_000);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, 9e15])('refuses the instant %s', (at) => {
    expect(() => new VirtualClock().set(at)).toThrow(expect.objectContaining({ code: 'TIME-001' }));
  });
});
