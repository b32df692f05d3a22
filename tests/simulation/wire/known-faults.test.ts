import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CONFORMANCE_IDS } from '#di/testing/conformance/ids.js';

/** How many the catalogue of faults has, by kind: of the network, of orders, of the account. */
const FAULTS = { NW: 24, OL: 24, AC: 19 };
const ROW = /^\| ((?:NW|OL|AC)-\d\d) [^|]+ \| ([^|]+) \|$/gm;

/** What shows nothing of what is named: scenarios of the conformance suite, or tests by their names. */
function unproven(shown: string): readonly string[] {
  return shown.split('; ').filter((each) => {
    if (each === 'this venue has none') return false;
    const test = /^`(\S+\.test\.ts)`: (.+)$/.exec(each);
    if (test === null) return each.split(', ').some((id) => !CONFORMANCE_IDS.includes(id));
    const path = test[1]?.startsWith('simulation/') === true ? `tests/${test[1]}` : `tests/unit/${test[1]}`;
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(String(test[2]));
  });
}

describe('the faults that are known', () => {
  const rows = [...readFileSync('docs/venues.md', 'utf8').matchAll(ROW)].map(([, id, shown]) => ({
    id,
    shown: String(shown),
  }));

  it('stand in the tables, each once', () => {
    const all = Object.entries(FAULTS).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, place) => `${kind}-${String(place + 1).padStart(2, '0')}`),
    );
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  it('are shown by scenarios that are run and tests that exist', () => {
    expect(rows.map(({ id, shown }) => [id, unproven(shown)]).filter(([, wrong]) => wrong?.length !== 0)).toEqual([]);
  });

  it('stand in the index of acceptance, each with a test', () => {
    const index = JSON.parse(readFileSync('tests/acceptance/index.json', 'utf8')) as readonly {
      readonly section: string;
      readonly items: readonly { readonly item: string }[];
    }[];
    const named = index.flatMap(({ items }) => items.map(({ item }) => item.slice(0, 5)));
    expect(rows.filter(({ id }) => !named.includes(String(id))).map(({ id }) => id)).toEqual([]);
  });
});
