import { dirname } from 'node:path';
import { fault, messageOf, PerpsBotError, type ErrorCode } from '../domain/errors.js';

/** Why a path could not be used. */
export type Trouble =
  | 'full'
  | 'read-only'
  | 'denied'
  | 'missing'
  | 'no-directory'
  | 'directory'
  | 'name'
  | 'handles'
  | 'busy'
  | 'disk'
  | 'other';

const BY_CODE: Readonly<Record<string, Trouble>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EROFS: 'read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'missing',
  ENOTDIR: 'no-directory',
  EEXIST: 'no-directory',
  EISDIR: 'directory',
  ENAMETOOLONG: 'name',
  EINVAL: 'name',
  ELOOP: 'name',
  EMFILE: 'handles',
  ENFILE: 'handles',
  EBUSY: 'busy',
  ETXTBSY: 'busy',
  EIO: 'disk',
  ENXIO: 'disk',
  ENODEV: 'disk',
  ESTALE: 'disk',
};

/** One remedy a trouble: a full disk is no matter of rights. */
const REMEDIES: Readonly<Record<Exclude<Trouble, 'full' | 'read-only'>, string>> = {
  denied: 'Give this user the right to it, or name another place.',
  missing: 'Check the path: its directory must exist.',
  'no-directory': 'A file stands where a directory must be: move it away, or name another place.',
  directory: 'A directory stands there: name a file.',
  name: 'Name a shorter path of usual characters.',
  handles: 'Raise the limit of open files (ulimit -n), or end what holds so many.',
  busy: 'Another program holds it: end that, then do it again.',
  disk: 'Check the health of the disk before anything else.',
  other: 'Check the path, the disk and the rights of this user.',
};

export interface PathUse {
  /** What had to be: `${path} must be writable`. */
  readonly must: string;
  readonly where: string;
  /** For troubles that have no code of their own. */
  readonly code: ErrorCode;
  readonly why?: string;
  /** What to do when the trouble is over. */
  readonly then?: string;
}

/** Undefined for what is no error of the operating system. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return BY_CODE[String(error.code)];
}

/**
 * The error of a path that could not be used, by its cause and not by what was being done: a full disk (STORE-008), a
 * file system that is read-only (STORE-009), and under the given code a missing right, a directory that is a file, too
 * many open files. An error of ours stays what it is.
 */
export function pathFault(
  { must, where, code, why, then }: PathUse,
  error: unknown,
  trouble = troubleOf(error),
): PerpsBotError {
  if (PerpsBotError.is(error)) return error;
  const message = `${must}: ${messageOf(error)}`;
  const known = { cause: error, where: placeOf(error, where), ...(why === undefined ? {} : { why }) };
  const after = then === undefined ? '' : ` ${then}`;
  if (trouble === 'full')
    return fault('STORE-008', message, { ...known, fix: `Make room on the disk, or in the quota.${after}` });
  if (trouble === 'read-only')
    return fault('STORE-009', message, {
      ...known,
      fix: `Mount it for writing, or name a place on another file system.${after}`,
    });
  return fault(code, message, { ...known, fix: `${REMEDIES[trouble ?? 'other']}${after}` });
}

/** The path that the system itself names, where that is elsewhere: a copy, a directory above. */
function placeOf(error: unknown, asked: string): string {
  if (typeof error !== 'object' || error === null || !('path' in error) || typeof error.path !== 'string') return asked;
  return dirname(error.path) === dirname(asked) ? asked : error.path;
}
