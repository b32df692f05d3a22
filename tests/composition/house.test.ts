import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const files = (root: string): string[] =>
  readdirSync(root).flatMap((name) => {
    const path = join(root, name);
    return statSync(path).isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : [];
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

/** Who may import whom; a room may always import itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  injection: [],
  ports: ['domain', 'injection'],
  services: ['domain', 'injection', 'ports'],
  venues: ['domain', 'injection', 'ports'],
  storage: ['domain', 'injection', 'ports'],
  platform: ['domain', 'injection', 'ports'],
  config: ['domain', 'injection', 'ports'],
  research: ['domain', 'injection', 'ports', 'services', 'venues', 'storage', 'platform'],
  operator: ['domain', 'injection', 'ports', 'services', 'venues', 'storage', 'platform'],
  cli: ['domain', 'injection', 'ports', 'services', 'venues', 'storage', 'platform', 'research', 'operator', 'config'],
  di: [
    'domain',
    'injection',
    'ports',
    'services',
    'venues',
    'storage',
    'platform',
    'research',
    'operator',
    'cli',
    'config',
  ],
};

describe('the house', () => {
  it('imports one way: domain, injection <- ports <- services, venues, storage, platform <- research, operator, cli <- di', () => {
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
