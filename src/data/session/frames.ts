import { fault } from '../../domain/errors.js';

/** One side of a message, price and size as the venue wrote them. Sizes are absolute; zero deletes the level. */
export type Levels = readonly (readonly [string, string])[];

export interface SnapshotFrame {
  readonly kind: 'snapshot';
  readonly lastUpdateId: number;
  readonly bids: Levels;
  readonly asks: Levels;
}

/** Changes of the book, of the updates `first` to `last`. */
export interface DiffFrame {
  readonly kind: 'diff';
  readonly symbol: string;
  readonly first: number;
  readonly last: number;
  /** Last update of the message before; venues that do not send it number their messages without holes. */
  readonly previous: number | undefined;
  readonly bids: Levels;
  readonly asks: Levels;
}

/** The venue's own word on the best prices after an update. */
export interface TickerFrame {
  readonly kind: 'ticker';
  readonly symbol: string;
  readonly update: number;
  readonly bid: readonly [string, string];
  readonly ask: readonly [string, string];
}

export type SessionFrame = SnapshotFrame | DiffFrame | TickerFrame | { readonly kind: 'other' };

type Raw = Readonly<Record<string, unknown>>;

/**
 * One line of a recorded WebSocket session, `<receive time> <json>`: depth diffs, best prices, and the snapshot in
 * between, in the field names of Binance; with or without the wrapper of combined streams. Throws DATA-003.
 */
export function parseFrame(line: string, where: string): SessionFrame {
  const space = line.indexOf(' ');
  const text = line.startsWith('{') ? line : line.slice(space + 1);
  const outer = parse(text, where);
  const frame = isRecord(outer['data']) ? outer['data'] : outer;
  if (frame['lastUpdateId'] !== undefined) {
    return {
      kind: 'snapshot',
      lastUpdateId: whole(frame, 'lastUpdateId', where),
      bids: levels(frame['bids'], where),
      asks: levels(frame['asks'], where),
    };
  }
  if (frame['e'] === 'depthUpdate') {
    return {
      kind: 'diff',
      symbol: String(frame['s']),
      first: whole(frame, 'U', where),
      last: whole(frame, 'u', where),
      previous: frame['pu'] === undefined ? undefined : whole(frame, 'pu', where),
      bids: levels(frame['b'], where),
      asks: levels(frame['a'], where),
    };
  }
  if (frame['e'] === 'bookTicker') {
    return {
      kind: 'ticker',
      symbol: String(frame['s']),
      update: whole(frame, 'u', where),
      bid: [String(frame['b']), String(frame['B'])],
      ask: [String(frame['a']), String(frame['A'])],
    };
  }
  return { kind: 'other' };
}

function parse(text: string, where: string): Raw {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw fault('DATA-003', 'A line of a session must be a receive time and a JSON object.', { where, cause });
  }
  throw fault('DATA-003', `A line of a session must hold a JSON object, was ${text.slice(0, 40)}.`, { where });
}

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

function whole(frame: Raw, field: string, where: string): number {
  const value = frame[field];
  if (!Number.isSafeInteger(value))
    throw fault('DATA-003', `Field ${field} must be a whole number, was ${String(value)}.`, { where });
  return value as number;
}

function levels(value: unknown, where: string): Levels {
  if (
    Array.isArray(value) &&
    value.every(
      (row) => Array.isArray(row) && row.length >= 2 && typeof row[0] === 'string' && typeof row[1] === 'string',
    )
  )
    return value as Levels;
  throw fault('DATA-003', 'Levels of a book must be pairs of text, price and size.', { where });
}
