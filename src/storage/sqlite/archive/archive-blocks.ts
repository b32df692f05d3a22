import type { SqliteDatabase, SqlRow } from '../../../ports/storage/sqlite.js';
import { numberOf, textOf } from '../values.js';

/** Records that have left the journal together: which, and where in which file of the archive they are. */
export interface ArchiveBlock {
  readonly first: number;
  readonly last: number;
  /** How many of the numbers from `first` to `last` have left. */
  readonly records: number;
  readonly file: string;
  readonly start: number;
  readonly bytes: number;
  /** Of those bytes. */
  readonly sha256: string;
}

/** Version of a journal that records have left: programs of before would take it for one with a hole. */
export const ARCHIVED_VERSION = 2;

const COLUMNS = 'first, last, records, file, start, bytes, sha256';

/** Oldest first; none in a journal that no record has left. */
export function archiveBlocks(database: SqliteDatabase): ArchiveBlock[] {
  if (!hasBlocks(database)) return [];
  return database.prepare(`SELECT ${COLUMNS} FROM archived ORDER BY first`).all().map(blockOf);
}

const hasBlocks = (database: SqliteDatabase): boolean =>
  database.prepare(`SELECT name FROM ${database.schema}.sqlite_master WHERE name = 'archived'`).get() !== undefined;

/** Takes records out of the journal and writes down where they are, in one transaction. */
export function moveOut(database: SqliteDatabase, seqs: readonly number[], block: ArchiveBlock): void {
  const { schema } = database;
  // Not by reading them: a long past has thousands.
  const isFirst = !hasBlocks(database);
  database.transaction(() => {
    if (isFirst)
      database.exec(
        `CREATE TABLE IF NOT EXISTS ${schema}.archived (
           first INTEGER PRIMARY KEY,
           last INTEGER NOT NULL,
           records INTEGER NOT NULL,
           file TEXT NOT NULL,
           start INTEGER NOT NULL,
           bytes INTEGER NOT NULL,
           sha256 TEXT NOT NULL
         );
         PRAGMA ${schema}.user_version = ${ARCHIVED_VERSION};`,
      );
    const { first, last, records, file, start, bytes, sha256 } = block;
    database
      .prepare(`INSERT INTO archived (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`)
      .run(first, last, records, file, start, bytes, sha256);
    const remove = database.prepare('DELETE FROM events WHERE seq = ?');
    for (const seq of seqs) remove.run(seq);
  });
}

/** Numbers that are missing from a journal: all that have left it are, and no others. */
export class ArchiveGaps {
  private readonly missing = new Map<ArchiveBlock, number>();
  private next = 0;

  constructor(private readonly blocks: readonly ArchiveBlock[]) {}

  /** Problems of a gap, `from` to `to`. Gaps are told in order. */
  tell(from: number, to: number): string[] {
    const problems: string[] = [];
    for (let at = from; at <= to;) {
      while ((this.blocks[this.next]?.last ?? Infinity) < at) this.next += 1;
      const block = this.blocks[this.next];
      const end = block === undefined || block.first > to ? to : block.first > at ? block.first - 1 : undefined;
      if (end !== undefined) {
        problems.push(`records ${at} to ${end} are missing`);
        at = end + 1;
        continue;
      }
      const last = Math.min(to, (block as ArchiveBlock).last);
      this.missing.set(block as ArchiveBlock, (this.missing.get(block as ArchiveBlock) ?? 0) + last - at + 1);
      at = last + 1;
    }
    return problems;
  }

  /** Problems of the blocks that begin after `from`: what has left is known by number. */
  end(from: number): string[] {
    return this.blocks.flatMap((block) => {
      const missing = this.missing.get(block) ?? 0;
      if (block.first <= from || missing === block.records) return [];
      return [`of records ${block.first} to ${block.last} ${missing} are missing, and ${block.records} were archived`];
    });
  }
}

const blockOf = (row: SqlRow): ArchiveBlock => ({
  first: numberOf(row, 'first'),
  last: numberOf(row, 'last'),
  records: numberOf(row, 'records'),
  file: textOf(row, 'file'),
  start: numberOf(row, 'start'),
  bytes: numberOf(row, 'bytes'),
  sha256: textOf(row, 'sha256'),
});
