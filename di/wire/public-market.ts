import { fault } from '../../src/domain/errors.js';
import { HostTimers } from '../../src/platform/time/host-timers.js';
import { NodeHostClock } from '../../src/platform/time/node-host-clock.js';
import { NodeHttpClient } from '../../src/platform/transport/node-http-client.js';
import { NodeSocketClient } from '../../src/platform/transport/node-socket-client.js';
import type { VenueSettings } from '../../src/ports/configuration/settings/venue-settings.js';
import type { PublicMarket } from '../../src/ports/venue/public-market.js';
import { usdmHosts } from '../../src/venues/binance-usdm/hosts.js';
import { UsdmMarket } from '../../src/venues/binance-usdm/usdm-market.js';

/** Venues whose market is followed over their own wire. */
export const PUBLIC_VENUES = ['binance-usdm'] as const;

/**
 * The public market of a venue over the host's network; `warn` is told what a person should know, `heard` whatever
 * arrives of the market, as it came. Throws CFG-006 for one that nobody can follow.
 */
export function openPublicMarket(
  { name, ...terms }: VenueSettings,
  warn: (message: string) => void,
  heard?: (text: string) => void,
): PublicMarket {
  if (name !== 'binance-usdm')
    throw fault('CFG-006', `venue.name must be one of ${PUBLIC_VENUES.join(', ')}, was ${name ?? 'absent'}.`, {
      fix: `Write for example --venue ${PUBLIC_VENUES[0]}.`,
    });
  const host = new NodeHostClock();
  const scheduler = new HostTimers(host);
  return new UsdmMarket(
    {
      http: new NodeHttpClient(scheduler),
      sockets: new NodeSocketClient(scheduler),
      clock: { now: () => host.wall() },
      scheduler,
      warn,
      heard,
    },
    usdmHosts(terms),
  );
}
