import { describe, expect, it } from '@jest/globals';
import { coverSwarm } from './support/cover-swarm.js';
import { deathSwarm } from './support/death-swarm.js';

// `npm run simulate` takes as many seeds as one likes.
describe('a position at the exchange', () => {
  it('is never without its stop for longer than two seconds while the exchange answers (I-17)', async () => {
    const figures = await coverSwarm(6);
    expect(figures.failures).toEqual([]);
    expect(figures.entries).toBeGreaterThan(12);
  }, 240_000);

  it('has its stop back two seconds after the first answer to the next start, before any other order, wherever the process died (I-17, PR-02)', async () => {
    const figures = await deathSwarm(4);
    expect(figures.failures).toEqual([]);
    expect(figures.bareAtStart).toBeGreaterThan(1);
  }, 240_000);
});
