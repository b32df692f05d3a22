import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the rename itself durable. Platforms that cannot sync a directory (Windows) rename durably without it. */
export function syncDirectory(path: string): void {
  let directory: number;
  try {
    directory = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(directory);
  } catch (error) {
    if (!['EPERM', 'EINVAL', 'EISDIR'].includes(codeOf(error))) throw error;
  } finally {
    closeSync(directory);
  }
}

/** Code of an error of the operating system; empty for any other. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
