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
