import 'reflect-metadata';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import type { SqliteDatabase, SqliteDriver } from '#src/ports/storage/sqlite.js';
import { MemoryExchangeStore } from '#src/storage/memory/exchange-store.js';
import { SqliteExchangeStore } from '#src/storage/sqlite/exchange-store.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import {
  anyDriver,
  drivers,
  removeTemporaryDirectories,
  sqliteExchange,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

afterEach(removeTemporaryDirectories);

/** Makes a store, and makes it again as the next process would. */
const subjects: readonly (readonly [string, () => () => ExchangeStore])[] = [
  [
    'memory',
    () => {
      const store = new MemoryExchangeStore();
      return () => store;
    },
  ],
  ...drivers.map(
    (driver) =>
      [
        driver.name,
        () => {
          const directory = temporaryDirectory();
          return () => sqliteExchange(directory, driver);
        },
      ] as const,
  ),
];

describe.each(subjects)('exchange store contract: %s', (_name, make) => {
  it('remembers nothing before the first commit', () => {
    const store = make()();
    expect(store.load()).toBeUndefined();
    store.close();
  });

  it('gives back the newest state, every order and every event, after a restart too', () => {
    const again = make();
    const first = again();
    first.commit({
      core: '{"at":1}',
      candles: new Map([
        ['BTC-PERP', 'of one'],
        ['ETH-PERP', 'of two'],
      ]),
      orders: new Map([
        ['v2', 'two'],
        ['v1', 'one'],
      ]),
      events: ['e1', 'e2'],
    });
    first.commit({
      core: '{"at":2}',
      candles: new Map([['BTC-PERP', 'of one, and one more']]),
      orders: new Map([
        ['v2', 'two, filled'],
        ['v3', 'three'],
      ]),
      events: ['e3'],
    });
    const expected = {
      core: '{"at":2}',
      candles: new Map([
        ['BTC-PERP', 'of one, and one more'],
        ['ETH-PERP', 'of two'],
      ]),
      orders: new Map([
        ['v2', 'two, filled'],
        ['v1', 'one'],
        ['v3', 'three'],
      ]),
      events: ['e1', 'e2', 'e3'],
    };
    expect(first.load()).toEqual(expected);
    expect([...(first.load()?.orders.keys() ?? [])]).toEqual(['v2', 'v1', 'v3']);
    first.close();

    const second = again();
    expect(second.load()).toEqual(expected);
    second.close();
    second.close();
  });
});

describe('sqlite exchange store', () => {
  const state = { core: 'core', candles: new Map(), orders: new Map([['v1', 'one']]), events: ['e1'] };

  it('lives beside the journal, readable by its owner alone', async () => {
    const directory = temporaryDirectory();
    const journal = sqliteStore(directory).store;
    journal.open();
    const store = sqliteExchange(directory);
    store.commit(state);
    expect(statSync(join(directory, 'exchange.db')).mode & 0o777).toBe(0o600);
    store.close();
    await journal.close();
  });

  it('refuses a second process with STORE-005', () => {
    const directory = temporaryDirectory();
    const first = sqliteExchange(directory);
    first.commit(state);
    expect(() => sqliteExchange(directory).load()).toThrow(expect.objectContaining({ code: 'STORE-005' }));
    first.close();
    const second = sqliteExchange(directory);
    expect(second.load()).toEqual(state);
    second.close();
  });

  it('commits all of a state or nothing, and does not go on after a failure', () => {
    const directory = temporaryDirectory();
    const real = anyDriver();
    let failing = false;
    const driver: SqliteDriver = {
      name: real.name,
      version: real.version,
      open: (path, options): SqliteDatabase => {
        const database = real.open(path, options);
        return {
          ...database,
          prepare: (sql) => {
            const statement = database.prepare(sql);
            if (!sql.startsWith('INSERT INTO events')) return statement;
            return { ...statement, run: (...values) => (failing ? fail() : statement.run(...values)) };
          },
        };
      },
    };
    const fail = (): never => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    };
    const store = sqliteExchange(directory, driver);
    store.commit(state);
    failing = true;
    const next = { core: 'newer', candles: new Map(), orders: new Map([['v2', 'two']]), events: ['e2'] };
    expect(() => store.commit(next)).toThrow(expect.objectContaining({ code: 'STORE-008' }));
    failing = false;
    expect(() => store.commit(next)).toThrow(expect.objectContaining({ code: 'STORE-008' }));
    store.close();
    const reopened = sqliteExchange(directory);
    expect(reopened.load()).toEqual(state);
    reopened.close();
  });

  it('refuses a damaged file', () => {
    const directory = temporaryDirectory();
    const store = sqliteExchange(directory);
    store.commit({ core: 'a core that can be found in the file', candles: new Map(), orders: new Map(), events: [] });
    store.close();
    const path = join(directory, 'exchange.db');
    const bytes = readFileSync(path);
    const at = bytes.indexOf('a core that');
    expect(at).toBeGreaterThan(0);
    bytes.write('A', at);
    writeFileSync(path, bytes);
    const second = sqliteExchange(directory);
    expect(() => second.load()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    second.close();
    writeFileSync(path, '');
    expect(() => sqliteExchange(directory).load()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it('asks for a directory when the configuration names none', () => {
    const store = new SqliteExchangeStore(
      new FakeConfigController(testConfig({ storage: { driver: 'sqlite' } })),
      anyDriver(),
    );
    expect(() => store.load()).toThrow(expect.objectContaining({ code: 'STORE-003' }));
  });
});
