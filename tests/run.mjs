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
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const elsewhere = ['tests/acceptance/', 'tests/simulation/long/', ...(hasRedis ? [] : ['tests/simulation/farm'])];
const main = jest('main', asked.length > 0 ? asked : ['--testPathIgnorePatterns', ...elsewhere]);
// A part of the suite proves nothing about the index.
const acceptance = asked.length > 0 ? 0 : jest('acceptance', ['tests/acceptance/']);
if (asked.length === 0 && !hasRedis)
  console.log('Left out: the tests of the farm, as redis-server is not installed. With it: npm run test:farm');
process.exit(main !== 0 ? main : acceptance);
