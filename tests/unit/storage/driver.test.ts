import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadDriver, loadSqliteDriver, RuntimeSqlite } from '#src/storage/sqlite/runtime-sqlite.js';
import { sqliteErrorKind } from '#src/storage/sqlite/sqlite-error.js';
import { drivers, removeTemporaryDirectories, temporaryDirectory } from './support/stores.js';

afterEach(removeTemporaryDirectories);

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(drivers.map((driver) => [driver.name, driver] as const))('sqlite driver %s', (_name, driver) => {
  it('keeps 64-bit integers exactly: as numbers where they fit, as bigint where not', () => {
    const database = driver.open(':memory:');
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, value INTEGER)');
    const insert = database.prepare('INSERT INTO t (value) VALUES (?)');
    const values = [
      0,
      -1,
      2 ** 31,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      9_223_372_036_854_775_807n,
      -9_007_199_254_740_993n,
    ];
    for (const value of values) insert.run(value);
    expect(
      database
        .prepare('SELECT value FROM t ORDER BY id')
        .all()
        .map((row) => row['value']),
    ).toEqual(values);
    expect(database.prepare('SELECT typeof(value) AS kind FROM t GROUP BY kind').all()).toEqual([{ kind: 'integer' }]);
    database.close();
  });

  it('gives text, fractions, null and absent rows as they are', () => {
    const database = driver.open(':memory:');
    expect(database.prepare('SELECT ? AS a, ? AS b, ? AS c').get('ü\n', 0.1, null)).toEqual({
      a: 'ü\n',
      b: 0.1,
      c: null,
    });
    expect(database.prepare('SELECT 1 WHERE 1 = 2').get()).toBeUndefined();
    database.close();
  });

  it('commits a transaction whole or not at all, and rethrows', () => {
    const database = driver.open(':memory:');
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY)');
    const insert = database.prepare('INSERT INTO t (id) VALUES (?)');
    expect(database.transaction(() => (insert.run(1), 'done'))).toBe('done');
    expect(() =>
      database.transaction(() => {
        insert.run(2);
        throw new RangeError('stop');
      }),
    ).toThrow(RangeError);
    expect(database.prepare('SELECT id FROM t').all()).toEqual([{ id: 1 }]);
    database.close();
  });

  it('opens for reading only what exists, and then writes nothing', () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'a.db');
    expect(sqliteErrorKind(thrownBy(() => driver.open(path, { readOnly: true })))).toBe('denied');
    const writer = driver.open(path);
    writer.exec('CREATE TABLE t (id INTEGER)');
    const reader = driver.open(path, { readOnly: true });
    expect(sqliteErrorKind(thrownBy(() => reader.exec('INSERT INTO t VALUES (1)')))).toBe('denied');
    reader.close();
    writer.close();
  });

  it('is understood when a file is busy', () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const one = driver.open(join(directory, 'a.db'));
    const two = driver.open(join(directory, 'a.db'));
    one.exec('BEGIN IMMEDIATE');
    two.exec('PRAGMA busy_timeout = 0');
    expect(sqliteErrorKind(thrownBy(() => two.exec('BEGIN IMMEDIATE')))).toBe('busy');
    one.close();
    two.close();
  });

  it('is recent enough not to lose its write-ahead log to a second connection', () => {
    const database = driver.open(':memory:');
    const version = String(database.prepare('SELECT sqlite_version() AS version').get()?.['version'])
      .split('.')
      .map(Number);
    expect((version[0] ?? 0) * 1e6 + (version[1] ?? 0) * 1e3 + (version[2] ?? 0)).toBeGreaterThanOrEqual(3_051_003);
    database.close();
  });
});

describe('choosing a sqlite driver', () => {
  it('takes the one this Node can load, and loads it with the first file only', () => {
    expect(loadSqliteDriver().name).toBe(drivers[0]?.name);
    const lazy = new RuntimeSqlite();
    const database = lazy.open(':memory:');
    expect(database.prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
    expect(lazy.name).toBe(drivers[0]?.name);
    database.close();
  });

  it("prefers the runtime's own", () => {
    class DatabaseSync {
      close(): void {}
    }
    expect(loadSqliteDriver((id) => (id === 'node:sqlite' ? { DatabaseSync } : undefined)).name).toBe('node:sqlite');
  });

  it('falls back to the package when the runtime has none', () => {
    class Database {
      defaultSafeIntegers(): void {}
      close(): void {}
    }
    const load = (id: string): unknown => {
      if (id === 'node:sqlite') throw new Error('No such built-in module: node:sqlite');
      return Database;
    };
    expect(loadSqliteDriver(load).name).toBe('better-sqlite3');
  });

  it('fails with the reasons and the remedy when neither works, and never falls back to memory', () => {
    const load = (id: string): unknown => {
      if (id === 'node:sqlite') throw new Error('No such built-in module: node:sqlite');
      return class {
        constructor() {
          throw new Error('compiled against a different Node.js version\nlong explanation');
        }
      };
    };
    expect(() => loadSqliteDriver(load)).toThrow(
      expect.objectContaining({
        code: 'STORE-006',
        message: expect.stringMatching(/No such built-in module.*compiled against a different Node\.js version\)/),
        fix: expect.stringContaining('npm install better-sqlite3'),
      }),
    );
    expect(() => loadDriver('node:sqlite', load)).toThrow('No such built-in module');
  });
});
