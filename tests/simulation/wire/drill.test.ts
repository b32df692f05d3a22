import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { drill } from './drill.js';

const seeds = Number(process.env['SEEDS'] ?? '3');
const first = Number(process.env['FIRST'] ?? '1');

describe("paper on a venue's market, on a bad way", () => {
  it.each(Array.from({ length: seeds }, (_, n) => first + n))(
    'believes no broken book, and is whole again when all is well: seed %d',
    async (seed) => {
      const { quoted, steps, outages, failures } = await drill(seed, 5);
      expect(failures).toEqual([]);
      // Something went wrong, and most of the time nothing was in the way.
      expect(outages).toBeGreaterThan(0);
      expect(quoted / steps).toBeGreaterThan(0.5);
    },
    600_000,
  );
});
