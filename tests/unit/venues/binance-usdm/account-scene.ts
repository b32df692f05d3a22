import { createHmac } from 'node:crypto';
import { Instrument } from '#src/domain/instrument.js';
import { OrderRequest, type OrderTerms } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '#src/ports/transport/http-client.js';
import { Secret } from '#src/ports/configuration/secret.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import { usdmHosts } from '#src/venues/binance-usdm/hosts.js';
import { UsdmVenue } from '#src/venues/binance-usdm/usdm-venue.js';
import type { FaultTerms } from '#src/wire/binance-usdm/faults/wire-fault-plan.js';
import { KEY, level, NOW, OTHER_KEY, Scene } from '../../wire/binance-usdm/scene.js';

export { KEY, level, NOW, OTHER_KEY };

/** The whole adapter on the server, with an account, over a network in memory, on time that a test moves. */
export class AccountScene extends Scene {
  readonly warnings: string[] = [];
  readonly told: AccountEvent[] = [];
  /** What left, in order. */
  readonly sent: HttpRequest[] = [];
  readonly abort = new AbortController();
  venue: UsdmVenue = undefined as unknown as UsdmVenue;
  instrument: Instrument = undefined as unknown as Instrument;
  /** What becomes of a request: by default the server answers it. */
  way: (request: HttpRequest, real: () => Promise<HttpAnswer>) => Promise<HttpAnswer> = (_request, real) => real();

  override async serve(faults?: FaultTerms, key = KEY): Promise<this> {
    await super.serve(faults);
    this.btc.show([level('50000', '2'), level('49999.3', '5')], [level('50003', '1.5'), level('50004.1', '4')], NOW);
    this.btc.value(level('50001', '1').price, level('50001', '1').price, NOW);
    this.eth.show([level('3000', '20')], [level('3000.3', '15')], NOW);
    this.eth.value(level('3000.1', '1').price, level('3000.1', '1').price, NOW);
    const { network, clock, scheduler } = this;
    const http: HttpClient = {
      request: (request) => {
        this.sent.push(request);
        return this.way(request, () => network.request(request));
      },
      close: () => network.close(),
    };
    this.venue = new UsdmVenue(
      {
        ...{ http, sockets: network, clock, scheduler, ticker: clock },
        warn: (message) => this.warnings.push(message),
        readKey: () => Promise.resolve({ apiKey: new Secret(key.key), apiSecret: new Secret(key.secret) }),
        jitter: new SeededRandom().stream('venue', 1),
        symbols: () => ['BTCUSDT', 'ETHUSDT'],
      },
      usdmHosts({ environment: 'testnet', restUrl: `http://${this.host}`, streamUrl: `ws://${this.host}` }),
    );
    return this;
  }

  async connect(): Promise<this> {
    await this.within(this.venue.connect());
    const [spec] = await this.within(this.venue.listProducts());
    this.instrument = new Instrument(spec as NonNullable<typeof spec>);
    return this;
  }

  async listen(): Promise<void> {
    await this.within(this.venue.openAccount((event) => this.told.push(event), this.abort.signal));
  }

  /** What it comes to, while time passes. */
  async within<T>(promise: Promise<T>, ms = 60_000): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    done.catch(() => undefined);
    for (let passed = 0; !isDone && passed <= ms; passed += 50) await this.scheduler.advance(passed === 0 ? 0 : 50);
    if (!isDone) throw new Error(`nothing comes of it within ${ms} ms`);
    return done;
  }

  /** An order of BTCUSDT: by default a bid that rests below the best. */
  order(clientId: string, terms: Partial<OrderTerms> = {}): OrderRequest {
    return new OrderRequest({
      clientId,
      instrument: this.instrument,
      side: 'buy',
      type: 'limit',
      lots: lots(10),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
      ...(terms.type === undefined || terms.type === 'limit' ? { limit: ticks(499_900) } : {}),
      ...terms,
    });
  }

  /** Query of the newest request of this method and path, without what signs it. */
  query(method: string, path: string): Readonly<Record<string, string>> {
    const found = this.sent.findLast(({ method: of, url }) => of === method && new URL(url).pathname === path);
    if (found === undefined) throw new Error(`no ${method} ${path} has left`);
    const signing = new Set(['signature', 'timestamp', 'recvWindow']);
    return Object.fromEntries([...new URL(found.url).searchParams].filter(([name]) => !signing.has(name)));
  }

  /** Requests of this method and path that have left. */
  count(method: string, path: string): number {
    return this.sent.filter(({ method: of, url }) => of === method && new URL(url).pathname === path).length;
  }

  /** Every request is signed as the venue documents it. */
  unsigned(): readonly string[] {
    return this.sent
      .map(({ url }) => url)
      .filter((url) => {
        const [, query = '', signature] = /\?(.*)&signature=([0-9a-f]{64})$/.exec(url) ?? [];
        const isPublic = /\/(time|exchangeInfo|fundingInfo|listenKey)\b/.test(url);
        return !isPublic && createHmac('sha256', KEY.secret).update(query).digest('hex') !== signature;
      });
  }

  heard<K extends AccountEvent['kind']>(kind: K): Extract<AccountEvent, { kind: K }>[] {
    return this.told.filter((event): event is Extract<AccountEvent, { kind: K }> => event.kind === kind);
  }
}
