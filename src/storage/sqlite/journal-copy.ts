import {
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from '../../domain/errors.js';
import { codeOf } from './sqlite-error.js';

const ATTEMPTS = 50;
/** Longer than the clock tick that a file's time of change is rounded to. */
const STILL_MS = 20;
const WAL_HEADER_BYTES = 32;

/**
 * Lets `read` have a copy of a journal and its write-ahead log, as they were at one moment, and deletes it afterwards.
 * Not for the process that writes the journal: reading a file ends the locks that a process holds on it. Throws
 * STORE-005 when the journal is written so often that no moment is found.
 */
export function withCopy<T>(path: string, read: (copy: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-journal-'));
  try {
    const copy = join(directory, 'journal.db');
    for (let attempt = 0; !copied(path, copy); attempt += 1) {
      if (attempt === ATTEMPTS) {
        throw fault('STORE-005', `Journal ${path} must rest for a moment to be copied, did not.`, {
          where: path,
          fix: 'Try again, or stop the bot first.',
        });
      }
    }
    return read(copy);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Copies both files; false when they changed meanwhile in a way that tears them. SQLite appends to the log: a cut end
 * is not read, but what was half written when it was copied and has whole records behind it, written while the copy
 * went on, would be damage. So the log must still begin with what was copied. SQLite moves records from the log into
 * the file, which changes the file's time, and then starts the log anew with another head.
 */
function copied(path: string, copy: string): boolean {
  const log = `${path}-wal`;
  const before = stateOf(path);
  sleep(STILL_MS);
  const head = headOf(log);
  copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  rmSync(`${copy}-wal`, { force: true });
  ifThere(() => copyFileSync(log, `${copy}-wal`, constants.COPYFILE_FICLONE));
  return isStillStart(`${copy}-wal`, log) && stateOf(path) === before && headOf(log) === head;
}

/** Does the log hold, from its start, what the copy holds? */
function isStillStart(copy: string, log: string): boolean {
  const copied = ifThere(() => readFileSync(copy));
  if (copied === undefined) return true;
  const now = ifThere(() => readFileSync(log));
  return now !== undefined && copied.equals(now.subarray(0, copied.length));
}

function stateOf(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}

/** Undefined without a log. */
function headOf(log: string): string | undefined {
  const file = ifThere(() => openSync(log, 'r'));
  if (file === undefined) return undefined;
  const head = Buffer.alloc(WAL_HEADER_BYTES);
  readSync(file, head, 0, WAL_HEADER_BYTES, 0);
  closeSync(file);
  return head.toString('hex');
}

/** The log goes when the bot closes its journal. */
function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const sleep = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
