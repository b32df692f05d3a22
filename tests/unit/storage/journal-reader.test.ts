import 'reflect-metadata';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { exportLines, tail, verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { anyDriver, removeTemporaryDirectories, sqliteStore, temporaryDirectory } from './support/stores.js';

afterEach(removeTemporaryDirectories);

async function journalOf(records: number): Promise<string> {
  const directory = temporaryDirectory();
  const { store } = sqliteStore(directory);
  store.open();
  for (let n = 1; n <= records; n += 1) store.append(n % 2 === 0 ? 'order' : 'metric', { n });
  await store.close();
  return journalPath(directory);
}

describe('journal reader', () => {
  it('reads a journal while a bot is writing it, and disturbs neither', async () => {
    const directory = temporaryDirectory();
    const { store } = sqliteStore(directory);
    store.open();
    await store.appendDurable('a', { n: 1 });
    expect(tail(journalPath(directory))).toEqual(store.query());
    expect(verify(journalPath(directory))).toEqual({ records: 1, firstSeq: 1, lastSeq: 1, ok: true, problems: [] });
    await store.appendDurable('b', { n: 2 });
    expect(tail(journalPath(directory), { limit: 1 }).map((event) => event.type)).toEqual(['b']);
    await store.close();
  });

  it('tails by type, sequence and count', async () => {
    const path = await journalOf(20);
    expect(tail(path, { types: ['order'], limit: 2 }).map((event) => event.seq)).toEqual([18, 20]);
    expect(tail(path, { after: 18 }).map((event) => event.payload)).toEqual([{ n: 19 }, { n: 20 }]);
  });

  it('exports every record as one line of JSON, oldest first', async () => {
    const path = await journalOf(2_500);
    const lines: string[] = [];
    expect(exportLines(path, (line) => lines.push(line))).toBe(2_500);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(tail(path));
    expect(lines.some((line) => line.includes('\n'))).toBe(false);
  });

  it('verifies an empty journal', async () => {
    expect(verify(await journalOf(0))).toEqual({ records: 0, firstSeq: 0, lastSeq: 0, ok: true, problems: [] });
  });

  it('says which records are damaged or missing, and does not export past them', async () => {
    const path = await journalOf(10);
    const database = anyDriver().open(path);
    database.exec(`UPDATE events SET type = 'forged' WHERE seq = 3; DELETE FROM events WHERE seq IN (6, 7)`);
    database.close();
    expect(verify(path)).toEqual({
      records: 8,
      firstSeq: 1,
      lastSeq: 10,
      ok: false,
      problems: ['record 3 has a wrong checksum', 'records 6 to 7 are missing'],
    });
    const lines: string[] = [];
    expect(() => exportLines(path, (line) => lines.push(line))).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    expect(lines).toHaveLength(2);
    expect(() => tail(path)).toThrow(
      expect.objectContaining({ code: 'STORE-001', message: expect.stringContaining('record 3') }),
    );
  });

  it('names a file that is missing, empty, cut or not a journal', async () => {
    const missing = journalPath(temporaryDirectory());
    for (const read of [tail, verify, (path: string) => exportLines(path, () => undefined)]) {
      expect(() => read(missing)).toThrow(
        expect.objectContaining({ code: 'STORE-003', message: expect.stringContaining(missing) }),
      );
    }
    const path = await journalOf(500);
    const whole = readFileSync(path);
    truncateSync(path, Math.floor(whole.length / 2));
    expect(() => verify(path)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    writeFileSync(path, '');
    expect(() => tail(path)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    writeFileSync(path, 'plain text, much longer than the head of a database. '.repeat(50));
    expect(() => tail(path)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });

  it('refuses a newer journal', async () => {
    const path = await journalOf(1);
    const database = anyDriver().open(path);
    database.exec('PRAGMA user_version = 2');
    database.close();
    expect(() => tail(path)).toThrow(expect.objectContaining({ code: 'STORE-002' }));
  });
});
