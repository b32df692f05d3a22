import type { Clock } from '../../ports/configuration/clock.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { HttpServer, Listening, ListenOptions } from '../../ports/transport/http-server.js';
import type { SocketServer } from '../../ports/transport/socket-server.js';
import { Accounts, type ServedAccount } from './account/accounts.js';
import { WireFaultPlan, type FaultTerms } from './faults/wire-fault-plan.js';
import { RequestWeights } from './request-weights.js';
import type { WireMarkets } from './rest/asked.js';
import { accountRoutes } from './rest/account-routes.js';
import { orderRoutes } from './rest/order-routes.js';
import { priceRoutes } from './rest/price-routes.js';
import { RequestDesk } from './rest/request-desk.js';
import { tradingRoutes } from './rest/trading-routes.js';
import { venueRoutes } from './rest/venue-routes.js';
import { Signatures } from './signatures.js';
import { StreamHub } from './streams/stream-hub.js';
import { streamPlace } from './streams/stream-place.js';
import { StreamSocket } from './streams/stream-socket.js';
import { UserStreams } from './streams/user-streams.js';

export interface UsdmTransports {
  readonly http: HttpServer;
  readonly sockets: SocketServer;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

const NOT_FOUND = 404;

export interface ServedParts {
  readonly markets: WireMarkets;
  readonly accounts: readonly ServedAccount[];
  /** Absent: nothing goes wrong. */
  readonly faults?: FaultTerms | undefined;
}

/** Speaks Binance USD-M's protocol over markets that somebody drives. */
export class UsdmServer {
  readonly accounts: Accounts;
  private readonly markets: WireMarkets;
  private readonly desk: RequestDesk;
  private readonly hub: StreamHub;
  private readonly users: UserStreams;
  private readonly faults: WireFaultPlan | undefined;

  constructor(
    private readonly over: UsdmTransports,
    { markets, accounts, faults }: ServedParts,
  ) {
    const { clock, scheduler } = over;
    this.markets = markets;
    this.accounts = new Accounts(accounts, { markets, clock, scheduler });
    const market = new Map([...venueRoutes(markets), ...tradingRoutes(markets), ...priceRoutes(markets)]);
    this.desk = new RequestDesk(
      { market, account: new Map([...orderRoutes, ...accountRoutes]) },
      new RequestWeights(),
      new Signatures(accounts.map(({ key }) => key)),
      this.accounts,
    );
    this.faults = faults === undefined ? undefined : new WireFaultPlan(faults, scheduler);
    this.hub = new StreamHub(markets, clock, scheduler);
    this.users = new UserStreams(this.accounts, clock);
  }

  /** Nothing moves its accounts any more. */
  close(): void {
    this.accounts.close();
  }

  /** Rejects with a `TransportError` where nobody can listen. */
  async listen(options: ListenOptions): Promise<Listening> {
    const { http, sockets, clock, scheduler } = this.over;
    const { faults } = this;
    const venue = faults?.venue(this.markets, this.accounts);
    const listening = await http.listen(options, (request) => {
      const now = clock.now();
      if (faults === undefined || venue === undefined) return this.desk.answer(request, now);
      const reply = venue.before(request, now) ?? this.desk.answer(request, now + venue.skewMs);
      venue.after(request);
      return faults.reply(request, reply);
    });
    sockets.attach(listening, ({ target }) => {
      const place = streamPlace(target);
      if (place === undefined) return NOT_FOUND;
      return (socket) =>
        new StreamSocket(socket, place, {
          hub: this.hub,
          users: this.users,
          clock,
          scheduler,
          line: faults?.line(socket),
        });
    });
    return listening;
  }
}
