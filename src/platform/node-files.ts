import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { injectable } from 'inversify';
import { pathFault } from '../flow/path-fault.js';
import type { Files } from '../ports/configuration/files.js';
import { sweepHalfWritten } from './half-written.js';
import { codeOf, discard, syncDirectory } from './sync-directory.js';
import { makeDirectory } from '../flow/make-directory.js';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** The host's file system. What it makes only its owner can read: files 0600, directories 0700. */
@injectable()
export class NodeFiles implements Files {
  private readonly swept = new Set<string>();

  /** Throws STORE-004 naming the path; the old content then still stands and no temporary file is left. */
  writeAtomic(path: string, content: string): void {
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    this.sweep(path);
    try {
      writeSynced(temporary, content);
      renameSync(temporary, path);
      syncDirectory(dirname(path));
    } catch (error) {
      discard(temporary);
      throw pathFault({ must: `${path} must be writable`, where: path, code: 'STORE-004' }, error);
    }
  }

  /** Undefined when there is no such file; throws STORE-003 when there is one that cannot be read. */
  readText(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw pathFault({ must: `${path} must be readable`, where: path, code: 'STORE-003' }, error);
    }
  }

  /** Makes the directory and its missing parents; throws STORE-003 naming it. */
  ensureDirectory(path: string): void {
    try {
      makeDirectory(path, DIRECTORY_MODE);
    } catch (error) {
      throw pathFault({ must: `Directory ${path} must be creatable`, where: path, code: 'STORE-003' }, error);
    }
  }

  /** What killed processes left beside it, once: a file that is being written now is younger. */
  private sweep(path: string): void {
    if (this.swept.has(path)) return;
    this.swept.add(path);
    const prefix = `.${basename(path)}.`;
    sweepHalfWritten(dirname(path), (name) => name.startsWith(prefix));
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
