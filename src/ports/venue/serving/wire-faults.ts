/** What can go wrong with an answer. */
const REPLY_FAULTS = [
  'reset',
  'no-answer',
  'late-answer',
  'truncated',
  'html',
  'server-error',
  'rate-limited',
  'banned',
  'stale-snapshot',
] as const;

/** What can go wrong with what a stream tells, or with its socket. */
const STREAM_FAULTS = [
  'drop',
  'duplicate',
  'reorder',
  'delay',
  'sequence-gap',
  'crossed-book',
  'silent-channel',
  'half-open',
  'slow-reader',
  'disconnect',
] as const;

export type ReplyFault = (typeof REPLY_FAULTS)[number];
export type StreamFault = (typeof STREAM_FAULTS)[number];
export type WireFault = ReplyFault | StreamFault;

export const WIRE_FAULTS: readonly WireFault[] = [...REPLY_FAULTS, ...STREAM_FAULTS];
