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

/** What happens at the venue itself, or to an account there, and nobody asked for it. */
const VENUE_FAULTS = [
  'clock-skew',
  'maintenance',
  'filter-change',
  'listen-key-end',
  'late-reject',
  'cancel-race',
  'hand-made-order',
  'hand-made-settings',
  'hand-made-cancel',
  'hand-made-close',
  'liquidation',
  'deleveraging',
] as const;

export type VenueFault = (typeof VENUE_FAULTS)[number];
export type ReplyFault = (typeof REPLY_FAULTS)[number];
export type StreamFault = (typeof STREAM_FAULTS)[number];
export type WireFault = ReplyFault | StreamFault | VenueFault;

export const WIRE_FAULTS: readonly WireFault[] = [...REPLY_FAULTS, ...STREAM_FAULTS, ...VENUE_FAULTS];
