import { describe, expect, it } from '@jest/globals';
import { FewIds } from '#src/services/execution/orders/few-ids.js';

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
