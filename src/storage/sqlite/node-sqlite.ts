import type { SqliteDatabase, SqliteDriver, SqlRow } from '../../ports/storage/sqlite.js';
import { bound, exactRow, inTransaction } from './values.js';

type Row = Record<string, unknown>;

/** The part of `node:sqlite` used here (Node 22.13 and later; the type package is that of Node 20). */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): {
      setReadBigInts(enabled: boolean): void;
      /** Of later versions: rows as lists, which are made in a third of the time. */
      setReturnArrays?(enabled: boolean): void;
      columns?(): readonly { readonly name: string }[];
      run(...values: unknown[]): unknown;
      all(...values: unknown[]): (Row | unknown[])[];
      get(...values: unknown[]): Row | unknown[] | undefined;
    };
    close(): void;
  };
}

type Statement = ReturnType<InstanceType<NodeSqlite['DatabaseSync']>['prepare']>;

function reader(statement: Statement): (row: Row | unknown[]) => SqlRow {
  if (statement.setReturnArrays === undefined || statement.columns === undefined) return (row) => exactRow(row as Row);
  statement.setReturnArrays(true);
  const names = statement.columns().map(({ name }) => name);
  return (values) => {
    const row: Row = {};
    for (let i = 0; i < names.length; i += 1) row[names[i] as string] = (values as unknown[])[i];
    return exactRow(row);
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
        const rowOf = reader(statement);
        return {
          run: (...values) => void statement.run(...values.map(bound)),
          all: (...values) => statement.all(...values.map(bound)).map(rowOf),
          get: (...values) => {
            const row = statement.get(...values.map(bound));
            return row === undefined ? undefined : rowOf(row);
          },
        };
      },
      transaction: (work) => inTransaction(database, work),
      close: () => connection.close(),
    };
    return database;
  };
}
