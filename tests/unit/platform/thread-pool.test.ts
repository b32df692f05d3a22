import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ThreadPool } from '#src/platform/thread-pool.js';

const entry = (name: string): URL => pathToFileURL(`tests/support/threads/${name}.mjs`);

describe('a pool of threads', () => {
  let pool: ThreadPool;
  const open = (size: number, name = 'worker'): ThreadPool => (pool = new ThreadPool({ entry: entry(name), size }));
  const run = (
    message: string,
    key = 'one',
    value: unknown = new Float64Array(new SharedArrayBuffer(8)),
  ): Promise<{ thread: number; message: string; seen: number; sent: boolean }> =>
    pool.run({ key, value }, message) as never;
  afterEach(() => pool.close());

  it('answers every message, in as many threads as it has and no more', async () => {
    open(2);
    const replies = await Promise.all(Array.from({ length: 40 }, (_, index) => run(`m${index}`)));
    expect(replies.map(({ message }) => message)).toEqual(Array.from({ length: 40 }, (_, index) => `m${index}`));
    expect(new Set(replies.map(({ thread }) => thread)).size).toBe(2);
  });

  it('gives shared memory, not a copy of it', async () => {
    open(2);
    const shared = new Float64Array(new SharedArrayBuffer(8));
    shared[0] = 41;
    expect((await run('write', 'k', shared)).seen).toBe(42);
    expect(shared[0]).toBe(42);
    shared[0] = 7;
    expect((await run('look', 'k', shared)).seen).toBe(7);
  });

  it('sends what messages share once, and again when it changed', async () => {
    open(1);
    const sent: boolean[] = [];
    for (const key of ['a', 'a', 'b', 'b', 'a']) sent.push((await run('look', key)).sent);
    expect(sent).toEqual([true, false, true, false, true]);
  });

  it.each(['die', 'throw'])('fails the one task of a thread that ends (%s), and does the others', async (how) => {
    open(2);
    const ends = await Promise.allSettled(['a', how, 'b', 'c', 'd'].map((message) => run(message)));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(ends[1]).toMatchObject({
      reason: {
        code: 'SWEEP-001',
        message: how === 'die' ? expect.stringContaining('ended with 3') : expect.stringContaining('boom'),
      },
    });
  });

  it('gives up when a thread cannot start, instead of starting it for ever', async () => {
    open(2, 'broken');
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => run('a')));
    for (const end of ends)
      expect(end).toMatchObject({
        status: 'rejected',
        reason: { code: 'SWEEP-002', message: expect.stringContaining('cannot load') },
      });
    await expect(run('b')).rejects.toMatchObject({ code: 'SWEEP-002' });
  });

  it('ends what is under way and what waits when it is closed', async () => {
    open(1);
    const ends = Promise.allSettled([run('hang'), run('a')]);
    await new Promise((resolve) => setImmediate(resolve));
    await pool.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(run('b')).rejects.toMatchObject({ code: 'SWEEP-001' });
  });
});
