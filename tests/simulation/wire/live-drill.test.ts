import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { makeSession } from '../../support/session.js';
import { FAULTS_OF_THE_WAY, liveDrill } from './live-drill.js';

const { lines } = makeSession({ messages: 700, seed: 5, trades: true, everyMs: 80 });
const session = new TextEncoder().encode(lines.join('\n'));
/** A short form of `npm run drill`. */
describe('a bot that trades live on a server of the venue', () => {
  it('believes what the venue holds, and leaves nothing bare', async () => {
    const figures = await liveDrill({ seed: 1, session, faults: [], chance: 0, ms: 60_000 });
    expect(figures).toMatchObject({ failures: [], safety: expect.stringMatching(/^NORMAL/) });
    expect(figures.fills).toBeGreaterThan(3);
    expect(figures.longestBareMs).toBeLessThanOrEqual(1_000);
  });

  it.each([2, 3])('believes it after every fault of the way, seed %d', async (seed) => {
    const figures = await liveDrill({ seed, session, faults: FAULTS_OF_THE_WAY, chance: 0.01, ms: 60_000 });
    expect(figures.failures).toEqual([]);
    expect(figures.fills).toBeGreaterThan(1);
  });
});
