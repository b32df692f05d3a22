import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { liveOverSockets } from '../wire/live/live-sockets.js';
import { FAULTS_OF_THE_WAY } from '../wire/live-drill.js';

/** The recorded session lasts six minutes. */
const SECONDS = Number(process.env['SECONDS'] ?? 280);

describe('a live bot over sockets, on the recorded session at its pace', () => {
  it.each([
    ['where all is well', [], 0, 2_000],
    ['where everything goes wrong, seldom', FAULTS_OF_THE_WAY, 0.000_5, 60_000],
  ] as const)(
    '%s keeps what must hold at the side of the venue',
    async (name, faults, chance, mostBareMs) => {
      const figures = await liveOverSockets(`drill-live-${faults.length}`, { faults, chance, ms: SECONDS * 1_000 });
      process.stderr.write(`${name}: ${JSON.stringify(figures)}\n`);
      expect(figures.fills).toBeGreaterThan(SECONDS / 20);
      expect(figures.longestBareMs).toBeLessThan(mostBareMs);
    },
    900_000,
  );
});
