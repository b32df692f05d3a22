import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { troubleOf, type Trouble } from '../../flow/path-fault.js';

/** What a driver's error means for a store, whatever the driver. */
export type SqliteErrorKind = 'busy' | 'denied' | 'read-only' | 'full' | 'damaged' | 'disk' | 'other';

const BY_NAME: readonly (readonly [string, SqliteErrorKind])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_PERM', 'denied'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_CANTOPEN', 'denied'],
  ['SQLITE_AUTH', 'denied'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_IOERR_SHORT_READ', 'damaged'],
  ['SQLITE_IOERR', 'disk'],
  ['SQLITE_FULL', 'full'],
];
/** Primary result codes, as `node:sqlite` gives them in the low byte of `errcode`. */
const BY_NUMBER: Readonly<Record<number, SqliteErrorKind>> = {
  3: 'denied',
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  10: 'disk',
  11: 'damaged',
  13: 'full',
  14: 'denied',
  23: 'denied',
  26: 'damaged',
};
const SHORT_READ = 522;

/** The code of a driver's or the system's error, empty without one. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

export function sqliteErrorKind(error: unknown): SqliteErrorKind {
  if (typeof error !== 'object' || error === null) return 'other';
  if ('errcode' in error && typeof error.errcode === 'number') {
    return error.errcode === SHORT_READ ? 'damaged' : (BY_NUMBER[error.errcode & 0xff] ?? 'other');
  }
  const code = codeOf(error);
  return BY_NAME.find(([name]) => code.startsWith(name))?.[1] ?? 'other';
}

/**
 * Why the file of a store could not be used; undefined for what is no matter of its place. SQLite says "cannot open"
 * and "read-only" of rights, of mounts and of missing directories alike: the system is asked which it is.
 */
export function storeTrouble(path: string, error: unknown): Trouble | undefined {
  const known = troubleOf(error);
  if (known !== undefined) return known;
  const kind = sqliteErrorKind(error);
  if (kind === 'full' || kind === 'disk' || kind === 'busy') return kind;
  if (kind === 'read-only' || kind === 'denied') return refusalOf(path) ?? kind;
  return undefined;
}

/** What the system says when it is asked for the right to write there. */
function refusalOf(path: string): Trouble | undefined {
  try {
    accessSync(dirname(path), constants.R_OK | constants.W_OK);
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return troubleOf(error);
  }
}
