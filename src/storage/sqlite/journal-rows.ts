import type { EventQuery } from '../../ports/storage/event-store.js';
import type { SqliteDatabase, SqlRow, SqlValue } from '../../ports/storage/sqlite.js';
import { crc32 } from '../../flow/crc32.js';
import { checksumOf, type EventRow } from '../event-row.js';
import { JOURNAL } from './journal-format.js';
import { damaged } from './store-file.js';
import { numberOf, textOf } from './values.js';

const COLUMNS = 'seq, at, type, bot_id, profile, version, body, crc';

/** Rows that a query asks for, oldest first. Throws STORE-001 for a row whose checksum is wrong. */
export function selectRows(database: SqliteDatabase, path: string, query: EventQuery): EventRow[] {
  const conditions = ['seq > ?'];
  const values: SqlValue[] = [query.after ?? 0];
  if (query.types !== undefined) {
    conditions.push(`type IN (${query.types.map(() => '?').join(', ')})`);
    values.push(...query.types);
  }
  if (query.botId !== undefined) {
    conditions.push('bot_id = ?');
    values.push(query.botId);
  }
  const where = `SELECT ${COLUMNS} FROM events WHERE ${conditions.join(' AND ')}`;
  const rows =
    query.limit === undefined
      ? database.prepare(`${where} ORDER BY seq`).all(...values)
      : database
          .prepare(`SELECT * FROM (${where} ORDER BY seq DESC LIMIT ?) ORDER BY seq`)
          .all(...values, Math.max(0, query.limit));
  return rows.map((row) => checkedRow(row, path));
}

/** About two milliseconds: whoever reads in slices does not wait longer for one. */
const CHUNK = 200;

/**
 * Rows of some types after `seq`, oldest first, a chunk of each type in memory at a time. Each type is read in its own
 * order and they are put together here: SQLite would sort all of them first. Throws STORE-001 for a wrong checksum.
 */
export function* rowsOf(
  database: SqliteDatabase,
  path: string,
  types: readonly string[],
  seq: number,
): Generator<EventRow, void> {
  const next = database.prepare(`SELECT ${COLUMNS} FROM events WHERE type = ? AND seq > ? ORDER BY seq LIMIT ${CHUNK}`);
  const heads = types.map((type) => chunked((after) => next.all(type, after).map((row) => checkedRow(row, path)), seq));
  const rows = heads.map((head) => head.next().value);
  for (;;) {
    let first = -1;
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i];
      if (row !== undefined && !(row.seq > (rows[first]?.seq ?? Infinity))) first = i;
    }
    const row = rows[first];
    if (row === undefined) return;
    rows[first] = heads[first]?.next().value;
    yield row;
  }
}

function* chunked(read: (after: number) => readonly EventRow[], seq: number): Generator<EventRow, undefined> {
  for (let after = seq; ;) {
    const rows = read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) return undefined;
    after = last.seq;
  }
}

/** The next rows after `seq`, unchecked, for scans that report instead of throwing. */
export const nextRows = (database: SqliteDatabase, seq: number, count: number): SqlRow[] =>
  database.prepare(`SELECT ${COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`).all(seq, count);

/** What the checksum of a record is over, as SQLite puts it together: `checksumOf`'s text, wherever words are plain. */
const SUMMED = [
  "'[' || seq || ','",
  'CAST(at AS INTEGER)',
  `',"' || type || '","' || bot_id || '","' || profile || '",'`,
  "version || ']'",
  'body',
].join(' || ');

const SUMS = `
  SELECT COUNT(*) AS count, MAX(seq) AS last, group_concat(crc) AS sums, group_concat(length(text)) AS lengths,
    CAST(group_concat(text, '') AS BLOB) AS bytes
  FROM (SELECT seq, crc, CAST(${SUMMED} AS BLOB) AS text FROM events WHERE seq > ? ORDER BY seq LIMIT ?)`;

/**
 * How many of the next `count` records there are after `seq`, if each has the number after the one before and a
 * checksum that fits; undefined where one has not, and the records themselves have to be asked. For who only compares:
 * SQLite puts the texts together, where handing over each record would take most of the time.
 */
export function fitting(database: SqliteDatabase, seq: number, count: number): number | undefined {
  const row = database.prepare(SUMS).get(seq, count) ?? {};
  const found = numberOf(row, 'count');
  if (found === 0) return 0;
  const { bytes, sums, lengths } = row;
  if (row['last'] !== seq + found || !(bytes instanceof Uint8Array)) return undefined;
  const sumOf = String(sums).split(',');
  const lengthOf = String(lengths).split(',');
  let at = 0;
  for (let i = 0; i < found; i += 1) {
    const end = at + Number(lengthOf[i]);
    if (crc32(bytes.subarray(at, end)) !== Number(sumOf[i])) return undefined;
    at = end;
  }
  return at === bytes.length ? found : undefined;
}

/** Rows of some types after one number and up to another, oldest first. Throws STORE-001 for a wrong checksum. */
export function rowsBetween(
  database: SqliteDatabase,
  path: string,
  types: readonly string[],
  { after, until, limit }: { readonly after: number; readonly until: number; readonly limit: number },
): EventRow[] {
  // By number, and not by type: the numbers lie side by side.
  const marks = types.map(() => '?').join(', ');
  return database
    .prepare(`SELECT ${COLUMNS} FROM events WHERE seq > ? AND seq <= ? AND +type IN (${marks}) ORDER BY seq LIMIT ?`)
    .all(after, until, ...types, limit)
    .map((row) => checkedRow(row, path));
}

/** The checksum that stands with a record; undefined where there is none of this number. */
export function crcOf(database: SqliteDatabase, seq: number): number | undefined {
  const row = database.prepare('SELECT crc FROM events WHERE seq = ?').get(seq);
  return row === undefined ? undefined : numberOf(row, 'crc');
}

/** How many records of some types come after `seq`. */
export function countOf(database: SqliteDatabase, types: readonly string[], seq: number): number {
  const marks = types.map(() => '?').join(', ');
  const count = database.prepare(`SELECT COUNT(*) AS count FROM events WHERE type IN (${marks}) AND seq > ?`);
  return numberOf(count.get(...types, seq) ?? {}, 'count');
}

export function rowOf(row: SqlRow): EventRow {
  return {
    seq: numberOf(row, 'seq'),
    at: numberOf(row, 'at'),
    type: textOf(row, 'type'),
    botId: textOf(row, 'bot_id'),
    profile: textOf(row, 'profile'),
    version: numberOf(row, 'version'),
    body: textOf(row, 'body'),
  };
}

export function checkedRow(row: SqlRow, path: string): EventRow {
  const record = rowOf(row);
  if (checksumOf(record) !== row['crc']) throw damaged(path, JOURNAL, `record ${record.seq} has a wrong checksum`);
  return record;
}

/** Writes records in one transaction; returns the checksum of the last. */
export function makeInsert(database: SqliteDatabase): (rows: readonly EventRow[]) => number {
  const insert = database.prepare(`INSERT INTO events (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  return (rows) =>
    database.transaction(() => {
      let crc = 0;
      for (const row of rows) {
        crc = checksumOf(row);
        insert.run(row.seq, row.at, row.type, row.botId, row.profile, row.version, row.body, crc);
      }
      return crc;
    });
}
