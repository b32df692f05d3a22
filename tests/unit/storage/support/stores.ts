import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { SqliteDriver } from '#src/ports/storage/sqlite.js';
import { loadDriver } from '#src/storage/sqlite/runtime-sqlite.js';
import { SqliteEventStore } from '#src/storage/sqlite/event-store.js';
import { SqliteExchangeStore } from '#src/storage/sqlite/exchange-store.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

/** Every driver that works on this Node: libsql everywhere, node:sqlite from 22.13 on. The first is the one chosen. */
export const drivers: readonly SqliteDriver[] = (['node:sqlite', 'libsql'] as const).flatMap((name) => {
  try {
    return [loadDriver(name)];
  } catch {
    return [];
  }
});

/** The first of them; the tests cannot run without one. */
export function anyDriver(): SqliteDriver {
  const driver = drivers[0];
  if (driver === undefined) throw new Error('no SQLite driver on this Node');
  return driver;
}

/** For `describe.each`. */
export const eachDriver = drivers.map((driver) => [driver.name, driver] as const);

/** The driver, as if its SQLite were of another version. */
export const ofVersion = (version: string, { name, open }: SqliteDriver = anyDriver()): SqliteDriver => ({
  name,
  version,
  open,
});

/** Timers that a test fires. */
export class ManualTimers implements Scheduler {
  readonly timers: { readonly delayMs: number; readonly callback: () => void }[] = [];

  get pending(): number {
    return this.timers.length;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { delayMs, callback };
    this.timers.push(timer);
    return () => {
      const index = this.timers.indexOf(timer);
      if (index >= 0) this.timers.splice(index, 1);
    };
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  fireAll(): void {
    for (const timer of this.timers.splice(0)) timer.callback();
  }
}

const originals = new Map<string, Promise<string>>();
afterAll(async () => {
  for (const original of originals.values()) rmSync(join(await original, '..'), { recursive: true, force: true });
});

/** A state directory as `make` leaves it: made once under this name for the whole file, and copied for each test. */
export async function copyOf(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const original = originals.get(name) ?? made(make);
  originals.set(name, original);
  const directory = temporaryDirectory();
  cpSync(await original, directory, { recursive: true });
  return directory;
}

async function made(make: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(mkdtempSync(join(tmpdir(), 'perps-store-')), 'state');
  await make(directory);
  return directory;
}

const directories: string[] = [];

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'perps-store-'));
  directories.push(directory);
  return join(directory, 'state');
}

export function removeTemporaryDirectories(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

export interface StoreParts {
  readonly store: SqliteEventStore;
  readonly timers: ManualTimers;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
}

export function sqliteStore(directory: string, driver: SqliteDriver = anyDriver()): StoreParts {
  const timers = new ManualTimers();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const config = new FakeConfigController(testConfig({ storage: { driver: 'sqlite', directory } }));
  return {
    store: new SqliteEventStore(config, clock, timers, driver, logger, new SecretRedactor()),
    timers,
    clock,
    logger,
  };
}

export const sqliteExchange = (directory: string, driver: SqliteDriver = anyDriver()): SqliteExchangeStore =>
  new SqliteExchangeStore(new FakeConfigController(testConfig({ storage: { driver: 'sqlite', directory } })), driver);
