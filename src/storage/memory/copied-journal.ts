import type { EventQuery, EventStore, JournalFold, Payload, StoredEvent } from '../../ports/storage/event-store.js';
import { newest } from '../event-row.js';
import { keptOf } from '../kept-records.js';

/**
 * Records of a journal that another process may be writing, to read them as its bot would. What is written here stays
 * in this process: the journal has one writer.
 */
export class CopiedJournal implements EventStore {
  readonly healthy = true;
  private readonly records: StoredEvent[];

  constructor(
    records: readonly StoredEvent[],
    private readonly now: () => number,
  ) {
    this.records = [...records];
  }

  get lastSeq(): number {
    return this.records.at(-1)?.seq ?? 0;
  }

  open(): void {
    // It is whole already.
  }

  append(type: string, payload: Payload, botId = ''): void {
    this.records.push({ seq: this.lastSeq + 1, at: this.now(), type, botId, profile: '', version: 1, payload });
  }

  async appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent> {
    this.append(type, payload, botId);
    return this.records.at(-1) as StoredEvent;
  }

  async flush(): Promise<void> {
    // Nothing leaves this process.
  }

  query({ types, botId, after = 0, limit }: EventQuery = {}): StoredEvent[] {
    const found = this.records.filter(
      (record) =>
        record.seq > after &&
        (types === undefined || types.includes(record.type)) &&
        (botId === undefined || botId === record.botId),
    );
    return [...newest(found, limit)];
  }

  fold(fold: JournalFold): StoredEvent[] {
    return keptOf(fold, this.records);
  }

  async close(): Promise<void> {
    // It is nobody's file.
  }
}
