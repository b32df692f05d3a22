import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { wideLines } from '../support/width.js';

const files = (root: string, ending = /\.ts$/): string[] =>
  readdirSync(root).flatMap((name) => {
    const path = join(root, name);
    return statSync(path).isDirectory() ? files(path, ending) : ending.test(path) ? [path] : [];
  });

const sources = [...files('src'), ...files('di'), ...files('config')];
const text = new Map([...sources, ...files('tests')].map((path) => [path, readFileSync(path, 'utf8')]));

/** Project files a file imports, by path from the root. */
function imports(path: string): string[] {
  return [...(text.get(path) ?? '').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    normalize(join(dirname(path), match[1] as string)).replace(/\.js$/, '.ts'),
  );
}

/** The room of a file: `src/services/risk` is one, `di` is one. */
function room(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'src' ? (parts[1] as string) : (parts[0] as string);
}

const BASE = ['domain', 'injection', 'ports'];
const ADAPTERS = ['services', 'venues', 'storage', 'platform'];

/**
 * Who may import whom; a room may always import itself. Rooms that are not built yet stand here too, so that whoever
 * builds them finds the rule: `connect` (what venues share), `wire` (servers that speak a venue's protocol), `operator`
 * (what watches and steers a bot), `storage/postgres` (a folder of storage).
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  injection: [],
  ports: ['domain', 'injection'],
  flow: BASE,
  // What a venue's message holds is refused by the words of the border.
  connect: [...BASE, 'flow', 'border'],
  border: BASE,
  services: [...BASE, 'flow', 'border'],
  venues: [...BASE, 'flow', 'connect'],
  wire: [...BASE, 'flow', 'connect', 'venues'],
  storage: [...BASE, 'flow'],
  platform: [...BASE, 'flow'],
  config: BASE,
  // The fake refuses what no venue says, by the words of the border.
  testing: [...BASE, 'border'],
  data: [...BASE, 'flow', ...ADAPTERS],
  backtest: [...BASE, 'flow', ...ADAPTERS, 'data'],
  research: [...BASE, 'flow', ...ADAPTERS, 'data', 'backtest'],
  report: [...BASE, 'flow', ...ADAPTERS, 'data', 'backtest', 'research'],
  runs: [...BASE, 'flow', ...ADAPTERS, 'data', 'backtest', 'research', 'report'],
  operator: [...BASE, 'flow', ...ADAPTERS, 'runs'],
  cli: [...BASE, 'flow', ...ADAPTERS, 'data', 'backtest', 'research', 'report', 'runs', 'operator', 'config'],
  di: [
    ...BASE,
    'flow',
    'connect',
    ...ADAPTERS,
    'wire',
    'data',
    'backtest',
    'research',
    'report',
    'runs',
    'operator',
    'cli',
    'config',
    'testing',
  ],
};

/** The launch: the process and its command line. Nothing else in `di` imports `cli`, and nobody imports these. */
const LAUNCH = ['di/launch.ts', 'di/command-line.ts', 'di/cli-host.ts'];

/** Floors inside large rooms: a folder imports those named for it, and itself. */
const FLOORS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'src/venues/simulated': {
    models: [],
    core: ['models'],
    engine: ['models', 'core'],
    persistence: ['models', 'core', 'engine'],
    brokerage: ['models', 'core', 'engine'],
    exchange: ['models', 'core', 'engine', 'persistence', 'brokerage'],
  },
  // The way of an order, downwards: coordinator, engine, gateway.
  'src/services/execution': {
    orders: [],
    account: ['orders'],
    gateway: ['orders'],
    reconcile: ['orders'],
    review: ['orders', 'reconcile'],
    protection: ['orders'],
    engine: ['orders', 'gateway', 'protection'],
    coordinator: ['orders', 'engine'],
  },
};

/** Files that lie side by side in one folder, at most. */
const SIDE_BY_SIDE = 25;

