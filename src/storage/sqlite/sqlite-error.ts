/** What a driver's error means for a store, whatever the driver. */
export type SqliteErrorKind = 'busy' | 'denied' | 'damaged' | 'disk' | 'other';

const BY_NAME: readonly (readonly [string, SqliteErrorKind])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_PERM', 'denied'],
  ['SQLITE_READONLY', 'denied'],
  ['SQLITE_CANTOPEN', 'denied'],
  ['SQLITE_AUTH', 'denied'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_IOERR_SHORT_READ', 'damaged'],
  ['SQLITE_IOERR', 'disk'],
  ['SQLITE_FULL', 'disk'],
];
/** Primary result codes, as `node:sqlite` gives them in the low byte of `errcode`. */
const BY_NUMBER: Readonly<Record<number, SqliteErrorKind>> = {
  3: 'denied',
  5: 'busy',
  6: 'busy',
  8: 'denied',
  10: 'disk',
  11: 'damaged',
  13: 'disk',
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
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'denied';
  return BY_NAME.find(([name]) => code.startsWith(name))?.[1] ?? 'other';
}
