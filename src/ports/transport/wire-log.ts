/** What went over the wire, letter by letter, in the order of the side that writes it down. */
export interface WireEntry {
  readonly kind: 'request' | 'reply' | 'open' | 'message' | 'close';
  /** Seen from who writes it down. */
  readonly way: 'in' | 'out';
  /** Request: method, space, target, line end, body. Reply: status, space, body. Message: as it is. */
  readonly text: string;
  /** Name and value of each header, in turns, as they came or went. */
  readonly headers?: readonly string[];
}

export type WireLog = (entry: WireEntry) => void;
