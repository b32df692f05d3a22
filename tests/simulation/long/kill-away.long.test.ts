import { describe, expect, it } from '@jest/globals';
import { awaySwarm } from '../support/away-swarm.js';
import { VENUES } from '../support/switched-venue.js';

const SEEDS = Number(process.env['SEEDS'] ?? 60);

describe('an entry that rests when the process dies (S-23)', () => {
  it.each(Object.keys(VENUES))(
    'is covered at the venue when it fills, or gone within the countdown: %s',
    async (kind) => {
      const figures = await awaySwarm(kind, SEEDS, 1_000);
      process.stdout.write(`${kind}: ${JSON.stringify({ ...figures, failures: figures.failures.length })}\n`);
      expect(figures.failures).toEqual([]);
    },
    3_600_000,
  );
});
