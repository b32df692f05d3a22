import type BetterSqlite3 from 'better-sqlite3';
import type { SqliteDatabase, SqliteDriver } from '../../ports/storage/sqlite.js';
import { bound, exactRow, inTransaction } from './values.js';

type Row = Readonly<Record<string, unknown>>;

/** better-sqlite3 behind the driver interface. */
export function openBetterSqlite3(module: unknown): SqliteDriver['open'] {
  const Connection = module as typeof BetterSqlite3;
  return (path, options = {}) => {
    const connection = new Connection(path, options.readOnly === true ? { readonly: true, fileMustExist: true } : {});
    connection.defaultSafeIntegers(true);
    const database: SqliteDatabase = {
      exec: (sql) => void connection.exec(sql),
      prepare: (sql) => {
        const statement = connection.prepare<unknown[], Row>(sql);
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
      close: () => void connection.close(),
    };
    return database;
  };
}
