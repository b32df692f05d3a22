import { describe, expect, it } from '@jest/globals';
import { coverSwarm } from './support/cover-swarm.js';
import { deathSwarm } from './support/death-swarm.js';
import { strictSwarm } from './support/strict-swarm.js';

// `npm run simulate` takes as many seeds as one likes.
describe('a position at the exchange', () => {
  it('is never without its stop for longer than two seconds while the exchange answers (I-17)', async () => {
    const figures = await coverSwarm(5);
    expect(figures.failures).toEqual([]);
    expect(figures.entries).toBeGreaterThan(12);
  }, 240_000);

  it('has its stop back two seconds after the first answer to the next start, before any other order, wherever the process died (I-17, PR-02)', async () => {
    const figures = await deathSwarm(3);
    expect(figures.failures).toEqual([]);
    expect(figures.bareAtStart).toBeGreaterThan(1);
  }, 240_000);
});

describe('a venue that is strict', () => {
  it('sees no request while it wants to be left alone, no entry out of turn or on a wrong clock, and its bad rows cost no cover', async () => {
    const figures = await strictSwarm(5);
    expect(figures.failures).toEqual([]);
    expect(Math.min(figures.throttled, figures.whileWaiting, figures.badRows)).toBeGreaterThan(0);
  }, 240_000);

  it.each([1_272, 1_350, 1_777])(
    "does not let a stop wait for the end of a dead man's switch that nobody may ask for yet: seed %d",
    async (seed) => {
      expect((await strictSwarm(1, seed)).failures).toEqual([]);
    },
    60_000,
  );
});
