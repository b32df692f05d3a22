import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fault } from '../domain/errors.js';
import { makeDirectory } from '../flow/make-directory.js';
import { pathFault } from '../flow/path-fault.js';
import { NodeDataFiles } from './node-data-files.js';
import type { DataFiles } from '../ports/research/data-files.js';

/** A device or a pipe (`/dev/stdout`) is written to; renaming a file over it would replace it. */
export const isSpecial = (path: string): boolean => existsSync(path) && !statSync(path).isFile();

/** Every write of a command: what the system refuses is named by its cause. */
export function writing(path: string, write: () => void): void {
  try {
    makeDirectory(dirname(resolve(path)));
    write();
  } catch (error) {
    throw pathFault({ must: `${path} must be a file that can be written`, where: path, code: 'STORE-003' }, error);
  }
}

const STORE = /\.db(-(wal|shm|journal|witness))?$|^instance\.lock$/;

/**
 * A journal, an exchange's books, or what stands beside them: written over, orders and positions would be forgotten. By
 * its name, for a process that opens and closes a file lets go of its locks on it.
 */
function assertNoStore(path: string): void {
  if (!STORE.test(basename(path)) || !existsSync(path)) return;
  throw fault('STORE-003', `${path} must be a file that may be written over, was part of a bot's state.`, {
    where: path,
    fix: 'Name another file.',
  });
}

/** As it will be written: beside the target, under a name as long. */
const checkOutput = (path: string): void =>
  writing(path, () => {
    assertNoStore(path);
    if (isSpecial(path)) {
      if (statSync(path).isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
      return;
    }
    const probe = join(dirname(resolve(path)), `.${basename(path)}.${randomUUID()}.tmp`);
    writeFileSync(probe, '', { flag: 'wx' });
    rmSync(probe);
  });

/** Undefined where there is none; what is there and cannot be read is named. */
function readFile(path: string): Uint8Array | undefined {
  try {
    return existsSync(path) ? readFileSync(path) : undefined;
  } catch (error) {
    throw pathFault({ must: `${path} must be readable`, where: path, code: 'DATA-002' }, error);
  }
}

/** The files of this machine. It loads no container and no schema: whoever only brings data in waits for neither. */
export const hostFiles = (): {
  readonly dataFiles: DataFiles;
  readonly readFile: (path: string) => Uint8Array | undefined;
  readonly checkOutput: (path: string) => void;
} => ({ dataFiles: new NodeDataFiles(), readFile, checkOutput });
