import 'reflect-metadata';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import type { SqliteDatabase, SqliteDriver } from '#src/ports/storage/sqlite.js';
import { exportLines, recordTypes, tail, verify } from '#src/storage/journal-reader.js';
import { SqliteEventStore } from '#src/storage/sqlite/event-store.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import {
  anyDriver,
  copyOf,
  eachDriver,
  ManualTimers,
  removeTemporaryDirectories,
  temporaryDirectory,
} from './support/stores.js';

const DAY = 86_400_000;
const T0 = Date.UTC(2024, 0, 31, 23, 59);

interface Parts {
  readonly store: SqliteEventStore;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
}

function opened(directory: string, at: number, driver: SqliteDriver = anyDriver()): Parts {
  const [clock, logger] = [new ManualClock(at), new RecordingLogger()];
  const config = new FakeConfigController(
    testConfig({ storage: { driver: 'sqlite', directory, keepSamplesMs: 7 * DAY } }),
  );
  const store = new SqliteEventStore(config, clock, new ManualTimers(), driver, logger, new SecretRedactor());
  store.open();
  return { store, clock, logger };
}

const lines = (directory: string): string[] => {
  const found: string[] = [];
  exportLines(journalPath(directory), (line) => found.push(line), anyDriver());
  return found;
};
const archiveOf = (directory: string): string => join(directory, 'archive');

/** Samples and what is none, over the turn of a month. */
const before = (driver: SqliteDriver = anyDriver()): Promise<string> =>
  copyOf(driver.name, async (directory) => {
    const { store, clock } = opened(directory, T0, driver);
    for (let i = 0; i < 450; i += 1) {
      const type = i % 9 === 0 ? 'order' : i % 2 === 0 ? 'ws_mark_update' : 'cycle_metrics';
      store.append(type, { i, 'text "quoted"': 'ü' });
      clock.set(T0 + i * 400);
    }
    await store.close();
  });

/** Looks after the journal until nothing moves any more. */
async function tended({ store }: Pick<Parts, 'store'>): Promise<void> {
  for (let i = 0; i < 3; i += 1) await store.tend();
}

/** One life of a bot, days later. */
async function life(directory: string, driver?: SqliteDriver): Promise<Parts> {
  const parts = opened(directory, T0 + 9 * DAY, driver);
  await parts.store.appendDurable('bot_start', {});
  await tended(parts);
  await parts.store.close().catch(() => undefined);
  return parts;
}

afterEach(removeTemporaryDirectories);

describe.each(eachDriver)('the archive of the journal on %s', (_name, driver) => {
  it('takes old samples by month, and nothing else; the whole history is read as before', async () => {
    const directory = await before(driver);
    const was = lines(directory);
    const bytes = statSync(journalPath(directory)).size;
    await life(directory, driver);
    expect(readdirSync(archiveOf(directory)).sort()).toEqual(['journal-2024-01.jsonl.gz', 'journal-2024-02.jsonl.gz']);
    expect(lines(directory).slice(0, was.length)).toEqual(was);
    expect(verify(journalPath(directory), driver)).toMatchObject({
      ok: true,
      problems: [],
      records: 51,
      archived: 400,
    });
    expect(tail(journalPath(directory), { types: ['order'] }, driver)).toHaveLength(50);
    expect(recordTypes(journalPath(directory), driver)).toContain('ws_mark_update');
    const { store } = opened(directory, T0 + 9 * DAY, driver);
    expect(new Set(store.query().map(({ type }) => type))).toEqual(new Set(['order', 'bot_start']));
    await store.close();
    expect(statSync(journalPath(directory)).size).toBeLessThanOrEqual(bytes + 3 * 4_096);
  });
});

