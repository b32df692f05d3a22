import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { killedLives, type Death, type KilledLives } from '../wire/live-kills.js';

/** So many deaths at places that a generator chooses: `CYCLES=60 npm run kills`. Some four seconds each. */
const CYCLES = Number(process.env['CYCLES'] ?? 500);
const SEED = Number(process.env['SEED'] ?? 1);
/** A life that is asked to die later than it lives ends by itself. */
const WRITES = 16;
const LIFE_MS = 8_000;
/** After an order that never left, nothing is entered until the venue has denied it for ten seconds. */
const LONG_LIFE_MS = 40_000;
const HOUR_MS = 3_600_000;

const POINTS: readonly (readonly [Death['point'], number])[] = [
  ['intent durable, nothing sent', 3],
  ['answered, not recorded', 3],
  ['cancelled, not recorded', 2],
  ['order told, not taken', 6],
  ['fill told, not taken', 3],
  ['before a durable record', WRITES],
  ['after a durable record', WRITES],
  ['record queued', 40],
];

const everyWrite = (): readonly Death[] =>
  Array.from({ length: WRITES }, (_, i) => i + 1).flatMap((nth) => [
    { point: 'before a durable record', nth },
    { point: 'after a durable record', nth },
  ]);

function chosen(): readonly Death[] {
  const random = new SeededRandom().stream('deaths', SEED);
  return Array.from({ length: CYCLES }, () => {
    const [point, most] = POINTS[Math.floor(random.next() * POINTS.length)] as (typeof POINTS)[number];
    return { point, nth: 1 + Math.floor(random.next() * most) };
  });
}

function holds({ verdicts, sent }: KilledLives): void {
  expect(verdicts.flatMap(({ point, nth, problems }) => problems.map((each) => `${point} ${nth}: ${each}`))).toEqual(
    [],
  );
  expect(new Set(sent).size).toBe(sent.length);
  expect(verdicts.at(-1)?.fills).toBeGreaterThan(0);
}

describe('a live bot that is killed, its venue over sockets', () => {
  it.each([
    ['at every durable write', everyWrite(), LONG_LIFE_MS, 1],
    [`at ${CYCLES} places of seed ${SEED}`, chosen(), LIFE_MS, 0.5],
  ] as const)(
    '%s agrees with its venue after every start, and sends no order twice',
    async (name, deaths, forMs, share) => {
      const lives = await killedLives(`live-kills-${name.replaceAll(' ', '-')}`, deaths, forMs);
      process.stderr.write(
        `${name}: ${lives.deaths} deaths in ${deaths.length + 1} lives, ${lives.sent.length} orders, ` +
          `${lives.verdicts.at(-1)?.fills ?? 0} fills\n`,
      );
      holds(lives);
      expect(lives.deaths).toBeGreaterThanOrEqual(deaths.length * share);
    },
    6 * HOUR_MS,
  );
});
