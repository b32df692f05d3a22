import 'reflect-metadata';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import { fault } from '#src/domain/errors.js';
import type { SqliteDatabase, SqliteDriver } from '#src/ports/storage/sqlite.js';
import { tail } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { SqliteEventStore } from '#src/storage/sqlite/event-store.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import {
  anyDriver,
  eachDriver,
  ofVersion,
  ManualTimers,
  removeTemporaryDirectories,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

afterEach(removeTemporaryDirectories);

/** A driver whose inserts fail from a given moment on, as a full disk makes them. */
function failingDriver(code = 'SQLITE_FULL'): SqliteDriver & { failing: boolean; inserts: number } {
  const real = anyDriver();
  const driver = {
    name: real.name,
    version: real.version,
    failing: false,
    inserts: 0,
    open(path: string, options?: { readonly readOnly?: boolean }): SqliteDatabase {
      const database = real.open(path, options);
      return {
        ...database,
        prepare: (sql) => {
          const statement = database.prepare(sql);
          if (!sql.startsWith('INSERT INTO events')) return statement;
          return {
            ...statement,
            run: (...values) => {
              driver.inserts += 1;
              if (driver.failing) throw Object.assign(new Error('it failed'), { code });
              statement.run(...values);
            },
          };
        },
      };
    },
  };
  return driver;
}

describe.each(eachDriver)('sqlite event store on %s', (_name, driver) => {
  it('finds every record again after it was closed, and goes on counting', async () => {
    const directory = temporaryDirectory();
    const first = sqliteStore(directory, driver);
    first.store.open();
    first.store.append('a', { n: 1 });
    await first.store.appendDurable('b', { n: 2 }, 'risk_engine');
    first.store.append('c', { n: 3 });
    const before = first.store.query();
    await first.store.close();

    const second = sqliteStore(directory, driver);
    second.store.open();
    expect(second.store.query()).toEqual(before);
    expect((await second.store.appendDurable('d', {})).seq).toBe(4);
    await second.store.close();
  });

  it('writes with full synchronisation into a write-ahead log', async () => {
    const directory = temporaryDirectory();
    let writer: SqliteDatabase | undefined;
    const spy: SqliteDriver = {
      name: driver.name,
      version: driver.version,
      open: (path, options) => {
        const database = driver.open(path, options);
        if (path === journalPath(directory) && options?.readOnly !== true) writer = database;
        return database;
      },
    };
    const { store } = sqliteStore(directory, spy);
    store.open();
    expect(writer?.prepare(`PRAGMA ${writer.schema}.synchronous`).get()).toEqual({ synchronous: 2 });
    expect(writer?.prepare(`PRAGMA ${writer.schema}.journal_mode`).get()).toEqual({ journal_mode: 'wal' });
    await store.close();
  });
});

