import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';

import { makeSession } from '../../support/session.js';
import { tradingDrill } from './trading-drill.js';

const SECOND_MS = 1_000;
const { lines } = makeSession({ messages: 160, seed: 5, trades: true, everyMs: 80 });
const session = new TextEncoder().encode(lines.join('\n'));

/** A short form of `npm run drill`. */
describe("a bot that trades on a venue's market, played by a server", () => {
  it('loses no event, believes no broken book and keeps its money', async () => {
    const figures = await tradingDrill({ seed: 1, session, chance: 0, ms: 25 * SECOND_MS, calmMs: SECOND_MS });
    expect(figures).toMatchObject({ failures: [], missing: 0, outages: 0, quoted: figures.steps });
    expect([figures.heard, figures.fills > 2]).toEqual([expect.any(Number), true]);
    expect(figures.heard).toBeGreaterThan(90);
  });

  it('says so of each that it did not hear, while messages are lost, late, silent and wrong', async () => {
    const figures = await tradingDrill({ seed: 2, session, chance: 0.01, ms: 40 * SECOND_MS, calmMs: 240 * SECOND_MS });
    expect(figures.failures).toEqual([]);
    expect([figures.fills > 2, figures.outages > 0, figures.missing > 0]).toEqual([true, true, true]);
  });
});
