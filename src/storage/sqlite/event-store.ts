import { injectable } from 'inversify';
import { fault, type PerpsBotError } from '../../domain/errors.js';
import { pathFault } from '../../flow/path-fault.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { Redactor } from '../../ports/configuration/redactor.js';
import type { EventQuery, EventStore, JournalFold, Payload, StoredEvent } from '../../ports/storage/event-store.js';
import { Logger } from '../../ports/configuration/logger.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { SqliteDriver } from '../../ports/storage/sqlite.js';
import { bodyOf, eventOf, matches, newest, RECORD_VERSION, writtenEvent, type EventRow } from '../event-row.js';
import { Archiver } from './archive/archiver.js';
import { JournalFile } from './journal-file.js';
import { JournalFolds } from './journal-folds.js';
import { storeTrouble } from './sqlite-error.js';

/** A queued record is on disk after this long, or when this many wait, whichever comes first. */
const COMMIT_MS = 5;
const COMMIT_COUNT = 100;
/** What is kept in memory, for queries only, once nothing can be written any more. */
const MOST_UNWRITTEN = 10_000;
/** Records between two looks at whether a fold has moved far from its snapshot: hours of one bot. */
const TEND_EVERY = 20_000;

/**
 * The journal in SQLite: one file, one connection, one writer. Every commit is synced; records that may wait share one.
 * The first failed write ends all writing: the disk's state is then unknown, and trying again would only assume it.
 */
