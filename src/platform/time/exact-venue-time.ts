import { injectable } from 'inversify';
import type { VenueTime } from '../../ports/configuration/venue-time.js';

/** The exchange lives on the world's own clock: there is nothing to measure, and no error. */
@injectable()
export class ExactVenueTime implements VenueTime {
  readonly boundMs = 0;
  readonly measuredMs = 0;
  readonly offsetMs = 0;
  readonly doubt = undefined;
  readonly stepped = false;
}
