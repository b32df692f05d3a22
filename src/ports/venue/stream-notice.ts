/** A part of a stream, which a venue may lose by itself. */
export type StreamChannel =
  'book' | 'trades' | 'marks' | 'instruments' | 'depth' | 'orders' | 'fills' | 'positions' | 'balances' | 'terms';

/** In-band news of the stream itself: after `gap` or `stale` the last values must not be trusted. */
export interface StreamNotice {
  readonly kind: 'gap' | 'stale' | 'reconnected' | 'closed';
  /** Absent: every symbol of the stream. */
  readonly symbol?: string;
  /** Absent: every channel of the stream. */
  readonly channel?: StreamChannel;
  readonly message: string;
  readonly at: number;
}
