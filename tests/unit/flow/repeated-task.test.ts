import { describe, expect, it } from '@jest/globals';
import { RepeatedTask } from '#src/flow/repeated-task.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';

function rig(round: (signal: AbortSignal) => Promise<void>) {
  const scheduler = new ManualScheduler();
  const failures: unknown[] = [];
  const every = { ms: 1_000 };
  const task = new RepeatedTask(
    'mine',
    () => every.ms,
    round,
    scheduler,
    (error) => void failures.push(error),
  );
  return { scheduler, failures, every, task, stop: new AbortController() };
}

describe('RepeatedTask', () => {
  it('does its round at once and after each interval, until told to end', async () => {
    const at: number[] = [];
    const { scheduler, task, stop } = rig(() => Promise.resolve(void at.push(scheduler.clock.now() - start)));
    const start = scheduler.clock.now();
    const run = task.run(stop.signal);
    await settled();
    await scheduler.advance(2_000);
    stop.abort();
    await run;
    expect([at, scheduler.pending, task.enabled]).toEqual([[0, 1_000, 2_000], 0, true]);
  });

  it('asks for the interval before each wait: a changed one holds at the next', async () => {
    const at: number[] = [];
    const { scheduler, every, task, stop } = rig(() => Promise.resolve(void at.push(scheduler.clock.now() - start)));
    const start = scheduler.clock.now();
    const run = task.run(stop.signal);
    await settled();
    every.ms = 5_000;
    await scheduler.advance(11_000);
    stop.abort();
    await run;
    expect(at).toEqual([0, 1_000, 6_000, 11_000]);
  });

  it('tells of a round that fails, rejecting or throwing, and comes again', async () => {
    let rounds = 0;
    const { scheduler, failures, task, stop } = rig(() => {
      rounds += 1;
      if (rounds === 1) throw new Error('thrown');
      return rounds === 2 ? Promise.reject(new Error('rejected')) : Promise.resolve();
    });
    const run = task.run(stop.signal);
    await settled();
    await scheduler.advance(2_000);
    stop.abort();
    await run;
    expect([rounds, failures.map(String)]).toEqual([3, ['Error: thrown', 'Error: rejected']]);
  });

  it('may begin by waiting, and does nothing when that wait is cut short', async () => {
    let rounds = 0;
    const { scheduler, task, stop } = rig(() => Promise.resolve(void (rounds += 1)));
    const run = task.runAfterWait(stop.signal);
    await scheduler.advance(999);
    stop.abort();
    await run;
    expect([rounds, scheduler.pending]).toEqual([0, 0]);
  });
});
