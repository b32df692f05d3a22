import { describe, expect, it } from '@jest/globals';
import { awaySwarm } from './support/away-swarm.js';
import { VENUES } from './support/switched-venue.js';

const SEEDS = 6;

// `npm run kills` takes more seeds.
describe('an entry that rests when the process dies (S-23)', () => {
  it.each(Object.keys(VENUES))(
    'is covered at the venue when it fills, or gone within the countdown: %s',
    async (kind) => {
      const figures = await awaySwarm(kind, SEEDS);
      expect(figures.failures).toEqual([]);
      expect(figures.deaths).toBe(2 * SEEDS);
      if (kind === 'nothing') expect(figures.leftResting).toBe(0);
      else expect(figures.leftResting).toBeGreaterThan(1);
    },
    240_000,
  );

  it.each([
    ['between an entry and the stop behind it', 22],
    ['while a switch was wound up for an entry whose stop was about to leave with it', 54],
  ])(
    'is covered where the process died %s',
    async (_, seed) => {
      const figures = await awaySwarm('brackets', 1, seed);
      expect(figures.failures).toEqual([]);
      expect(figures.leftResting).toBeGreaterThan(0);
    },
    240_000,
  );

  it('is withdrawn before the switch that guarded it is ended: a death between the two left it behind', async () => {
    const figures = await awaySwarm('a switch for each symbol', 1, 1_035);
    expect(figures.failures).toEqual([]);
    expect(figures.leftResting).toBeGreaterThan(0);
  }, 240_000);
});
