import { token } from '../../injection/token.js';
import type { Secret } from './secret.js';
import type { VenueSettings } from './settings/venue-settings.js';

/** What an account's requests are signed with. */
export interface VenueKey {
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
}

/** The variables that hold the two; with `_FILE` behind the name, the path of a file that does. */
export const VENUE_SECRETS = {
  apiKey: 'PERPSBOT_VENUE_API_KEY',
  apiSecret: 'PERPSBOT_VENUE_API_SECRET',
} as const satisfies Readonly<Record<keyof VenueKey, string>>;

/** The key of the venue that is configured. A host that keeps its own binds another. */
export interface VenueCredentials {
  /**
   * The key, for hosts of this environment, read when it is first asked for and known to the redactor before anybody
   * has it. Throws CFG-009 for what is missing or cannot be used, naming all of it, and CFG-006 where the key is
   * configured for another environment: then nothing is read.
   */
  read(environment: VenueSettings['environment']): Promise<VenueKey>;
}
export const VenueCredentials = token<VenueCredentials>('VenueCredentials');
