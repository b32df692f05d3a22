/** In-band news of the stream itself: after `gap` or `stale` the last values must not be trusted. */
export interface StreamNotice {
  readonly kind: 'gap' | 'stale' | 'reconnected' | 'closed';
  readonly symbol?: string;
  readonly message: string;
  readonly at: number;
}
