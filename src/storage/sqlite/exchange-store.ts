import { join } from 'node:path';
import { crc32 } from '../../flow/crc32.js';
import { injectable } from 'inversify';
import { fault, type PerpsBotError } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import { inject } from '../../injection/inject.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { ExchangeState, ExchangeStore } from '../../ports/core-services/simulated-exchange.js';
import { SqliteDriver, type SqliteDatabase, type SqliteStatement, type SqlRow } from '../../ports/storage/sqlite.js';
import {
  damaged,
  ensureStoreFile,
  openForReading,
  openForWriting,
  openingFault,
  type StoreFormat,
} from './store-file.js';
import { KeptFiles } from './kept-files.js';
import { storeTrouble } from './sqlite-error.js';
import { textOf } from './values.js';
import { checkWal } from './wal-check.js';

/** `application_id` reads `PBX1`. */
const EXCHANGE: StoreFormat = {
  what: 'Exchange store',
  applicationId: 0x50425831,
  version: 1,
  tables: (schema) => `
    CREATE TABLE ${schema}.meta (name TEXT PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL);
    CREATE TABLE ${schema}.orders (name TEXT PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL);
    CREATE TABLE ${schema}.events (id INTEGER PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL);
  `,
};

/** Rows of the table of what is replaced: the core, and the closed candles of each market. */
const CORE = 'core';
const CANDLES = 'candles ';

interface OpenFile {
  readonly path: string;
  readonly kept: KeptFiles;
  readonly database: SqliteDatabase;
  readonly putMeta: SqliteStatement;
  readonly putOrder: SqliteStatement;
  readonly addEvent: SqliteStatement;
}

/**
 * What the exchange inside remembers, in a file of its own beside the journal: the venue's books are not the bot's.
 * Held exclusively from the first use to `close`; every commit is whole and synced.
 */
@injectable()
export class SqliteExchangeStore implements ExchangeStore {
  private file: OpenFile | undefined;
  private failure: PerpsBotError | undefined;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(SqliteDriver) private readonly driver: SqliteDriver,
  ) {}

  /** Throws STORE-001, 002, 003, 005 or 006. */
  load(): ExchangeState | undefined {
    const { database, path } = this.opened();
    const meta = new Map(
      database
        .prepare('SELECT name, body, crc FROM meta')
        .all()
        .map((row) => [textOf(row, 'name'), checkedBody(row, path)]),
    );
    const core = meta.get(CORE);
    if (core === undefined) return undefined;
    meta.delete(CORE);
    const orders = database.prepare('SELECT name, body, crc FROM orders ORDER BY rowid').all();
    const events = database.prepare('SELECT body, crc FROM events ORDER BY id').all();
    return {
      core,
      candles: new Map([...meta].map(([name, body]) => [name.slice(CANDLES.length), body])),
      orders: new Map(orders.map((row) => [textOf(row, 'name'), checkedBody(row, path)])),
      events: events.map((row) => checkedBody(row, path)),
    };
  }

  /** Throws STORE-004 or 007, from then on at every call: what is on disk is no longer what the exchange holds. */
  commit(state: ExchangeState): void {
    if (this.failure !== undefined) throw this.failure;
    const { database, path, kept, putMeta, putOrder, addEvent } = this.opened();
    try {
      database.transaction(() => {
        putMeta.run(CORE, state.core, crc32(state.core));
        for (const [symbol, body] of state.candles) putMeta.run(`${CANDLES}${symbol}`, body, crc32(body));
        for (const [id, body] of state.orders) putOrder.run(id, body, crc32(body));
        for (const body of state.events) addEvent.run(body, crc32(body));
      });
      kept.check();
    } catch (error) {
      this.failure = unwritten(path, error);
      throw this.failure;
    }
  }

  close(): void {
    this.file?.database.close();
    this.file = undefined;
  }

  private opened(): OpenFile {
    this.file ??= this.openFile();
    return this.file;
  }

  private openFile(): OpenFile {
    const { directory } = this.config.current.storage;
    if (directory === undefined)
      throw fault('STORE-003', 'storage.directory must be set for the sqlite driver, was not.', {
        fix: 'Set storage.directory, or storage.driver to memory.',
      });
    const path = join(directory, 'exchange.db');
    ensureStoreFile(this.driver, path, EXCHANGE);
    verify(this.driver, path);
    const database = openForWriting(this.driver, path, EXCHANGE, 'EXCLUSIVE');
    const kept = new KeptFiles();
    kept.keep(path, `${path}-wal`);
    return {
      path,
      kept,
      database,
      putMeta: database.prepare('INSERT OR REPLACE INTO meta (name, body, crc) VALUES (?, ?, ?)'),
      putOrder: database.prepare(
        'INSERT INTO orders (name, body, crc) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body, crc = excluded.crc',
      ),
      addEvent: database.prepare('INSERT INTO events (body, crc) VALUES (?, ?)'),
    };
  }
}

const unwritten = (path: string, cause: unknown): PerpsBotError =>
  pathFault(
    { must: `Exchange store ${path} must take a new state`, where: path, code: 'STORE-004', then: 'Then start again.' },
    cause,
    storeTrouble(path, cause),
  );

function verify(driver: SqliteDriver, path: string): void {
  const { damage } = checkWal(`${path}-wal`);
  if (damage !== undefined) throw damaged(path, EXCHANGE, damage);
  const database = openForReading(driver, path, EXCHANGE);
  try {
    const problems = database
      .prepare(`PRAGMA ${database.schema}.integrity_check`)
      .all()
      .map((row) => String(row['integrity_check']))
      .filter((line) => line !== 'ok');
    if (problems.length > 0) throw damaged(path, EXCHANGE, problems.join('; '));
  } catch (error) {
    throw openingFault(path, EXCHANGE, error);
  } finally {
    database.close();
  }
}

function checkedBody(row: SqlRow, path: string): string {
  const body = textOf(row, 'body');
  if (crc32(body) !== row['crc'])
    throw damaged(path, EXCHANGE, `a row of ${body.length} characters has a wrong checksum`);
  return body;
}
