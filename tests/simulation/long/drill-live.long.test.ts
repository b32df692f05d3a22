import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { makeSession } from '../../support/session.js';
import { FAULTS_OF_THE_WAY, liveDrill } from '../wire/live-drill.js';

const SEEDS = Number(process.env['SEEDS'] ?? 20);
const { lines } = makeSession({ messages: 2_000, seed: 7, trades: true, everyMs: 80 });
const session = new TextEncoder().encode(lines.join('\n'));

describe('a bot that trades live on a server of the venue, over many seeds', () => {
  it(
    'believes what the venue holds, once all is well',
    async () => {
      const failures: string[] = [];
      let [fills, longestBareMs] = [0, 0];
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const chance = 0.005 * (1 + (seed % 8));
        const figures = await liveDrill({ seed, session, faults: FAULTS_OF_THE_WAY, chance, ms: 150_000 });
        failures.push(...figures.failures);
        fills += figures.fills;
        longestBareMs = Math.max(longestBareMs, figures.longestBareMs);
        process.stdout.write(`seed ${seed}: ${JSON.stringify(figures)}\n`);
      }
      process.stdout.write(`${SEEDS} seeds, ${fills} fills, longest bare ${longestBareMs} ms\n`);
      expect(failures).toEqual([]);
      expect(fills).toBeGreaterThan(SEEDS);
    },
    30 * 60_000,
  );
});
