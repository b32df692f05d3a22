import { constants } from 'node:fs';
import { access, open, realpath } from 'node:fs/promises';
import { platform } from 'node:process';
import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';

/** Where containers are given secrets, and services of systemd their credentials. */
const MOUNTS = ['/run/secrets', '/run/credentials'];
/** More than any key is long. */
export const LONGEST_SECRET = 64 * 1024;

export interface SecretFileTerms {
  /** The setting that it is for, as messages name it. */
  readonly name: string;
  /** What named the path. */
  readonly where: string;
  /** Where secrets are mounted. Default: /run/secrets and /run/credentials. */
  readonly mounts?: readonly string[];
}

/**
 * The content of a file that holds a secret. Throws CFG-009 for one that is missing, no regular file, or that others
 * may read: what they can read is no secret. Under `/run/secrets` and `/run/credentials` that is no fault as long as
 * this process cannot write it: the host mounts it so, and only the users of the container or the service reach it.
 */
export async function readSecretFile(path: string, terms: SecretFileTerms): Promise<string> {
  const { name, where } = terms;
  try {
    // Not blocking: a pipe that nobody writes to would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode, size } = await file.stat().then((stat) => {
        if (!stat.isFile()) throw unusable(`${name} must be read from a regular file, ${path} is none.`, where);
        return stat;
      });
      if (size > LONGEST_SECRET)
        throw unusable(`${name} must be a secret, ${path} is a file of ${String(size)} bytes.`, where);
      if (platform !== 'win32' && (mode & 0o077) !== 0 && !(await isMounted(path, terms.mounts ?? MOUNTS)))
        throw fault(
          'CFG-009',
          `${name} must be read from a file that is its owner's alone, ${path} is open to others.`,
          {
            where,
            why: 'Whoever reads or writes this file trades with the account.',
            fix: `Run chmod 600 ${path}, or mount it read-only under ${MOUNTS.join(' or ')}.`,
          },
        );
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (PerpsBotError.is(error)) throw error;
    throw fault('CFG-009', `${name} must be readable from ${path}, was not: ${messageOf(error)}.`, {
      where,
      fix: 'Check the path, and the rights of this user.',
    });
  }
}

const unusable = (message: string, where: string): PerpsBotError =>
  fault('CFG-009', message, { where, fix: 'Name the file that holds the secret and nothing else.' });

async function isMounted(path: string, mounts: readonly string[]): Promise<boolean> {
  const roots = await Promise.all(mounts.map((mount) => realpath(mount).catch(() => mount)));
  const real = await realpath(path);
  if (!roots.some((root) => real.startsWith(`${root}/`))) return false;
  return access(path, constants.W_OK).then(
    () => false,
    () => true,
  );
}
