import { HostTimers } from '../../../src/platform/time/host-timers.js';
import { NodeHostClock } from '../../../src/platform/time/node-host-clock.js';
import type { ExchangeState, ExchangeStore } from '../../../src/ports/core-services/simulated-exchange.js';
import type { Scheduler } from '../../../src/ports/configuration/scheduler.js';
import type {
  EventQuery,
  EventStore,
  JournalFold,
  Payload,
  StoredEvent,
} from '../../../src/ports/storage/event-store.js';
import { keptOf } from '../../../src/storage/kept-records.js';
import { bodyOf, eventOf, matches, newest, RECORD_VERSION, type EventRow } from '../../../src/storage/event-row.js';
import { MemoryExchangeStore } from '../../../src/storage/memory/exchange-store.js';

/** A record that nobody waits for is on disk after this long. */
const COMMIT_MS = 5;

/** A promise of a process that is not there any more. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** One process: while it lives its calls get through, afterwards nothing of it does. */
export class Life {
  diedAt: number | undefined;
  /** Resolves with its death. */
  readonly over: Promise<void>;
  private end: () => void = () => undefined;
  now: () => number = () => 0;
  readonly timers = new MortalTimers();

  constructor() {
    this.over = new Promise((resolve) => (this.end = resolve));
  }

  get isOver(): boolean {
    return this.diedAt !== undefined;
  }

  die(): void {
    this.diedAt ??= this.now();
    this.end();
  }
}

/** Timers of the host that a death takes with it. */
class MortalTimers implements Scheduler {
  private readonly host = new HostTimers(new NodeHostClock());
  private readonly cancels = new Set<() => void>();

  get pending(): number {
    return this.host.pending;
  }

  after(delayMs: number, callback: () => void): () => void {
    const cancel = this.host.after(delayMs, () => {
      this.cancels.delete(cancel);
      callback();
    });
    this.cancels.add(cancel);
    return () => {
      this.cancels.delete(cancel);
      cancel();
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.host.sleep(delayMs, signal);
  }

  drop(): void {
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
  }
}

/** What is on disk when a process dies, and what the exchange knows: both outlive it. */
export class Estate {
  /** Client ids that have left any of the processes. */
  readonly sent = new Set<string>();
  private readonly rows: EventRow[] = [];
  /** Of those, so many are synced. */
  private durable = 0;
  private readonly exchange = new MemoryExchangeStore();

  /** `onSync` is told of every record that somebody waited for, once it is on disk. */
  journalOf(life: Life, onSync: () => void = () => undefined): EventStore {
    return new LivingJournal(this.rows, life, () => {
      this.durable = this.rows.length;
      onSync();
    });
  }

  /** The exchange goes on after the bot's death, until its next life takes it over. */
  exchangeOf(isOver: () => boolean): ExchangeStore {
    return {
      load: () => this.exchange.load(),
      commit: (state: ExchangeState) => (isOver() ? undefined : this.exchange.commit(state)),
      close: () => undefined,
    };
  }

  /** Of what was written and not yet synced, the disk has kept such a share. */
  lose(at: number, kept: number): void {
    const { rows } = this;
    while (this.durable < rows.length && (rows[this.durable]?.at ?? 0) <= at - COMMIT_MS) this.durable += 1;
    rows.length = this.durable + Math.floor((rows.length - this.durable) * kept);
    this.durable = rows.length;
  }
}

class LivingJournal implements EventStore {
  readonly healthy = true;

  constructor(
    private readonly rows: EventRow[],
    private readonly life: Life,
    private readonly sync: () => void,
  ) {}

  get lastSeq(): number {
    return this.rows.length;
  }

  open(): void {
    // It is never closed.
  }

  close(): Promise<void> {
    return this.flush();
  }

  append(type: string, payload: Payload, botId = 'perps-bot'): void {
    if (this.life.isOver) return;
    const body = bodyOf(payload);
    const at = this.life.now();
    this.rows.push({ seq: this.rows.length + 1, at, type, botId, profile: 'demo', version: RECORD_VERSION, body });
  }

  async appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent> {
    this.append(type, payload, botId);
    await this.flush();
    return eventOf(this.rows.at(-1) as EventRow);
  }

  async flush(): Promise<void> {
    if (this.life.isOver) await never();
    this.sync();
  }

  query(query: EventQuery = {}): StoredEvent[] {
    const found = this.rows.filter((row) => matches(row, query));
    return newest(found, query.limit).map(eventOf);
  }

  fold(fold: JournalFold): StoredEvent[] {
    return keptOf(fold, this.query({ types: fold.types }));
  }
}
