import { describe, expect, it } from '@jest/globals';
import { coverSwarm } from './support/cover-swarm.js';

describe('a position at the exchange', () => {
  it('is never without its stop for longer than two seconds while the exchange answers (I-17)', async () => {
    const figures = await coverSwarm(12);
    expect(figures.failures).toEqual([]);
    expect(figures.entries).toBeGreaterThan(12);
  }, 240_000);
});
