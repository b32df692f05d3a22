import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault, messageOf } from '../../src/domain/errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment, copied. Nothing else in the project reads it. */
export const environment = (): Record<string, string | undefined> => ({ ...process.env });

/** A file as it was read. */
export interface SourceFile {
  readonly path: string;
  /** Its path as a person would write it: relative to the working directory where that is shorter. */
  readonly name: string;
  readonly text: string;
  /** Nobody but this user, or the system's own, can have written it. */
  readonly isOwn: boolean;
}

/** Throws `CFG-005` when the file is missing or unreadable: a path that was named is never passed over. */
export function readSource(path: string, cwd: string): SourceFile {
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  try {
    return { path: absolute, name: nameOf(absolute, cwd), ...contentOf(absolute) };
  } catch (error) {
    throw fault('CFG-005', `Configuration file ${absolute} must be readable, was not: ${messageOf(error)}.`, {
      cause: error,
      where: absolute,
      fix: 'Check the path and the permissions, or leave the file out.',
    });
  }
}

/** What is said of a file, and what it says, are of one and the same. */
function contentOf(path: string): Pick<SourceFile, 'text' | 'isOwn'> {
  const file = openSync(path, 'r');
  try {
    const { uid, mode } = fstatSync(file);
    // Where there are no users by number (Windows), rights are no matter of modes either.
    const user = process.getuid?.();
    const isOwn = user === undefined || ((uid === user || uid === 0) && (mode & 0o022) === 0);
    return { text: readFileSync(file, 'utf8'), isOwn };
  } finally {
    closeSync(file);
  }
}

/** The shipped preset of a profile. */
export const profilePath = (profile: string): string => join(packageRoot(), 'config', 'profiles', `${profile}.yaml`);

let root: string | undefined;

/** The directory that holds `config/profiles`, upwards from this file: the same from source and from `dist`. */
function packageRoot(): string {
  if (root !== undefined) return root;
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'config', 'profiles', 'dev.yaml'))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw fault('CFG-005', 'The shipped profiles must lie in config/profiles of the package, and do not.', {
        fix: 'Install the package again.',
      });
    directory = parent;
  }
  return (root = directory);
}

function nameOf(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
