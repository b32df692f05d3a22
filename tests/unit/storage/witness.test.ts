import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PerpsBotError } from '#src/domain/errors.js';
import type { StoredEvent } from '#src/ports/storage/event-store.js';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { readWitness, Witness, witnessPath } from '#src/storage/sqlite/witness.js';
import { eachDriver, removeTemporaryDirectories, sqliteStore, temporaryDirectory } from './support/stores.js';

const RECORDS = 60;
const HALT = { from: 'NORMAL', to: 'HALTED', reason: 'drill', actor: 'operator' };

/** What a killed process leaves. */
interface Left {
  readonly main: Buffer;
  readonly wal: Buffer;
  readonly witness: Buffer;
}

const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
};

afterAll(removeTemporaryDirectories);

describe.each(eachDriver)('what was acknowledged last, on %s', (_name, driver) => {
  let left: Left;
  /** Length of the log before the newest commit. */
  let before: number;
  let events: StoredEvent[];

  beforeAll(async () => {
    const directory = temporaryDirectory();
    const path = journalPath(directory);
    const { store } = sqliteStore(directory, driver);
    store.open();
    for (let n = 1; n < RECORDS; n += 1) {
      store.append('order', { n, text: 'x'.repeat(n) });
      if (n % 5 === 0) await store.flush();
    }
    await store.flush();
    before = readFileSync(`${path}-wal`).length;
    await store.appendDurable('safety_state', HALT);
    left = {
      main: readFileSync(path),
      wal: readFileSync(`${path}-wal`),
      witness: readFileSync(witnessPath(path)),
    };
    events = store.query();
    await store.close();
  });

  function directoryWith(files: { readonly [K in keyof Left]?: Buffer | undefined }): string {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const path = journalPath(directory);
    const { main, wal, witness } = { ...left, ...files };
    if (main !== undefined) writeFileSync(path, main);
    if (wal !== undefined) writeFileSync(`${path}-wal`, wal);
    if (witness !== undefined) writeFileSync(witnessPath(path), witness);
    return directory;
  }

  /** The records found, or the refusal. */
  async function opened(directory: string): Promise<StoredEvent[] | PerpsBotError> {
    const { store } = sqliteStore(directory, driver);
    try {
      store.open();
    } catch (error) {
      if (PerpsBotError.is(error)) return error;
      throw error;
    }
    const found = store.query();
    await store.close();
    return found;
  }

  async function expectNamed(directory: string, what: string): Promise<void> {
    const { ok, problems } = verify(journalPath(directory), driver);
    expect({ ok, problems }).toEqual({ ok: false, problems: expect.arrayContaining([expect.stringContaining(what)]) });
    expect(await opened(directory)).toMatchObject({
      code: 'STORE-001',
      exitCode: 65,
      message: expect.stringContaining(what),
      fix: expect.stringContaining(witnessPath(journalPath(directory))),
    });
  }

  it('is found again after a kill', async () => {
    expect(await opened(directoryWith({}))).toEqual(events);
    expect(events.at(-1)?.payload).toEqual(HALT);
  });

  it('is named when one bit of its frames in the write-ahead log has flipped: a halt is never forgotten', async () => {
    for (let at = before; at < left.wal.length; at += 509)
      await expectNamed(directoryWith({ wal: flipped(left.wal, at) }), `record ${RECORDS}, which it had acknowledged`);
  });

  it('is named wherever the log was cut, and without the log', async () => {
    for (let at = 0; at < left.wal.length; at += 6_101) {
      const directory = directoryWith({ wal: left.wal.subarray(0, at) });
      expect([at, await opened(directory)]).toEqual([at, expect.objectContaining({ code: 'STORE-001' })]);
      expect(verify(journalPath(directory), driver).ok).toBe(false);
    }
    await expectNamed(directoryWith({ wal: undefined }), 'is missing');
  });

  it('is named when another journal, or none, stands in its place', async () => {
    const other = temporaryDirectory();
    const { store } = sqliteStore(other, driver);
    store.open();
    for (let n = 0; n < RECORDS; n += 1) store.append('other', { n });
    await store.close();
    const main = readFileSync(journalPath(other));
    await expectNamed(directoryWith({ main, wal: undefined }), 'is not the one it had acknowledged');

    const none = directoryWith({ main: undefined, wal: undefined });
    expect(await opened(none)).toMatchObject({ code: 'STORE-001', message: expect.stringContaining('it is missing') });
    expect(existsSync(journalPath(none))).toBe(false);
  });

  it('may be older than the journal: a kill between the two, or a version of before that wrote no witness', async () => {
    const directory = directoryWith({ witness: undefined });
    expect(await opened(directory)).toEqual(events);
    const path = journalPath(directory);
    expect(readWitness(path)).toMatchObject({ seq: RECORDS });
    const old = Buffer.from(readFileSync(witnessPath(path)));
    const { store } = sqliteStore(directory, driver);
    store.open();
    await store.appendDurable('later', {});
    await store.close();
    writeFileSync(witnessPath(path), old);
    expect(await opened(directory)).toHaveLength(RECORDS + 1);
    expect(verify(path, driver).ok).toBe(true);
  });

  it('stands in two lines: one cut short leaves the other, and both damaged are named', async () => {
    const line = left.witness.length / 2;
    for (let at = 0; at < left.witness.length; at += 7) {
      const torn = Buffer.from(left.witness).fill(0, at, (Math.floor(at / line) + 1) * line);
      expect(await opened(directoryWith({ witness: torn }))).toEqual(events);
    }
    await expectNamed(directoryWith({ witness: Buffer.alloc(left.witness.length) }), 'cannot be read');
    await expectNamed(directoryWith({ witness: Buffer.alloc(0) }), 'cannot be read');
  });

  it('is written by a group commit too, and stays as long as it is', async () => {
    const directory = temporaryDirectory();
    const { store, timers } = sqliteStore(directory, driver);
    store.open();
    expect(readWitness(journalPath(directory))).toMatchObject({ seq: 0 });
    for (let n = 1; n <= 9; n += 1) {
      store.append('a', { n });
      timers.fireAll();
      expect(readWitness(journalPath(directory))).toMatchObject({ seq: n });
    }
    expect(readFileSync(witnessPath(journalPath(directory)))).toHaveLength(left.witness.length);
    await store.close();
  });
});

describe('a witness', () => {
  it('says the newer of its two lines', () => {
    const path = join(temporaryDirectory(), '..', 'journal.db');
    const witness = Witness.open(path, { seq: 1, crc: 11 });
    for (const seq of [2, 3, 4_294_967_296, 9_007_199_254_740_991]) {
      witness.write({ seq, crc: 4_294_967_295 }, true);
      expect(readWitness(path)).toEqual({ seq, crc: 4_294_967_295 });
    }
    witness.close();
  });
});
