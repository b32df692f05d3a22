// The order of the test files: what takes longest begins first, so that the last minute is not one file on one core.
// Jest knows how long a file took only where it has run before, which a fresh clone has not.
import { statSync } from 'node:fs';
import { relative } from 'node:path';

/** The longest of all, by seconds; the others by the length of their text. */
const LONG = [
  'simulation/kill',
  'simulation/readme',
  'simulation/control',
  'simulation/farm',
  'simulation/stop',
  'unit/cli/hostile-words',
  'simulation/feeds-garbage',
  'unit/venues/ccxt-public-history',
  'simulation/money',
  'composition/catalog-sweeps',
  'simulation/faults',
  'simulation/cli-pipes',
  'unit/operator/flattening',
  'composition/sweep',
  'simulation/hard-ends',
  'composition/catalog-runs',
  'composition/rebind',
  'simulation/parity',
  'simulation/state-of-before',
  'property/container-one-of-each',
  'unit/testing/test-bot',
  'composition/surface',
].map((name) => `tests/${name}.test.ts`);

export default class LongestFirst {
  sort(tests) {
    const placeOf = ({ path, context }) => {
      const place = LONG.indexOf(relative(context.config.rootDir, path));
      return place < 0 ? LONG.length : place;
    };
    const ranked = tests.map((test) => ({ test, place: placeOf(test), size: statSync(test.path).size }));
    return ranked.sort((a, b) => a.place - b.place || b.size - a.size).map(({ test }) => test);
  }

  cacheResults() {
    // The order is the same in every run.
  }
}
