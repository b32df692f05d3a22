import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathFault } from '../flow/path-fault.js';
import type { DataFile, DataFiles } from '../ports/research/data-files.js';
import { sweepHalfWritten } from './half-written.js';
import { codeOf, discard, syncDirectory } from './sync-directory.js';
import { makeDirectory } from '../flow/make-directory.js';

/** One read of the operating system takes at most 2 GiB; a smaller step keeps its count exact on every platform. */
const MOST_AT_ONCE = 2 ** 30;

/** A file's name, and one of its own. */
const HALF_WRITTEN = /^\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** The host's file system for market data. It is public data: the usual permissions apply. */
export class NodeDataFiles implements DataFiles {
  private readonly swept = new Set<string>();

  open(path: string): DataFile | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw unreadable(path, error);
    }
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) {
      closeSync(descriptor);
      throw unreadable(path, Object.assign(new Error('it is a directory'), { code: 'EISDIR' }));
    }
    return {
      path,
      location: resolve(path),
      size: stats.size,
      read: (into, position) => readAll(path, descriptor, into, position),
      readLater: (into, position) => readAllLater(path, descriptor, into, position),
      close: () => closeSync(descriptor),
    };
  }

  writeAtomic(path: string, parts: readonly Uint8Array[]): void {
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    try {
      makeDirectory(dirname(path));
      this.sweep(dirname(path));
      const descriptor = openSync(temporary, 'wx');
      try {
        for (const part of parts) writeAll(descriptor, part);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, path);
      syncDirectory(dirname(path));
    } catch (error) {
      discard(temporary);
      throw pathFault({ must: `${path} must be writable`, where: path, code: 'STORE-004' }, error);
    }
  }

  /** Once a directory: an import writes many files into one. */
  private sweep(directory: string): void {
    if (this.swept.has(directory)) return;
    this.swept.add(directory);
    sweepHalfWritten(directory, (name) => HALF_WRITTEN.test(name));
  }

  list(directory: string): readonly string[] {
    try {
      return readdirSync(directory).sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
      throw unreadable(directory, error);
    }
  }

  isDirectory(path: string): boolean {
    try {
      return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    } catch {
      // Whoever opens it is told what is wrong with it.
      return false;
    }
  }

  ensureDirectory(path: string): void {
    try {
      makeDirectory(path);
    } catch (error) {
      throw pathFault({ must: `Directory ${path} must be creatable`, where: path, code: 'STORE-003' }, error);
    }
  }

  remove(path: string): void {
    rmSync(path, { force: true });
  }

  join(...parts: string[]): string {
    return join(...parts);
  }
}

function readAll(path: string, descriptor: number, into: Uint8Array, position: number): number {
  let done = 0;
  try {
    while (done < into.length) {
      const read = readSync(descriptor, into, done, Math.min(MOST_AT_ONCE, into.length - done), position + done);
      if (read === 0) break;
      done += read;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return done;
}

async function readAllLater(path: string, descriptor: number, into: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const count = await new Promise<number>((resolve, reject) => {
      read(descriptor, into, done, Math.min(MOST_AT_ONCE, into.length - done), position + done, (error, bytes) =>
        error === null ? resolve(bytes) : reject(unreadable(path, error)),
      );
    });
    if (count === 0) break;
    done += count;
  }
  return done;
}

function writeAll(descriptor: number, part: Uint8Array): void {
  for (let done = 0; done < part.length;)
    done += writeSync(descriptor, part, done, Math.min(MOST_AT_ONCE, part.length - done));
}

const unreadable = (path: string, cause: unknown): Error =>
  pathFault({ must: `${path} must be readable`, where: path, code: 'DATA-002' }, cause);
