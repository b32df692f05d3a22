import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { codeOf, storeTrouble } from './sqlite-error.js';
import { numberOf } from './values.js';
import { makeDirectory } from '../../flow/make-directory.js';

/** A kind of file this system keeps in SQLite: how it is told apart from any other, and which form it has. */
export interface StoreFormat {
  readonly what: string;
  /** SQLite's `application_id`. */
  readonly applicationId: number;
  /** SQLite's `user_version`: the newest that is understood. */
  readonly version: number;
  /** Of a new file, where it is an older one: a file is of a newer version from when it holds what only that has. */
  readonly made?: number;
  /** What makes its tables, in the file's schema. */
  readonly tables: (schema: string) => string;
}

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** How long a write waits for another connection's lock: long enough for a checkpoint, short enough to notice. */
const BUSY_MS = 1_000;

/**
 * Makes the directory and the file if they are missing. The file appears whole, under its name, or not at all; hence an
 * empty file is a damaged one and never a new store.
 */
export function ensureStoreFile(driver: SqliteDriver, path: string, format: StoreFormat): void {
  try {
    makeDirectory(dirname(path), DIRECTORY_MODE);
    if (existsSync(path)) {
      tighten(path);
      return;
    }
    // SQLite would replay it into the new file.
    if (existsSync(`${path}-wal`)) throw damaged(path, format, 'it is missing, and its write-ahead log is there');
    const fresh = `${path}.new`;
    rmSync(fresh, { force: true });
    rmSync(`${fresh}-journal`, { force: true });
    // Made here, because SQLite would make it readable for everybody; its side files take their mode from it.
    closeSync(openSync(fresh, 'wx', FILE_MODE));
    const database = driver.open(fresh);
    const { schema } = database;
    database.exec(
      `PRAGMA ${schema}.synchronous = FULL;
       PRAGMA ${schema}.application_id = ${format.applicationId};
       PRAGMA ${schema}.user_version = ${format.made ?? format.version};`,
    );
    database.transaction(() => database.exec(format.tables(schema)));
    database.close();
    renameSync(fresh, path);
    syncDirectory(dirname(path));
  } catch (error) {
    throw openingFault(path, format, error);
  }
}

/**
 * Opens for reading after checking whose file it is, and of which version. `copy` is opened in its place where it is
 * given. Throws STORE-001, 002, 003 or 005, always naming `path`.
 */
export function openForReading(
  driver: SqliteDriver,
  path: string,
  format: StoreFormat,
  copy: string = path,
): SqliteDatabase {
  let database: SqliteDatabase | undefined;
  try {
    if (statSync(copy).size === 0) throw damaged(path, format, 'the file is empty');
    database = driver.open(copy, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    checkIdentity(database, path, format);
    return database;
  } catch (error) {
    database?.close();
    throw openingFault(path, format, error);
  }
}

/** Opens for writing: WAL, and every commit on disk before it returns. */
export function openForWriting(
  driver: SqliteDriver,
  path: string,
  format: StoreFormat,
  lockingMode: 'NORMAL' | 'EXCLUSIVE',
): SqliteDatabase {
  let database: SqliteDatabase | undefined;
  try {
    database = driver.open(path);
    const { schema } = database;
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA ${schema}.locking_mode = ${lockingMode};`);
    database.prepare(`PRAGMA ${schema}.journal_mode = WAL`).all();
    // `fullfsync`: on macOS a plain fsync leaves the data in the drive's cache.
    database.exec(`PRAGMA ${schema}.synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;`);
    checkIdentity(database, path, format);
    return database;
  } catch (error) {
    database?.close();
    throw openingFault(path, format, error);
  }
}

export const damaged = (path: string, format: StoreFormat, why: string, cause?: unknown): PerpsBotError =>
  fault('STORE-001', `${format.what} ${path} must be undamaged, was not: ${why}.`, {
    where: path,
    cause,
    fix: 'Keep the file as it is, restore the last good copy, and let the bot reconcile with the venue. `perpsbot journal verify` lists what is damaged.',
  });

/** Names what an error while opening means. Whatever is not explained otherwise is damage: never skipped. */
export function openingFault(path: string, format: StoreFormat, error: unknown): PerpsBotError {
  if (PerpsBotError.is(error)) return error;
  const trouble = storeTrouble(path, error);
  if (trouble === undefined) return damaged(path, format, messageOf(error), error);
  if (trouble === 'busy') {
    return fault('STORE-005', `${format.what} ${path} must be free, was held by another process.`, {
      where: path,
      cause: error,
      fix: 'Stop the other bot, or give this one its own storage.directory.',
    });
  }
  const must = `${format.what} ${path} must be readable and writable`;
  return trouble === 'disk'
    ? pathFault(
        { must, where: path, code: 'STORE-004', then: 'The file itself was not found damaged.' },
        error,
        trouble,
      )
    : pathFault({ must, where: path, code: 'STORE-003' }, error, trouble);
}

function checkIdentity(database: SqliteDatabase, path: string, format: StoreFormat): void {
  const id = numberOf(database.prepare(`PRAGMA ${database.schema}.application_id`).get() ?? {}, 'application_id');
  if (id !== format.applicationId)
    throw damaged(path, format, `it is not a ${format.what.toLowerCase()} of this system`);
  const version = numberOf(database.prepare(`PRAGMA ${database.schema}.user_version`).get() ?? {}, 'user_version');
  if (version > format.version) {
    throw fault('STORE-002', `${format.what} ${path} must be of version ${format.version} or older, was ${version}.`, {
      where: path,
      fix: 'Run the newer version of this program that wrote it, or name another storage.directory.',
    });
  }
  if (version < 1) throw damaged(path, format, `its version is ${version}`);
}

/** A store holds positions and orders: nobody else reads it, whatever mode it was restored with. */
function tighten(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o077) !== 0) chmodSync(path, FILE_MODE);
}

/** Makes a new name durable. Windows cannot sync a directory and does not need to. */
export function syncDirectory(path: string): void {
  try {
    const directory = openSync(path, 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    if (!['EPERM', 'EINVAL', 'EISDIR', 'EACCES'].includes(codeOf(error))) throw error;
  }
}
