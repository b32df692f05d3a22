import { describe, expect, it } from '@jest/globals';
import { Mutex } from '#src/flow/mutex.js';
import { settled } from '#src/testing/settled.js';

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
    await settled();
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
