import { createRequire } from 'node:module';
import process from 'node:process';
import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { openLibsql } from './libsql.js';
import { openNodeSqlite } from './node-sqlite.js';
import { textOf } from './values.js';

type Load = (id: string) => unknown;
type Open = SqliteDriver['open'];

/** In order of preference: what the runtime brings, then the native package for runtimes without. */
const CANDIDATES: readonly { readonly name: DriverName; readonly make: (module: unknown) => Open }[] = [
  { name: 'node:sqlite', make: openNodeSqlite },
  { name: 'libsql', make: openLibsql },
];
export type DriverName = 'node:sqlite' | 'libsql';

/** The driver that works on this runtime, loaded with the first file. */
@injectable()
export class RuntimeSqlite implements SqliteDriver {
  private loaded: SqliteDriver | undefined;

  get name(): string {
    return this.driver().name;
  }

  get version(): string {
    return this.driver().version;
  }

  open(path: string, options?: { readonly readOnly?: boolean }): SqliteDatabase {
    return this.driver().open(path, options);
  }

  private driver(): SqliteDriver {
    this.loaded ??= loadSqliteDriver();
    return this.loaded;
  }
}

/**
 * The runtime's own SQLite from Node 22.13 on, libsql below it. Throws STORE-006 when neither works: there is no other
 * place that keeps records.
 */
export function loadSqliteDriver(load: Load = createRequire(import.meta.url)): SqliteDriver {
  const failures: string[] = [];
  for (const { name } of CANDIDATES) {
    try {
      return loadDriver(name, load);
    } catch (error) {
      failures.push(`${name}: ${messageOf(error).split('\n')[0] ?? ''}`);
    }
  }
  throw fault('STORE-006', `A SQLite driver must be available, was none (${failures.join('; ')}).`, {
    fix: 'Use Node 22.13 or newer, or install libsql: npm install libsql. An install with --omit=optional leaves it out.',
  });
}

/** One driver by name; throws whatever keeps it from working. */
export function loadDriver(name: DriverName, load: Load = createRequire(import.meta.url)): SqliteDriver {
  const candidate = CANDIDATES.find((each) => each.name === name);
  if (candidate === undefined) throw fault('STORE-006', `SQLite driver must be node:sqlite or libsql, was ${name}.`);
  const open = candidate.make(unwarned(() => load(name)));
  const database = open(':memory:');
  const version = textOf(database.prepare('SELECT sqlite_version() AS version').get() ?? {}, 'version');
  database.close();
  return { name, version, open };
}

/**
 * Node 22 says on the terminal that its SQLite is experimental. Whoever runs a bot can do nothing about it, and a
 * program that writes to stderr is taken to have failed: that one warning is left out, while the module is loaded.
 */
function unwarned<T>(load: () => T): T {
  const emit = Reflect.get(process, 'emitWarning');
  const heard = (warning: string | Error, ...rest: unknown[]): void => {
    if (!/^SQLite is an experimental feature/.test(typeof warning === 'string' ? warning : warning.message))
      Reflect.apply(emit, process, [warning, ...rest]);
  };
  process.emitWarning = heard;
  try {
    return load();
  } finally {
    process.emitWarning = emit;
  }
}
