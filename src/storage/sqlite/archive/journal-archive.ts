import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzip } from 'node:zlib';
import { fault, messageOf, type PerpsBotError } from '../../../domain/errors.js';
import { makeDirectory } from '../../../flow/make-directory.js';
import { checksumOf, type EventRow } from '../../event-row.js';
import type { ArchiveBlock } from './archive-blocks.js';
import { syncDirectory } from '../store-file.js';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const FILE_NAME = /^journal-\d{4,}-\d\d\.jsonl\.gz$/;

type Line = readonly [number, number, string, string, string, number, string, number];

/** Beside the journal, and goes with it. */
const archiveDirectory = (journal: string): string => join(dirname(journal), 'archive');

/** A month's file, by UTC. */
export const archiveFile = (at: number): string => `journal-${new Date(at).toISOString().slice(0, 7)}.jsonl.gz`;

/**
 * Appends records to a file of the archive behind its first `start` bytes, and reads them back. What lies behind them
 * was written by a process that died before it could take the records out of the journal. Throws what the file system
 * says, and STORE-001 when other is read than was written.
 */
export async function appendBlock(journal: string, rows: readonly EventRow[], start: number): Promise<ArchiveBlock> {
  const [oldest, newest] = [rows[0] as EventRow, rows.at(-1) as EventRow];
  const file = archiveFile(oldest.at);
  const directory = archiveDirectory(journal);
  makeDirectory(directory, DIRECTORY_MODE);
  const packed = await compressed(rows.map(lineOf).join(''));
  const path = join(directory, file);
  const handle = await open(path, start === 0 ? 'w+' : 'r+', FILE_MODE);
  try {
    if ((await handle.stat()).size < start) throw damaged(path, 'it is shorter than what was written to it');
    await handle.truncate(start);
    await handle.write(packed, 0, packed.length, start);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (start === 0) syncDirectory(directory);
  const block: ArchiveBlock = {
    first: oldest.seq,
    last: newest.seq,
    records: rows.length,
    file,
    start,
    bytes: packed.length,
    sha256: createHash('sha256').update(packed).digest('hex'),
  };
  const read = readBlock(journal, block);
  if (read.length !== rows.length || read.some((row, i) => lineOf(row) !== lineOf(rows[i] as EventRow)))
    throw damaged(path, 'what was read is not what was written');
  return block;
}

/** The records of a block, oldest first. Throws STORE-001 for whatever is not as it was written. */
export function readBlock(journal: string, block: ArchiveBlock): EventRow[] {
  const path = join(archiveDirectory(journal), basename(block.file));
  if (!FILE_NAME.test(block.file)) throw damaged(path, 'its name is none of an archive');
  let rows: EventRow[];
  try {
    const bytes = bytesOf(path, block);
    if (createHash('sha256').update(bytes).digest('hex') !== block.sha256) throw new Error('its checksum is wrong');
    rows = gunzipSync(bytes).toString('utf8').trimEnd().split('\n').map(rowOf);
  } catch (error) {
    throw damaged(path, `records ${block.first} to ${block.last}: ${messageOf(error)}`, error);
  }
  if (rows.length !== block.records || rows[0]?.seq !== block.first || rows.at(-1)?.seq !== block.last)
    throw damaged(path, `it does not hold records ${block.first} to ${block.last}`);
  return rows;
}

function bytesOf(path: string, { start, bytes }: ArchiveBlock): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    if (readSync(file, buffer, 0, bytes, start) !== bytes) throw new Error('it is cut off');
    return buffer;
  } finally {
    closeSync(file);
  }
}

function rowOf(text: string): EventRow {
  const [seq, at, type, botId, profile, version, body, crc] = JSON.parse(text) as Line;
  const row = { seq, at, type, botId, profile, version, body };
  if (checksumOf(row) !== crc) throw new Error(`record ${seq} has a wrong checksum`);
  return row;
}

function lineOf(row: EventRow): string {
  const line: Line = [row.seq, row.at, row.type, row.botId, row.profile, row.version, row.body, checksumOf(row)];
  return `${JSON.stringify(line)}\n`;
}

const compressed = (text: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    gzip(text, (error, packed) => {
      if (error === null) resolve(packed);
      else reject(error);
    });
  });

const damaged = (path: string, why: string, cause?: unknown): PerpsBotError =>
  fault('STORE-001', `Archive ${path} must hold the records that have left the journal, did not: ${why}.`, {
    where: path,
    cause,
    fix: 'Restore the archive directory from a copy: it goes with journal.db. The bot starts without it; `journal export` and `journal verify` do not end well before.',
  });
