import 'reflect-metadata';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import {
  drivers,
  eachDriver,
  removeTemporaryDirectories,
  sqliteExchange,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

const FIXTURE = join('tests', 'fixtures', 'state-0.1.0');

afterEach(removeTemporaryDirectories);

function unpacked(): string {
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  for (const name of ['journal.db', 'exchange.db'])
    writeFileSync(join(directory, name), gunzipSync(readFileSync(join(FIXTURE, `${name}.gz`))));
  return directory;
}

describe.each(eachDriver)('files that another driver wrote, on %s', (_name, driver) => {
  it('are those of version 0.1.0: whole, read to the last record, and written on', async () => {
    const directory = unpacked();
    const found = verify(journalPath(directory), driver);
    expect(found).toMatchObject({ ok: true, problems: [], firstSeq: 1 });
    expect(found.records).toBeGreaterThan(100);
    const { store } = sqliteStore(directory, driver);
    store.open();
    expect((await store.appendDurable('next', {})).seq).toBe(found.lastSeq + 1);
    await store.close();
    expect(verify(journalPath(directory), driver)).toMatchObject({ ok: true, records: found.records + 1 });

    const exchange = sqliteExchange(directory, driver);
    const state = exchange.load();
    expect(state?.orders.size).toBeGreaterThan(0);
    exchange.commit({ core: state?.core ?? '', candles: new Map(), orders: new Map(), events: [] });
    exchange.close();
  });

  it.each(eachDriver)('are those of %s: a bot may change its Node between two starts', async (_other, other) => {
    const directory = temporaryDirectory();
    for (const [count, each] of [other, driver, other].entries()) {
      const { store } = sqliteStore(directory, each);
      store.open();
      expect(store.query().map((event) => event.payload)).toEqual(Array.from({ length: count }, (_, n) => ({ n })));
      await store.appendDurable('a', { n: count });
      await store.close();
    }
    for (const each of drivers) expect(verify(journalPath(directory), each)).toMatchObject({ ok: true, records: 3 });
  });
});
