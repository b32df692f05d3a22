import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface JestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface Section {
  readonly section: string;
  readonly items: readonly { readonly item: string; readonly file: string; readonly test: string }[];
}

const RESULTS = '.cache/results/main.json';
const INDEX = 'tests/acceptance/index.json';

describe(INDEX, () => {
  it('names only tests that passed in this run, in the file it says', () => {
    expect(existsSync(RESULTS)).toBe(true);
    const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as JestResults;
    const passed = new Set(
      results.testResults.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(({ status }) => status === 'passed')
          .map(({ fullName }) => `${relative('.', name)}: ${fullName}`),
      ),
    );
    const sections = JSON.parse(readFileSync(INDEX, 'utf8')) as readonly Section[];
    const named = sections.flatMap(({ items }) => items.map(({ file, test }) => `${file}: ${test}`));

    expect(named.length).toBeGreaterThan(500);
    expect(named.filter((name) => !passed.has(name))).toEqual([]);
    // Left out where there is no redis-server.
    expect(named.filter((name) => name.startsWith('tests/simulation/farm'))).toEqual([]);
  });
});
