import type { JournalFold, StoredEvent } from '../ports/storage/event-store.js';

type Key = string | number;

/** The records that a fold keeps of those it was given, in order of the first record of each key. */
export class KeptRecords {
  private readonly kept = new Map<Key, StoredEvent>();
  /** Keys that have ended since: what was kept under them before the first record given is not needed either. */
  private readonly ended = new Set<Key>();

  constructor(readonly fold: JournalFold) {}

  get size(): number {
    return this.kept.size;
  }

  take(event: StoredEvent): void {
    const key = this.keyOf(event);
    if (key === undefined) return;
    if (this.fold.ends?.(event) === true) {
      this.kept.delete(key);
      this.ended.add(key);
    } else this.kept.set(key, this.chosen(this.kept.get(key), event));
  }

  /** Together with what was kept `before` the first record given, as if all of it had been given. */
  *events(before: Iterable<StoredEvent> = []): Generator<StoredEvent, void> {
    if (this.kept.size === 0 && this.ended.size === 0) {
      yield* before;
      return;
    }
    const told = new Set<Key>();
    for (const event of before) {
      const key = this.keyOf(event);
      if (key === undefined || this.ended.has(key)) continue;
      const newer = this.kept.get(key);
      if (newer !== undefined) told.add(key);
      yield newer === undefined ? event : this.chosen(event, newer);
    }
    for (const [key, event] of this.kept) if (!told.has(key)) yield event;
  }

  private keyOf(event: StoredEvent): Key | undefined {
    return this.fold.key === undefined ? event.seq : this.fold.key(event);
  }

  private chosen(kept: StoredEvent | undefined, event: StoredEvent): StoredEvent {
    return kept === undefined || this.fold.replaces?.(event, kept) !== false ? event : kept;
  }
}

/** For journals that have all their records at hand. */
export function keptOf(fold: JournalFold, events: Iterable<StoredEvent>): StoredEvent[] {
  const kept = new KeptRecords(fold);
  for (const event of events) if (fold.types.includes(event.type)) kept.take(event);
  return [...kept.events()];
}
