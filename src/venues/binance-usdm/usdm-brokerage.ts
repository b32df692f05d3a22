import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { Clock, HostClock } from '../../ports/configuration/clock.js';
import { Files } from '../../ports/configuration/files.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Random } from '../../ports/configuration/random.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { VenueCredentials, type VenueKey } from '../../ports/configuration/venue-credentials.js';
import { HttpClient } from '../../ports/transport/http-client.js';
import { SocketClient } from '../../ports/transport/socket-client.js';
import type { VenueSettings } from '../../ports/configuration/settings/venue-settings.js';
import { usdmHosts, type UsdmHosts } from './hosts.js';
import { PREFLIGHT_FILE, refusalOfProduction, subjectOf, type PreflightSubject } from './production-gate.js';
import { UsdmVenue } from './usdm-venue.js';

/** The venue as a bot has it: hosts, symbols and key by its configuration. */
@injectable()
export class UsdmBrokerage extends UsdmVenue {
  /** Why nothing may be ordered there. */
  private readonly gate: () => Promise<string | undefined>;

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
    @inject(Files) files: Files,
  ) {
    const hosts = new.target.hostsOf(config.current.venue);
    const readKey = (): Promise<VenueKey> => credentials.read(hosts.environment);
    super(
      {
        ...{ http, sockets, clock, scheduler },
        ticker: { now: () => host.monotonic() },
        readKey,
        jitter: random.stream('venue', host.wall()),
        symbols: () => config.current.symbols,
        warn: (message) => logger.warn(message),
      },
      hosts,
    );
    this.gate =
      hosts.environment === 'live' && http.cannotIncrease !== true
        ? async () => {
            const { storage, profile } = config.current;
            const path = storage.directory === undefined ? undefined : files.join(storage.directory, PREFLIGHT_FILE);
            const subject = async (): Promise<PreflightSubject> =>
              subjectOf(config.current, hosts, (await readKey()).apiKey.reveal());
            const text = path === undefined ? undefined : files.readText(path);
            return refusalOfProduction(text, subject, profile, host.wall());
          }
        : () => Promise.resolve(undefined);
  }

  /** Where it is spoken to. */
  static hostsOf(venue: VenueSettings): UsdmHosts {
    return usdmHosts(venue);
  }

  /**
   * Rejects with CFG-006 on the venue's production without a preflight of the last 24 hours, of this key, host and
   * configuration, and without the canary's limits: before anything is asked there. Whoever can increase nothing, since
   * nothing that could leaves by his client, is let in.
   */
  override async connect(signal?: AbortSignal): Promise<void> {
    const refusal = await this.gate();
    if (refusal === undefined) return super.connect(signal);
    throw fault('CFG-006', `Nothing must be ordered on the production of binance-usdm: ${refusal}.`, {
      fix: 'Set profile: canary, and pass perpsbot preflight with the same configuration, key and --state.',
    });
  }
}
