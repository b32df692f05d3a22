import type { EventQuery } from '../../ports/storage/event-store.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import type { EventRow } from '../event-row.js';
import { InstanceLock } from './instance-lock.js';
import { checkForOpening, lastSeqOf } from './journal-check.js';
import { JOURNAL, journalPath } from './journal-format.js';
import { makeInsert, selectRows } from './journal-rows.js';
import { sharesFiles } from './shared-file.js';
import { damaged, ensureStoreFile, openForReading, openForWriting, openingFault } from './store-file.js';
import { checkWal } from './wal-check.js';

/** The journal's one writing connection, with the lock on its directory. */
export class JournalFile {
  readonly lastSeq: number;
  private readonly write: (rows: readonly EventRow[]) => void;

  private constructor(
    readonly path: string,
    private readonly lock: InstanceLock,
    private readonly database: SqliteDatabase,
  ) {
    this.lastSeq = lastSeqOf(database);
    this.write = makeInsert(database);
  }

  /** Takes the directory, makes the file if there is none, and checks it before a writer touches it. */
  static open(driver: SqliteDriver, directory: string, holder: string): JournalFile {
    const lock = InstanceLock.acquire(driver, directory, holder);
    const path = journalPath(directory);
    let database: SqliteDatabase | undefined;
    try {
      ensureStoreFile(driver, path, JOURNAL);
      verify(driver, path);
      database = openForWriting(driver, path, JOURNAL, sharesFiles(driver) ? 'NORMAL' : 'EXCLUSIVE');
      return new JournalFile(path, lock, database);
    } catch (error) {
      database?.close();
      lock.release();
      throw openingFault(path, JOURNAL, error);
    }
  }

  insert(rows: readonly EventRow[]): void {
    this.write(rows);
  }

  select(query: EventQuery): EventRow[] {
    return selectRows(this.database, this.path, query);
  }

  close(): void {
    this.database.close();
    this.lock.release();
  }
}

/** Through a connection that cannot write, so that a damaged file stays as it was found. */
function verify(driver: SqliteDriver, path: string): void {
  const { damage } = checkWal(`${path}-wal`);
  if (damage !== undefined) throw damaged(path, JOURNAL, damage);
  const database = openForReading(driver, path, JOURNAL);
  try {
    const check = checkForOpening(database, path);
    if (!check.ok) throw damaged(path, JOURNAL, check.problems.join('; '));
  } finally {
    database.close();
  }
}
