// `npm run strangers`: packs what would be published, installs it into small programs that know nothing of this
// repository, and runs each of them. It needs the network, or npm's cache, to install what their lock file names.
//   npm run strangers -- nest types    those whose names have one of the words
//   npm run strangers -- --node=24     on that Node too, installed once
//   npm run strangers -- --lock        writes the lock file anew
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../..');
const MINUTE = 60_000;
const place = mkdtempSync(join(tmpdir(), 'perpsbot-strangers-'));
process.once('exit', () => rmSync(place, { recursive: true, force: true }));

/** Runs a command in its own process group, at most `within`; rejects with all it said. */
function run(command, args, { cwd = place, within = MINUTE, env = {} } = {}) {
  return new Promise((done, failed) => {
    const PATH = `${dirname(running)}:${process.env.PATH}`;
    const child = spawn(command, args, { cwd, detached: true, env: { ...process.env, PATH, ...env } });
    let [out, all] = ['', ''];
    child.stdout.on('data', (chunk) => ((out += chunk), (all += chunk)));
    child.stderr.on('data', (chunk) => (all += chunk));
    const late = setTimeout(() => {
      all += `\nnot done within ${within / 1_000} s`;
      process.kill(-child.pid, 'SIGKILL');
    }, within);
    child.once('error', failed);
    child.once('close', (code, signal) => {
      clearTimeout(late);
      if (code === 0) done(out);
      else failed(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}:\n${all.trim()}`));
    });
  });
}

const npm = (args, options) => run('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts'], options);
/** The Node that all is tried on. */
let running = process.execPath;
const node = (args, options) => run(running, args, options);

/** A Node of another release, as the npm package `node` brings it. */
const paths = new Map();
async function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  if (!paths.has(major)) {
    const asked = ['-y', '-p', `node@${major}`, 'node', '-p', 'process.execPath'];
    paths.set(major, (await run('npx', asked, { within: 3 * MINUTE })).trim());
  }
  return paths.get(major);
}

async function install(lockAnew) {
  await node(['config/build.mjs', '--package'], { cwd: ROOT, within: 4 * MINUTE });
  await npm(['pack', '--silent', '--pack-destination', place], { cwd: ROOT, within: 2 * MINUTE });
  const { name, version, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json')));
  cpSync(HERE, place, { recursive: true });
  cpSync(join(place, `${name}-${version}.tgz`), join(place, `${name}.tgz`));
  if (lockAnew)
    return npm(['install', '--package-lock-only', '--omit-lockfile-registry-resolved'], { within: 5 * MINUTE });
  const { packages } = JSON.parse(readFileSync(join(place, 'package-lock.json')));
  const locked = packages['node_modules/perpsbot'];
  for (const [kind, now] of Object.entries({ dependencies, optionalDependencies }))
    if (JSON.stringify(locked[kind]) !== JSON.stringify(now))
      throw new Error(
        `tests/strangers/package-lock.json has other ${kind} of the package: npm run strangers -- --lock`,
      );
  return npm(['ci', '--prefer-offline'], { within: 5 * MINUTE });
}

const plain = join(place, 'plain');
const bin = (path) => join(place, 'node_modules', path);
const installed = (...path) => join(place, 'node_modules/perpsbot', ...path);

/** One for each Node. */
let checkouts = 0;

/** A backtest by the installed program and by this checkout's: the same file, the same trades. */
async function backtests() {
  const data = join(place, 'bars.csv');
  await node(['market.mjs', data], { cwd: plain });
  const own = join(place, `checkout-${++checkouts}`);
  mkdirSync(join(own, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(own, 'node_modules/perpsbot'), 'junction');
  cpSync(join(plain, 'dip.mjs'), join(own, 'dip.mjs'));
  const backtest = async (program, cwd) => {
    const { data: result } = JSON.parse(
      await node([program, 'backtest', '--data', data, '--strategy', './dip.mjs', '--json'], { cwd }),
    );
    return [result.traceHash, result.trades];
  };
  const [theirs, ours] = [
    await backtest(installed('dist/launch.js'), plain),
    await backtest('node_modules/perpsbot/dist/launch.js', own),
  ];
  if (!(theirs[1] > 0)) throw new Error(`The backtest must trade, had ${theirs[1]} trades.`);
  if (String(theirs) !== String(ours)) throw new Error(`Installed ${theirs}, from the checkout ${ours}.`);
  const sweep = ['optimize', '--data', data, '--strategy', './dip.mjs', '--param', 'length=10,20,30', '--jobs', '2'];
  await node([installed('dist/launch.js'), ...sweep, '--out', join(own, 'sweep'), '--json'], { cwd: plain });
}

/** Without what npm may leave out: a newer Node has a database of its own, Node 20 is told what it lacks. */
async function bare() {
  // Not below the others' folder, where what is left out would be found.
  const folder = mkdtempSync(join(tmpdir(), 'perpsbot-bare-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const what = ['install', '--no-package-lock', '--omit=optional', '--omit=peer', '--prefer-offline'];
  await npm([...what, join(place, 'perpsbot.tgz')], { cwd: folder, within: 3 * MINUTE });
  const launch = join(folder, 'node_modules/perpsbot/dist/launch.js');
  await node([join(plain, 'market.mjs'), join(folder, 'bars.csv')], { cwd: folder });
  for (const major of [20, 22, 24]) {
    const on = await nodeOf(major);
    await run(on, [launch, 'backtest', '--data', 'bars.csv', '--json'], { cwd: folder });
    const start = [launch, 'start', '--cycles', '20', '--speed', 'max', '--state', `state-${major}`];
    const told = await run(on, start, { cwd: folder }).then(
      () => 'started',
      (error) => error.message,
    );
    if (major === 20 ? !/libsql/.test(told) : told !== 'started') throw new Error(`On Node ${major}: ${told}`);
  }
}

/** What `strategy new` writes, in a folder where the package is installed: typed in both languages. */
async function templates() {
  const folder = join(place, 'types', 'templates');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const template of ['ema-cross', 'ladder', 'trailing', 'limits', 'breakout'])
    for (const ending of ['mts', 'mjs'])
      await node(
        [installed('dist/launch.js'), 'strategy', 'new', `own-${template}-${ending}.${ending}`, '--template', template],
        {
          cwd: folder,
        },
      );
  const files = readdirSync(folder);
  const how = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--allowJs', '--checkJs'];
  // A parameter of an arrow has its type in TypeScript alone.
  const loose = ['--noImplicitAny', 'false'];
  const of = (ending) => files.filter((file) => file.endsWith(ending));
  await node([bin('typescript/bin/tsc'), ...how, ...of('.mts')], { cwd: folder, within: 2 * MINUTE });
  await node([bin('typescript/bin/tsc'), ...how, ...loose, ...of('.mjs')], { cwd: folder, within: 2 * MINUTE });
}

const STRANGERS = {
  'plain: require and import are one instance': async () => {
    for (const major of [20, 22, 24]) await run(await nodeOf(major), ['instances.cjs'], { cwd: plain });
  },
  'plain: copies of the package and of inversify': () => node(['copies.mjs'], { cwd: plain }),
  'plain: an optional peer that is absent': () => node(['absent-peer.mjs'], { cwd: plain }),
  'bare: without optional packages': bare,
  'plain: a Node that is too old': async () => run(await nodeOf(18), ['old-node.mjs'], { cwd: plain }),
  'plain: a strategy of its own, in a backtest and a sweep': backtests,
  'nest: the Jest that nest new sets up': () => npm(['test'], { cwd: join(place, 'nest'), within: 2 * MINUTE }),
  'vitest: as it comes': () => npm(['test'], { cwd: join(place, 'vitest'), within: 2 * MINUTE }),
  'jest-esm: Jest with ES modules': () => npm(['test'], { cwd: join(place, 'jest-esm'), within: 2 * MINUTE }),
  'types: under node16, nodenext and bundler, and in the Nest project': async () => {
    for (const project of ['types/node16.json', 'types/nodenext.json', 'types/bundler.json', 'nest/tsconfig.json'])
      await node([bin('typescript/bin/tsc'), '--noEmit', '-p', project], { within: 2 * MINUTE });
  },
  'types: what strategy new writes': templates,
  'types: are the types right': () =>
    node([bin('@arethetypeswrong/cli/dist/index.js'), 'perpsbot.tgz', '--profile', 'node16'], { within: 2 * MINUTE }),
};

const [words, flags] = [process.argv.slice(2).filter((each) => !each.startsWith('--')), process.argv.slice(2)];
if (flags.includes('--lock')) {
  rmSync(join(HERE, 'package-lock.json'), { force: true });
  await install(true);
  const lock = JSON.parse(readFileSync(join(place, 'package-lock.json')));
  // What was packed differs with every commit.
  delete lock.packages['node_modules/perpsbot'].integrity;
  writeFileSync(join(HERE, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  process.exit(0);
}

let failures = 0;
async function tryAll(where) {
  for (const [name, check] of Object.entries(STRANGERS)) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    const began = performance.now();
    const problem = await Promise.resolve(check()).then(
      () => undefined,
      (error) => error,
    );
    failures += problem === undefined ? 0 : 1;
    console.log(
      `${problem === undefined ? '✓' : '✗'} ${name} ${where} (${((performance.now() - began) / 1_000).toFixed(1)} s)`,
    );
    if (problem !== undefined) console.error(problem.message ?? problem);
  }
}

try {
  await install(false);
  const more = flags.filter((flag) => flag.startsWith('--node=')).map((flag) => flag.slice('--node='.length));
  for (const major of [process.versions.node.split('.')[0], ...more]) {
    running = await nodeOf(Number(major));
    await tryAll(`on Node ${major}`);
  }
} catch (error) {
  failures += 1;
  console.error(error.message);
}
console.log(failures === 0 ? 'strangers: all at home' : `strangers: ${failures} turned away`);
process.exitCode = failures === 0 ? 0 : 1;
