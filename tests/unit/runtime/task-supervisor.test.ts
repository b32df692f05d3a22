import { describe, expect, it } from '@jest/globals';
import type { BackgroundTask } from '#src/ports/market-services/lifecycle.js';
import { TaskSupervisor } from '#src/services/runtime/task-supervisor.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';

const BUDGET_MS = 1_000;

function rig(onDeath: (task: string, error: unknown) => void = () => undefined) {
  const scheduler = new ManualScheduler();
  const hostScheduler = new ManualScheduler();
  const logger = new RecordingLogger();
  const deaths: string[] = [];
  const supervisor = new TaskSupervisor({
    scheduler,
    hostScheduler,
    clock: scheduler.clock,
    logger,
    onDeath: (task, error) => {
      deaths.push(task);
      onDeath(task, error);
    },
  });
  return { scheduler, hostScheduler, logger, deaths, supervisor };
}

/** A task that runs until it is told otherwise; `end` settles the current run. */
function task(name: string, enabled = true) {
  let runs = 0;
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const made: BackgroundTask = {
    name,
    enabled,
    run(signal) {
      runs += 1;
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        signal.addEventListener('abort', () => resolve());
      });
    },
  };
  return {
    task: made,
    runs: () => runs,
    die: (message: string) => settle?.reject(new Error(message)),
    end: () => settle?.resolve(),
  };
}

const hangs = (name: string): BackgroundTask => ({ name, enabled: true, run: () => new Promise(() => undefined) });

describe('TaskSupervisor', () => {
  it('refuses two enabled tasks of one name, of which one would never run; a disabled one is fine', async () => {
    const { supervisor } = rig();
    expect(() => supervisor.spawn([task('guards').task, task('guards').task])).toThrow(
      expect.objectContaining({ code: 'DI-012' }),
    );
    supervisor.spawn([task('guards').task, task('guards', false).task]);
    expect(supervisor.names).toEqual(['guards']);
    await supervisor.cancelAll(BUDGET_MS);
  });

  it('spawns the enabled tasks in order, each once', async () => {
    const { supervisor } = rig();
    const [one, two, off] = [task('guards'), task('orders'), task('telemetry', false)];

    supervisor.spawn([one.task, two.task, off.task]);
    supervisor.spawn([one.task]);

    expect(supervisor.names).toEqual(['guards', 'orders']);
    expect([one.runs(), two.runs(), off.runs()]).toEqual([1, 1, 0]);
    await supervisor.cancelAll(BUDGET_MS);
  });

  it('reports a task that dies and restarts it, waiting twice as long after each death, up to a minute (B-34)', async () => {
    const { supervisor, scheduler, deaths, logger } = rig();
    const guards = task('guards');
    supervisor.spawn([guards.task]);

    for (let death = 0; death < 8; death += 1) {
      guards.die('no venue');
      await settled();
      await scheduler.advance(60_000);
    }

    expect(scheduler.delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(deaths).toHaveLength(8);
    expect(guards.runs()).toBe(9);
    expect(logger.at('error')[0]).toBe('Background task died; restarting');
    await supervisor.cancelAll(BUDGET_MS);
  });

  it('forgets earlier deaths of a task that has lived for a minute since', async () => {
    const { supervisor, scheduler, logger } = rig();
    const guards = task('guards');
    supervisor.spawn([guards.task]);
    guards.die('once');
    await settled();
    await scheduler.advance(1_000);

    await scheduler.advance(60_000);
    guards.die('again');
    await settled();

    expect(scheduler.delays).toEqual([1_000, 1_000]);
    expect(logger.lines.map(({ fields }) => fields?.['delay'])).toEqual([1_000, 1_000]);
    await supervisor.cancelAll(BUDGET_MS);
  });

  it('restarts a task that ends by itself, which is no death', async () => {
    const { supervisor, scheduler, deaths } = rig();
    const orders = task('orders');
    supervisor.spawn([orders.task]);

    orders.end();
    await settled();
    await scheduler.advance(1_000);

    expect(orders.runs()).toBe(2);
    expect(deaths).toEqual([]);
    await supervisor.cancelAll(BUDGET_MS);
  });

  it('goes on supervising when a death cannot be recorded', async () => {
    const { supervisor, scheduler, logger } = rig(() => {
      throw new Error('journal closed');
    });
    const guards = task('guards');
    supervisor.spawn([guards.task]);

    guards.die('no venue');
    await settled();
    await scheduler.advance(1_000);

    expect(guards.runs()).toBe(2);
    expect(logger.at('error')).toContain('The death of a background task was not recorded');
    await supervisor.cancelAll(BUDGET_MS);
  });

  it('cancels all tasks, waits for them, and leaves no timer', async () => {
    const { supervisor, scheduler, hostScheduler } = rig();
    const waiting = task('waiting');
    supervisor.spawn([task('guards').task, waiting.task]);
    waiting.die('asleep until its restart');
    await settled();

    await supervisor.cancelAll(BUDGET_MS);
    await supervisor.cancelAll(BUDGET_MS);

    expect(supervisor.names).toEqual([]);
    expect([scheduler.pending, hostScheduler.pending]).toEqual([0, 0]);
    expect(waiting.runs()).toBe(1);
  });

  it('takes an error after the stop for no death', async () => {
    const { supervisor, deaths } = rig();
    const failing: BackgroundTask = {
      name: 'telemetry',
      enabled: true,
      run: (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut off')))),
    };
    supervisor.spawn([failing]);

    await supervisor.cancelAll(BUDGET_MS);

    expect(deaths).toEqual([]);
  });

  it('leaves a task that hangs once the budget of host time is spent, and names it (B-34)', async () => {
    const { supervisor, hostScheduler, logger } = rig();
    supervisor.spawn([task('guards').task, hangs('orders')]);

    const cancelling = supervisor.cancelAll(BUDGET_MS);
    await settled();
    await hostScheduler.advance(BUDGET_MS);
    await cancelling;

    expect(logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields?.['tasks'])).toEqual([
      ['orders'],
    ]);
    expect(supervisor.names).toEqual([]);
  });
});
