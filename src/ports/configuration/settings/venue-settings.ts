/** The venue that is spoken to over its own wire. */
export interface VenueSettings {
  /** Absent: none. */
  readonly name?: string;
  /** `live`: its production; everything else is `testnet`. */
  readonly environment: 'live' | 'testnet';
  /** In place of the hosts of that environment. */
  readonly restUrl?: string;
  readonly streamUrl?: string;
  /** What arrives later than this is not told, and its stream is opened anew. */
  readonly maxLagMs: number;
}
