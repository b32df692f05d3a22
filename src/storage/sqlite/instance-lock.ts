import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { sqliteErrorKind } from './sqlite-error.js';

/** For the holder's own two transactions, between which a refused newcomer may be reading who holds the lock. */
const BUSY_MS = 250;

/**
 * Holds a state directory for one process: an open write transaction on a small SQLite file. The lock is the operating
 * system's, so it ends with its process, however that ends, also across containers that share the directory; readers
 * of the journal are not in its way.
 */
export class InstanceLock {
  private constructor(private readonly database: SqliteDatabase) {}

  /** Throws STORE-005 naming the holder, STORE-003 when the directory cannot be written, STORE-006. */
  static acquire(driver: SqliteDriver, directory: string, holder: string): InstanceLock {
    const path = join(directory, 'instance.lock');
    let database: SqliteDatabase | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      database = driver.open(path);
      hold(database, `process ${pid} (${holder})`);
      chmodSync(path, 0o600);
      return new InstanceLock(database);
    } catch (error) {
      const owner = database === undefined ? undefined : readHolder(database);
      database?.close();
      if (PerpsBotError.is(error)) throw error;
      if (sqliteErrorKind(error) !== 'busy') {
        throw fault('STORE-003', `State directory ${directory} must be writable: ${messageOf(error)}`, {
          cause: error,
          where: path,
          fix: 'Name a storage.directory that this user may write.',
        });
      }
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

  release(): void {
    this.database.close();
  }
}

/** Writes who holds it, then keeps the second transaction open for good. */
function hold(database: SqliteDatabase, holder: string): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  database.transaction(() => {
    database.exec(`CREATE TABLE IF NOT EXISTS ${database.schema}.holder (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`);
    database.prepare('INSERT OR REPLACE INTO holder (id, name) VALUES (1, ?)').run(holder);
  });
  database.exec('BEGIN IMMEDIATE');
}

function readHolder(database: SqliteDatabase): string | undefined {
  try {
    const name = database.prepare('SELECT name FROM holder WHERE id = 1').get()?.['name'];
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
