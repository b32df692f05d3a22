import type { PerpsBotError } from '#src/domain/errors.js';
import { keptOf } from '#src/storage/kept-records.js';
import type { EventQuery, EventStore, JournalFold, Payload, StoredEvent } from '#src/ports/storage/event-store.js';

/** A journal for unit tests; can be told to fail. */
export class FakeEventStore implements EventStore {
  readonly events: StoredEvent[] = [];
  failure: Error | undefined;
  healthy = true;
  /** Whether its files are still there. */
  placed = true;
  private readonly listeners = new Set<(error: PerpsBotError) => void>();

  constructor(private readonly now: () => number = () => 0) {}

  get lastSeq(): number {
    return this.events.length;
  }

  append(type: string, payload: Payload, botId = 'perps-bot'): void {
    this.write(type, payload, botId);
  }

  appendDurable(type: string, payload: Payload, botId = 'perps-bot'): Promise<StoredEvent> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve(this.write(type, payload, botId));
  }

  flush(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  query(query: EventQuery = {}): StoredEvent[] {
    const found = this.events.filter(
      (event) =>
        (query.types === undefined || query.types.includes(event.type)) &&
        (query.botId === undefined || event.botId === query.botId) &&
        event.seq > (query.after ?? 0),
    );
    return query.limit === undefined ? found : found.slice(-query.limit);
  }

  fold(fold: JournalFold): StoredEvent[] {
    return keptOf(fold, this.events);
  }

  inPlace(): boolean {
    return this.placed;
  }

  onFailure(listener: (error: PerpsBotError) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  fail(error: PerpsBotError): void {
    this.failure = error;
    this.healthy = false;
    for (const listener of this.listeners) listener(error);
  }

  open(): void {
    this.healthy = true;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Records of one type, payloads only. */
  payloads(type: string): Payload[] {
    return this.query({ types: [type] }).map((event) => event.payload);
  }

  private write(type: string, payload: Payload, botId: string): StoredEvent {
    const event: StoredEvent = {
      seq: this.events.length + 1,
      at: this.now(),
      type,
      botId,
      profile: 'demo',
      version: 1,
      payload,
    };
    this.events.push(event);
    return event;
  }
}
