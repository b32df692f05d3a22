// `npm run mutants`: every characterization test must fail under its own mutant of the code, and under no other.
// A mutant is one change in one place that the compiler lets through; it is made in copies in the temp directory.
// `npm run mutants -- WORD` runs only those whose name or test has the word.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { checker, transpile } from './compiler.mjs';

const RESULTS = '.cache/results/mutants.json';
const COPIED = ['src', 'di', 'config', 'tests/characterization', 'tests/support'];
const WORKERS = Math.min(2, availableParallelism());
/** A mutant may make a test wait for its own timeout, not for ever. */
const PATIENCE_MS = 120_000;

const compiled = (file) => file.replace(/\.ts$/, '.js');
/** A file of declarations has nothing to run. */
const runs = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');

/** The tree as JavaScript, so that a mutant costs one file and jest transforms nothing. */
function copyTree(into) {
  for (const folder of COPIED) {
    for (const name of readdirSync(folder, { recursive: true })) {
      const file = join(folder, name);
      mkdirSync(join(into, dirname(file)), { recursive: true });
      if (runs(file)) writeFileSync(join(into, compiled(file)), transpile(readFileSync(file, 'utf8'), file));
    }
  }
  const imports = { '#di/*': './di/*', '#src/*': './src/*', '#config/*': './config/*' };
  // The tests import the package by its name, as a host does.
  const exports = { '.': './di/index.js', './testing': './di/testing.js' };
  writeFileSync(join(into, 'package.json'), JSON.stringify({ name: 'perpsbot', type: 'module', imports, exports }));
  cpSync('config/profiles', join(into, 'config', 'profiles'), { recursive: true });
  symlinkSync(realpathSync('node_modules'), join(into, 'node_modules'), 'dir');
}

/** Runs the characterization tests of a copy: what passed, what failed and how, and what did not even run. */
async function runTests(root) {
  const report = join(root, 'report.json');
  rmSync(report, { force: true });
  const config = {
    rootDir: root,
    roots: ['<rootDir>/tests/characterization'],
    testEnvironment: 'node',
    transform: {},
    cacheDirectory: join(root, '.cache'),
  };
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join('node_modules', 'jest', 'bin', 'jest.js'),
  ];
  const args = [
    '--config',
    JSON.stringify(config),
    '--testPathIgnorePatterns',
    'checklist',
    '--runInBand',
    '--watchman=false',
    '--silent',
    '--forceExit',
    '--json',
    `--outputFile=${report}`,
  ];
  const child = spawn(process.execPath, [...jest, ...args], {
    cwd: root,
    stdio: 'ignore',
    timeout: PATIENCE_MS,
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  await new Promise((resolve) => child.on('close', resolve));
  let files;
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return { passed: [], failed: new Map(), crashed: ['jest itself'] };
  }
  const tests = files.flatMap((file) => file.assertionResults);
  return {
    passed: tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
    failed: new Map(
      tests
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => [fullName, failureMessages[0] ?? '']),
    ),
    crashed: files
      .filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .map((file) => `${relative(root, file.name)}: ${file.message}`),
  };
}

/** Source with the change made; refuses a place that is not exactly one. */
function mutate({ name, file, find, replace }) {
  const pieces = readFileSync(file, 'utf8').split(find);
  if (pieces.length !== 2)
    throw new Error(`${name}: what it replaces must occur once in ${file}, was ${pieces.length - 1} times`);
  return pieces.join(replace);
}

/**
 * Tries one mutant in a copy; `problems` is empty when its test failed, every other passed, and nothing else happened.
 */
async function attempt(root, { name, kills, file, source, complaints }, all) {
  const place = join(root, compiled(file));
  const original = readFileSync(place);
  const startedAt = performance.now();
  writeFileSync(place, transpile(source, file));
  const { passed, failed, crashed } = await runTests(root);
  writeFileSync(place, original);
  const ran = passed.length + failed.size;
  const problems = [
    ...complaints.map((complaint) => `does not compile: ${complaint}`),
    ...crashed.map((what) => `did not run: ${what}`),
    ...[...failed.keys()].filter((title) => title !== kills).map((title) => `fails also: ${title}`),
    ...(failed.has(kills) ? [] : [`survived: ${kills}`]),
    ...(ran === all ? [] : [`${ran} of ${all} tests ran`]),
  ];
  return {
    name,
    file,
    kills,
    seconds: Math.round(performance.now() - startedAt) / 1_000,
    problems,
    failure: failed.get(kills),
  };
}

/** Gives each worker the next mutant until none is left. */
async function attemptAll(roots, mutants, all) {
  const queue = [...mutants];
  const results = [];
  const work = async (root) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const result = await attempt(root, mutant, all);
      results.push(result);
      console.log(
        `${result.problems.length === 0 ? 'killed' : 'WRONG '}  ${result.seconds.toFixed(1)} s  ${result.name}  ->  ${result.kills}`,
      );
      for (const problem of result.problems) console.log(`        ${problem}`);
    }
  };
  await Promise.all(roots.map(work));
  return results;
}

async function main(roots) {
  const words = process.argv.slice(2);
  const listed = JSON.parse(readFileSync('tests/mutants/mutants.json', 'utf8'));
  const asked = listed.filter(({ name, kills }) => words.every((word) => `${name} ${kills}`.includes(word)));
  const check = checker();
  const mutants = asked
    .map((mutant) => ({ ...mutant, source: mutate(mutant) }))
    .map((mutant) => ({ ...mutant, complaints: check(mutant.file, mutant.source) }));

  copyTree(roots[0]);
  for (const root of roots.slice(1)) cpSync(roots[0], root, { recursive: true, verbatimSymlinks: true });
  const [unchanged] = await Promise.all(roots.map(runTests));
  const unnamed = unchanged.passed.filter((title) => !listed.some(({ kills }) => kills === title));
  if (unchanged.failed.size + unchanged.crashed.length + unnamed.length > 0 || unchanged.passed.length === 0) {
    console.error('The unchanged code must pass, and every test must have a mutant:', {
      failed: [...unchanged.failed.keys()],
      crashed: unchanged.crashed,
      without: unnamed,
    });
    return false;
  }

  const results = await attemptAll(roots, mutants, unchanged.passed.length);
  const right = results.filter(({ problems }) => problems.length === 0).length;
  mkdirSync(dirname(RESULTS), { recursive: true });
  writeFileSync(
    RESULTS,
    `${JSON.stringify({ tests: unchanged.passed.length, mutants: results.length, right, results }, null, 2)}\n`,
  );
  console.log(
    `mutants: ${right} of ${results.length} fail exactly the test they name (${unchanged.passed.length} tests)`,
  );
  return results.length > 0 && right === results.length;
}

const roots = Array.from({ length: WORKERS }, () => realpathSync(mkdtempSync(join(tmpdir(), 'mutants-'))));
const cleanUp = () => roots.forEach((root) => rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (cleanUp(), process.exit(130)));
try {
  process.exitCode = (await main(roots)) ? 0 : 1;
} finally {
  cleanUp();
}