@injectable()
export class SqliteEventStore implements EventStore {
  private file: JournalFile | undefined;
  private folds: JournalFolds | undefined;
  private archiver: Archiver | undefined;
  private tendedAt = 0;
  private queue: EventRow[] = [];
  private seq = 0;
  private cancelCommit: (() => void) | undefined;
  private failure: PerpsBotError | undefined;
  private readonly listeners = new Set<(error: PerpsBotError) => void>();

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Clock) private readonly clock: Clock,
    @inject(HostScheduler) private readonly timers: Scheduler,
    @inject(SqliteDriver) private readonly driver: SqliteDriver,
    @inject(Logger) private readonly logger: Logger,
    @inject(Redactor) private readonly redactor: Redactor,
  ) {}

  get lastSeq(): number {
    return this.seq;
  }

  get healthy(): boolean {
    return this.failure === undefined;
  }

  inPlace(): boolean {
    if (this.failure === undefined && this.file !== undefined) {
      try {
        this.file.checkPlace();
      } catch (error) {
        this.fail(error);
      }
    }
    return this.failure?.code !== 'STORE-007';
  }

  onFailure(listener: (error: PerpsBotError) => void): () => void {
    if (this.failure !== undefined) {
      listener(this.failure);
      return () => undefined;
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Throws STORE-001, 002, 003, 005 or 006; after a failed write, that failure. */
  open(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.file !== undefined) return;
    const { botId, profile, storage } = this.config.current;
    if (storage.directory === undefined) {
      throw fault('STORE-003', 'storage.directory must be set for the sqlite driver, was not.', {
        fix: 'Set storage.directory, or storage.driver to memory for runs that may be forgotten.',
      });
    }
    this.file = JournalFile.open(this.driver, storage.directory, `bot ${botId}, profile ${profile}`);
    this.seq = this.tendedAt = this.file.lastSeq;
    const { file: journal, clock, timers, logger } = this;
    const mayWrite = (): boolean => this.healthy && this.inPlace();
    this.folds = new JournalFolds(journal, mayWrite, timers, logger);
    if (storage.keepSamplesMs !== undefined)
      this.archiver = new Archiver(
        { journal, clock, timers, logger, mayWrite, newest: () => this.seq - this.queue.length },
        storage.keepSamplesMs,
      );
    this.logger.debug('Journal opened', { path: this.file.path, driver: this.driver.name, lastSeq: this.seq });
  }

  append(type: string, payload: Payload, botId?: string): void {
    this.enqueue(type, payload, botId);
    if (this.queue.length >= COMMIT_COUNT) this.commitQuietly();
    else this.cancelCommit ??= this.timers.after(COMMIT_MS, () => this.commitQuietly());
  }

  async appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent> {
    if (this.failure !== undefined) throw this.failure;
    const row = this.enqueue(type, payload, botId);
    this.commit();
    return writtenEvent(row);
  }

  async flush(): Promise<void> {
    this.commit();
  }

  query(query: EventQuery = {}): StoredEvent[] {
    const queued = this.queue.filter((row) => matches(row, query));
    const rows = [...this.opened().select(query), ...queued];
    return newest(rows, query.limit).map(eventOf);
  }

  fold(fold: JournalFold): Iterable<StoredEvent> {
    const { folds } = this;
    if (folds === undefined) throw closed();
    return folds.fold(fold, this.queue.filter(({ type }) => fold.types.includes(type)).map(eventOf));
  }

  async tend(): Promise<void> {
    const { folds, archiver } = this;
    if (folds === undefined || this.failure !== undefined) return;
    const isDue = folds.isDue || this.seq - this.tendedAt >= TEND_EVERY;
    if (isDue) this.tendedAt = this.seq;
    await Promise.all([isDue ? folds.tend() : undefined, archiver?.tend()]);
  }

  /**
   * Commits what is queued. Rejects with STORE-004 when records were lost; the file and the lock are free all the same.
   */
  async close(): Promise<void> {
    const { file, folds } = this;
    if (file === undefined) return;
    this.commitQuietly();
    this.folds = undefined;
    await this.archiver?.end();
    await folds?.end();
    if (this.file !== file) return;
    try {
      this.commit();
    } finally {
      this.file = undefined;
      file.close();
    }
  }

  private enqueue(type: string, payload: Payload, botId: string | undefined): EventRow {
    this.opened();
    const { current } = this.config;
    const body = bodyOf(payload);
    const row = {
      seq: this.seq + 1,
      at: this.clock.now(),
      type,
      botId: botId ?? current.botId,
      profile: current.profile,
      version: RECORD_VERSION,
      body: this.redactor.record?.(body) ?? body,
    };
    if (this.failure !== undefined && this.queue.length >= MOST_UNWRITTEN) return row;
    this.seq = row.seq;
    this.queue.push(row);
    return row;
  }

  private commit(): void {
    this.cancelCommit?.();
    this.cancelCommit = undefined;
    if (this.failure !== undefined) throw this.failure;
    if (this.queue.length === 0) return;
    try {
      this.opened().insert(this.queue);
      this.queue = [];
    } catch (error) {
      throw this.fail(error);
    }
  }

  private fail(error: unknown): PerpsBotError {
    this.failure = unwritten(this.file?.path ?? '', error);
    this.logger.error('Journal write failed; nothing more is written', {
      error: this.failure,
      unwritten: this.queue.length,
    });
    for (const listener of this.listeners) listener(this.failure);
    this.listeners.clear();
    return this.failure;
  }

  /** Nobody waits for these records: the failure shows in `healthy`, in the log, and at the next durable record. */
  private commitQuietly(): void {
    if (this.failure !== undefined) return;
    try {
      this.commit();
    } catch {
      // Kept and logged by `commit`.
    }
  }

  private opened(): JournalFile {
    if (this.file === undefined) throw closed();
    return this.file;
  }
}

const closed = (): PerpsBotError => fault('BOT-001', 'Event store must be open to be used, was closed.');

/** The journal is verified when it is opened again: what became of this write shows then. */
const unwritten = (path: string, cause: unknown): PerpsBotError =>
  pathFault(
    { must: `Journal ${path} must take new records`, where: path, code: 'STORE-004', then: 'Then start again.' },
    cause,
    storeTrouble(path, cause),
  );
