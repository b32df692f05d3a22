import { fault, messageOf } from '../domain/errors.js';

/** The optional peers of this package, at the versions that package.json names. */
export const OPTIONAL_PACKAGES = {
  '@duckdb/node-api': '^1.5.6-r.1',
  bullmq: '^6.7.0',
  ccxt: '4.5.84',
  ioredis: '^5.11.1',
} as const;

/**
 * Loads a package that most installs do without, for `need`, a noun in the plural. Throws PKG-001, naming the package
 * and the command that installs it.
 */
export async function optionalPackage<T>(
  name: keyof typeof OPTIONAL_PACKAGES,
  need: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const reason = isAbsent(cause, name) ? 'is not installed' : `does not load: ${messageOf(cause).split('\n', 1)[0]}`;
    throw fault('PKG-001', `${need} need the optional package ${name}, which ${reason}.`, {
      cause,
      fix: `Run npm install "${name}@${OPTIONAL_PACKAGES[name]}".`,
    });
  }
}

const isAbsent = (cause: unknown, name: string): boolean =>
  cause instanceof Error &&
  'code' in cause &&
  cause.code === 'ERR_MODULE_NOT_FOUND' &&
  cause.message.includes(`'${name}'`);
