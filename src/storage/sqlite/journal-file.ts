import { existsSync } from 'node:fs';
import type { EventQuery, StoredEvent } from '../../ports/storage/event-store.js';
import { fault, type PerpsBotError } from '../../domain/errors.js';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { eventOf, type EventRow } from '../event-row.js';
import { SAMPLES } from '../../ports/storage/journal-folds.js';
import { archiveBlocks, moveOut, type ArchiveBlock } from './archive/archive-blocks.js';
import { InstanceLock } from './instance-lock.js';
import { KeptFiles } from './kept-files.js';
import { checkForOpening, newestOf } from './journal-check.js';
import { JOURNAL, journalPath } from './journal-format.js';
import { countOf, crcOf, makeInsert, rowsBetween, rowsOf, selectRows } from './journal-rows.js';
import { sharesFiles } from './shared-file.js';
import { damaged, ensureStoreFile, openForReading, openForWriting, openingFault } from './store-file.js';
import { checkWal } from './wal-check.js';
import { lossOf, readWitness, Witness, witnessPath } from './witness.js';

/** Their witness outlives the machine too: a halt that was said to be durable is never forgotten in silence. */
const SAFETY = new Set(['safety_state']);

/** The journal's one writing connection, with the lock on its directory. */
export class JournalFile {
  readonly lastSeq: number;
  private readonly kept = new KeptFiles();
  private readonly write: (rows: readonly EventRow[]) => number;
  private readonly witness: Witness;

  private constructor(
    readonly path: string,
    private readonly lock: InstanceLock,
    private readonly database: SqliteDatabase,
  ) {
    const newest = newestOf(database);
    this.lastSeq = newest.seq;
    this.write = makeInsert(database);
    this.witness = Witness.open(path, newest);
    this.kept.keep(path, `${path}-wal`, witnessPath(path), lock.path);
  }

  /** Takes the directory, makes the file if there is none, and checks it before a writer touches it. */
  static open(driver: SqliteDriver, directory: string, holder: string): JournalFile {
    const lock = InstanceLock.acquire(driver, directory, holder);
    const path = journalPath(directory);
    let database: SqliteDatabase | undefined;
    try {
      assertNotLost(path);
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

  /** Throws when the records are not on disk, and STORE-007 when that disk is not where the journal was opened. */
  insert(rows: readonly EventRow[]): void {
    const crc = this.write(rows);
    const seq = rows.at(-1)?.seq;
    if (seq !== undefined)
      this.witness.write(
        { seq, crc },
        rows.some(({ type }) => SAFETY.has(type)),
      );
    this.kept.check();
  }

  /** Throws STORE-007. */
  checkPlace(): void {
    this.kept.check();
  }

  select(query: EventQuery): EventRow[] {
    return selectRows(this.database, this.path, query);
  }

  *eventsOf(types: readonly string[], seq: number): Generator<StoredEvent, void> {
    for (const row of rowsOf(this.database, this.path, types, seq)) yield eventOf(row);
  }

  blocks(): readonly ArchiveBlock[] {
    return archiveBlocks(this.database);
  }

  samples(after: number, until: number, limit: number): readonly EventRow[] {
    return rowsBetween(this.database, this.path, SAMPLES, { after, until, limit });
  }

  moveOut(seqs: readonly number[], block: ArchiveBlock): void {
    moveOut(this.database, seqs, block);
  }

  crcOf(seq: number): number | undefined {
    return crcOf(this.database, seq);
  }

  countOf(types: readonly string[], seq: number): number {
    return countOf(this.database, types, seq);
  }

  close(): void {
    this.witness.close();
    this.database.close();
    this.lock.release();
  }
}

/** A journal that has gone while what it acknowledged is known is no new one. */
function assertNotLost(path: string): void {
  if (existsSync(path)) return;
  const witness = readWitness(path);
  if (witness !== undefined && witness !== 'damaged' && witness.seq > 0)
    throw lost(path, `it is missing, and record ${witness.seq} was acknowledged`);
}

const lost = (path: string, what: string): PerpsBotError =>
  fault('STORE-001', `Journal ${path} must hold every record it acknowledged, did not: ${what}.`, {
    where: path,
    why: 'Orders, fills or a halt may be forgotten; nobody can tell from the rest.',
    fix: `Keep the files as they are and look at the venue's orders and positions. Restore the last good copy of the state directory; to go on with what is left, move ${witnessPath(path)} away.`,
  });

/** Through a connection that cannot write, so that a damaged file stays as it was found. */
function verify(driver: SqliteDriver, path: string): void {
  const witness = readWitness(path);
  const { damage } = checkWal(`${path}-wal`);
  if (damage !== undefined) throw damaged(path, JOURNAL, damage);
  const database = openForReading(driver, path, JOURNAL);
  try {
    const check = checkForOpening(database, path);
    if (!check.ok) throw damaged(path, JOURNAL, check.problems.join('; '));
    const loss = lossOf(database, witness);
    if (loss !== undefined) throw lost(path, loss);
  } finally {
    database.close();
  }
}
