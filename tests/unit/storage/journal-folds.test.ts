import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JournalFold, StoredEvent } from '#src/ports/storage/event-store.js';
import { keptOf } from '#src/storage/kept-records.js';
import { FoldSnapshots } from '#src/storage/sqlite/fold-snapshots.js';
import type { SqliteEventStore } from '#src/storage/sqlite/event-store.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import {
  anyDriver,
  copyOf,
  eachDriver,
  removeTemporaryDirectories,
  sqliteStore,
  temporaryDirectory,
  type StoreParts,
} from './support/stores.js';

const FOLD: JournalFold = {
  name: 'things',
  version: 1,
  types: ['thing', 'gone'],
  key: ({ payload }) => JSON.stringify(payload['id']),
  ends: ({ type }) => type === 'gone',
};
const ENOUGH = 2_100;

const opened = (directory: string, driver = anyDriver()): StoreParts => {
  const parts = sqliteStore(directory, driver);
  parts.store.open();
  return parts;
};
const folded = (store: SqliteEventStore, fold = FOLD): StoredEvent[] => [...store.fold(fold)];
const fromJournal = (store: SqliteEventStore): StoredEvent[] => keptOf(FOLD, store.query());
const snapshotPath = (directory: string): string => `${journalPath(directory)}-fold-things`;

/** Many records of few things, some of which end. */
function write(store: SqliteEventStore, count: number): void {
  for (let i = 0; i < count; i += 1) {
    store.append(i % 7 === 0 ? 'gone' : 'thing', { id: i % 300, i });
    if (i % 90 === 0) store.append('sample', { i });
  }
}

/** A state directory with a snapshot, and records after it. */
const withSnapshot = (driver = anyDriver()): Promise<string> =>
  copyOf(driver.name, async (directory) => {
    const { store } = opened(directory, driver);
    folded(store);
    write(store, ENOUGH);
    await store.close();
    const next = opened(directory, driver).store;
    write(next, 50);
    await next.close();
  });

/** A snapshot that says what the journal does not, as if it were of the newest record: to tell who was read. */
async function withFalse(directory: string, fold: Partial<JournalFold>, more = 0, crc?: number): Promise<void> {
  const { store } = opened(directory);
  const seq = store.lastSeq;
  const event: StoredEvent = { ...(store.query({ limit: 1 })[0] as StoredEvent), payload: { id: 'false' } };
  await store.close();
  const database = anyDriver().open(journalPath(directory), { readOnly: true });
  const row = database.prepare('SELECT crc FROM events WHERE seq = ?').get(seq);
  database.close();
  const at = { seq: seq + more, crc: crc ?? Number(row?.['crc']) };
  await new FoldSnapshots(journalPath(directory)).write({ ...FOLD, ...fold }, [event], at, () => true);
}

afterEach(removeTemporaryDirectories);

describe.each(eachDriver)('folds of the journal on %s', (_name, driver) => {
  it('are the same from a snapshot and what came after it as from the journal', async () => {
    const directory = await withSnapshot(driver);
    expect(existsSync(snapshotPath(directory))).toBe(true);
    const { store } = opened(directory, driver);
    write(store, 40);
    // Some of it is not in the file yet.
    expect(folded(store)).toEqual(fromJournal(store));
    expect(folded(store)).toEqual(fromJournal(store));
    await store.close();
  });
});

describe('a snapshot of a fold', () => {
  it('is read in place of what it was made of', async () => {
    const directory = await withSnapshot();
    await withFalse(directory, {});
    const { store } = opened(directory);
    expect(folded(store).map(({ payload }) => payload['id'])).toEqual(['false']);
    await store.close();
  });

  it.each<readonly [string, (directory: string) => Promise<void> | void]>([
    ['of another version', (directory) => withFalse(directory, { version: 2 })],
    ['beyond the journal’s end', (directory) => withFalse(directory, {}, 1)],
    ['of another journal', (directory) => withFalse(directory, {}, 0, 12_345)],
    [
      'of another fold',
      async (directory) => {
        await withFalse(directory, { name: 'others' });
        renameSync(`${journalPath(directory)}-fold-others`, snapshotPath(directory));
      },
    ],
    ['that is empty', (directory) => writeFileSync(snapshotPath(directory), '')],
    ['that is no text', (directory) => writeFileSync(snapshotPath(directory), Buffer.from([0xff, 0, 10, 0xfe, 10]))],
    [
      'cut off',
      (directory) => writeFileSync(snapshotPath(directory), readFileSync(snapshotPath(directory)).subarray(0, -1_000)),
    ],
  ])('%s is left out, and the journal is folded', async (_what, spoil) => {
    const directory = await withSnapshot();
    await spoil(directory);
    const { store } = opened(directory);
    expect(folded(store)).toEqual(fromJournal(store));
    await store.close();
    // So much was read that there is a good one again.
    const { store: next } = opened(directory);
    await new Promise((resolve) => setTimeout(resolve));
    expect(readFileSync(snapshotPath(directory), 'utf8')).toContain('"version":1');
    expect(folded(next)).toEqual(fromJournal(next));
    await next.close();
  });

  it('with one flipped bit anywhere is left out', async () => {
    const directory = await withSnapshot();
    const whole = readFileSync(snapshotPath(directory));
    const { store } = opened(directory);
    const right = fromJournal(store);
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 11)) {
      const spoiled = Buffer.from(whole);
      spoiled[at] = (spoiled[at] as number) ^ 4;
      writeFileSync(snapshotPath(directory), spoiled);
      expect(folded(store)).toEqual(right);
    }
    await store.close();
  });

  it('is made while the bot runs where its start had much to read, and not otherwise', async () => {
    const directory = await withSnapshot();
    const { store } = opened(directory);
    folded(store);
    await store.tend();
    rmSync(snapshotPath(directory));
    await store.tend();
    expect(existsSync(snapshotPath(directory))).toBe(false);
    folded(store);
    await store.tend();
    expect(existsSync(snapshotPath(directory))).toBe(true);
    expect(folded(store)).toEqual(fromJournal(store));
    await store.close();
  });

  it('that cannot be written costs nothing but the time to read', async () => {
    const directory = temporaryDirectory();
    const { store, logger } = opened(directory);
    folded(store);
    write(store, ENOUGH);
    // A directory stands where the file is to be made.
    mkdirSync(`${snapshotPath(directory)}.new`);
    await store.close();
    expect(logger.at('warn')).toEqual(['What was folded of the journal could not be written beside it']);
    const { store: next } = opened(directory);
    expect(folded(next)).toEqual(fromJournal(next));
    await next.close();
  });

  it('keeps nothing from being written while the journal closes', async () => {
    const directory = await withSnapshot();
    const { store } = opened(directory);
    folded(store);
    write(store, ENOUGH);
    const closing = store.close();
    store.append('late', {});
    await closing;
    const { store: next } = opened(directory);
    expect(next.query({ types: ['late'] })).toHaveLength(1);
    await next.close();
  });

  it('has one fold of each name', async () => {
    const { store } = opened(temporaryDirectory());
    folded(store);
    expect(() => folded(store, { ...FOLD })).toThrow(expect.objectContaining({ code: 'DI-005' }));
    await store.close();
  });
});
