import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadStrategy } from '../src/runs/strategy-module.js';
import { fault } from '../src/domain/errors.js';
import type { StrategyDefinition } from '../src/ports/core-services/strategy.js';
import { digestOfFile } from './data-library.js';
import { lendPackage } from './own-package.js';

/** What a module exports by default. A `version` is loaded anew where the file has been loaded in another. */
export async function importDefault(path: string, version?: string): Promise<unknown> {
  lendPackage(resolve(path));
  const url = `${pathToFileURL(resolve(path)).href}${version === undefined ? '' : `?${version}`}`;
  return ((await import(url)) as { readonly default?: unknown }).default;
}

/** A strategy of a sweep, which must be the very file it was begun with (SWEEP-003). */
export async function checkedStrategy({
  path,
  sha256,
}: {
  readonly path: string;
  readonly sha256: string;
}): Promise<StrategyDefinition> {
  const found = digestOfFile(path);
  if (found !== sha256) {
    throw fault(
      'SWEEP-003',
      `${path} must be the strategy the sweep was begun with, SHA-256 ${sha256.slice(0, 12)}, ${found === undefined ? 'and is not there' : `was ${found.slice(0, 12)}`}.`,
      {
        where: path,
        why: 'Results of two strategies would be compared with each other.',
        fix: 'Put the same file at the same path on every machine, or begin a new sweep.',
      },
    );
  }
  return loadStrategy({ importDefault: (file) => importDefault(file, sha256) }, path);
}
