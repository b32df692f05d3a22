import { messageOf } from '../../../domain/errors.js';
import type { EventQuery } from '../../../ports/storage/event-store.js';
import { SAMPLES } from '../../../ports/storage/journal-folds.js';
import type { SqliteDatabase } from '../../../ports/storage/sqlite.js';
import { matches, newest, type EventRow } from '../../event-row.js';
import { archiveBlocks, type ArchiveBlock } from './archive-blocks.js';
import { readBlock } from './journal-archive.js';
import { checkedRow, nextRows, selectRows } from '../journal-rows.js';

const CHUNK = 1_000;

/** What a query asks for, of the journal and of what has left it, oldest first. Throws STORE-001. */
export function withArchived(database: SqliteDatabase, path: string, query: EventQuery): readonly EventRow[] {
  let found: readonly EventRow[] = selectRows(database, path, query);
  if (query.types !== undefined && !query.types.some((type) => (SAMPLES as readonly string[]).includes(type)))
    return found;
  const { limit = Infinity } = query;
  for (const block of archiveBlocks(database).reverse()) {
    if (block.last <= (query.after ?? 0) || found.filter(({ seq }) => seq > block.last).length >= limit) break;
    const rows = readBlock(path, block).filter((row) => matches(row, query));
    found = newest([...found, ...rows].sort(bySeq), query.limit);
  }
  return found;
}

/** Every record that ever was, oldest first, a part of it in memory at a time. Throws STORE-001. */
export function* wholeHistory(database: SqliteDatabase, path: string): Generator<EventRow, void> {
  let seq = 0;
  const blocks = archiveBlocks(database);
  let archived: EventRow[] = [];
  for (let rows = nextRows(database, seq, CHUNK); rows.length > 0; rows = nextRows(database, seq, CHUNK)) {
    for (const row of rows) {
      const record = checkedRow(row, path);
      for (;;) {
        if (archived.length === 0 && (blocks[0]?.first ?? Infinity) < record.seq)
          archived = readBlock(path, blocks.shift() as ArchiveBlock).reverse();
        const next = archived.at(-1);
        if (next === undefined || next.seq > record.seq) break;
        archived.pop();
        yield next;
      }
      yield record;
      seq = record.seq;
    }
  }
}

/** Reads all of the archive. */
export function checkArchive(
  database: SqliteDatabase,
  path: string,
): { readonly blocks: number; readonly records: number; readonly problems: readonly string[] } {
  let records = 0;
  const problems: string[] = [];
  const blocks = archiveBlocks(database);
  for (const block of blocks) {
    try {
      records += readBlock(path, block).length;
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return { blocks: blocks.length, records, problems };
}

const bySeq = (a: EventRow, b: EventRow): number => a.seq - b.seq;
