// `npm test`: the whole suite, then the acceptance index checked against what passed in it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const results = '.cache/results';
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

/**
 * Where tests make their directories. A test ends processes and never the machine: what they wrote is there in memory
 * as it would be on a disk, and the thousands of syncs of journals cost nothing.
 */
const MEMORY = '/dev/shm';
const directory = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'pb-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

function hasRoom(path) {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize > 2 ** 30;
  } catch {
    return false;
  }
}

/** For who runs hundreds of short programs one after the other, as many of them at once as there are cores. */
const ENGINE = ['--no-flush-bytecode', '--max-semi-space-size=32', '--single-threaded-gc'];

// From Node 22 on the programs that tests start are compiled by the first of them: NODE_COMPILE_CACHE.
function jest(name, args) {
  const { status, signal } = spawnSync(
    process.execPath,
    [
      ...ENGINE,
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--env=./tests/support/environment.mjs',
      '--testSequencer=./tests/support/sequencer.mjs',
      '--maxWorkers=2',
      // A runner of modules keeps something of each file. A worker that begins anew loads and compiles all again.
      '--workerIdleMemoryLimit=800MB',
      '--json',
      `--outputFile=${results}/${name}.json`,
      ...args,
    ],
    {
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, TMPDIR: directory, NODE_COMPILE_CACHE: resolve('.cache/compiled') },
    },
  );
  if (signal !== null) process.exit(130);
  return status ?? 1;
}

const asked = process.argv.slice(2);
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const elsewhere = ['tests/acceptance/', 'tests/simulation/long/', ...(hasRedis ? [] : ['tests/simulation/farm'])];
const main = jest('main', asked.length > 0 ? asked : ['--testPathIgnorePatterns', ...elsewhere]);
// A part of the suite proves nothing about the index.
const acceptance = asked.length > 0 ? 0 : jest('acceptance', ['tests/acceptance/']);
if (asked.length === 0 && !hasRedis)
  console.log('Left out: the tests of the farm, as redis-server is not installed. With it: npm run test:farm');
process.exit(main !== 0 ? main : acceptance);
