import { DepthBooks } from '#src/services/streaming/depth-books.js';
import { usdmHosts } from '#src/venues/binance-usdm/hosts.js';
import { UsdmMarket } from '#src/venues/binance-usdm/usdm-market.js';
import type { HttpClient } from '#src/ports/transport/http-client.js';
import type { SocketClient } from '#src/ports/transport/socket-client.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { FaultTerms } from '#src/wire/binance-usdm/faults/wire-fault-plan.js';
import type { Subscription } from '#src/ports/venue/subscription.js';
import { Scene } from '../../wire/binance-usdm/scene.js';

/** The adapter on the server, over a network in memory, on time that a test moves. */
export class UsdmScene extends Scene {
  readonly warnings: string[] = [];
  readonly told: MarketEvent[] = [];
  /** What a consumer makes of the depth. */
  readonly books = new DepthBooks();
  readonly abort = new AbortController();
  market: UsdmMarket = undefined as unknown as UsdmMarket;
  /** What becomes of a message on its way; by default it arrives. */
  way: (text: string) => readonly string[] = (text) => [text];
  /** Where a socket is opened that is asked for at an address. */
  address: (url: string) => string = (url) => url;
  /** What arrives, as it arrives. */
  heardRaw: (text: string) => void = () => undefined;
  /** What becomes of the body of an answer. */
  rewrite: (body: string) => string = (body) => body;
  /** Every request is answered so; undefined: as the server does. */
  answer: { readonly status: number; readonly headers: object; readonly body: string } | undefined = undefined;
  /** Consumers found a message missing that the adapter had not told them of. */
  gaps = 0;
  private readonly best = new Map<string, string>();

  override async serve(faults?: FaultTerms): Promise<this> {
    await super.serve(faults);
    const { network, clock, scheduler } = this;
    const hosts = usdmHosts({
      environment: 'testnet',
      restUrl: `http://${this.host}`,
      streamUrl: `ws://${this.host}`,
    });
    const sockets: SocketClient = {
      open: (url, options, sink) =>
        network.open(this.address(url), options, {
          ...sink,
          message: (text) => {
            for (const each of this.way(text)) sink.message(each);
          },
        }),
    };
    const http: HttpClient = {
      request: async (request) => {
        const real = await network.request(request);
        const { status, headers, body } = this.answer ?? { ...real, headers: Object.fromEntries(real.headers) };
        return { status, headers: new Map(Object.entries(headers)), body: this.rewrite(body) };
      },
      close: () => network.close(),
    };
    this.market = new UsdmMarket(
      {
        http,
        sockets,
        clock,
        scheduler,
        warn: (message) => this.warnings.push(message),
        heard: (text) => this.heardRaw(text),
      },
      hosts,
    );
    return this;
  }

  readonly sink = (event: MarketEvent): void => {
    this.told.push(event);
    if (event.kind !== 'depth') return;
    const best = this.books.take(event);
    if (best === 'gap') this.gaps += 1;
    else if (best !== undefined)
      this.best.set(
        event.symbol,
        [best.bid, best.ask]
          .map((level) => (level === undefined ? '-' : `${level.price.toString()} ${level.size.toString()}`))
          .join(' '),
      );
  };

  /** Best prices and sizes as a consumer has them. */
  bestOf(symbol: string): string | undefined {
    return this.best.get(symbol);
  }

  /** What it comes to, in steps of the time. */
  async within<T>(promise: Promise<T>, ms = 60_000, step = 50): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => (isDone = true));
    done.catch(() => undefined);
    for (let passed = 0; !isDone && passed < ms; passed += step) await this.scheduler.advance(passed === 0 ? 0 : step);
    if (!isDone) throw new Error(`Nothing came of it within ${ms} ms.`);
    return done;
  }

  book(level: 1 | 2, symbols: readonly string[] = ['BTCUSDT']): Promise<Subscription> {
    return this.within(this.market.openBook(symbols, level, this.sink, this.abort.signal));
  }

  trades(symbols: readonly string[] = ['BTCUSDT']): Promise<Subscription> {
    return this.within(this.market.openTrades(symbols, this.sink, this.abort.signal));
  }

  heard<K extends MarketEvent['kind']>(kind: K): Extract<MarketEvent, { kind: K }>[] {
    return this.told.filter((event): event is Extract<MarketEvent, { kind: K }> => event.kind === kind);
  }
}
