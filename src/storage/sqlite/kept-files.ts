import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fault, messageOf, type PerpsBotError } from '../../domain/errors.js';

/**
 * Files that are kept open, and which file stood at each path then. A descriptor goes on working when its folder was
 * renamed, its volume taken away or its file replaced; what is written to it is kept where nobody will look. One `stat`
 * a file, and no `open`: closing a file would end the locks this process holds on it.
 */
export class KeptFiles {
  private readonly known = new Map<string, string>();

  /** Each as it stands now; a path with nothing there is left out. */
  keep(...paths: readonly string[]): void {
    for (const path of paths) {
      const identity = identityOf(path);
      if (identity !== undefined) this.known.set(resolve(path), identity);
    }
  }

  /** Throws STORE-007 for the first that is not what was opened any more. */
  check(): void {
    for (const [path, identity] of this.known) {
      const now = stateOf(path);
      if (now !== identity) throw displaced(path, now === undefined ? 'it is gone' : why(now));
    }
  }
}

const FOREIGN = /^\d+:\d+$/;
const why = (state: string): string => (FOREIGN.test(state) ? 'another file stands there' : state);

/** Undefined where there is nothing. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

/** A path that cannot be asked about any more (a volume that fails, a right taken away) is no place to write to. */
function stateOf(path: string): string | undefined {
  try {
    return identityOf(path);
  } catch (error) {
    return messageOf(error);
  }
}

const displaced = (path: string, reason: string): PerpsBotError =>
  fault('STORE-007', `${path} must be the file that was opened, was not: ${reason}.`, {
    where: path,
    why: 'What is written from here on would be kept where nobody looks, and another process could start on the account.',
    fix: 'Bring the state directory back to its place (mount, name), then start again. Orders may be live: the start reconciles them.',
  });
