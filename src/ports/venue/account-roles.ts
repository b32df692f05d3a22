import type { World } from '../configuration/settings/bot-config.js';
import { AccountAccess } from './account-access.js';
import { AccountSettings } from './account-settings.js';
import type { Capabilities } from './capabilities.js';
import { OrderEntry } from './order-entry.js';
import { Treasury } from './treasury.js';
import { VenueSession } from './venue-session.js';

/** Roles that reach the account. Prices and products may come from another venue than the one that is traded on. */
export const ACCOUNT_ROLES = [VenueSession, OrderEntry, AccountAccess, AccountSettings, Treasury] as const;

/**
 * The venues among these players that a world must not trade on: live trades on venues, the others on a simulation. A
 * part that plays one role need not state what it is, a whole adapter does.
 */
export const venuesOfAnotherWorld = (world: World, players: readonly object[]): Capabilities[] => {
  const stated = players.flatMap((player) => (player as { readonly capabilities?: Capabilities }).capabilities ?? []);
  return stated.filter(
    ({ environment, venue }, at) =>
      (world === 'live') === (environment === 'simulated') &&
      stated.findIndex((other) => other.venue === venue && other.environment === environment) === at,
  );
};
