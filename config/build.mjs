// Builds what runs. `node config/build.mjs`: dist/, the program and the package in a few files whose modules the
// command line, its workers and `import 'perpsbot'` share. `--modules`: .cache/modules, one file for each module, for
// programs of the tests; `--programs`: those programs too. `--package`: also the type declarations and the CommonJS
// build that a tarball has.
// Nothing is built again while its sources are as they were.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(ROOT);
const FOLDERS = ['src', 'di', 'config'];
const ENTRIES = { index: 'di/index.ts', testing: 'di/testing.ts', launch: 'di/launch.ts', worker: 'di/worker.ts' };
/** What the product takes from inversify. */
const INVERSIFY = ['Container', 'ContainerModule', 'inject', 'injectable', 'multiInject'];
/** Never in the bundle: they are native or may be absent. */
const APART = ['libsql', '@duckdb/node-api', 'ccxt', 'bullmq', 'ioredis'];
const TRANSFORM = { target: 'node20' };

/** The build tool takes a third of a second to load: only who builds loads it. */
const bundler = () => import('rolldown');

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Names, sizes and times of everything that is built from. */
function stampOf(more = []) {
  const hash = createHash('sha256').update(process.version.split('.')[0]);
  for (const path of ['package.json', 'package-lock.json', 'tsconfig.json', ...[...FOLDERS, ...more].flatMap(files)]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

const textOf = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Builds into an empty folder unless it was built from the same. */
async function build(folder, stamp, make) {
  const path = join(folder, '.stamp');
  if (textOf(path) === stamp) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outputs = await make(folder);
  const hash = createHash('sha256');
  for (const { fileName, code } of outputs.sort((a, b) => (a.fileName < b.fileName ? -1 : 1)))
    hash.update(`${fileName}\n${code}`);
  const places = outputs.filter(({ isEntry }) => isEntry).map(({ fileName }) => dirname(fileName));
  const digest = hash.digest('hex').slice(0, 16);
  for (const place of new Set(places)) writeFileSync(join(folder, place, 'build-digest.txt'), digest);
  writeFileSync(path, stamp);
}

async function outputsOf(input, output) {
  const { rolldown } = await bundler();
  const bundle = await rolldown({
    platform: 'node',
    tsconfig: 'tsconfig.json',
    transform: TRANSFORM,
    onLog: (level, log, next) => {
      // A module that one command needs at once and another later is in the chunk of the first.
      if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT' && level !== 'debug') next('error', log);
    },
    ...input,
  });
  const { output: written } = await bundle.write(output);
  await bundle.close();
  return written.filter(({ type }) => type === 'chunk');
}

/**
 * Each step of a start is one file: what tells an old Node, what help needs, what an import of data needs, what every
 * bot needs, what the host of the command line adds, what a backtest adds. The rest is cut where it is imported.
 */
function stepsOf(graph) {
  const reached = (...roots) => {
    const seen = new Set();
    const walk = (id) => {
      if (seen.has(id)) return;
      seen.add(id);
      (graph.get(id) ?? []).forEach(walk);
    };
    roots.map((root) => resolve(root)).forEach(walk);
    return seen;
  };
  return [
    ['runtime', reached('di/launch.ts')],
    ['shell', reached('di/command-line.ts')],
    [
      'data',
      reached(
        'src/platform/host-files.ts',
        'src/data/catalog/import.ts',
        'src/data/catalog/folder.ts',
        'src/cli/text/progress.ts',
      ),
    ],
    ['bot', reached('di/index.ts', 'di/worker.ts')],
    ['host', reached('di/cli-host.ts')],
    ['run', reached('src/runs/backtest-strategy.ts', 'src/cli/watched-run.ts', 'src/cli/text/backtest-text.ts')],
  ];
}

const INVERSIFY_GIVEN = '\0inversify-given';
const INVERSIFY_OF_HOST = '\0inversify-of-host';

/**
 * Inversify is 245 files, which Node loads in a third of a second. A host's containers must be of the inversify that
 * the host has: whoever imports the package gets that one. Whoever starts the command line gets the same code out of
 * one file. The first to come decides for the process, so that there is never a second.
 */
function inversifyOnce() {
  const [once, given, ofHost] = ['\0inversify', INVERSIFY_GIVEN, INVERSIFY_OF_HOST];
  const texts = {
    [given]: 'export let copy; export const give = (found) => { copy ??= found; };',
    [ofHost]: `import { give } from '${given}'; import * as found from 'inversify'; give(found);`,
    [once]: `import { copy } from '${given}'; const found = copy ?? require('inversify');
      export const { ${INVERSIFY.join(', ')} } = found;`,
  };
  const ofPackage = [ENTRIES.index, ENTRIES.testing].map((path) => resolve(path));
  return {
    name: 'inversify once',
    resolveId: (id, from) => {
      if (id !== 'inversify') return Object.hasOwn(texts, id) ? { id, moduleSideEffects: true } : null;
      if (from === ofHost) return { id, external: true };
      return from === once ? null : { id: once, moduleSideEffects: true };
    },
    load: (id) => texts[id] ?? null,
    transform: (code, id) => (ofPackage.includes(id) ? `import '${ofHost}';\n${code}` : null),
  };
}

/** Loaded as the CommonJS that it is: imported, Node would first search its text for what it exports. */
const reflectMetadata = {
  name: 'reflect-metadata',
  resolveId: (id, from) => {
    if (id !== 'reflect-metadata') return id === '\0reflect' ? { id } : null;
    return from === '\0reflect' ? { id, external: true } : { id: '\0reflect', moduleSideEffects: true };
  },
  load: (id) => (id === '\0reflect' ? "require('reflect-metadata');" : null),
};

/** Imported, Node would read each of its properties for an export, and open standard input for one of them. */
const processAlone = {
  name: 'process',
  resolveId: (id, from) => (id === 'node:process' && !from?.includes('node_modules') ? { id: '\0process' } : null),
  load: (id) =>
    id === '\0process'
      ? 'const { process } = globalThis; export default process; export const { env, getuid, pid, platform } = process;'
      : null,
};

/** It starts other programs for who asks it to, which nobody does here: Node's modules for that stay unloaded. */
const commanderAlone = {
  name: 'commander starts nothing',
  transform(code, id) {
    if (!id.endsWith('commander/lib/command.js')) return null;
    const whole = "const childProcess = require('node:child_process');";
    if (!code.includes(whole))
      throw new Error('Commander loads node:child_process in another way than the build knows.');
    return code.replace(
      whole,
      "const childProcess = { spawn: (...how) => require('node:child_process').spawn(...how) };",
    );
  },
};

const YAML_FILE = 'yaml.cjs';

/**
 * Only a file that somebody wrote is read as YAML, the shipped presets are read already: its reader is a file of its
 * own that is loaded by the first who reads one, at once, which only CommonJS can.
 */
const yamlLater = {
  name: 'yaml later',
  resolveId: (id, from) => {
    if (id === 'yaml') return { id: '\0yaml', moduleSideEffects: false };
    return from === '\0yaml' ? { id, external: true } : null;
  },
  load: (id) =>
    id === '\0yaml'
      ? `let found; const yaml = () => (found ??= require('./${YAML_FILE}'));
        ${['isAlias', 'isMap', 'isScalar', 'isSeq', 'parseDocument'].map((each) => `export const ${each} = (...how) => yaml().${each}(...how);`).join('\n')}
        export const LineCounter = function () { return new (yaml().LineCounter)(); };`
      : null,
};

/** The steps whose packages are files of their own: their text is long and nobody reads it in a trace. */
const OTHERS = { bot: 'others', run: 'run-others' };

const shortened = {
  name: 'others made short',
  async renderChunk(code, { name, fileName }) {
    if (!Object.values(OTHERS).includes(name)) return null;
    const { minify } = await import('rolldown/utils');
    const made = await minify(fileName, code, {
      module: true,
      compress: false,
      mangle: { keepNames: true },
      codegen: true,
    });
    if (made.errors.length > 0) throw new Error(made.errors[0].message);
    return made.code;
  },
};

async function program(dir) {
  const graph = new Map();
  let steps;
  // These do something when they are loaded, which must not happen to whoever needs a module beside them.
  const acting = [...Object.values(ENTRIES), 'di/command-line.ts'].map((path) => resolve(path));
  const stepOf = (id) => (steps ??= stepsOf(graph)).find(([, reached]) => reached.has(id))?.[0] ?? null;
  const name = (id) => {
    if (id === INVERSIFY_OF_HOST) return 'host-inversify';
    if (id === INVERSIFY_GIVEN) return 'runtime';
    const step = acting.includes(id) ? null : stepOf(id);
    return id.includes('node_modules') && OTHERS[step] !== undefined ? OTHERS[step] : step;
  };
  const outputs = await outputsOf(
    {
      input: ENTRIES,
      preserveEntrySignatures: 'allow-extension',
      // A host shares decimal.js with the package, as it does inversify and reflect-metadata.
      external: ['decimal.js', ...APART],
      plugins: [
        inversifyOnce(),
        reflectMetadata,
        processAlone,
        commanderAlone,
        yamlLater,
        shortened,
        { name: 'graph', moduleParsed: ({ id, importedIds }) => void graph.set(id, importedIds) },
      ],
    },
    {
      dir,
      format: 'esm',
      // Beside the entries: modules name the worker by its place.
      chunkFileNames: '[name]-[hash].js',
      comments: { annotation: false, jsdoc: false, legal: true },
      // Text of one byte a letter is parsed in half the time.
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
      codeSplitting: { includeDependenciesRecursively: false, groups: [{ name, debugName: 'steps of a start' }] },
    },
  );
  refuseRenamed(outputs);
  const yaml = await outputsOf({ input: { yaml: 'yaml' } }, { dir, format: 'cjs', entryFileNames: YAML_FILE });
  // It is nobody's entry.
  return [...outputs, ...yaml.map((output) => ({ ...output, isEntry: false }))];
}

/** Classes are called in errors, logs and the graph of the container by their own names. */
function refuseRenamed(outputs) {
  const renamed = outputs.flatMap(({ code }) => code.match(/\bclass \w+\$\d+/g) ?? []);
  const ours = renamed.filter((each) =>
    FOLDERS.flatMap(files).some((path) => textOf(path).includes(`${each.split('$')[0]} `)),
  );
  if (ours.length > 0)
    throw new Error(`Two classes must not share a name in one file of the build: ${ours.join(', ')}.`);
}

/** Programs among the tests: benches and long simulations. They run on the modules of the product. */
const programs = () =>
  outputsOf(
    {
      input: [
        'tests/bench/main.ts',
        'tests/bench/order-feed.ts',
        'tests/bench/wire-feed.ts',
        'tests/simulation/long/conserve.ts',
        'tests/simulation/long/mutations.ts',
      ],
      external: (id) => !/^([./]|@oxc-project\/)/.test(id),
    },
    {
      dir: '.cache/programs',
      format: 'esm',
      preserveModules: true,
      preserveModulesRoot: 'tests',
      entryFileNames: '[name].js',
    },
  );

const modules = (dir) =>
  outputsOf(
    {
      input: FOLDERS.flatMap(files).filter((path) => /(?<!\.d)\.ts$/.test(path)),
      external: (id) => !/^([./]|@oxc-project\/)/.test(id),
    },
    { dir, format: 'esm', preserveModules: true, preserveModulesRoot: ROOT, entryFileNames: '[name].js' },
  );

/**
 * Programs that tests start by the dozen: each in one file with all that it needs, so that a start costs little. What
 * is killed again and again is a script, which can be run from notes (tests/simulation/support/noted.mjs).
 */
async function children(dir) {
  const made = (name, format) =>
    outputsOf(
      {
        input: { [name]: `tests/simulation/support/${name}.mjs` },
        external: APART,
        resolve: { alias: { '../../../.cache/modules': ROOT } },
      },
      {
        dir,
        format,
        entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
        comments: false,
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true, asciiOnly: true } },
      },
    );
  return [...(await made('kill-child', 'cjs')), ...(await made('embed-child', 'esm'))];
}