describe('the house', () => {
  it('imports one way: domain, injection <- ports <- adapters <- data <- backtest <- research <- report <- runs <- cli <- di', () => {
    const wrong = sources.flatMap((path) =>
      imports(path)
        .filter((target) => room(target) !== room(path) && !(ALLOWED[room(path)] ?? []).includes(room(target)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps the services apart: none imports another folder of services, no venue another venue', () => {
    const folder = (path: string): string => path.split('/').slice(0, 3).join('/');
    const wrong = sources
      .filter((path) => /^src\/(services|venues)\//.test(path))
      .flatMap((path) =>
        imports(path)
          .filter((target) => /^src\/(services|venues)\//.test(target) && folder(target) !== folder(path))
          .map((target) => `${path} -> ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('lets the launch alone know of the command line', () => {
    const wrong = sources
      .filter((path) => room(path) === 'di' && !LAUNCH.includes(path))
      .flatMap((path) =>
        imports(path)
          .filter((target) => room(target) === 'cli')
          .map((target) => `${path} -> ${target}`),
      );
    const others = sources
      .filter((path) => !LAUNCH.includes(path))
      .flatMap((path) =>
        imports(path)
          .filter((target) => LAUNCH.includes(target))
          .map((target) => `${path} -> ${target}`),
      );
    expect([...wrong, ...others]).toEqual([]);
  });

  it('keeps the test kit out of the product, and every runner of tests out of the kit', () => {
    const isKit = (path: string): boolean => /^(src|di)\/testing[./]/.test(path);
    const users = sources.filter((path) => !isKit(path) && imports(path).some(isKit));
    const runners = sources
      .filter(isKit)
      .filter((path) => /from '(?!\.|inversify'|reflect-metadata')/.test(text.get(path) ?? ''));
    expect([...users, ...runners]).toEqual([]);
  });

  it('keeps the terminal and the process out of the use cases', () => {
    const wrong = sources.filter(
      (path) =>
        room(path) === 'runs' && /\bprocess\.|\bstd(?:out|err)\b|\bexit\b|\bconsole\./.test(text.get(path) ?? ''),
    );
    expect(wrong).toEqual([]);
  });

  it('lets services inject the roles of a venue, never the whole of it', () => {
    const wrong = sources.filter(
      (path) => path.startsWith('src/services/') && imports(path).includes('src/ports/venue/brokerage.ts'),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps the domain free of everything but decimal.js', () => {
    const wrong = sources
      .filter((path) => room(path) === 'domain')
      .flatMap((path) =>
        [...(text.get(path) ?? '').matchAll(/from '([^.'][^']*)'/g)]
          .map((match) => match[1])
          .filter((name) => name !== 'decimal.js'),
      );
    expect(wrong).toEqual([]);
  });

  it('keeps the floors of its large rooms', () => {
    const wrong = Object.entries(FLOORS).flatMap(([root, floors]) => {
      const floor = (path: string): string | undefined =>
        path.startsWith(`${root}/`) ? path.slice(root.length + 1).split('/')[0] : undefined;
      return sources.flatMap((path) => {
        const from = floor(path);
        if (from === undefined) return [];
        return imports(path)
          .filter((target) => {
            const to = floor(target);
            return to !== undefined && to !== from && !(floors[from] ?? []).includes(to);
          })
          .map((target) => `${path} -> ${target}`);
      });
    });
    expect(wrong).toEqual([]);
  });

  it('lays at most 25 files side by side', () => {
    const counts = new Map<string, number>();
    for (const path of text.keys()) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > SIDE_BY_SIDE)).toEqual([]);
  });

  it('has no import cycle', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const seen = trail.indexOf(path);
      if (seen >= 0) cycles.push([...trail.slice(seen), path].join(' -> '));
      if (seen >= 0 || done.has(path) || !text.has(path)) return;
      for (const target of imports(path)) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const path of sources) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('lets only the risk manager approve', () => {
    const wrong = sources.filter(
      (path) =>
        !path.startsWith('src/services/risk/') &&
        path !== 'src/domain/risk.ts' &&
        /\bapprove\(/.test(
          (text.get(path) ?? '').replace(/(risk|manager)\w*\.approve\(|approve\(intent: OrderIntent/g, ''),
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps files short enough to read at one sitting', () => {
    const long = [...text]
      .filter(([path, content]) => content.split('\n').length > (path.startsWith('tests/') ? 450 : 320))
      .map(([path]) => relative('.', path));
    expect(long).toEqual([]);
  });

  it('is written within 120 columns, code and comments; only a literal or a table may be wider', () => {
    const written = ['src', 'di', 'config', 'tests', 'docs/examples'].flatMap((root) => files(root, /\.m?[jt]s$/));
    const wide = written.flatMap((path) =>
      wideLines(path, readFileSync(path, 'utf8')).map((line) => `${path}:${line}`),
    );
    expect(wide).toEqual([]);
  });

  it('knows a wide literal from wide code', () => {
    const long = 'x'.repeat(130);
    const at = (source: string): number[] => wideLines('a.ts', source);
    expect(at(`a = '${long}';\nb = \`${long}\${a}${long}\`;\nc = /${long}/;\nd = \`\n${long}\n\`;\n`)).toEqual([]);
    expect(at(`// ${long}\n/**\n * ${long}\n */\nconst ${long} = '';\na = ''; // ${long}\n`)).toEqual([1, 3, 5, 6]);
    expect(at(`a = [\n  // prettier-ignore\n  [${'1, '.repeat(50)}1],\n  [${'1, '.repeat(50)}1],\n];\n`)).toEqual([4]);
  });

  it('numbers its modules in the order of the builder', () => {
    expect(readdirSync('di/modules').sort()).toEqual([
      '01-configuration.ts',
      '02-runtime-state.ts',
      '03-storage.ts',
      '04-core-services.ts',
      '05-market-data.ts',
      '06-accounting.ts',
      '07-market-services.ts',
      '08-streaming.ts',
    ]);
  });

  it('lets none of the eight need what only watches: no phase and no world imports an extension', () => {
    const wrong = sources.filter(
      (path) =>
        /^di\/(modules|worlds)\//.test(path) && imports(path).some((target) => target.startsWith('di/extensions/')),
    );
    expect(wrong).toEqual([]);
  });

  it('reads the journal through its folds, which all stand in one place, or its newest records alone', () => {
    const queries = sources
      .filter((path) => /^src\/(services|storage\/journaled)/.test(path))
      .flatMap((path) => [...(text.get(path) ?? '').matchAll(/\.query\(([^()]*)\)/g)].map(([, what]) => [path, what]))
      .filter(([, what]) => !what?.includes('limit:'))
      .map(([path]) => path);
    // Once, of a journal that knows no instruments yet.
    expect(queries).toEqual(['src/services/market-data/instrument-memory.ts']);
    const folds = sources.filter((path) => /:\s*JournalFold\s*=|satisfies[^;]*JournalFold/.test(text.get(path) ?? ''));
    expect(folds).toEqual(['src/ports/storage/journal-folds.ts']);
  });

  it('leaves nothing for later', () => {
    const wrong = [...text]
      .filter(
        ([path, content]) =>
          path !== 'tests/composition/house.test.ts' &&
          /\b(TODO|FIXME|XXX|not implemented)\b|\.(skip|only)\(/.test(content),
      )
      .map(([path]) => path);
    expect(wrong).toEqual([]);
  });

  it('decorates every parameter of an injectable class', () => {
    const wrong: string[] = [];
    for (const path of sources) {
      for (const match of (text.get(path) ?? '').matchAll(
        /@injectable\(\)\s*export class (\w+)[^{]*\{[\s\S]*?constructor\(([\s\S]*?)\)\s*\{/g,
      )) {
        const parameters = (match[2] ?? '')
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '' && !line.startsWith('//'));
        if (parameters.some((line) => !line.startsWith('@inject'))) wrong.push(`${path} ${match[1]}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
