import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface JestResults {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const RESULTS = '.cache/results/main.json';

/** Rows of the page that name a test: the last cell, in backquotes. */
function namedTests(page: string): string[] {
  return [...page.matchAll(/^\|.*\| `([^`]+)` \|$/gmu)].map((match) => match[1] as string);
}

describe('docs/seed-map.md', () => {
  it('names only tests that passed in this run', () => {
    expect(existsSync(RESULTS)).toBe(true);
    const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as JestResults;
    const passed = new Set(
      results.testResults
        .flatMap((file) => file.assertionResults)
        .filter((test) => test.status === 'passed')
        .map((test) => test.fullName),
    );
    const named = namedTests(readFileSync('docs/seed-map.md', 'utf8'));

    expect(named.length).toBeGreaterThan(150);
    expect(named.filter((name) => !passed.has(name))).toEqual([]);
  });
});
