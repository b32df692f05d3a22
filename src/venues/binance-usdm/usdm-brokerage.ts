import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { Clock, HostClock } from '../../ports/configuration/clock.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Random } from '../../ports/configuration/random.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { VenueCredentials } from '../../ports/configuration/venue-credentials.js';
import { HttpClient } from '../../ports/transport/http-client.js';
import { SocketClient } from '../../ports/transport/socket-client.js';
import { usdmHosts } from './hosts.js';
import { UsdmVenue } from './usdm-venue.js';

/** The venue as a bot has it: hosts, symbols and key by its configuration. */
@injectable()
export class UsdmBrokerage extends UsdmVenue {
  private readonly isProduction: boolean;

  constructor(
    @inject(ConfigController) config: ConfigController,
    @inject(VenueCredentials) credentials: VenueCredentials,
    @inject(HttpClient) http: HttpClient,
    @inject(SocketClient) sockets: SocketClient,
    @inject(Clock) clock: Clock,
    @inject(HostClock) host: HostClock,
    @inject(HostScheduler) scheduler: Scheduler,
    @inject(Random) random: Random,
    @inject(Logger) logger: Logger,
  ) {
    const hosts = usdmHosts(config.current.venue);
    super(
      {
        ...{ http, sockets, clock, scheduler },
        ticker: { now: () => host.monotonic() },
        readKey: () => credentials.read(hosts.environment),
        jitter: random.stream('venue', host.wall()),
        symbols: () => config.current.symbols,
        warn: (message) => logger.warn(message),
      },
      hosts,
    );
    this.isProduction = hosts.environment === 'live';
  }

  /** Rejects with CFG-006 on the venue's production, before anything is asked there. */
  override connect(signal?: AbortSignal): Promise<void> {
    if (!this.isProduction) return super.connect(signal);
    return Promise.reject(
      fault('CFG-006', 'Nothing must be ordered on the production of binance-usdm: the way there is not tried yet.', {
        fix: 'Set venue.environment: testnet, or venue.restUrl and venue.streamUrl of a server of your own.',
      }),
    );
  }
}
