/** Where a secret is read from: one of the two, where its variable is not set. It never stands here itself. */
export interface SecretSource {
  /** Path of a file that holds it and nothing else. */
  readonly file?: string;
  /** A program and its arguments, run without a shell; it prints the secret. */
  readonly command?: readonly string[];
}

/** The venue that is spoken to over its own wire. */
export interface VenueSettings {
  /** Absent: none. */
  readonly name?: string;
  /** `live`: its production; everything else is `testnet`. */
  readonly environment: 'live' | 'testnet';
  /** In place of the hosts of that environment. */
  readonly restUrl?: string;
  readonly streamUrl?: string;
  /** The key of the account and its secret, of that environment and no other. */
  readonly apiKey?: SecretSource;
  readonly apiSecret?: SecretSource;
  /** What arrives later than this is not told, and its stream is opened anew. */
  readonly maxLagMs: number;
}
