import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';

describe('ReentrantMarkLock', () => {
  it('lets its holder enter again and is free afterwards', () => {
    const lock = new ReentrantMarkLock();

    const depths = lock.runExclusive(() => [lock.depth, lock.runExclusive(() => lock.depth)]);

    expect(depths).toEqual([1, 2]);
    expect(lock.depth).toBe(0);
  });

  it('hands out what the section returns', () => {
    expect(new ReentrantMarkLock().runExclusive(() => 42)).toBe(42);
    expect(new ReentrantMarkLock().runExclusive(() => null)).toBeNull();
  });

  it('is free again after a section that throws, and passes the error on', () => {
    const lock = new ReentrantMarkLock();

    expect(() =>
      lock.runExclusive(() =>
        lock.runExclusive(() => {
          throw new Error('boom');
        }),
      ),
    ).toThrow('boom');
    expect(lock.depth).toBe(0);
  });

  it.each([
    ['an async section', async () => Promise.resolve(1)],
    ['a section that returns a promise', () => Promise.resolve(1)],
    ['a section that returns any thenable', () => ({ then: (resolve: (value: number) => void) => resolve(1) })],
  ])('refuses %s with LOCK-001 and is free afterwards', (_name, section) => {
    const lock = new ReentrantMarkLock();

    expect(() => lock.runExclusive<unknown>(section)).toThrow(expect.objectContaining({ code: 'LOCK-001' }));
    expect(lock.depth).toBe(0);
  });

  it('does not let the rejection of a refused section become an unhandled one', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    try {
      expect(() => new ReentrantMarkLock().runExclusive(() => Promise.reject(new Error('late')))).toThrow(
        expect.objectContaining({ code: 'LOCK-001' }),
      );
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', listener);
    }
    expect(unhandled).toEqual([]);
  });

  it('refuses to be left by somebody who does not hold it, with LOCK-002', () => {
    const lock = new ReentrantMarkLock();
    lock.enter();
    lock.exit();

    expect(() => lock.exit()).toThrow(expect.objectContaining({ code: 'LOCK-002' }));
    expect(lock.depth).toBe(0);
  });

  it('refuses a section that leaves it at another depth, with LOCK-002', () => {
    const lock = new ReentrantMarkLock();

    expect(() => lock.runExclusive(() => lock.enter())).toThrow(expect.objectContaining({ code: 'LOCK-002' }));
    expect(lock.depth).toBe(0);
    expect(() => lock.runExclusive(() => lock.exit())).toThrow(expect.objectContaining({ code: 'LOCK-002' }));
    expect(lock.depth).toBe(0);
  });
});
