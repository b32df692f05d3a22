import { token } from '../../injection/token.js';
import type { BackgroundTask, StatusSource } from '../market-services/lifecycle.js';

/** Asks the venue for its time, before anything is signed with ours and from then on. */
export interface VenueTimekeeper extends BackgroundTask, StatusSource {
  /**
   * Measures once, before the first signed call. Throws VENUE-006 where the host's clock is too far from the venue's to
   * start with. Does nothing where there is nothing to measure.
   */
  begin(): Promise<void>;
}
export const VenueTimekeeper = token<VenueTimekeeper>('VenueTimekeeper');
