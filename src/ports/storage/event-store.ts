import type { PerpsBotError } from '../../domain/errors.js';
import { token } from '../../injection/token.js';

/** Values a record may hold: money as decimal strings, times as epoch milliseconds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type Payload = { readonly [key: string]: Json | undefined };

export interface StoredEvent {
  /** Strictly increasing within one store. */
  readonly seq: number;
  /** World time, epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  /** The bot's id, or `risk_engine`. */
  readonly botId: string;
  readonly profile: string;
  readonly version: number;
  readonly payload: Payload;
}

export interface EventQuery {
  readonly types?: readonly string[];
  readonly botId?: string;
  /** Records with a larger `seq` only. */
  readonly after?: number;
  /** Newest `limit` records, still oldest first. */
  readonly limit?: number;
}

/**
 * What a reader needs of the journal at start, said by rules of records alone: of which types, which of them replace
 * one another and which end one another. Reading all records and reading only those that are kept must come to the
 * same. The journal keeps what is left of a long past beside itself, so that a start does not read all of it again.
 */
export interface JournalFold {
  /** Names what is kept beside the journal: one of each in a process. Letters, digits and dashes. */
  readonly name: string;
  /** Raised with every change of the rules below: what an older version kept is left out, and the journal is read. */
  readonly version: number;
  /** Never types of samples (`SAMPLES`): those leave the journal. */
  readonly types: readonly string[];
  /**
   * Of two records with one key one is kept, in the place of the older. Undefined: the record says nothing.
   * Absent: every record is kept.
   */
  key?(event: StoredEvent): string | undefined;
  /** Of two records with one key, whether the newer is the one that is kept. Absent: always. */
  replaces?(newer: StoredEvent, older: StoredEvent): boolean;
  /** The record ends its key: neither it nor what was kept under the key is needed any more. */
  ends?(event: StoredEvent): boolean;
}

/**
 * Append-only, ordered, versioned journal of one account. Payload keys never collide with the envelope.
 * A failed write throws STORE-004 (008 on a full disk, 007 when the files are not where they were opened) to the
 * caller of `appendDurable` and of `flush`, and is reported by `healthy`; a damaged store is refused when it is opened
 * (STORE-001), never skipped.
 */
export interface EventStore {
  /** Queued; on disk with the next group commit. Order of calls is order of records. */
  append(type: string, payload: Payload, botId?: string): void;
  /** On disk, synced, when it resolves; everything appended before it is on disk too. */
  appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent>;
  flush(): Promise<void>;
  /** Includes what is queued. */
  query(query?: EventQuery): StoredEvent[];
  /**
   * The records that a fold keeps, in order of the first record of each key; what is queued included. The door of
   * every service that reads more than its newest record: what it costs does not grow with the journal's age.
   */
  fold(fold: JournalFold): Iterable<StoredEvent>;
  /**
   * Called about once a second while the bot runs: what keeps the journal small, a few milliseconds at a time. Resolves
   * once what it began is done; never rejects.
   */
  tend?(): Promise<void>;
  readonly lastSeq: number;
  /**
   * True where nothing is ever kept: what is written for every order or fill need not be made then. Absent: it keeps.
   */
  readonly discards?: boolean;
  /** False once a write has failed: nothing new may be sent to a venue. */
  readonly healthy: boolean;
  /**
   * Looks whether the files are still those that were opened; once false, `healthy` is false too, and nothing beside
   * them may be written either: the place may be another's by now. Absent where there are no files.
   */
  inPlace?(): boolean;
  /** Calls once with what ended all writing, at once if that was before. Absent where nothing can fail. */
  onFailure?(listener: (error: PerpsBotError) => void): () => void;
  /** Opens the file; idempotent. */
  open(): void;
  close(): Promise<void>;
}
export const EventStore = token<EventStore>('EventStore');