describe('sqlite event store', () => {
  const onDisk = (directory: string): number[] => tail(journalPath(directory)).map((event) => event.seq);

  it('commits queued records together, five milliseconds later', async () => {
    const directory = temporaryDirectory();
    const { store, timers } = sqliteStore(directory);
    store.open();
    store.append('a', {});
    store.append('b', {});
    expect(timers.timers.map((timer) => timer.delayMs)).toEqual([5]);
    expect(onDisk(directory)).toEqual([]);
    timers.fireAll();
    expect(onDisk(directory)).toEqual([1, 2]);
    await store.close();
  });

  it('does not let more than a hundred records wait', async () => {
    const directory = temporaryDirectory();
    const { store, timers } = sqliteStore(directory);
    store.open();
    for (let n = 0; n < 99; n += 1) store.append('a', {});
    expect(onDisk(directory)).toHaveLength(0);
    store.append('a', {});
    expect(onDisk(directory)).toHaveLength(100);
    expect(timers.pending).toBe(0);
    await store.close();
  });

  it('puts a durable record and everything before it on disk before it resolves', async () => {
    const directory = temporaryDirectory();
    const { store, timers } = sqliteStore(directory);
    store.open();
    store.append('a', {});
    await store.appendDurable('b', {});
    expect(onDisk(directory)).toEqual([1, 2]);
    expect(timers.pending).toBe(0);
    await store.close();
  });

  it('makes its directory 0700 and its files 0600 (SE-19)', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, ofVersion('3.51.3'));
    store.open();
    await store.appendDurable('a', {});
    const mode = (name: string): number => statSync(join(directory, name)).mode & 0o777;
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(['journal.db', 'journal.db-wal', 'journal.db-shm', 'instance.lock'].map(mode)).toEqual([
      0o600, 0o600, 0o600, 0o600,
    ]);
    await store.close();
  });

  it.each([
    ['a full disk (PR-14)', 'SQLITE_FULL', 'STORE-008'],
    ['a disk whose sync fails (PR-16)', 'SQLITE_IOERR_FSYNC', 'STORE-004'],
  ])('reports %s to whoever waits for it, stays unhealthy and never tries again', async (_what, said, code) => {
    const directory = temporaryDirectory();
    const driver = failingDriver(said);
    const { store, logger } = sqliteStore(directory, driver);
    store.open();
    await store.appendDurable('before', {});
    driver.failing = true;
    await expect(store.appendDurable('intent', {})).rejects.toMatchObject({ code, exitCode: 74 });
    expect(store.healthy).toBe(false);
    driver.failing = false;
    const { inserts } = driver;
    await expect(store.appendDurable('intent', {})).rejects.toMatchObject({ code });
    await expect(store.flush()).rejects.toMatchObject({ code });
    expect(() => store.open()).toThrow(expect.objectContaining({ code }));
    expect(store.healthy).toBe(false);
    expect(logger.at('error')).toHaveLength(1);
    await expect(store.close()).rejects.toMatchObject({ code });
    expect(driver.inserts).toBe(inserts);
    expect(onDisk(directory)).toEqual([1]);
  });

  it('turns unhealthy, without throwing, when a group commit fails, and still answers queries', async () => {
    const driver = failingDriver();
    const { store, timers } = sqliteStore(temporaryDirectory(), driver);
    store.open();
    driver.failing = true;
    store.append('a', {});
    timers.fireAll();
    expect(store.healthy).toBe(false);
    store.append('b', {});
    expect(store.query().map((event) => event.type)).toEqual(['a', 'b']);
    expect(timers.pending).toBe(1);
    timers.fireAll();
    await expect(store.close()).rejects.toMatchObject({ code: 'STORE-008' });
  });

  it('gives up a write that somebody else blocks after a bounded wait (PR-17)', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, ofVersion('3.51.3'));
    store.open();
    const intruder = anyDriver().open(journalPath(directory));
    intruder.exec('BEGIN IMMEDIATE');
    await expect(store.appendDurable('a', {})).rejects.toMatchObject({ code: 'STORE-004' });
    expect(store.healthy).toBe(false);
    intruder.close();
    await expect(store.close()).rejects.toMatchObject({ code: 'STORE-004' });
  });

  it('names the driver that is missing, not the directory (STORE-006)', () => {
    const none: SqliteDriver = {
      name: 'none',
      version: '',
      open: () => {
        throw fault('STORE-006', 'A SQLite driver must be available, was none.');
      },
    };
    const { store } = sqliteStore(temporaryDirectory(), none);
    expect(() => store.open()).toThrow(expect.objectContaining({ code: 'STORE-006' }));
  });

  it('lets nobody into the file whose SQLite could damage it with two connections', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, ofVersion('3.51.2'));
    store.open();
    await store.appendDurable('a', {});
    const intruder = (): unknown => {
      const database = anyDriver().open(journalPath(directory));
      try {
        return database.prepare('SELECT count(*) AS n FROM events').get();
      } finally {
        database.close();
      }
    };
    expect(intruder).toThrow('locked');
    await store.appendDurable('b', {});
    await store.close();
    expect(intruder()).toEqual({ n: 2 });
  });

  it('refuses a directory that another bot holds, names the holder, and takes it over once it is free (CF-08)', async () => {
    const directory = temporaryDirectory();
    const first = sqliteStore(directory);
    const second = sqliteStore(directory);
    first.store.open();
    expect(() => second.store.open()).toThrow(
      expect.objectContaining({
        code: 'STORE-005',
        exitCode: 75,
        message: expect.stringContaining(`process ${process.pid} (bot perps-bot, profile demo)`),
      }),
    );
    await first.store.close();
    second.store.open();
    await second.store.close();
  });

  it('frees the directory when opening fails', () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    writeFileSync(journalPath(directory), 'not a database, but long enough to be read as the head of one '.repeat(20));
    const first = sqliteStore(directory);
    expect(() => first.store.open()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    expect(() => sqliteStore(directory).store.open()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it('names the path when the directory cannot be made', () => {
    const directory = temporaryDirectory();
    mkdirSync(dirname(directory), { recursive: true });
    writeFileSync(directory, 'a file where the directory should be');
    expect(() => sqliteStore(directory).store.open()).toThrow(
      expect.objectContaining({ code: 'STORE-003', exitCode: 73, message: expect.stringContaining(directory) }),
    );
  });

  it('asks for a directory when the configuration names none', () => {
    const store = new SqliteEventStore(
      new FakeConfigController(testConfig({ storage: { driver: 'sqlite' } })),
      new ManualClock(),
      new ManualTimers(),
      anyDriver(),
      new RecordingLogger(),
      new SecretRedactor(),
    );
    expect(() => store.open()).toThrow(
      expect.objectContaining({ code: 'STORE-003', message: expect.stringContaining('storage.directory') }),
    );
  });

  it('does nothing on disk before it is opened (B-29)', () => {
    const directory = temporaryDirectory();
    sqliteStore(directory);
    expect(existsSync(directory)).toBe(false);
  });

  it('starts over cleanly after a crash in the middle of making the file', async () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${journalPath(directory)}.new`, 'half a database');
    const { store } = sqliteStore(directory);
    store.open();
    await store.appendDurable('a', {});
    await store.close();
    expect(onDisk(directory)).toEqual([1]);
    expect(existsSync(`${journalPath(directory)}.new`)).toBe(false);
  });
});
