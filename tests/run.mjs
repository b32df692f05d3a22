// `npm test`: the whole suite, then the acceptance index checked against what passed in it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';

const results = '.cache/results';
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const jest = (name, args) =>
  spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--maxWorkers=2',
      '--json',
      `--outputFile=${results}/${name}.json`,
      ...args,
    ],
    { stdio: ['inherit', 'ignore', 'inherit'] },
  ).status ?? 1;

const asked = process.argv.slice(2);
const main = jest(
  'main',
  asked.length > 0 ? asked : ['--testPathIgnorePatterns', 'tests/acceptance/', 'tests/simulation/long/'],
);
// A part of the suite proves nothing about the index.
const acceptance = asked.length > 0 ? 0 : jest('acceptance', ['tests/acceptance/']);
process.exit(main !== 0 ? main : acceptance);
