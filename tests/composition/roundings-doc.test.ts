import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = 'src/venues/simulated';
const ROUNDS = /\b(?:mulDiv|applyRate|unit\.units|toUnits|Math\.(?:floor|ceil|round|trunc))\(/u;

/** What rounds no price and no amount: times, places in lists, guesses, a generated market, and one that is exact. */
const ELSEWHERE = new Set([
  'candle-history.ts',
  'commit-log.ts',
  'edge-search.ts',
  'fee-schedule.ts',
  'funding-schedule.ts',
  'generated-market-driver.ts',
  'market-generator.ts',
  'market-intake.ts',
  'market-model.ts',
  'path-dependence.ts',
  'recorded-market-driver.ts',
  'wire.ts',
]);

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const page = readFileSync('docs/simulation.md', 'utf8');
const section = page.slice(page.indexOf('### Roundings'), page.indexOf('## Where the market comes from'));

describe('the roundings of the exchange inside', () => {
  const rounding = sources.filter((path) => ROUNDS.test(readFileSync(join(ROOT, path), 'utf8')));

  it('are looked for where there are some', () => {
    expect(rounding.length).toBeGreaterThan(10);
  });

  it.each(rounding.map((path) => basename(path)).filter((name) => !ELSEWHERE.has(name)))(
    'the page names %s',
    (name) => {
      expect(section).toContain(`\`${name}\``);
    },
  );

  it('and names no file that rounds nothing', () => {
    const named = [...section.matchAll(/`([a-z-]+\.ts)`/gu)].map(([, name]) => name);
    expect(named.filter((name) => !rounding.some((path) => basename(path) === name))).toEqual([]);
  });
});
