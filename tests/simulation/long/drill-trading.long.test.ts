import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { sessionBytes } from '../wire/recorded-lines.js';
import { tradingDrill } from '../wire/trading-drill.js';

const seeds = Number(process.env['SEEDS'] ?? '20');
const first = Number(process.env['FIRST'] ?? '1');
const session = sessionBytes();

/** On virtual time: the recorded session where it lies beside the project. */
describe("a bot that trades on a venue's market, whole", () => {
  it('loses no event where all is well', async () => {
    const figures = await tradingDrill({ seed: 1, session, chance: 0, ms: 6 * MINUTE_MS });
    expect(figures).toMatchObject({ failures: [], missing: 0, outages: 0, quoted: figures.steps });
    expect(figures.fills).toBeGreaterThan(10);
  }, 900_000);

  it.each(Array.from({ length: seeds }, (_, n) => first + n))(
    'names each event that it did not hear, on a bad way: seed %d',
    async (seed) => {
      const { failures, fills, outages } = await tradingDrill({ seed, session, chance: 0.000_5, ms: 2 * MINUTE_MS });
      expect(failures).toEqual([]);
      expect([fills > 0, outages > 0]).toEqual([true, true]);
    },
    900_000,
  );
});
