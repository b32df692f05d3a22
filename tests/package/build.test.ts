import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Everything that a file of the build loads before its first line runs. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.startsWith('./')) return seen;
  const code = readFileSync(join('dist', file), 'utf8');
  const named = [...code.matchAll(/^(?:import|export) (?:[^'"\n]*? from )?"([^"]+)";$/gm)].map(
    (match) => match[1] ?? '',
  );
  // Where a start chooses by what it is asked for, the choice is loaded too.
  const chosen =
    file === './launch.js' ? [...code.matchAll(/await import\("([^"]+)"\)/g)].map((match) => match[1] ?? '') : [];
  [...named, ...chosen].forEach((next) => loadedBy(next, seen));
  return seen;
}

const run = (script: string): unknown =>
  JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));

describe('the build', () => {
  it('answers help and version without a container, without a schema and without decimals', () => {
    const packages = [...loadedBy('./launch.js')].filter((name) => !name.startsWith('./') && !name.startsWith('node:'));
    const code = [...loadedBy('./launch.js')]
      .filter((name) => name.startsWith('./'))
      .map((name) => readFileSync(join('dist', name), 'utf8'))
      .join('\n');

    expect(packages).toEqual([]);
    expect(code).toMatch(/^\/\/ .*node_modules\/commander\//m);
    expect(code).not.toMatch(/^\/\/ .*node_modules\/(?:zod|winston|yaml)\//m);
    expect([...loadedBy('./launch.js')].filter((name) => /^\.\/(?:run-)?others-/.test(name))).toEqual([]);
    expect(code).not.toMatch(/^\/\/ di\/(?:cli-host|compose|create-bot)\.ts/m);
    expect(code).toMatch(/^\/\/ src\/cli\/main\.ts/m);
  });

  it('brings data in without a bot, a container or a schema', () => {
    const holding = (module: string): string =>
      `./${readdirSync('dist').find((name) => readFileSync(join('dist', name), 'utf8').includes(`// ${module}\n`)) ?? module}`;
    const needed = [
      'src/cli/main.ts',
      'src/platform/host-files.ts',
      'src/data/catalog/import.ts',
      'src/cli/text/progress.ts',
    ];
    const loaded = [...new Set(needed.flatMap((module) => [...loadedBy(holding(module))]))];
    const code = loaded
      .filter((name) => name.startsWith('./'))
      .map((name) => readFileSync(join('dist', name), 'utf8'))
      .join('\n');

    for (const module of needed) expect(code).toContain(`// ${module}\n`);
    expect(code).not.toMatch(/^\/\/ (?:.*node_modules\/(?:zod|winston|yaml)\/|config\/|di\/(?!command-line))/m);
    expect(loaded.filter((name) => !name.startsWith('node:') && !name.startsWith('./'))).toEqual(['decimal.js']);
  });

  it('has each module once: what the package exports is what the command line, its workers and the test kit use', () => {
    const holders = new Map<string, string[]>();
    for (const file of readdirSync('dist').filter((name) => name.endsWith('.js'))) {
      for (const [, module = ''] of readFileSync(join('dist', file), 'utf8').matchAll(
        /^\/\/ ((?:src|di|config)\/\S+\.ts)$/gm,
      ))
        holders.set(module, [...(holders.get(module) ?? []), file]);
    }

    expect(holders.size).toBeGreaterThan(300);
    expect([...holders].filter(([, files]) => new Set(files).size > 1)).toEqual([]);
    expect(
      run(`import { createBot, TOKENS } from './dist/index.js';
        import { testBot } from './dist/testing.js';
        const made = testBot();
        console.log(JSON.stringify(made.bot.constructor === createBot({ config: { profile: 'dev', storage: { driver: 'memory' } } }).constructor));`),
    ).toBe(true);
  });

  it('reads YAML only where somebody wrote a file: its reader is loaded by the first who does', () => {
    const readers = [...loadedBy('./index.js'), ...loadedBy('./launch.js')].filter((name) => name.includes('yaml'));
    expect(readers).toEqual([]);
    expect(
      run(`import { createRequire } from 'node:module';
        import { loadConfig } from './dist/index.js';
        const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.endsWith('yaml.cjs'));
        const preset = loadConfig({ profile: 'demo', env: {}, cwd: '.' }).config.profile;
        const before = loaded();
        let code;
        try { loadConfig({ file: 'docs/examples/none.yaml', env: {}, cwd: '.' }); } catch (error) { code = error.code; }
        const read = loadConfig({ file: 'config/profiles/canary.yaml', env: {}, cwd: '.' }).config.profile;
        console.log(JSON.stringify({ preset, before, code, read, after: loaded() }));`),
    ).toEqual({ preset: 'demo', before: false, code: 'CFG-005', read: 'canary', after: true });
  });

  it('takes the inversify of whoever imports it, and brings its own where nobody has one', () => {
    const files = readdirSync('dist').filter((name) => name.endsWith('.js'));
    const taking = files.filter((name) => /from "inversify";$/m.test(readFileSync(join('dist', name), 'utf8')));

    expect(taking).toHaveLength(1);
    expect(loadedBy('./index.js')).toContain(`./${taking[0] ?? ''}`);
    expect(loadedBy('./launch.js')).not.toContain(`./${taking[0] ?? ''}`);
    expect(loadedBy('./worker.js')).not.toContain(`./${taking[0] ?? ''}`);
    // A bot whose parent is of another inversify is refused (DI-014): this one is not.
    expect(
      run(`import { Container } from 'inversify';
        import { createBot } from './dist/index.js';
        const config = { profile: 'dev', storage: { driver: 'memory' } };
        const bot = createBot({ config, parent: new Container() });
        console.log(JSON.stringify(Object.keys(bot).length > 0));`),
    ).toBe(true);
  });

  it('is found built: nothing is written again', () => {
    const times = (): number[] => readdirSync('dist').map((name) => statSync(join('dist', name)).mtimeMs);
    const before = times();

    execFileSync(process.execPath, ['config/build.mjs', '--modules']);
    expect(times()).toEqual(before);
  });
});
