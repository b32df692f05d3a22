import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from '../../flow/crc32.js';
import type { SqliteDatabase } from '../../ports/storage/sqlite.js';
import { nextRows } from './journal-rows.js';
import { codeOf } from './sqlite-error.js';
import { syncDirectory } from './store-file.js';

/** A record that was acknowledged: its number and its checksum. */
export interface Acknowledged {
  readonly seq: number;
  readonly crc: number;
}

const SLOT_BYTES = 64;
const FILE_MODE = 0o600;
const LINE = /^(\d{1,16}) (\d{1,10}) (\d{1,10}) *\n$/;

/** Stands beside the journal and goes with it: `journal.db*` is all of it. */
export const witnessPath = (journal: string): string => `${journal}-witness`;

/**
 * The newest record of a journal, written down outside SQLite once its commit is on disk. SQLite reads a write-ahead
 * log up to the first bad checksum and drops the rest without a word: that it dropped the newest commit, this tells.
 * Two lines in turns, each with a checksum: a line cut short by a crash leaves the one before. It never names a record
 * that was not on disk; it may be older than the journal, never newer.
 */
export class Witness {
  private slot = 0;
  private readonly buffer = Buffer.alloc(SLOT_BYTES);

  private constructor(private readonly file: number) {}

  /** Makes it of `newest` where there is none: a journal of before has nothing else to go by. */
  static open(journal: string, newest: Acknowledged): Witness {
    const path = witnessPath(journal);
    try {
      return new Witness(openSync(path, 'r+'));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const fresh = `${path}.new`;
    writeFileSync(fresh, lineOf(newest).repeat(2), { mode: FILE_MODE, flush: true });
    renameSync(fresh, path);
    syncDirectory(dirname(path));
    return new Witness(openSync(path, 'r+'));
  }

  /** Outlives the process as it is, and the machine when `synced`. */
  write(record: Acknowledged, synced: boolean): void {
    this.buffer.write(lineOf(record), 'latin1');
    writeSync(this.file, this.buffer, 0, SLOT_BYTES, this.slot * SLOT_BYTES);
    this.slot = 1 - this.slot;
    if (synced) fdatasyncSync(this.file);
  }

  close(): void {
    closeSync(this.file);
  }
}

/**
 * What was acknowledged last; undefined where nobody wrote it down, `damaged` where neither line can be read. A journal
 * that may be in use is read after this, never before.
 */
export function readWitness(journal: string): Acknowledged | 'damaged' | undefined {
  let text: string;
  try {
    text = readFileSync(witnessPath(journal), 'latin1');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const known = [0, SLOT_BYTES]
    .map((at) => recordOf(text.slice(at, at + SLOT_BYTES)))
    .filter((record) => record !== undefined)
    .sort((a, b) => b.seq - a.seq);
  return known[0] ?? 'damaged';
}

/** What a journal has lost of what was acknowledged, in words; undefined when nothing. */
export function lossOf(database: SqliteDatabase, witness: Acknowledged | 'damaged' | undefined): string | undefined {
  if (witness === undefined) return undefined;
  if (witness === 'damaged') return 'what it had acknowledged last cannot be read from its witness';
  const { seq, crc } = witness;
  if (seq === 0) return undefined;
  const row = nextRows(database, seq - 1, 1)[0];
  if (row === undefined) return `record ${seq}, which it had acknowledged, is missing`;
  return row['seq'] === seq && row['crc'] === crc ? undefined : `record ${seq} is not the one it had acknowledged`;
}

function lineOf({ seq, crc }: Acknowledged): string {
  const said = `${seq} ${crc}`;
  return `${`${said} ${crc32(said)}`.padEnd(SLOT_BYTES - 1)}\n`;
}

function recordOf(line: string): Acknowledged | undefined {
  const [, seq, crc, sum] = LINE.exec(line) ?? [];
  return crc32(`${seq} ${crc}`) === Number(sum) ? { seq: Number(seq), crc: Number(crc) } : undefined;
}
