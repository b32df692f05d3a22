import type { WireFault } from './wire-faults.js';

/** What a server of a venue's protocol is to serve. */
export interface VenueServeRequest {
  readonly protocol: 'binance-usdm';
  readonly market:
    | { readonly from: 'generated'; readonly seed?: number }
    /** A recorded WebSocket session. */
    | { readonly from: 'session'; readonly file: string; readonly symbol?: string };
  /** On loopback; 0: one that is free. */
  readonly port: number;
  /** What goes wrong on the way; absent: nothing. */
  readonly faults?: { readonly names: readonly WireFault[]; readonly chance: number; readonly seed: number };
  /** Each of an account of its own; absent: nobody may sign. */
  readonly keys?: readonly { readonly key: string; readonly secret: string; readonly mayWithdraw?: boolean }[];
}

/** A server that stands. */
export interface ServedVenue {
  readonly host: string;
  readonly port: number;
  /** Names on the wire. */
  readonly symbols: readonly string[];
  /** Resolves when a recorded market has ended; rejects when a generated one has failed. */
  readonly ended: Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}
