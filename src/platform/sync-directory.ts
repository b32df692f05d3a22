import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';

/** Of a directory that this user may write to and not read, and of systems that sync none; no failing disk. */
const UNSYNCABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EINVAL', 'EISDIR']);

/** Makes the rename itself durable. Platforms that cannot sync a directory (Windows) rename durably without it. */
export function syncDirectory(path: string): void {
  let directory: number;
  try {
    directory = openSync(path, 'r');
  } catch (error) {
    if (UNSYNCABLE.has(codeOf(error))) return;
    throw error;
  }
  try {
    fsyncSync(directory);
  } catch (error) {
    if (!UNSYNCABLE.has(codeOf(error))) throw error;
  } finally {
    closeSync(directory);
  }
}

/** Code of an error of the operating system; empty for any other. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** Takes a half-written file away, if it can: why it could not be written is the news. */
export function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A name that cannot be made cannot be removed either.
  }
}
