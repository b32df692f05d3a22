import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LEAST_NODE, refusalOfNode } from '#src/platform/supported-node.js';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly engines: { readonly node: string } };

describe('an older Node', () => {
  it('is refused with its version and the remedy, from the bound that package.json states', () => {
    expect(manifest.engines.node).toBe(`>=${LEAST_NODE}`);
    for (const version of ['v18.20.8', 'v20.9.0', 'v20.18.9', '16.0.0'])
      expect(refusalOfNode(version)).toMatchObject({
        code: 'PKG-002',
        exitCode: 78,
        message: `Node must be ${LEAST_NODE} or newer, was ${version}.`,
        fix: expect.stringContaining('Node 24'),
      });
    for (const version of ['v20.19.0', 'v20.20.2', 'v21.0.0', 'v22.13.1', 'v24.1.0'])
      expect(refusalOfNode(version)).toBeUndefined();
  });
});

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('the lock file', () => {
  const text = readFileSync('package-lock.json', 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, Locked>> };
  const installed = Object.entries(packages).filter(([path]) => path !== '');

  it('names no host: whoever installs chooses the registry', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(text).not.toMatch(/\.tgz/);
  });

  it('holds the binaries of every platform, whichever it was written on', () => {
    const missing = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([, range]) => /^\d+\.\d+\.\d+$/.test(range))
        .filter(([name]) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages))
        .map(([name, version]) => `${name}@${version} of ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    ['darwin', 'arm64', ['darwin-arm64']],
    ['win32', 'x64', ['win32-x64-msvc']],
    ['linux', 'arm64', ['linux-arm64-gnu', 'linux-arm64-musl']],
  ])('gives SQLite to %s on %s, and nobody the binary of another', (os, cpu, binaries) => {
    const fitting = installed
      .filter(([path, entry]) => path.startsWith('node_modules/@libsql/') && entry.os !== undefined)
      .filter(([, entry]) => entry.os?.includes(os) === true && entry.cpu?.includes(cpu) === true)
      .map(([path]) => path.slice('node_modules/@libsql/'.length));
    expect(fitting).toEqual(binaries);
  });

  it('has no package that must run a script at its installation', () => {
    const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly allowScripts: Readonly<Record<string, boolean>>;
    };
    const scripted = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(Object.fromEntries(scripted.map((name) => [name, allowScripts[name]]))).toEqual(
      Object.fromEntries(scripted.map((name) => [name, false])),
    );
  });
});
