import type { Clock } from '../../ports/configuration/clock.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { HttpServer, Listening, ListenOptions } from '../../ports/transport/http-server.js';
import type { SocketServer } from '../../ports/transport/socket-server.js';
import { WireFaultPlan, type FaultTerms } from './faults/wire-fault-plan.js';
import { RequestWeights } from './request-weights.js';
import type { WireMarkets } from './rest/asked.js';
import { priceRoutes } from './rest/price-routes.js';
import { RequestDesk } from './rest/request-desk.js';
import { tradingRoutes } from './rest/trading-routes.js';
import { venueRoutes } from './rest/venue-routes.js';
import { Signatures, type WireKey } from './signatures.js';
import { StreamHub } from './streams/stream-hub.js';
import { streamPlace } from './streams/stream-place.js';
import { StreamSocket } from './streams/stream-socket.js';

export interface UsdmTransports {
  readonly http: HttpServer;
  readonly sockets: SocketServer;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

const NOT_FOUND = 404;

/** Speaks Binance USD-M's protocol over markets that somebody drives. */
export class UsdmServer {
  private readonly desk: RequestDesk;
  private readonly hub: StreamHub;
  private readonly faults: WireFaultPlan | undefined;

  constructor(
    private readonly over: UsdmTransports,
    markets: WireMarkets,
    keys: readonly WireKey[],
    /** Absent: nothing goes wrong. */
    faults?: FaultTerms,
  ) {
    const routes = new Map([...venueRoutes(markets), ...tradingRoutes(markets), ...priceRoutes(markets)]);
    this.desk = new RequestDesk(routes, new RequestWeights(), new Signatures(keys));
    this.faults = faults === undefined ? undefined : new WireFaultPlan(faults, over.scheduler);
    this.hub = new StreamHub(markets, over.clock, over.scheduler);
  }

  /** Rejects with a `TransportError` where nobody can listen. */
  async listen(options: ListenOptions): Promise<Listening> {
    const { http, sockets, clock, scheduler } = this.over;
    const { faults } = this;
    const listening = await http.listen(options, (request) => {
      const reply = this.desk.answer(request, clock.now());
      return faults === undefined ? reply : faults.reply(request, reply);
    });
    sockets.attach(listening, ({ target }) => {
      const place = streamPlace(target);
      if (place === undefined) return NOT_FOUND;
      return (socket) =>
        new StreamSocket(socket, place, { hub: this.hub, clock, scheduler, line: faults?.line(socket) });
    });
    return listening;
  }
}
