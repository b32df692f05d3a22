import { SAMPLES } from '../ports/storage/journal-folds.js';
import { PerpsBotError } from '../domain/errors.js';
import type { EventQuery, StoredEvent } from '../ports/storage/event-store.js';
import type { SqliteDatabase, SqliteDriver } from '../ports/storage/sqlite.js';
import { eventOf } from './event-row.js';
import { loadSqliteDriver } from './sqlite/runtime-sqlite.js';
import { archiveBlocks } from './sqlite/archive/archive-blocks.js';
import { checkArchive, wholeHistory, withArchived } from './sqlite/archive/archived-history.js';
import { checkWhole, type JournalCheck } from './sqlite/journal-check.js';
import { withCopy } from './sqlite/journal-copy.js';
import { JOURNAL } from './sqlite/journal-format.js';
import { sharesFiles } from './sqlite/shared-file.js';
import { openForReading, openingFault } from './sqlite/store-file.js';
import { textOf } from './sqlite/values.js';
import { checkWal } from './sqlite/wal-check.js';
import { lossOf, readWitness } from './sqlite/witness.js';

/**
 * Held by its writer, or on a mount that may only be read, where SQLite cannot make the side files that even a reader
 * of a write-ahead log needs: a copy can be read.
 */
const ELSEWHERE: ReadonlySet<string> = new Set(['STORE-003', 'STORE-005', 'STORE-009']);

/**
 * Reads a journal that a running bot may be writing: nothing is locked and nothing is changed. Where SQLite cannot
 * share the file, a copy is read. All three throw STORE-003 for a file that is missing, STORE-001 for one that is
 * no journal or cannot be read, STORE-002 for a newer one.
 */
export function tail(path: string, query: EventQuery = {}, driver: SqliteDriver = loadSqliteDriver()): StoredEvent[] {
  return reading(path, driver, (database) => withArchived(database, path, query).map(eventOf));
}

/** Types of the records that a journal and its archive hold, in order of the alphabet. */
export function recordTypes(path: string, driver: SqliteDriver = loadSqliteDriver()): string[] {
  return reading(path, driver, (database) => {
    const kept = database.prepare('SELECT DISTINCT type FROM events').all();
    const archived = archiveBlocks(database).length === 0 ? [] : SAMPLES;
    return [...new Set([...kept.map((row) => textOf(row, 'type')), ...archived])].sort();
  });
}

/**
 * Checks every page and every record, of the archive too, and that the newest one acknowledged is among them; `ok`
 * and `problems` say what
 * was found in a file that could be read at all.
 */
export function verify(path: string, driver: SqliteDriver = loadSqliteDriver()): JournalCheck {
  // First: whoever writes meanwhile writes the journal before its witness.
  const witness = readWitness(path);
  return reading(path, driver, (database, file) => {
    const archive = checkArchive(database, path);
    const check = { ...checkWhole(database), ...(archive.blocks === 0 ? {} : { archived: archive.records }) };
    const found = [checkWal(`${file}-wal`).damage, lossOf(database, witness), ...archive.problems].filter(
      (each) => each !== undefined,
    );
    return found.length === 0 ? check : { ...check, ok: false, problems: [...found, ...check.problems] };
  });
}

/**
 * Every record, the archived ones in their places, as one line of JSON, oldest first, without its newline. Returns
 * how many. Throws at a damaged record.
 */
export function exportLines(
  path: string,
  write: (line: string) => void,
  driver: SqliteDriver = loadSqliteDriver(),
): number {
  return reading(path, driver, (database) => {
    let count = 0;
    for (const row of wholeHistory(database, path)) {
      write(JSON.stringify(eventOf(row)));
      count += 1;
    }
    return count;
  });
}

type Read<T> = (database: SqliteDatabase, file: string) => T;

/** The file itself, or a copy where SQLite cannot share it with its writer, or where its writer does not share it. */
function reading<T>(path: string, driver: SqliteDriver, read: Read<T>): T {
  const shared = sharesFiles(driver) ? openUnlessHeld(path, driver) : undefined;
  if (shared !== undefined) return readAndClose(shared, path, path, read);
  try {
    return withCopy(path, (copy) => readAndClose(openForReading(driver, path, JOURNAL, copy), path, copy, read));
  } catch (error) {
    throw openingFault(path, JOURNAL, error);
  }
}

function openUnlessHeld(path: string, driver: SqliteDriver): SqliteDatabase | undefined {
  try {
    return openForReading(driver, path, JOURNAL);
  } catch (error) {
    if (PerpsBotError.is(error) && ELSEWHERE.has(error.code)) return undefined;
    throw error;
  }
}

function readAndClose<T>(database: SqliteDatabase, path: string, file: string, read: Read<T>): T {
  try {
    return read(database, file);
  } catch (error) {
    throw openingFault(path, JOURNAL, error);
  } finally {
    database.close();
  }
}
