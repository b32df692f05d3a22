import type { SqliteDatabase } from '../../ports/storage/sqlite.js';

/** For the holder's own two transactions, between which a refused newcomer may be reading who holds the lock. */
const BUSY_MS = 250;

/** Writes who holds it, then keeps the second transaction open for good. */
export function hold(database: SqliteDatabase, holder: string): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  database.transaction(() => {
    database.exec(`CREATE TABLE IF NOT EXISTS ${database.schema}.holder (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`);
    database.prepare('INSERT OR REPLACE INTO holder (id, name) VALUES (1, ?)').run(holder);
  });
  database.exec('BEGIN IMMEDIATE');
}

export function readHolder(database: SqliteDatabase): string | undefined {
  try {
    const name = database.prepare('SELECT name FROM holder WHERE id = 1').get()?.['name'];
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
