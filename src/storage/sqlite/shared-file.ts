import type { SqliteDriver } from '../../ports/storage/sqlite.js';

/** Below this version two connections to one write-ahead log can damage the file: https://www.sqlite.org/wal.html */
const SHARED_FROM = [3, 51, 3] as const;

/**
 * Whether a file in use may have a second connection. Where not, its one connection keeps all others out, and whoever
 * wants to read it opens a copy. Files without a write-ahead log are not concerned.
 */
export function sharesFiles({ version }: Pick<SqliteDriver, 'version'>): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, least] of SHARED_FROM.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
