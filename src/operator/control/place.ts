import { chmodSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fault } from '../../domain/errors.js';
import { pathFault, troubleOf } from '../../flow/path-fault.js';

/**
 * A socket's path in bytes, at most. The kernel takes 104 to 108; Node 20 and 22 cut a longer one silently, and then
 * another bot answers.
 */
export const LONGEST_PATH = 100;
export const CONTROL_FILE = 'control.json';
const SOCKET = 'control.sock';
const PRIVATE = 0o700;
const OTHERS = 0o077;

/** A state directory as both sides of the door name it. */
export interface Folder {
  /** Without links. */
  readonly path: string;
  /** Device and inode: the same directory whatever it is called. */
  readonly id: string;
}

/** Who opens the door, and where this user's own files of the moment are kept. */
export interface Owner {
  readonly uid: number;
  /** `XDG_RUNTIME_DIR`, where there is one. */
  readonly runtime?: string;
}

/** Throws STORE-003 where there is no such directory. */
export function folderOf(directory: string): Folder {
  try {
    const path = realpathSync(directory);
    const { dev, ino } = statSync(path, { bigint: true });
    return { path, id: `${dev}:${ino}` };
  } catch (error) {
    if (troubleOf(error) === 'missing')
      throw fault('STORE-003', `There is no state directory ${resolve(directory)}.`, {
        where: resolve(directory),
        fix: 'Name the state directory of the bot with --state.',
      });
    throw pathFault(
      {
        must: `State directory ${directory} must be there`,
        where: directory,
        code: 'STORE-003',
        then: 'Name the state directory of the bot with --state.',
      },
      error,
    );
  }
}

/**
 * Where the socket of this state directory is to be: in it, or under a short name in the owner's runtime folder where
 * its path is too long or the directory is somebody else's. Only its owner can enter the folder: it is made so, or
 * refused with STORE-003.
 */
export function placeOf({ path, id }: Folder, owner: Owner): string {
  const own = join(path, SOCKET);
  if (isShort(own) && closeToOthers(path, owner.uid)) return own;
  const problems: string[] = [];
  for (const runtime of runtimeFolders(owner)) {
    const socket = join(runtime, `perpsbot-${id.replace(':', '-')}.sock`);
    const problem = isShort(socket) ? problemOf(runtime, owner.uid) : `${runtime} is too long for a socket.`;
    if (problem === undefined) return socket;
    problems.push(problem);
  }
  throw fault('STORE-003', `The control door needs a folder of this user's own: ${problems.join(' ')}`, {
    where: path,
    why: 'Without it nobody could stop this bot from the command line.',
    fix: 'Set XDG_RUNTIME_DIR to a short directory of mode 0700 that belongs to this user, or use a shorter --state.',
  });
}

function runtimeFolders({ uid, runtime }: Owner): string[] {
  const made = join(tmpdir(), `perpsbot-${uid}`);
  try {
    mkdirSync(made, { mode: PRIVATE });
  } catch {
    // It is there, or the look at it says what is wrong.
  }
  return runtime === undefined || runtime === '' ? [made] : [runtime, made];
}

/** Why a folder is not this user's alone; undefined when it is. */
function problemOf(folder: string, uid: number): string | undefined {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return `${folder} is no directory.`;
  if (found.uid !== uid) return `${folder} belongs to user ${found.uid}.`;
  return (found.mode & OTHERS) === 0 ? undefined : `${folder} is open to others (mode ${octal(found.mode)}).`;
}

/** The state directory is the bot's own: what others may do there is taken back. False where it is somebody else's. */
function closeToOthers(path: string, uid: number): boolean {
  const { uid: ownedBy, mode } = statSync(path);
  if (ownedBy !== uid) return false;
  if ((mode & OTHERS) !== 0) chmodSync(path, PRIVATE);
  return true;
}

/**
 * Throws STORE-003 unless the socket is one, belongs to the user who wrote its description, and is closed to others: an
 * answer from elsewhere would be believed.
 */
export function assertTrusted(socket: string, description: string): void {
  if (!isShort(socket)) throw untrusted(socket, 'its path is too long');
  const found = lstatSync(socket);
  const { uid } = statSync(description);
  if (!found.isSocket()) throw untrusted(socket, 'it is no socket');
  if (found.uid !== uid) throw untrusted(socket, `it belongs to user ${found.uid}, its description to ${uid}`);
  if ((found.mode & OTHERS) !== 0) throw untrusted(socket, `it is open to others (mode ${octal(found.mode)})`);
}

const untrusted = (socket: string, why: string): Error =>
  fault('STORE-003', `The control door ${socket} is not to be trusted: ${why}.`, {
    where: socket,
    fix: 'Find out who changed it, then start the bot again; a signal to its process stops it meanwhile.',
  });

const isShort = (path: string): boolean => Buffer.byteLength(path) <= LONGEST_PATH;
const octal = (mode: number): string => `0${(mode & 0o777).toString(8)}`;
