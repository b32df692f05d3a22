import 'reflect-metadata';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FINEST_UNIT } from '#src/domain/instrument.js';
import { JournalPart } from '#src/storage/journal-part.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import {
  eachDriver,
  removeTemporaryDirectories,
  sqliteExchange,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

afterEach(removeTemporaryDirectories);

const aside = (path: string): string => `${path}-aside`;
/** Another file of the same bytes at the same path. */
function replace(path: string): void {
  renameSync(path, aside(path));
  copyFileSync(aside(path), path);
}

/** Each way in which a kept file ceases to be the one at its path, as better-sqlite3 #1237 and its like tell them. */
const WAYS: readonly (readonly [string, (directory: string) => void])[] = [
  ['the folder is renamed', (directory) => renameSync(directory, aside(directory))],
  [
    'the folder is replaced by an empty one',
    (directory) => (renameSync(directory, aside(directory)), mkdirSync(directory)),
  ],
  ['the folder is deleted', (directory) => rmSync(directory, { recursive: true })],
  ['the folder above is renamed', (directory) => renameSync(join(directory, '..'), aside(join(directory, '..')))],
  ['the journal is deleted', (directory) => rmSync(journalPath(directory))],
  ['the journal is replaced by a copy', (directory) => replace(journalPath(directory))],
  ['the write-ahead log is deleted', (directory) => rmSync(`${journalPath(directory)}-wal`)],
  ['the write-ahead log is replaced', (directory) => replace(`${journalPath(directory)}-wal`)],
  ['the lock is deleted', (directory) => rmSync(join(directory, 'instance.lock'))],
  ['the lock is replaced', (directory) => replace(join(directory, 'instance.lock'))],
  [
    'the folder is a file now',
    (directory) => (renameSync(directory, aside(directory)), writeFileSync(directory, 'no folder')),
  ],
];

describe.each(eachDriver)('a journal that is taken away while it is written, on %s', (_name, driver) => {
  it.each(WAYS)('%s: no record is believed from then on, and none is tried again', async (_way, take) => {
    const directory = temporaryDirectory();
    const { store, logger } = sqliteStore(directory, driver);
    store.open();
    const failures: string[] = [];
    store.onFailure((error) => failures.push(error.code));
    await store.appendDurable('intent', { n: 1 });
    expect(store.inPlace()).toBe(true);

    take(directory);

    await expect(store.appendDurable('intent', { n: 2 })).rejects.toMatchObject({ code: 'STORE-007', exitCode: 74 });
    expect(store.healthy).toBe(false);
    expect(store.inPlace()).toBe(false);
    await expect(store.flush()).rejects.toMatchObject({ code: 'STORE-007' });
    expect(failures).toEqual(['STORE-007']);
    expect(logger.at('error')).toHaveLength(1);
    await expect(store.close()).rejects.toMatchObject({ code: 'STORE-007' });
    rmSync(aside(join(directory, '..')), { recursive: true, force: true });
  });

  it.each(WAYS)('%s: a bot that writes nothing finds out within a second', async (_way, take) => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, driver);
    const timers = new ManualScheduler();
    const part = new JournalPart(store, timers, { unit: FINEST_UNIT, takeUp: () => {}, assertHolds: () => {} });
    part.start();
    await timers.advance(5_000);
    expect(store.healthy).toBe(true);

    take(directory);
    await timers.advance(1_000);

    expect(store.healthy).toBe(false);
    expect(timers.pending).toBe(0);
    await expect(part.stop()).rejects.toMatchObject({ code: 'STORE-007' });
    rmSync(aside(join(directory, '..')), { recursive: true, force: true });
  });

  it('a queued record finds it too, and whoever asks later is told at once', () => {
    const directory = temporaryDirectory();
    const { store, timers } = sqliteStore(directory, driver);
    store.open();
    renameSync(directory, aside(directory));
    store.append('metric', {});
    timers.fireAll();
    expect(store.healthy).toBe(false);
    const told: string[] = [];
    store.onFailure((error) => told.push(error.code));
    expect(told).toEqual(['STORE-007']);
  });

  it('goes on when the folder is back in its place before anybody looked, and behind a link that leads to it', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, driver);
    store.open();
    renameSync(directory, aside(directory));
    symlinkSync(aside(directory), directory);
    await store.appendDurable('a', {});
    rmSync(directory);
    renameSync(aside(directory), directory);
    await store.appendDurable('b', {});
    await store.close();
    const { store: next } = sqliteStore(directory, driver);
    next.open();
    expect(next.lastSeq).toBe(2);
    await next.close();
  });

  it('lets nobody start where it was opened, nor where it is now, until its process has closed it', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, driver);
    store.open();
    await store.appendDurable('a', {});
    renameSync(directory, aside(directory));
    for (const place of [directory, aside(directory)]) {
      expect(() => sqliteStore(place, driver).store.open()).toThrow(
        expect.objectContaining({
          code: 'STORE-005',
          message: expect.stringContaining(`process ${process.pid} (bot perps-bot, profile demo)`),
        }),
      );
    }
    expect(existsSync(journalPath(directory))).toBe(false);
    await store.close();
    const { store: next } = sqliteStore(aside(directory), driver);
    next.open();
    expect(next.lastSeq).toBe(1);
    await next.close();
  });

  it('leaves the files alone that stand in its place when it is closed', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, driver);
    store.open();
    await store.appendDurable('a', {});
    renameSync(directory, aside(directory));
    mkdirSync(directory);
    const other = ['journal.db', 'journal.db-wal', 'journal.db-shm', 'instance.lock'];
    for (const name of other) writeFileSync(join(directory, name), 'of another');
    await expect(store.appendDurable('b', {})).rejects.toMatchObject({ code: 'STORE-007' });
    await expect(store.close()).rejects.toMatchObject({ code: 'STORE-007' });
    expect(readdirSync(directory).sort()).toEqual([...other].sort());
  });

  it("is found by the exchange inside too, whose books are the venue's", () => {
    for (const take of [
      (directory: string) => renameSync(directory, aside(directory)),
      (directory: string) => replace(join(directory, 'exchange.db')),
      (directory: string) => rmSync(join(directory, 'exchange.db-wal')),
    ]) {
      const directory = temporaryDirectory();
      const exchange = sqliteExchange(directory, driver);
      const state = { core: '{}', candles: new Map(), orders: new Map(), events: [] };
      exchange.load();
      exchange.commit(state);
      take(directory);
      expect(() => exchange.commit(state)).toThrow(expect.objectContaining({ code: 'STORE-007' }));
      exchange.close();
    }
  });
});
