import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { bound, exactRow, inTransaction } from './values.js';

type Row = Readonly<Record<string, unknown>>;

/** The part of `node:sqlite` used here (Node 22.13 and later; the type package is that of Node 20). */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): {
      setReadBigInts(enabled: boolean): void;
      run(...values: unknown[]): unknown;
      all(...values: unknown[]): Row[];
      get(...values: unknown[]): Row | undefined;
    };
    close(): void;
  };
}

/** The runtime's own SQLite behind the driver interface. */
export function openNodeSqlite(module: unknown): SqliteDriver['open'] {
  const { DatabaseSync } = module as NodeSqlite;
  return (path, options = {}) => {
    const connection = new DatabaseSync(path, { readOnly: options.readOnly === true });
    const database: SqliteDatabase = {
      schema: 'main',
      exec: (sql) => connection.exec(sql),
      prepare: (sql) => {
        const statement = connection.prepare(sql);
        statement.setReadBigInts(true);
        return {
          run: (...values) => void statement.run(...values.map(bound)),
          all: (...values) => statement.all(...values.map(bound)).map(exactRow),
          get: (...values) => {
            const row = statement.get(...values.map(bound));
            return row === undefined ? undefined : exactRow(row);
          },
        };
      },
      transaction: (work) => inTransaction(database, work),
      close: () => connection.close(),
    };
    return database;
  };
}
