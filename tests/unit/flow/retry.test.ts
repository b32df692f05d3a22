import { describe, expect, it } from '@jest/globals';
import { Retry } from '#src/flow/retry.js';
import type { PendingWork } from '#src/ports/runtime-state/runtime-state.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';

/** A task whose answers a test gives; `answers` run out as successes. */
function rig(answers: (boolean | Promise<boolean>)[]) {
  const scheduler = new ManualScheduler();
  const tracked: Promise<unknown>[] = [];
  const pending = { track: (work: Promise<unknown>) => void tracked.push(work) } as PendingWork;
  const runs: number[] = [];
  const start = scheduler.clock.now();
  const retry = new Retry(scheduler, pending, async () => {
    runs.push(scheduler.clock.now() - start);
    return (await answers.shift()) ?? true;
  });
  return { scheduler, tracked, runs, retry };
}

describe('Retry', () => {
  it('runs the task soon, and again with doubled delays up to a bound until it answers true', async () => {
    const { scheduler, runs, retry } = rig([false, false, false, false, false, false, true]);
    retry.request();
    await scheduler.advance(600_000);
    expect(scheduler.delays).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(runs).toEqual([1_000, 3_000, 7_000, 15_000, 30_000, 45_000, 60_000]);
    expect(scheduler.pending).toBe(0);
  });

  it('forgets earlier failures once the task has answered true', async () => {
    const { scheduler, retry } = rig([false, true, true]);
    retry.request();
    await scheduler.advance(10_000);
    retry.request();
    await scheduler.advance(10_000);
    expect(scheduler.delays).toEqual([1_000, 2_000, 1_000]);
  });

  it('waits no longer than 1.5 s from when a position may be bare, however long it had meant to wait', async () => {
    const scheduler = new ManualScheduler();
    const pending = { track: () => undefined } as unknown as PendingWork;
    const { clock } = scheduler;
    const start = clock.now();
    const runs: number[] = [];
    let isAtStake = false;
    const task = (): Promise<boolean> => Promise.resolve(runs.push(clock.now() - start) > 4);
    const retry = new Retry(scheduler, pending, task, clock, () => isAtStake);
    retry.request();
    await scheduler.advance(17_000);
    expect(runs).toEqual([1_000, 3_000, 7_000, 15_000]);
    isAtStake = true;
    await scheduler.advance(1_500);
    expect(runs.slice(4)).toHaveLength(1);
  });

  it('has one timer, however often it is asked', async () => {
    const { scheduler, runs, retry } = rig([true]);
    for (let i = 0; i < 3; i += 1) retry.request();
    expect(scheduler.pending).toBe(1);
    await scheduler.advance(60_000);
    expect(runs).toEqual([1_000]);
  });

  it('comes again when it is asked while the task runs, for what that run may have missed', async () => {
    let finish: (done: boolean) => void = () => undefined;
    const { scheduler, runs, retry } = rig([new Promise((resolve) => (finish = resolve)), true]);
    retry.request();
    await scheduler.advance(1_000);
    retry.request();
    expect([runs, scheduler.pending]).toEqual([[1_000], 0]);
    finish(true);
    await settled();
    await scheduler.advance(1_000);
    expect(runs).toEqual([1_000, 2_000]);
  });

  it('counts the task as pending work, not the waiting for it', async () => {
    const { scheduler, tracked, retry } = rig([true]);
    retry.request();
    await scheduler.advance(999);
    expect(tracked).toHaveLength(0);
    await scheduler.advance(1);
    expect(tracked).toHaveLength(1);
    await tracked[0];
  });

  it('leaves no timer when stopped, and does nothing until it is resumed', async () => {
    const { scheduler, runs, retry } = rig([true]);
    retry.request();
    retry.stop();
    expect(scheduler.pending).toBe(0);
    retry.request();
    await scheduler.advance(60_000);
    expect(runs).toEqual([]);
    retry.resume();
    retry.request();
    await scheduler.advance(1_000);
    expect(runs).toHaveLength(1);
  });
});
