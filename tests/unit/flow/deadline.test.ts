import { describe, expect, it } from '@jest/globals';
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
