import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { killedLives, type Death } from './live-kills.js';

/** `npm run kills` dies at every place, and at 500 that a generator chooses. */
const DEATHS: readonly Death[] = [
  { point: 'answered, not recorded', nth: 1 },
  { point: 'before a durable record', nth: 3 },
  { point: 'fill told, not taken', nth: 1 },
  { point: 'intent durable, nothing sent', nth: 1 },
];

describe('a live bot that is killed', () => {
  it('agrees with its venue after every start, and sends no order twice', async () => {
    const { deaths, verdicts, sent } = await killedLives('live-kill', DEATHS, 30_000);
    expect(verdicts.flatMap(({ point, nth, problems }) => problems.map((each) => `${point} ${nth}: ${each}`))).toEqual(
      [],
    );
    expect(deaths).toBe(DEATHS.length);
    // Two of the places are after an order has left.
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent).size).toBe(sent.length);
    expect(verdicts.at(-1)?.fills).toBeGreaterThan(0);
    expect(verdicts.map(({ safety }) => safety)).toEqual(verdicts.map(() => 'NORMAL'));
  }, 180_000);
});
