import { token } from '../../injection/token.js';
import type { AccountAccess } from './account-access.js';
import type { AccountSettings } from './account-settings.js';
import type { Instruments } from './instruments.js';
import type { MarketFeed } from './market-feed.js';
import type { OrderEntry } from './order-entry.js';
import type { Treasury } from './treasury.js';
import type { VenueSession } from './venue-session.js';

/**
 * One venue account whole: for adapters, mocks and `bot.broker`. An adapter is bound once, as this, and its roles
 * follow; services inject the role they use. Every method rejects with a PerpsBotError (VENUE-*) when it cannot tell;
 * none returns "nothing" for "not known". Every promise settles: an adapter bounds its own requests in time; the bot
 * gives up what is not answered within `execution.requestTimeout` (a `connect` within a minute). Sizes are in base
 * units.
 */
export type Brokerage = VenueSession &
  Instruments &
  MarketFeed &
  OrderEntry &
  AccountAccess &
  AccountSettings &
  Treasury;
export const Brokerage = token<Brokerage>('Brokerage');
