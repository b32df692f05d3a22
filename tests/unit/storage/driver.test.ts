import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { loadDriver, loadSqliteDriver, RuntimeSqlite } from '#src/storage/sqlite/runtime-sqlite.js';
import { sharesFiles } from '#src/storage/sqlite/shared-file.js';
import { sqliteErrorKind } from '#src/storage/sqlite/sqlite-error.js';
import { drivers, eachDriver, removeTemporaryDirectories, temporaryDirectory } from './support/stores.js';

afterEach(removeTemporaryDirectories);

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(eachDriver)('sqlite driver %s', (_name, driver) => {
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
    writer.exec(`CREATE TABLE ${writer.schema}.t (id INTEGER)`);
    const reader = driver.open(path, { readOnly: true });
    expect(sqliteErrorKind(thrownBy(() => reader.exec('INSERT INTO t VALUES (1)')))).toBe('read-only');
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

  it('frees the file at once when it is closed, with statements still held and a transaction open', () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'a b%20?#.db');
    const first = driver.open(path);
    first.exec(`PRAGMA ${first.schema}.locking_mode = EXCLUSIVE`);
    first.prepare(`PRAGMA ${first.schema}.journal_mode = WAL`).all();
    first.exec(`CREATE TABLE ${first.schema}.t (id INTEGER)`);
    const insert = first.prepare('INSERT INTO t VALUES (?)');
    const read = first.prepare('SELECT id FROM t');
    insert.run(1);
    first.exec('BEGIN IMMEDIATE');
    insert.run(2);
    expect(read.get()).toEqual({ id: 1 });
    first.close();
    expect(readdirSync(directory)).toEqual(['a b%20?#.db']);
    const second = driver.open(path);
    expect(second.prepare('SELECT id FROM t').all()).toEqual([{ id: 1 }]);
    expect(() => read.get()).toThrow();
    second.close();
  });

  it('refuses a text with a NUL character: read back, it would be a shorter one', () => {
    const database = driver.open(':memory:');
    database.exec('CREATE TABLE t (text TEXT)');
    expect(() => database.prepare('INSERT INTO t VALUES (?)').run('a\0b')).toThrow(RangeError);
    expect(database.prepare('SELECT text FROM t').all()).toEqual([]);
    database.close();
  });

  it('binds a lone null, gives bytes as bytes, and a row with its own columns only', () => {
    const database = driver.open(':memory:');
    expect(database.prepare('SELECT ? AS a').get(null)).toEqual({ a: null });
    expect(database.prepare("SELECT x'00ff' AS bytes").get()).toEqual({ bytes: new Uint8Array([0, 255]) });
    expect(database.prepare("SELECT x'00ff' AS bytes").all()).toEqual([{ bytes: new Uint8Array([0, 255]) }]);
    database.close();
  });

  it('says which SQLite it is', () => {
    const database = driver.open(':memory:');
    expect(database.prepare('SELECT sqlite_version() AS version').get()).toEqual({ version: driver.version });
    database.close();
  });
});

describe('sharing a file', () => {
  it.each([
    ['3.45.1', false],
    ['3.51.2', false],
    ['3.51.3', true],
    ['3.52.0', true],
    ['4.0.0', true],
    ['3.52', true],
    ['unknown', false],
  ])('with SQLite %s is %s: a second connection could damage a write-ahead log before 3.51.3', (version, shared) => {
    expect(sharesFiles({ version })).toBe(shared);
  });
});

describe('choosing a sqlite driver', () => {
  it('takes the one this Node can load, and loads it with the first file only', () => {
    expect(loadSqliteDriver().name).toBe(drivers[0]?.name);
    const lazy = new RuntimeSqlite();
    const database = lazy.open(':memory:');
    expect(database.prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
    expect(lazy).toMatchObject({ name: drivers[0]?.name, version: drivers[0]?.version });
    database.close();
  });

  it("prefers the runtime's own", () => {
    class DatabaseSync {
      close(): void {}
      prepare(): object {
        return { setReadBigInts: () => undefined, get: () => ({ version: '3.53.4' }) };
      }
    }
    expect(loadSqliteDriver((id) => (id === 'node:sqlite' ? { DatabaseSync } : undefined)).name).toBe('node:sqlite');
  });

  it('says nothing of the runtime calling its SQLite experimental, and lets every other warning through', () => {
    const { emitWarning } = process;
    const warned: unknown[] = [];
    const asked = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(warning));
    const load = (id: string): unknown => {
      process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning');
      process.emitWarning(`${id} is told of something else`);
      return undefined;
    };
    expect(() => loadDriver('node:sqlite', load)).toThrow();
    expect(warned).toEqual(['node:sqlite is told of something else']);
    asked.mockRestore();
    expect(process.emitWarning).toBe(emitWarning);
  });

  it('falls back to the package when the runtime has none', () => {
    class Database {
      readonly inTransaction = false;
      defaultSafeIntegers(): void {}
      close(): void {}
      prepare(): object {
        return { get: () => ({ version: '3.45.1', _metadata: {} }) };
      }
    }
    const load = (id: string): unknown => {
      if (id === 'node:sqlite') throw new Error('No such built-in module: node:sqlite');
      return Database;
    };
    expect(loadSqliteDriver(load)).toMatchObject({ name: 'libsql', version: '3.45.1' });
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
        fix: expect.stringContaining('npm install libsql'),
      }),
    );
    expect(() => loadDriver('node:sqlite', load)).toThrow('No such built-in module');
  });
});
