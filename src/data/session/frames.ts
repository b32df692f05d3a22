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

/** One public trade, alone or as the venue sums them up. */
interface TradeFrame {
  readonly kind: 'trade';
  readonly symbol: string;
  readonly price: string;
  readonly size: string;
  /** The buyer had been resting: whoever took sold. */
  readonly isBuyerMaker: boolean;
}

/** What the venue values positions by; what it does not say is absent. */
interface MarkFrame {
  readonly kind: 'mark';
  readonly symbol: string;
  readonly mark?: string;
  readonly index?: string;
  readonly fundingRate?: string;
  readonly nextFundingAt?: number;
}

/** What was heard and could not be read, as whoever recorded it noted; its text is kept for people. */
export const UNREAD = 'unread';
/** Whoever recorded says that it ended here. */
export const ENDED = 'recordEnded';

/** `why` it ended before whoever recorded did; undefined: it did not. */
interface EndFrame {
  readonly kind: 'ended';
  readonly why: string | undefined;
}

/** `at`: the venue's own time of it, epoch milliseconds; undefined where it says none. */
export type SessionFrame = { readonly at: number | undefined } & (
  SnapshotFrame | DiffFrame | TickerFrame | TradeFrame | MarkFrame | EndFrame | { readonly kind: 'other' | 'unread' }
);

const DECIMAL = /^-?\d{1,20}(\.\d{1,20})?$/;

type Raw = Readonly<Record<string, unknown>>;

/**
 * One line of a recorded WebSocket session, `<receive time> <json>`: depth diffs, best prices, trades, marks, and the
 * snapshot in between, in the field names of Binance; with or without the wrapper of combined streams. Throws DATA-003.
 */
export function parseFrame(line: string, where: string): SessionFrame {
  const space = line.indexOf(' ');
  const text = line.startsWith('{') ? line : line.slice(space + 1);
  const outer = parse(text, where);
  const frame = isRecord(outer['data']) ? outer['data'] : outer;
  const at = Number.isSafeInteger(frame['E']) ? (frame['E'] as number) : undefined;
  if (frame['lastUpdateId'] !== undefined) {
    return {
      kind: 'snapshot',
      at,
      lastUpdateId: whole(frame, 'lastUpdateId', where),
      bids: levels(frame['bids'], where),
      asks: levels(frame['asks'], where),
    };
  }
  const symbol = String(frame['s']);
  switch (frame['e']) {
    case 'depthUpdate':
      return {
        kind: 'diff',
        at,
        symbol,
        first: whole(frame, 'U', where),
        last: whole(frame, 'u', where),
        previous: frame['pu'] === undefined ? undefined : whole(frame, 'pu', where),
        bids: levels(frame['b'], where),
        asks: levels(frame['a'], where),
      };
    case 'bookTicker':
      return {
        kind: 'ticker',
        at,
        symbol,
        update: whole(frame, 'u', where),
        bid: [words(frame, 'b', where), words(frame, 'B', where)],
        ask: [words(frame, 'a', where), words(frame, 'A', where)],
      };
    case 'trade':
    case 'aggTrade':
      return {
        kind: 'trade',
        at,
        symbol,
        price: words(frame, 'p', where),
        size: words(frame, 'q', where),
        isBuyerMaker: frame['m'] === true,
      };
    case 'markPriceUpdate':
      return { kind: 'mark', at, symbol, ...markOf(frame, where) };
    case UNREAD:
      return { kind: 'unread', at };
    case ENDED:
      return { kind: 'ended', at, why: typeof frame['why'] === 'string' ? frame['why'] : undefined };
    default:
      return { kind: 'other', at };
  }
}

/** Contracts without funding have an empty text for a rate and 0 for its time: neither is known. */
function markOf(frame: Raw, where: string): Omit<MarkFrame, 'kind' | 'symbol'> {
  const given = (field: string): boolean => ![undefined, '', 0].includes(frame[field] as string | number | undefined);
  return {
    ...(given('p') && { mark: words(frame, 'p', where) }),
    ...(given('i') && { index: words(frame, 'i', where) }),
    ...(given('r') && { fundingRate: words(frame, 'r', where) }),
    ...(given('T') && { nextFundingAt: whole(frame, 'T', where) }),
  };
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

function words(frame: Raw, field: string, where: string): string {
  const value = frame[field];
  if (!isDecimal(value))
    throw fault('DATA-003', `Field ${field} must be a decimal as text, was ${JSON.stringify(value)}.`, { where });
  return value;
}

const isDecimal = (value: unknown): value is string => typeof value === 'string' && DECIMAL.test(value);

function levels(value: unknown, where: string): Levels {
  if (
    Array.isArray(value) &&
    value.every((row) => Array.isArray(row) && row.length >= 2 && isDecimal(row[0]) && isDecimal(row[1]))
  )
    return value as Levels;
  throw fault('DATA-003', 'Levels of a book must be pairs of decimals as text, price and size.', { where });
}
