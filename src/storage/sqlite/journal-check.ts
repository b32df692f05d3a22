import { statSync } from 'node:fs';
import { messageOf } from '../../domain/errors.js';
import type { SqliteDatabase } from '../../ports/storage/sqlite.js';
import { checksumOf } from '../event-row.js';
import { archiveBlocks, ArchiveGaps } from './archive/archive-blocks.js';
import { fitting, nextRows, rowOf } from './journal-rows.js';
import { numberOf } from './values.js';

export interface JournalCheck {
  /** Records read. */
  readonly records: number;
  /** 0 in an empty journal. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Records read in its archive, where that was asked for. */
  readonly archived?: number;
  readonly ok: boolean;
  /** The first problems found, by record. */
  readonly problems: readonly string[];
}

const MOST_PROBLEMS = 20;
const CHUNK = 2_000;
/** Up to this size a journal is read whole when it is opened: about a second. Beyond it, its newest records are. */
const WHOLE_BYTES = 32 * 1024 * 1024;
const NEWEST = 10_000;

/** Reads every page and every record: structure, checksums, and that no number is missing but those archived. */
export function checkWhole(database: SqliteDatabase): JournalCheck {
  const pages = database
    .prepare(`PRAGMA ${database.schema}.integrity_check`)
    .all()
    .map((row) => String(row['integrity_check']));
  const found = pages.filter((line) => line !== 'ok');
  return scan(database, 0, found);
}

/** What opening a journal checks: all of it while it is small, otherwise its newest records. */
export function checkForOpening(database: SqliteDatabase, path: string): JournalCheck {
  if (statSync(path).size <= WHOLE_BYTES) return checkWhole(database);
  return scan(database, Math.max(0, lastSeqOf(database) - NEWEST), [], fitting);
}

/** The newest sequence number, 0 without records. */
const lastSeqOf = (database: SqliteDatabase): number =>
  numberOf(database.prepare('SELECT COALESCE(MAX(seq), 0) AS last FROM events').get() ?? {}, 'last');

/** The newest record, of number 0 without records. */
export function newestOf(database: SqliteDatabase): { readonly seq: number; readonly crc: number } {
  const row = database.prepare('SELECT seq, crc FROM events ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? { seq: 0, crc: 0 } : { seq: numberOf(row, 'seq'), crc: numberOf(row, 'crc') };
}

function scan(database: SqliteDatabase, from: number, found: readonly string[], quick?: typeof fitting): JournalCheck {
  const problems = [...found];
  const gaps = new ArchiveGaps(archiveBlocks(database));
  let records = 0;
  let firstSeq = 0;
  let lastSeq = from;
  for (;;) {
    const fit = quick?.(database, lastSeq, CHUNK);
    const rows = fit === undefined ? nextRows(database, lastSeq, CHUNK) : [];
    if (fit !== undefined) {
      if (records === 0 && fit > 0) firstSeq = lastSeq + 1;
      lastSeq += fit;
      records += fit;
    }
    for (const row of rows) {
      const seq = numberOf(row, 'seq');
      if (seq !== lastSeq + 1) problems.push(...gaps.tell(lastSeq + 1, seq - 1));
      problems.push(...problemsOf(row, seq));
      if (records === 0) firstSeq = seq;
      lastSeq = seq;
      records += 1;
    }
    const read = fit ?? rows.length;
    if (read < CHUNK) problems.push(...gaps.end(from));
    if (read < CHUNK || problems.length >= MOST_PROBLEMS) break;
  }
  return {
    records,
    firstSeq,
    lastSeq: records === 0 ? 0 : lastSeq,
    ok: problems.length === 0,
    problems: problems.slice(0, MOST_PROBLEMS),
  };
}

type Row = ReturnType<typeof nextRows>[number];

function problemsOf(row: Row, seq: number): readonly string[] {
  const problems = sumProblems(row, seq);
  if (problems.length > 0) return problems;
  try {
    JSON.parse(rowOf(row).body);
    return NONE;
  } catch (error) {
    return unreadable(seq, error);
  }
}

function sumProblems(row: Row, seq: number): readonly string[] {
  try {
    return checksumOf(rowOf(row)) === row['crc'] ? NONE : [`record ${seq} has a wrong checksum`];
  } catch (error) {
    return unreadable(seq, error);
  }
}

const NONE: readonly string[] = [];
const unreadable = (seq: number, error: unknown): string[] => [`record ${seq} is unreadable (${messageOf(error)})`];
