import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SqliteDatabase, SqliteDriver, SqliteStatement, SqlRow } from '../../ports/storage/sqlite.js';
import { bound, exactRow, inTransaction } from './values.js';

type Row = Record<string, unknown>;

/** The part of libsql used here. Parameters go in as one array: a lone null is taken for a table of names otherwise. */
interface Connection {
  readonly inTransaction: boolean;
  defaultSafeIntegers(enabled: boolean): unknown;
  exec(sql: string): void;
  prepare(sql: string): {
    run(values: readonly unknown[]): unknown;
    all(values: readonly unknown[]): Row[];
    get(values: readonly unknown[]): Row | undefined;
  };
  close(): void;
}

const SCHEMA = 'store';
/** Attaching reads the file, and a writer may be committing just then. */
const ATTACH_MS = 1_000;

/**
 * libsql behind the driver interface, for Node 20, which has no SQLite of its own.
 *
 * Its `close` frees a file only when every statement has been collected as garbage; until then its locks and its
 * write-ahead log stay. So the connection is one to memory, the file is attached to it, and closing detaches the file,
 * which is at once. A URI also gives what libsql has no option for: a file opened for reading only.
 */
export function openLibsql(module: unknown): SqliteDriver['open'] {
  const Database = module as new (path: string) => Connection;
  return (path, options = {}) => {
    const connection = new Database(':memory:');
    connection.defaultSafeIntegers(true);
    if (path === ':memory:') return databaseOf(connection, 'main');
    try {
      connection.exec(`PRAGMA busy_timeout = ${ATTACH_MS}`);
      connection.prepare(`ATTACH ? AS ${SCHEMA}`).run([uriOf(path, options.readOnly === true)]);
    } catch (error) {
      connection.close();
      throw error;
    }
    return databaseOf(connection, SCHEMA);
  };
}

function databaseOf(connection: Connection, schema: string): SqliteDatabase {
  const database: SqliteDatabase = {
    schema,
    exec: (sql) => connection.exec(sql),
    prepare: (sql) => statementOf(connection.prepare(sql)),
    transaction: (work) => inTransaction(database, work),
    close: () => {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      if (schema === SCHEMA) connection.exec(`DETACH ${SCHEMA}`);
      connection.close();
    },
  };
  return database;
}

const statementOf = (statement: ReturnType<Connection['prepare']>): SqliteStatement => ({
  run: (...values) => void statement.run(values.map(bound)),
  all: (...values) => statement.all(values.map(bound)).map(rowOf),
  get: (...values) => {
    const row = statement.get(values.map(bound));
    if (row === undefined) return undefined;
    // How long it took, put among the columns.
    delete row['_metadata'];
    return rowOf(row);
  },
});

function rowOf(row: Row): SqlRow {
  for (const [key, value] of Object.entries(row)) if (value instanceof ArrayBuffer) row[key] = new Uint8Array(value);
  return exactRow(row);
}

const uriOf = (path: string, readOnly: boolean): string =>
  `${pathToFileURL(resolve(path)).href}${readOnly ? '?mode=ro' : ''}`;
