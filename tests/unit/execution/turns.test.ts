import { describe, expect, it } from '@jest/globals';
import { FewIds } from '#src/services/execution/orders/few-ids.js';
import { Mutex } from '#src/flow/mutex.js';

describe('Mutex', () => {
  it('lets sections in one at a time, in the order in which they asked, whether they fail or not', async () => {
    const mutex = new Mutex();
    const told: string[] = [];
    const section =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        told.push(`${name} in`);
        await Promise.resolve();
        told.push(`${name} out`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      mutex.run(section('a')),
      mutex.run(section('b', true)),
      mutex.run(section('c')),
    ]);
    expect(told).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(mutex.run(section('d'))).resolves.toBe('d');
  });

  it('keeps everybody out until whoever entered leaves', async () => {
    const mutex = new Mutex();
    await mutex.enter();
    let entered = false;
    const second = mutex.enter().then(() => (entered = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toBe(false);
    mutex.leave();
    await second;
    expect(entered).toBe(true);
  });

  it('does not begin a section within the call that asks for it', async () => {
    const mutex = new Mutex();
    let begun = false;
    const done = mutex.run(() => Promise.resolve((begun = true)));
    expect(begun).toBe(false);
    await done;
    expect(begun).toBe(true);
  });
});

describe('FewIds', () => {
  it('holds each id once, and says whether it held what is deleted', () => {
    const ids = new FewIds();
    for (const id of ['a', 'b', 'c', 'b']) ids.add(id);
    expect(ids.delete('a')).toBe(true);
    expect(ids.delete('a')).toBe(false);
    expect(['a', 'b', 'c'].map((id) => ids.has(id))).toEqual([false, true, true]);
    expect(ids.delete('b')).toBe(true);
    expect(ids.has('b')).toBe(false);
    expect(ids.delete('c')).toBe(true);
    expect(ids.delete('c')).toBe(false);
  });
});
