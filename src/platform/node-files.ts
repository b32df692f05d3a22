import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { injectable } from 'inversify';
import { fault, messageOf } from '../domain/errors.js';
import type { Files } from '../ports/configuration/files.js';
import { codeOf, syncDirectory } from './sync-directory.js';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** The host's file system. What it makes only its owner can read: files 0600, directories 0700. */
@injectable()
export class NodeFiles implements Files {
  /** Throws STORE-004 naming the path; the old content then still stands and no temporary file is left. */
  writeAtomic(path: string, content: string): void {
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    try {
      writeSynced(temporary, content);
      renameSync(temporary, path);
      syncDirectory(dirname(path));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw fault('STORE-004', `${path} must be writable: ${messageOf(error)}`, {
        cause: error,
        where: path,
        fix: 'Check free space and permissions of the directory.',
      });
    }
  }

  /** Undefined when there is no such file; throws STORE-003 when there is one that cannot be read. */
  readText(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fault('STORE-003', `${path} must be readable: ${messageOf(error)}`, {
        cause: error,
        where: path,
        fix: 'Check the permissions of the file.',
      });
    }
  }

  /** Makes the directory and its missing parents; throws STORE-003 naming it. */
  ensureDirectory(path: string): void {
    try {
      mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    } catch (error) {
      throw fault('STORE-003', `Directory ${path} must be creatable: ${messageOf(error)}`, {
        cause: error,
        where: path,
        fix: 'Name a directory that this user may write.',
      });
    }
  }

  join(...parts: string[]): string {
    return join(...parts);
  }
}

function writeSynced(path: string, content: string): void {
  const file = openSync(path, 'wx', FILE_MODE);
  try {
    writeFileSync(file, content, 'utf8');
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
