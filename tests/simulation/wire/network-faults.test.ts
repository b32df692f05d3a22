import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CONFORMANCE_IDS } from '#di/testing/conformance/ids.js';

const FAULTS = 24;
const ROW = /^\| (NW-\d\d) [^|]+ \| ([^|]+) \|$/gm;

/** What shows it: scenarios of the conformance suite, or tests by their names. */
function unproven(shown: string): readonly string[] {
  return shown.split('; ').filter((each) => {
    if (each === 'this venue has none') return false;
    const test = /^`(\S+\.test\.ts)`: (.+)$/.exec(each);
    if (test !== null) return !readFileSync(`tests/unit/${test[1]}`, 'utf8').includes(String(test[2]));
    return each.split(', ').some((id) => !CONFORMANCE_IDS.includes(id));
  });
}

describe('faults of the network', () => {
  const rows = [...readFileSync('docs/venues.md', 'utf8').matchAll(ROW)].map(([, id, shown]) => ({
    id,
    shown: String(shown),
  }));

  it('stand in the table, each once', () => {
    const all = Array.from({ length: FAULTS }, (_, place) => `NW-${String(place + 1).padStart(2, '0')}`);
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  it('are shown by scenarios that are run and tests that exist', () => {
    expect(rows.map(({ id, shown }) => [id, unproven(shown)]).filter(([, wrong]) => wrong?.length !== 0)).toEqual([]);
  });
});
