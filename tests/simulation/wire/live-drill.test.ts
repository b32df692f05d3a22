import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { WireFault } from '#src/ports/venue/serving/wire-faults.js';
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

  it.each<[string, WireFault, number, RegExp]>([
    ['AC-02: sets another leverage', 'hand-made-settings', 0.05, /^REDUCE_ONLY account_leverage/],
    ['AC-04: trades beside it', 'hand-made-order', 0.2, /^NORMAL/],
    ['AC-05: closes its position', 'hand-made-close', 0.2, /^NORMAL/],
    ['AC-06: cancels its orders', 'hand-made-cancel', 1, /^NORMAL/],
    ['AC-07: is the venue, and liquidates it', 'liquidation', 0.2, /^LOCKED liquidated/],
  ])('believes what is true when somebody %s', async (_what, fault, chance, safety) => {
    const figures = await liveDrill({ seed: 4, session, faults: [fault], chance, ms: 40_000 });
    expect(figures.failures).toEqual([]);
    expect(figures.safety).toMatch(safety);
    expect(figures.fills).toBeGreaterThan(3);
  });
});
