import { describe, expect, it } from '@jest/globals';
import { forEachBounded } from '#src/flow/bounded.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';

/** Work of one second an item, and what is under way. */
function rig() {
  const scheduler = new ManualScheduler();
  const begun: number[] = [];
  let open = 0;
  let most = 0;
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    most = Math.max(most, (open += 1));
    await scheduler.sleep(1_000);
    open -= 1;
  };
  return { scheduler, begun, work, most: () => most };
}

describe('forEachBounded', () => {
  it('works on every item, in order, and on no more of them at a time than the limit', async () => {
    const { scheduler, begun, work, most } = rig();
    let done = false;
    const all = forEachBounded([1, 2, 3, 4, 5], 2, work).then(() => (done = true));
    await settled();
    expect(begun).toEqual([1, 2]);
    await scheduler.advance(1_000);
    expect(begun).toEqual([1, 2, 3, 4]);
    await scheduler.advance(1_000);
    expect([begun, most(), done]).toEqual([[1, 2, 3, 4, 5], 2, false]);
    await scheduler.advance(1_000);
    await all;
    expect(done).toBe(true);
  });

  it('begins no item once the signal has aborted, and ends with those under way', async () => {
    const { scheduler, begun, work } = rig();
    const stop = new AbortController();
    const all = forEachBounded([1, 2, 3, 4, 5], 2, work, stop.signal);
    await settled();
    stop.abort();
    await scheduler.advance(1_000);
    await all;
    expect(begun).toEqual([1, 2]);
    await forEachBounded([6], 2, work, stop.signal);
    expect(begun).toEqual([1, 2]);
  });

  it('rejects with the first failure', async () => {
    const all = forEachBounded([1, 2, 3], 2, (item) => Promise.reject(new Error(`item ${item}`)));
    await expect(all).rejects.toThrow('item 1');
  });

  it('has nothing to do for nothing', async () => {
    const { begun, work } = rig();
    await forEachBounded([], 3, work);
    expect(begun).toEqual([]);
  });
});
