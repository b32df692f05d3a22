import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getuid } from 'node:process';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { hold, readHolder } from './held-database.js';
import { sqliteErrorKind } from './sqlite-error.js';

/**
 * Holds the name of a state directory, beside the lock inside it. A directory that is renamed takes its own lock along,
 * and whoever starts under the old name would find a new one free. So its name is held in the owner's runtime folder.
 * Where that folder cannot be used, nothing is known, and nothing refused.
 */
export class PlaceLock {
  private constructor(
    private readonly path: string,
    private readonly database: SqliteDatabase,
  ) {}

  /** The lock; the name of the holder when the place is taken; undefined when it cannot be known. */
  static acquire(driver: SqliteDriver, directory: string, holder: string): PlaceLock | string | undefined {
    const folder = runtimeFolder();
    if (folder === undefined) return undefined;
    const path = join(folder, `${nameOf(directory)}.lock`);
    let database: SqliteDatabase | undefined;
    try {
      const before = inodeOf(path);
      database = driver.open(path);
      database.exec(`PRAGMA ${database.schema}.synchronous = OFF`);
      hold(database, holder);
      if (before !== undefined && inodeOf(path) !== before) {
        // Its holder has gone and taken the file away between the two looks.
        database.close();
        return PlaceLock.acquire(driver, directory, holder);
      }
      return new PlaceLock(path, database);
    } catch (error) {
      const owner = database === undefined ? undefined : readHolder(database);
      database?.close();
      return sqliteErrorKind(error) === 'busy' ? (owner ?? 'another process') : undefined;
    }
  }

  release(): void {
    try {
      rmSync(this.path, { force: true });
    } catch {
      // Left there, free: a lock is held by its process, not by its file.
    }
    this.database.close();
  }
}

/** A folder that this user made and that nobody else can write; undefined where there is none. */
function runtimeFolder(): string | undefined {
  const uid = getuid?.();
  const places = uid === undefined ? [tmpdir()] : [`/run/user/${uid}`, tmpdir()];
  return places.map((place) => ownFolder(place, uid)).find((folder) => folder !== undefined);
}

function ownFolder(place: string, uid: number | undefined): string | undefined {
  const folder = join(place, uid === undefined ? 'perpsbot' : `perpsbot-${uid}`);
  try {
    // Not its parents: what is made is one folder in a place that is there.
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, { mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && (uid === undefined || found.uid === uid) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Machines that share the folder have paths of their own. */
const nameOf = (directory: string): string =>
  createHash('sha256')
    .update(`${hostname()}\n${resolve(directory)}`)
    .digest('hex')
    .slice(0, 32);

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