/** What a decorated class calls once its types are stripped. */
const HELPERS = ['decorate', 'decorateParam', 'taggedTemplateLiteral'];
const HELPER = '@oxc-project/runtime/helpers';

/** What every test file loads of others is one file each: a runner of modules pays for each that it links. */
const vendors = (dir) =>
  outputsOf(
    { input: { inversify: 'inversify', zod: 'zod', ...Object.fromEntries(HELPERS.map((n) => [n, `${HELPER}/${n}`])) } },
    { dir, format: 'esm', comments: false },
  );

/** What the runner of the tests loads: the tests, and the examples that are run as such. */
const tested = () => [
  ...readdirSync('tests', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'strangers')
    .map(({ name }) => join('tests', name)),
  'docs/examples',
];

/** The modules of the product and the tests, for their runner: made as the build makes them, each alone with a map. */
async function stripped(dir) {
  const { transformSync } = await import('rolldown/utils');
  for (const path of [...FOLDERS, ...tested()].flatMap(files).filter((each) => /(?<!\.d)\.ts$/.test(each))) {
    const source = readFileSync(path, 'utf8');
    const made = transformSync(path, source, {
      ...TRANSFORM,
      tsconfig: false,
      decorator: { legacy: true },
      sourcemap: true,
    });
    if (made.errors.length > 0) throw new Error(`${path}: ${made.errors[0].message}`);
    const target = join(dir, `${path}.json`);
    mkdirSync(dirname(target), { recursive: true });
    const { version, names, mappings } = made.map;
    writeFileSync(
      target,
      JSON.stringify({ source, code: made.code, map: { version, names, mappings, sources: [basename(path)] } }),
    );
  }
  return [];
}