describe('the archive of the journal', () => {
  it('gives the newest records of journal and archive together', async () => {
    const directory = await before();
    await life(directory);
    const path = journalPath(directory);
    const all = tail(path);
    expect(all).toHaveLength(451);
    const figures = all.filter(({ type, seq }) => type === 'cycle_metrics' && seq > 100);
    for (const limit of [1, 5, 60, 430, 1_000]) {
      expect(tail(path, { limit })).toEqual(all.slice(-limit));
      expect(tail(path, { limit, types: ['cycle_metrics'], after: 100 })).toEqual(figures.slice(-limit));
    }
  });

  it('leaves what is not old enough, and looks no more until it is', async () => {
    const directory = await before();
    const parts = opened(directory, T0 + 7 * DAY);
    await parts.store.appendDurable('bot_start', {});
    await tended(parts);
    expect(existsSync(archiveOf(directory))).toBe(false);
    parts.clock.set(T0 + 7 * DAY + 60_000);
    await tended(parts);
    expect(readdirSync(archiveOf(directory))).toEqual(['journal-2024-01.jsonl.gz']);
    await parts.store.close();
    expect(verify(journalPath(directory))).toMatchObject({ ok: true });
  });

  it('never takes the newest record', async () => {
    const directory = temporaryDirectory();
    const { store, clock } = opened(directory, T0);
    for (let i = 0; i < 5; i += 1) store.append('ws_mark_update', { i });
    await store.flush();
    clock.set(T0 + 30 * DAY);
    await tended({ store });
    expect(store.query()).toHaveLength(1);
    await store.close();
    expect(verify(journalPath(directory))).toMatchObject({ ok: true, records: 1, archived: 4 });
  });

  it.each([1, 2, 7, 100, 150, 203])('loses nothing where its process dies at statement %i of a move', async (nth) => {
    const directory = await before();
    const was = lines(directory);
    const { logger } = await life(directory, dying(nth));
    expect(logger.at('warn')).toHaveLength(1);
    expect(lines(directory).slice(0, was.length)).toEqual(was);
    const found = verify(journalPath(directory));
    expect(found).toMatchObject({ ok: true, records: 451 - (found.archived ?? 0) });
    // What was left in the file is written over.
    await life(directory);
    expect(lines(directory).slice(0, was.length)).toEqual(was);
    expect(verify(journalPath(directory))).toMatchObject({ ok: true, archived: 400 });
  });

  it.each([1, 50, 5_000])(
    'loses nothing where %i bytes of a block were left behind by a dead process',
    async (count) => {
      const directory = await before();
      const was = lines(directory);
      const half = opened(directory, T0 + 9 * DAY);
      await half.store.appendDurable('bot_start', {});
      void half.store.tend();
      await half.store.close();
      for (const file of readdirSync(archiveOf(directory)))
        appendFileSync(join(archiveOf(directory), file), Buffer.alloc(count, 7));
      await life(directory);
      expect(lines(directory).slice(0, was.length)).toEqual(was);
      expect(verify(journalPath(directory))).toMatchObject({ ok: true, archived: 400 });
    },
  );

  it('that was restored without its newest block is not written on, and the journal keeps what it has', async () => {
    const directory = await before();
    await life(directory);
    const file = join(archiveOf(directory), 'journal-2024-02.jsonl.gz');
    writeFileSync(file, readFileSync(file).subarray(0, 20));
    const parts = opened(directory, T0 + 9 * DAY);
    for (let i = 0; i < 10; i += 1) parts.store.append('cycle_metrics', { i });
    await parts.store.flush();
    parts.clock.set(Date.UTC(2024, 1, 28));
    await tended(parts);
    expect(verify(journalPath(directory)).problems.join()).toMatch(/Archive .*journal-2024-02/);
    await parts.store.close();
  });

  it.each<readonly [string, (directory: string) => void]>([
    ['is missing', (directory) => rmSync(archiveOf(directory), { recursive: true })],
    [
      'has a flipped bit',
      (directory) => {
        const file = join(archiveOf(directory), 'journal-2024-01.jsonl.gz');
        const bytes = readFileSync(file);
        bytes[40] = (bytes[40] as number) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
  ])('is named where it %s; the bot starts, and nobody reads over it', async (_what, spoil) => {
    const directory = await before();
    await life(directory);
    spoil(directory);
    const check = verify(journalPath(directory));
    expect(check).toMatchObject({ ok: false, records: 51 });
    expect(check.problems[0]).toMatch(/Archive .* must hold the records that have left the journal/);
    expect(() => lines(directory)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    const { store } = opened(directory, T0 + 9 * DAY);
    expect(store.query({ types: ['order'] })).toHaveLength(50);
    await store.close();
  });

  it('explains no other hole: a record that was taken out by hand is missing', async () => {
    const directory = await before();
    await life(directory);
    const copy = `${directory}-copy`;
    cpSync(directory, copy, { recursive: true });
    const database = anyDriver().open(journalPath(copy));
    database.exec('DELETE FROM events WHERE seq = 10');
    database.close();
    expect(verify(journalPath(copy)).problems.join()).toMatch(
      /records 2 to \d+ \d+ are missing, and \d+ were archived/,
    );
    expect(() => opened(copy, T0 + 9 * DAY)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
  });
});

/** Fails at the nth statement once the archive's table is there, and at all that follow: the process is dead. */
function dying(nth: number): SqliteDriver {
  let left = Infinity;
  const dead = (): void => {
    if ((left -= 1) <= 0) throw new Error('killed');
  };
  const around = (database: SqliteDatabase): SqliteDatabase => ({
    ...database,
    exec: (sql) => {
      if (sql.includes('archived')) left = nth;
      if (left < Infinity) dead();
      database.exec(sql);
    },
    prepare: (sql) => {
      const statement = database.prepare(sql);
      if (!/^(INSERT INTO archived|DELETE)/.test(sql)) return statement;
      return {
        ...statement,
        run: (...values) => {
          dead();
          statement.run(...values);
        },
      };
    },
    transaction: (work) =>
      database.transaction(() => {
        const result = work();
        if (left < Infinity) dead();
        return result;
      }),
  });
  const { name, version, open } = anyDriver();
  return { name, version, open: (path, options) => around(open(path, options)) };
}
