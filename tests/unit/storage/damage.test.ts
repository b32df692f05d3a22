import 'reflect-metadata';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PerpsBotError } from '#src/domain/errors.js';
import type { StoredEvent } from '#src/ports/storage/event-store.js';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { checkWal } from '#src/storage/sqlite/wal-check.js';
import {
  eachDriver,
  ofVersion,
  removeTemporaryDirectories,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

const RECORDS = 120;

describe.each(eachDriver)('on %s', (_name, driver) => {
  let source: string;
  /** Copies of a journal at rest, and of one whose process was killed with records in its write-ahead log. */
  let atRest: Buffer;
  let killed: { readonly main: Buffer; readonly wal: Buffer };
  let events: StoredEvent[];

  beforeAll(async () => {
    source = temporaryDirectory();
    const { store } = sqliteStore(source, driver);
    store.open();
    for (let n = 1; n <= RECORDS; n += 1) {
      store.append('order', { n, text: 'x'.repeat(n) });
      if (n % 6 === 0) await store.flush();
    }
    killed = { main: readFileSync(journalPath(source)), wal: readFileSync(`${journalPath(source)}-wal`) };
    events = store.query();
    await store.close();
    atRest = readFileSync(journalPath(source));
  });

  afterAll(removeTemporaryDirectories);

  function directoryWith(main: Buffer, wal?: Buffer): string {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    writeFileSync(journalPath(directory), main);
    if (wal !== undefined) writeFileSync(`${journalPath(directory)}-wal`, wal);
    return directory;
  }

  /** The records that opening finds, or the code of the refusal. */
  async function outcome(directory: string): Promise<StoredEvent[] | string> {
    const { store } = sqliteStore(directory, driver);
    try {
      store.open();
    } catch (error) {
      if (PerpsBotError.is(error)) return error.code;
      throw error;
    }
    const found = store.query();
    const next = await store.appendDurable('next', {});
    expect(next.seq).toBe(found.length + 1);
    await store.close();
    return found;
  }

  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0x10;
    return copy;
  };

  describe('a damaged journal', () => {
    it('is refused at whatever place the file was cut (PR-12)', async () => {
      for (let at = 0; at < atRest.length; at += 1_531) {
        expect([at, await outcome(directoryWith(atRest.subarray(0, at)))]).toEqual([at, 'STORE-001']);
      }
    });

    it('is refused, or every record is as it was, at whatever place a bit flipped (PR-13)', async () => {
      let refused = 0;
      for (let at = 0; at < atRest.length; at += 397) {
        const found = await outcome(directoryWith(flipped(atRest, at)));
        if (typeof found === 'string') {
          refused += 1;
          expect(found).toMatch(/^STORE-00[1-3]$/);
        } else {
          expect(found).toEqual(events);
        }
      }
      expect(refused).toBeGreaterThan(10);
    });

    it('is named with path, record and remedy, and left as it was found', () => {
      const directory = directoryWith(atRest);
      const database = driver.open(journalPath(directory));
      database.exec(`UPDATE events SET body = '{"n":-1}' WHERE seq = 7`);
      database.close();
      const before = readFileSync(journalPath(directory));
      const { store } = sqliteStore(directory, driver);
      expect(() => store.open()).toThrow(
        expect.objectContaining({
          code: 'STORE-001',
          exitCode: 65,
          message: expect.stringContaining('record 7 has a wrong checksum'),
          where: journalPath(directory),
          fix: expect.stringContaining('journal verify'),
        }),
      );
      expect(readFileSync(journalPath(directory)).equals(before)).toBe(true);
    });

    it('is refused when a record is missing in the middle or at the start', () => {
      for (const seq of [1, 50]) {
        const directory = directoryWith(atRest);
        const database = driver.open(journalPath(directory));
        database.prepare('DELETE FROM events WHERE seq = ?').run(seq);
        database.close();
        expect(() => sqliteStore(directory, driver).store.open()).toThrow(
          expect.objectContaining({
            code: 'STORE-001',
            message: expect.stringContaining(`records ${seq} to ${seq} are missing`),
          }),
        );
      }
    });

    it('of a newer version is refused with both versions, and not touched (PR-18)', () => {
      const directory = directoryWith(atRest);
      const database = driver.open(journalPath(directory));
      database.exec(`PRAGMA ${database.schema}.user_version = 9`);
      database.close();
      const before = readFileSync(journalPath(directory));
      expect(() => sqliteStore(directory, driver).store.open()).toThrow(
        expect.objectContaining({
          code: 'STORE-002',
          exitCode: 65,
          message: expect.stringMatching(/version 2 or older, was 9/),
        }),
      );
      expect(readFileSync(journalPath(directory)).equals(before)).toBe(true);
    });

    it('is also a file of another program', () => {
      const directory = temporaryDirectory();
      mkdirSync(directory, { recursive: true });
      const database = driver.open(journalPath(directory));
      database.exec(`CREATE TABLE ${database.schema}.events (seq INTEGER PRIMARY KEY)`);
      database.close();
      expect(() => sqliteStore(directory, driver).store.open()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    });
  });

  describe('the write-ahead log of a killed process', () => {
    it('gives back every record', async () => {
      expect(await outcome(directoryWith(killed.main, killed.wal))).toEqual(events);
    });

    it('cut anywhere gives back a prefix of the commits, and the next record is clean (PR-11, PR-12)', async () => {
      let longest = 0;
      for (let at = 4_000; at < killed.wal.length; at += 3_733) {
        const found = await outcome(directoryWith(killed.main, killed.wal.subarray(0, at)));
        expect(Array.isArray(found)).toBe(true);
        expect(found).toEqual(events.slice(0, found.length));
        expect(found.length % 6).toBe(0);
        expect(found.length).toBeGreaterThanOrEqual(longest);
        longest = found.length;
      }
      expect(longest).toBeGreaterThan(RECORDS / 2);
    });

    it('with a flipped bit in front of acknowledged commits is refused, never read as a shorter one (PR-13)', async () => {
      const lastCommits = killed.wal.length - 3 * 4 * 4_120;
      for (let at = 0; at < lastCommits; at += 2_971) {
        const found = await outcome(directoryWith(killed.main, flipped(killed.wal, at)));
        if (found !== 'STORE-001') expect(found).toEqual(events);
      }
      expect(await outcome(directoryWith(killed.main, flipped(killed.wal, 5_000)))).toBe('STORE-001');
    });

    it('is counted as SQLite counts it', () => {
      const directory = directoryWith(killed.main, killed.wal);
      expect(checkWal(`${journalPath(directory)}-wal`)).toEqual({ committed: RECORDS / 6 });
      truncateSync(`${journalPath(directory)}-wal`, killed.wal.length - 1);
      expect(checkWal(`${journalPath(directory)}-wal`)).toEqual({ committed: RECORDS / 6 - 1 });
      rmSync(`${journalPath(directory)}-wal`);
      expect(checkWal(`${journalPath(directory)}-wal`)).toEqual({ committed: 0 });
    });

    it('left over from an earlier round is not taken for damage', async () => {
      const directory = temporaryDirectory();
      const { store } = sqliteStore(directory, ofVersion('3.51.3', driver));
      store.open();
      for (let n = 0; n < 40; n += 1) await store.appendDurable('a', { n });
      const other = driver.open(journalPath(directory));
      other.exec('PRAGMA wal_checkpoint(RESTART)');
      await store.appendDurable('b', {});
      const copy = directoryWith(readFileSync(journalPath(directory)), readFileSync(`${journalPath(directory)}-wal`));
      other.close();
      await store.close();
      expect(await outcome(copy)).toHaveLength(41);
    });

    it('without its journal is refused: it would be replayed into an empty one', () => {
      const directory = directoryWith(killed.main, killed.wal);
      rmSync(journalPath(directory));
      expect(() => sqliteStore(directory, driver).store.open()).toThrow(expect.objectContaining({ code: 'STORE-001' }));
      expect(existsSync(journalPath(directory))).toBe(false);
    });

    it('is seen by verify too', () => {
      const directory = directoryWith(killed.main, flipped(killed.wal, 5_000));
      expect(verify(journalPath(directory), driver)).toMatchObject({
        ok: false,
        problems: [expect.stringContaining('write-ahead log')],
      });
    });
  });

  /** Of which opening reads the newest records only. */
  describe('a large journal', () => {
    const large = (main: Buffer): string => {
      const directory = directoryWith(main);
      truncateSync(journalPath(directory), 33 * 2 ** 20);
      return directory;
    };

    it('opens, whatever words its records have, and at whatever time they were written', async () => {
      const directory = temporaryDirectory();
      const { store, clock } = sqliteStore(directory, driver);
      store.open();
      clock.set(1_500.25);
      store.append('order', { text: 'ä "quoted" \\ \n' });
      store.append('a "type"', {}, 'bot \\ "one"');
      await store.close();
      expect(await outcome(large(readFileSync(journalPath(directory))))).toHaveLength(2);
    });

    it('is refused for a letter of a record, and of what stands about it', async () => {
      const letter = flipped(atRest, atRest.lastIndexOf('xxx'));
      expect(await outcome(large(letter))).toBe('STORE-001');
      expect(await outcome(large(atRest))).toHaveLength(RECORDS);
      const type = flipped(atRest, atRest.lastIndexOf('order') + 1);
      expect(await outcome(large(type))).toBe('STORE-001');
    });
  });

  describe('opening an undamaged copy', () => {
    it('works from the journal alone', async () => {
      const directory = temporaryDirectory();
      mkdirSync(directory, { recursive: true });
      copyFileSync(journalPath(source), journalPath(directory));
      expect(await outcome(directory)).toEqual(events);
      expect(existsSync(join(directory, 'journal.db-wal'))).toBe(false);
    });
  });
});