/**
 * For test runners that load CommonJS alone: `.` and `./testing` in one instance, inversify within. What is run from
 * a thread or a command line is never loaded that way.
 */
async function commonJs(dir) {
  const { testing, index } = ENTRIES;
  const outputs = await outputsOf(
    { input: { index, testing }, external: APART },
    { dir, format: 'cjs', chunkFileNames: '[name]-[hash].js' },
  );
  refuseRenamed(outputs);
  writeFileSync(join(dir, 'package.json'), '{ "type": "commonjs" }\n');
  types();
  return outputs;
}

/** Declarations, and the same for CommonJS, where a module that has no CommonJS of its own is named as what it is. */
function types() {
  rmSync('dist/types', { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  for (const path of readdirSync('dist/types', { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.d.ts')) continue;
    const target = join('dist/cjs/types', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      readFileSync(join('dist/types', path), 'utf8').replace(
        /^(import|export) (?:type )?\{([^}]*)\} from ('|")inversify\3;/gm,
        (_, keyword, names) =>
          `${keyword} type {${names.replaceAll(/\btype /g, '')}} from 'inversify' with { 'resolution-mode': 'import' };`,
      ),
    );
  }
}

const stamp = stampOf();
await build('dist', stamp, program);
const forPrograms = process.argv.includes('--programs');
if (forPrograms || process.argv.includes('--modules')) {
  await build('.cache/modules', stamp, modules);
  await build('.cache/vendors', stamp, vendors);
  await build('.cache/stripped', stampOf(tested()), stripped);
  await build('.cache/children', stampOf(['tests/simulation/support']), children);
  // Programs of the tests lie below .cache: for them the package is its modules.
  const { name, type, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const imports = Object.fromEntries(FOLDERS.map((folder) => [`#${folder}/*`, `./modules/${folder}/*`]));
  const exports = { '.': './modules/di/index.js', './testing': './modules/di/testing.js' };
  writeFileSync('.cache/package.json', JSON.stringify({ name, type, imports, exports }));
  writeFileSync('.cache/modules/package.json', JSON.stringify({ type, version }));
}
if (forPrograms) await programs();
if (process.argv.includes('--package')) {
  await build('dist/cjs', stamp, commonJs);
}
