import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { Redactor } from '../../ports/configuration/redactor.js';
import type { EventQuery, EventStore, JournalFold, Payload, StoredEvent } from '../../ports/storage/event-store.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { keptOf } from '../kept-records.js';
import { bodyOf, eventOf, matches, newest, RECORD_VERSION, writtenEvent, type EventRow } from '../event-row.js';

/** A journal that ends with its process: for backtests and for runs whose configuration says so. */
@injectable()
export class MemoryEventStore implements EventStore {
  readonly healthy = true;
  private readonly rows: EventRow[] = [];
  private isOpen = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Clock) private readonly clock: Clock,
    @inject(Redactor) private readonly redactor: Redactor,
  ) {}

  get lastSeq(): number {
    return this.rows.length;
  }

  open(): void {
    this.isOpen = true;
  }

  append(type: string, payload: Payload, botId?: string): void {
    this.write(type, payload, botId);
  }

  async appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent> {
    return writtenEvent(this.write(type, payload, botId));
  }

  async flush(): Promise<void> {
    // Nothing is ever queued.
  }

  query(query: EventQuery = {}): StoredEvent[] {
    this.checkOpen();
    return newest(
      this.rows.filter((row) => matches(row, query)),
      query.limit,
    ).map(eventOf);
  }

  fold(fold: JournalFold): StoredEvent[] {
    return keptOf(fold, this.query({ types: fold.types }));
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }

  private write(type: string, payload: Payload, botId: string | undefined): EventRow {
    this.checkOpen();
    const { current } = this.config;
    const body = bodyOf(payload);
    const row = {
      seq: this.rows.length + 1,
      at: this.clock.now(),
      type,
      botId: botId ?? current.botId,
      profile: current.profile,
      version: RECORD_VERSION,
      body: this.redactor.record?.(body) ?? body,
    };
    this.rows.push(row);
    return row;
  }

  private checkOpen(): void {
    if (!this.isOpen) throw fault('BOT-001', 'Event store must be open to be used, was closed.');
  }
}
