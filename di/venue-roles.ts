import { AccountAccess } from '../src/ports/venue/account-access.js';
import { AccountSettings } from '../src/ports/venue/account-settings.js';
import { Brokerage } from '../src/ports/venue/brokerage.js';
import { Instruments } from '../src/ports/venue/instruments.js';
import { MarketFeed } from '../src/ports/venue/market-feed.js';
import { OrderEntry } from '../src/ports/venue/order-entry.js';
import { Treasury } from '../src/ports/venue/treasury.js';
import { VenueSession } from '../src/ports/venue/venue-session.js';
import type { Binder } from './phase.js';

/** The roles of a venue, each what services inject. */
export const VENUE_ROLES = {
  VenueSession,
  Instruments,
  MarketFeed,
  OrderEntry,
  AccountAccess,
  AccountSettings,
  Treasury,
} as const;

/**
 * Every role is played by whoever is bound as `Brokerage`: rebinding that moves all of them, rebinding a role moves it
 * alone.
 */
export function bindVenueRoles({ bind }: Binder): void {
  bind(VenueSession).toService(Brokerage);
  bind(Instruments).toService(Brokerage);
  bind(MarketFeed).toService(Brokerage);
  bind(OrderEntry).toService(Brokerage);
  bind(AccountAccess).toService(Brokerage);
  bind(AccountSettings).toService(Brokerage);
  bind(Treasury).toService(Brokerage);
}
