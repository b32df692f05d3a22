import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { hold, readHolder } from './held-database.js';
import { PlaceLock } from './place-lock.js';
import { sqliteErrorKind, storeTrouble } from './sqlite-error.js';
import { makeDirectory } from '../../flow/make-directory.js';

/** Two who only look may meet. */
const LOOK_MS = 250;

/**
 * Holds a state directory for one process: an open write transaction on a small SQLite file. The lock is the operating
 * system's, so it ends with its process, however that ends, also across containers that share the directory; readers
 * of the journal are not in its way. The directory's name is held beside it: one that is moved while its process runs
 * is not free for the next.
 */
export class InstanceLock {
  private constructor(
    readonly path: string,
    private readonly database: SqliteDatabase,
    private readonly place: PlaceLock | undefined,
  ) {}

  /** Throws STORE-005 naming the holder, STORE-003 when the directory cannot be written, STORE-006. */
  static acquire(driver: SqliteDriver, directory: string, holder: string): InstanceLock {
    const path = join(directory, 'instance.lock');
    const name = `process ${pid} (${holder})`;
    let database: SqliteDatabase | undefined;
    try {
      makeDirectory(directory, 0o700);
      database = driver.open(path);
      hold(database, name);
      chmodSync(path, 0o600);
      const place = PlaceLock.acquire(driver, directory, name);
      if (typeof place === 'string') throw moved(directory, path, place);
      return new InstanceLock(path, database, place);
    } catch (error) {
      const owner = database === undefined ? undefined : readHolder(database);
      database?.close();
      if (PerpsBotError.is(error)) throw error;
      if (sqliteErrorKind(error) !== 'busy') throw unusable(directory, path, error);
      throw fault(
        'STORE-005',
        `State directory ${directory} must be free, was held by ${owner ?? 'another process'}.`,
        {
          where: path,
          fix: 'Stop the other bot, or give this one its own storage.directory. The lock ends with its process; there is nothing to delete.',
        },
      );
    }
  }

  /** Who holds the directory now; undefined when nobody does. Takes nothing and leaves nothing. */
  static holder(driver: SqliteDriver, directory: string): string | undefined {
    const path = join(directory, 'instance.lock');
    if (!existsSync(path)) return undefined;
    const database = driver.open(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${LOOK_MS}`);
      database.exec('BEGIN IMMEDIATE; ROLLBACK');
      return undefined;
    } catch (error) {
      if (sqliteErrorKind(error) === 'busy') return readHolder(database) ?? 'another process';
      throw unusable(directory, path, error);
    } finally {
      database.close();
    }
  }

  release(): void {
    this.place?.release();
    this.database.close();
  }
}

function unusable(directory: string, path: string, error: unknown): PerpsBotError {
  const trouble = storeTrouble(path, error);
  if (trouble !== undefined)
    return pathFault(
      { must: `State directory ${directory} must be writable`, where: path, code: 'STORE-003' },
      error,
      trouble,
    );
  return fault('STORE-001', `${path} must be a lock of this system, was not: ${messageOf(error)}.`, {
    cause: error,
    where: path,
    fix: 'Move the file away while no bot runs on this directory: it holds nothing but the lock.',
  });
}

const moved = (directory: string, path: string, owner: string): PerpsBotError =>
  fault(
    'STORE-005',
    `State directory ${directory} must be free, was opened by ${owner}, whose files were moved away.`,
    {
      where: path,
      why: 'That process may still have orders at the venue.',
      fix: 'Stop it, bring its directory back to this place, then start again.',
    },
  );
