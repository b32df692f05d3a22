import 'reflect-metadata';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SqliteDriver } from '#src/ports/storage/sqlite.js';
import { exportLines, recordTypes, tail, verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import {
  eachDriver,
  ofVersion,
  removeTemporaryDirectories,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

afterEach(removeTemporaryDirectories);

describe.each(eachDriver)('on %s', (_name, driver) => {
  async function journalOf(records: number): Promise<string> {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory, driver);
    store.open();
    for (let n = 1; n <= records; n += 1) store.append(n % 2 === 0 ? 'order' : 'metric', { n });
    await store.close();
    return journalPath(directory);
  }

  describe('journal reader', () => {
    it('reads a journal while a bot is writing it, and disturbs neither', async () => {
      // Sharing the file, or reading a copy of it: the writer may keep it to itself, and so may the reader.
      for (const [writing, copying] of [
        ['3.51.3', '3.51.3'],
        ['3.51.3', '3.51.2'],
        ['3.51.2', '3.51.3'],
        ['3.51.2', '3.51.2'],
      ] as const) {
        const directory = temporaryDirectory();
        const path = journalPath(directory);
        const { store } = sqliteStore(directory, ofVersion(writing, driver));
        const reader = ofVersion(copying, driver);
        store.open();
        await store.appendDurable('a', { n: 1 });
        expect(tail(path, {}, reader)).toEqual(store.query());
        expect(verify(path, reader)).toEqual({ records: 1, firstSeq: 1, lastSeq: 1, ok: true, problems: [] });
        await store.appendDurable('b', { n: 2 });
        expect(tail(path, { limit: 1 }, reader).map((event) => event.type)).toEqual(['b']);
        await store.close();
        expect(tail(path, {}, reader)).toHaveLength(2);
      }
    });

    it.each([
      ['SQLITE_CANTOPEN', 14],
      ['SQLITE_READONLY', 8],
    ])('reads a journal on a mount that may only be read (%s)', async (code, errcode) => {
      const path = await journalOf(4);
      const mounted: SqliteDriver = {
        ...ofVersion('3.51.3', driver),
        open: (file, options) => {
          if (file === path) throw Object.assign(new Error('no'), { code, errcode });
          return driver.open(file, options);
        },
      };
      expect(tail(path, {}, mounted)).toHaveLength(4);
      expect(verify(path, mounted)).toMatchObject({ ok: true, records: 4 });
      expect(recordTypes(path, mounted)).toEqual(['metric', 'order']);
    });

    it('tails by type, sequence and count', async () => {
      const path = await journalOf(20);
      expect(tail(path, { types: ['order'], limit: 2 }, driver).map((event) => event.seq)).toEqual([18, 20]);
      expect(tail(path, { after: 18 }, driver).map((event) => event.payload)).toEqual([{ n: 19 }, { n: 20 }]);
    });

    it('exports every record as one line of JSON, oldest first', async () => {
      const path = await journalOf(2_500);
      const lines: string[] = [];
      expect(exportLines(path, (line) => lines.push(line), driver)).toBe(2_500);
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(tail(path, {}, driver));
      expect(lines.some((line) => line.includes('\n'))).toBe(false);
    });

    it('verifies an empty journal', async () => {
      expect(verify(await journalOf(0), driver)).toEqual({
        records: 0,
        firstSeq: 0,
        lastSeq: 0,
        ok: true,
        problems: [],
      });
    });

    it('says which records are damaged or missing, and does not export past them', async () => {
      const path = await journalOf(10);
      const database = driver.open(path);
      database.exec(`UPDATE events SET type = 'forged' WHERE seq = 3; DELETE FROM events WHERE seq IN (6, 7)`);
      database.close();
      expect(verify(path, driver)).toEqual({
        records: 8,
        firstSeq: 1,
        lastSeq: 10,
        ok: false,
        problems: ['record 3 has a wrong checksum', 'records 6 to 7 are missing'],
      });
      const lines: string[] = [];
      expect(() => exportLines(path, (line) => lines.push(line), driver)).toThrow(
        expect.objectContaining({ code: 'STORE-001' }),
      );
      expect(lines).toHaveLength(2);
      expect(() => tail(path, {}, driver)).toThrow(
        expect.objectContaining({ code: 'STORE-001', message: expect.stringContaining('record 3') }),
      );
    });

    it('names a file that is missing, empty, cut or not a journal', async () => {
      const missing = journalPath(temporaryDirectory());
      for (const read of [
        (path: string) => tail(path, {}, driver),
        (path: string) => verify(path, driver),
        (path: string) => exportLines(path, () => undefined, driver),
      ]) {
        expect(() => read(missing)).toThrow(
          expect.objectContaining({ code: 'STORE-003', message: expect.stringContaining(missing) }),
        );
      }
      const path = await journalOf(500);
      const whole = readFileSync(path);
      truncateSync(path, Math.floor(whole.length / 2));
      expect(() => verify(path, driver)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
      writeFileSync(path, '');
      expect(() => tail(path, {}, driver)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
      writeFileSync(path, 'plain text, much longer than the head of a database. '.repeat(50));
      expect(() => tail(path, {}, driver)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    });

    it('refuses a newer journal', async () => {
      const path = await journalOf(1);
      const database = driver.open(path);
      database.exec(`PRAGMA ${database.schema}.user_version = 3`);
      database.close();
      expect(() => tail(path, {}, driver)).toThrow(expect.objectContaining({ code: 'STORE-002' }));
    });
  });
});
