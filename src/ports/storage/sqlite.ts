import { token } from '../../injection/token.js';

/** What is bound to a parameter. Whole numbers go in as 64-bit integers with every driver. */
export type SqlValue = string | number | bigint | null;
/** Integers come out as `number` while that is exact, otherwise as `bigint`: never rounded. */
export type SqlRow = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

export interface SqliteStatement {
  run(...values: SqlValue[]): void;
  all(...values: SqlValue[]): SqlRow[];
  get(...values: SqlValue[]): SqlRow | undefined;
}

/** One connection. All calls are synchronous; errors are the driver's own. */
export interface SqliteDatabase {
  /** The file's schema: `CREATE` and pragmas of the file must name it. Rows are found without. */
  readonly schema: string;
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  /** Commits what `work` wrote, or nothing of it. Rethrows. */
  transaction<T>(work: () => T): T;
  /** Frees the file and its locks at once, rolling back an open transaction. Statements are of no use afterwards. */
  close(): void;
}

/** Opens SQLite files. The built-in one takes the runtime's own SQLite, or libsql where there is none. */
export interface SqliteDriver {
  readonly name: string;
  /** Of SQLite itself, as `sqlite_version()` says it. */
  readonly version: string;
  /** Opens an existing file, or makes one unless `readOnly`. Throws STORE-006 when no SQLite can be loaded. */
  open(path: string, options?: { readonly readOnly?: boolean }): SqliteDatabase;
}
export const SqliteDriver = token<SqliteDriver>('SqliteDriver');
