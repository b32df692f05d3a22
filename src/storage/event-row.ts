import { crc32 } from '../flow/crc32.js';
import type { EventQuery, Payload, StoredEvent } from '../ports/storage/event-store.js';

/** Version of the records written now; a reader of older ones decides by it. */
export const RECORD_VERSION = 1;

/** A record as it is kept: the payload as text, so that nobody can change it after the fact. */
export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly botId: string;
  readonly profile: string;
  readonly version: number;
  readonly body: string;
}

/** The text of a payload. A number that is not finite becomes null: not known. */
export const bodyOf = (payload: Payload): string => JSON.stringify(payload);

export const eventOf = (row: EventRow): StoredEvent => ({
  seq: row.seq,
  at: row.at,
  type: row.type,
  botId: row.botId,
  profile: row.profile,
  version: row.version,
  payload: JSON.parse(row.body) as Payload,
});

/**
 * The same of a record that has just been written, its payload read when somebody asks: who writes one seldom wants it
 * back, and an order waits for it.
 */
export const writtenEvent = (row: EventRow): StoredEvent => new WrittenEvent(row);

class WrittenEvent implements StoredEvent {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly botId: string;
  readonly profile: string;
  readonly version: number;
  readonly #body: string;

  constructor({ seq, at, type, botId, profile, version, body }: EventRow) {
    this.seq = seq;
    this.at = at;
    this.type = type;
    this.botId = botId;
    this.profile = profile;
    this.version = version;
    this.#body = body;
  }

  get payload(): Payload {
    return JSON.parse(this.#body) as Payload;
  }
}

/** CRC-32 over the whole record, envelope included: `JSON.stringify` of the list of its fields, then the body. */
export const checksumOf = ({ seq, at, type, botId, profile, version, body }: EventRow): number =>
  crc32(
    `[${seq},${Number.isFinite(at) ? at : null},${quoted(type)},${quoted(botId)},${quoted(profile)},${version}]${body}`,
  );

/** Few words in very many records; what is not among the first of them is quoted each time. */
const MOST_WORDS = 500;
const words = new Map<string, string>();

function quoted(word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  const text = JSON.stringify(word);
  if (words.size < MOST_WORDS) words.set(word, text);
  return text;
}

export const matches = (row: EventRow, query: EventQuery): boolean =>
  row.seq > (query.after ?? 0) &&
  (query.types === undefined || query.types.includes(row.type)) &&
  (query.botId === undefined || query.botId === row.botId);

/** The newest `limit`, or all of them. */
export function newest<T>(items: readonly T[], limit: number | undefined): readonly T[] {
  if (limit === undefined) return items;
  return limit > 0 ? items.slice(-limit) : [];
}
