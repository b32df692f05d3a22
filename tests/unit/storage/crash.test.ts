import 'reflect-metadata';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { tail, verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import {
  eachDriver,
  ofVersion,
  removeTemporaryDirectories,
  sqliteStore,
  temporaryDirectory,
} from './support/stores.js';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  removeTemporaryDirectories();
});

/** Starts a process that writes durable records; resolves when it has acknowledged `count` of them. */
async function writer(
  directory: string,
  count: number,
  driver: string,
): Promise<{ readonly child: ChildProcess; readonly acknowledged: () => number }> {
  const child = spawn(process.execPath, [resolve('tests/unit/storage/support/crash-child.mjs'), directory, driver], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const acknowledged = (): number => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1));
  await new Promise<void>((enough, failed) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (acknowledged() >= count) enough();
    });
    child.once('exit', () => failed(new Error(`the writer ended early: ${errors}`)));
  });
  return { child, acknowledged };
}

describe.each(eachDriver)('a writer that is killed, on %s', (name, driver) => {
  it('leaves every record it acknowledged, and a directory that the next one takes over (CF-08, PR-06)', async () => {
    const directory = temporaryDirectory();
    const { child, acknowledged } = await writer(directory, 60, name);

    expect(() => sqliteStore(directory, driver).store.open()).toThrow(
      expect.objectContaining({
        code: 'STORE-005',
        message: expect.stringContaining(`process ${child.pid} (bot child`),
      }),
    );
    expect(tail(journalPath(directory), { limit: 1 }, driver)).toHaveLength(1);

    child.kill('SIGKILL');
    await once(child, 'close');
    const promised = acknowledged();
    expect(promised).toBeGreaterThanOrEqual(60);

    const { store } = sqliteStore(directory, driver);
    store.open();
    expect(store.lastSeq).toBeGreaterThanOrEqual(promised);
    expect(store.query().map((event) => event.seq)).toEqual(
      Array.from({ length: store.lastSeq }, (_, index) => index + 1),
    );
    expect(store.query({ types: ['intent'] }).map((event) => event.payload['n'])).toEqual(
      Array.from({ length: store.lastSeq / 2 }, (_, index) => index + 1),
    );
    expect((await store.appendDurable('next', {})).seq).toBe(store.query().length);
    await store.close();
    expect(verify(journalPath(directory), driver).ok).toBe(true);
  }, 30_000);

  it('may be copied at any moment before: the copy is whole, and holds what was acknowledged by then', async () => {
    const directory = temporaryDirectory();
    const { child, acknowledged } = await writer(directory, 1, name);
    const copying = ofVersion('3.51.2', driver);
    for (let copies = 0; copies < 25; copies += 1) {
      const promised = acknowledged();
      const { ok, problems, records } = verify(journalPath(directory), copying);
      expect({ ok, problems }).toEqual({ ok: true, problems: [] });
      expect(records).toBeGreaterThanOrEqual(promised);
      await new Promise((resolved) => setTimeout(resolved, 20));
    }
    child.kill('SIGKILL');
    await once(child, 'close');
  }, 60_000);
});
