import { createRequire } from 'node:module';
import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { openBetterSqlite3 } from './better-sqlite3.js';
import { openNodeSqlite } from './node-sqlite.js';

type Load = (id: string) => unknown;
type Open = SqliteDriver['open'];

/** In order of preference: what the runtime brings, then the native package for runtimes without. */
const CANDIDATES: readonly { readonly name: DriverName; readonly make: (module: unknown) => Open }[] = [
  { name: 'node:sqlite', make: openNodeSqlite },
  { name: 'better-sqlite3', make: openBetterSqlite3 },
];
export type DriverName = 'node:sqlite' | 'better-sqlite3';

/** The driver that works on this runtime, loaded with the first file. */
@injectable()
export class RuntimeSqlite implements SqliteDriver {
  private loaded: SqliteDriver | undefined;

  get name(): string {
    return this.driver().name;
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
 * The runtime's own SQLite from Node 22.13 on, better-sqlite3 below it. Throws STORE-006 when neither works: there is
 * no other place that keeps records.
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
    fix: 'Use Node 22.13 or newer, or install better-sqlite3 for this version of Node: npm install better-sqlite3.',
  });
}

/** One driver by name; throws whatever keeps it from working. */
export function loadDriver(name: DriverName, load: Load = createRequire(import.meta.url)): SqliteDriver {
  const candidate = CANDIDATES.find((each) => each.name === name);
  if (candidate === undefined)
    throw fault('STORE-006', `SQLite driver must be node:sqlite or better-sqlite3, was ${name}.`);
  const open = candidate.make(load(name));
  // A native module built for another Node loads its code only with the first connection.
  open(':memory:').close();
  return { name, open };
}
