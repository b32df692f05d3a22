import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { OPTIONAL_PACKAGES, optionalPackage } from '#src/flow/optional-package.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

const absent = (name: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /app/a.js`), { code: 'ERR_MODULE_NOT_FOUND' });

describe('an optional package', () => {
  it('is handed over when it loads', async () => {
    expect(await optionalPackage('ccxt', 'Downloads', () => Promise.resolve({ here: true }))).toEqual({ here: true });
  });

  it.each(Object.entries(OPTIONAL_PACKAGES))('%s that is absent is named, with the command', async (name, version) => {
    const loading = optionalPackage(name as 'ccxt', 'Downloads', () => Promise.reject(absent(name)));
    await expect(loading).rejects.toMatchObject({
      code: 'PKG-001',
      exitCode: 78,
      message: `Downloads need the optional package ${name}, which is not installed.`,
      fix: `Run npm install "${name}@${version}".`,
    });
  });

  it('that is there and broken is not called absent: the reason is said', async () => {
    for (const [cause, reason] of [
      [new Error('wrong ELF class\nand more'), 'does not load: wrong ELF class.'],
      [absent('of-its-own'), "does not load: Cannot find package 'of-its-own' imported from /app/a.js."],
    ] as const)
      await expect(optionalPackage('ccxt', 'Downloads', () => Promise.reject(cause))).rejects.toMatchObject({
        code: 'PKG-001',
        message: `Downloads need the optional package ccxt, which ${reason}`,
        cause,
      });
  });

  it('is a peer of the published package that nobody must have, and is here for the tests', () => {
    expect(manifest.peerDependencies).toEqual(OPTIONAL_PACKAGES);
    expect(manifest.devDependencies).toMatchObject(OPTIONAL_PACKAGES);
    for (const name of Object.keys(OPTIONAL_PACKAGES)) {
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
      expect({ ...manifest.dependencies, ...manifest.optionalDependencies }).not.toHaveProperty([name]);
    }
  });
});
