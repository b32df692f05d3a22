import { SocketWatch, type WatchPorts } from '../../../connect/socket-watch.js';
import type { UnknownEvents } from '../../../connect/unknown-events.js';
import { messageOf } from '../../../domain/errors.js';
import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { StreamChannel } from '../../../ports/venue/stream-notice.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import type { SocketClient } from '../../../ports/transport/socket-client.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { UsdmListing } from '../instruments.js';
import type { DepthAnswer } from '../rest/answers.js';
import { frameOf, isFollowed, type UsdmFrame } from './frames.js';
import { ListingWatch } from './listing-watch.js';
import type { LastTrades } from './trade-watch.js';
import { SymbolStream } from './symbol-stream.js';

const OPEN_MS = 10_000;
/** Streams that one socket carries; the venue allows 1,024. */
const MOST_STREAMS = 200;
const LOOK_MS = 2_000;
/** A message that is none: nothing is asked for over the streams, so no answer is due. */
const NO_EVENT = 'a message without a type';

/** What is followed of each symbol. */
export type UsdmTopic = 'bookTicker' | 'depth@100ms' | 'aggTrade' | 'markPrice@1s';

/** Source: Binance, notice on the base addresses of streams, in force since 2026-04-23. */
const ROUTE: Readonly<Record<UsdmTopic, 'public' | 'market'>> = {
  bookTicker: 'public',
  'depth@100ms': 'public',
  aggTrade: 'market',
  'markPrice@1s': 'market',
};

export interface MarketStreamPorts extends WatchPorts {
  readonly sockets: SocketClient;
  readonly scheduler: Pick<Scheduler, 'after'>;
  readonly streamUrl: string;
  readonly snapshot: (symbol: string) => Promise<DepthAnswer>;
  readonly lastTrades: LastTrades;
  /** Number of the newest trade of a symbol. */
  readonly newestTrade: (symbol: string) => Promise<number | undefined>;
  readonly heard?: ((text: string) => void) | undefined;
  /** Takes what is not known, an event of next year: nobody's loss, but said. */
  readonly unknown: UnknownEvents;
  readonly listing: () => Promise<UsdmListing>;
}

export interface MarketStreamTerms {
  readonly symbols: readonly string[];
  readonly topics: readonly UsdmTopic[];
  readonly sink: (event: MarketEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * One subscription over as many sockets as it takes. It stands as a whole and ends as a whole: whoever keeps it opens
 * it again, with pauses of his own.
 */
export class MarketStream implements Subscription {
  readonly closed: Promise<void>;
  private resolveClosed: () => void = () => undefined;
  private readonly watches: SocketWatch[] = [];
  private readonly bySymbol = new Map<string, SymbolStream>();
  private readonly unready = new Set<string>();
  private readonly listing: ListingWatch;
  private isOver = false;
  private cancelLook: (() => void) | undefined;
  private settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(
    private readonly ports: MarketStreamPorts,
    private readonly terms: MarketStreamTerms,
  ) {
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    const { clock, scheduler, listing } = ports;
    this.listing = new ListingWatch(
      {
        clock,
        scheduler,
        listing,
        tell: (event) => this.tell(event),
        doubt: (symbol, why) => this.notice('gap', why, symbol, 'instruments'),
      },
      terms.symbols,
    );
  }

  /** Resolves once it stands, books by depth with their snapshots. Rejects where the venue cannot. */
  static async open(ports: MarketStreamPorts, terms: MarketStreamTerms): Promise<MarketStream> {
    const stream = new MarketStream(ports, terms);
    try {
      await stream.begin();
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelLook?.();
    this.listing.end();
    this.terms.signal.removeEventListener('abort', this.aborted);
    for (const each of this.bySymbol.values()) each.end();
    for (const watch of this.watches) watch.close();
    this.resolveClosed();
  }

  private readonly aborted = (): void => {
    this.fail(new Error('the stream is not wanted any more'));
  };

  private async begin(): Promise<void> {
    const { symbols, topics, signal } = this.terms;
    if (signal.aborted) throw new Error('the stream is not wanted any more');
    signal.addEventListener('abort', this.aborted, { once: true });
    const hasDepth = topics.includes('depth@100ms');
    for (const symbol of symbols) {
      if (hasDepth) this.unready.add(symbol);
      this.bySymbol.set(symbol, this.follow(symbol));
    }
    await Promise.all(this.urls().map((url) => this.connect(url)));
    this.look();
    this.listing.begin();
    if (!hasDepth) return;
    const ready = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
    for (const each of this.bySymbol.values()) each.depth.begin();
    await ready;
  }

  private follow(symbol: string): SymbolStream {
    const { clock, scheduler, snapshot, lastTrades, newestTrade } = this.ports;
    return new SymbolStream(symbol, {
      clock,
      scheduler,
      lastTrades,
      newestTrade: () => newestTrade(symbol),
      snapshot: () => snapshot(symbol),
      tell: (event) => this.tell(event),
      doubt: (kind, channel, message) => this.notice(kind, message, symbol, channel),
      ready: () => {
        this.unready.delete(symbol);
        if (this.unready.size === 0) this.settle?.resolve();
      },
      giveUp: (error) => this.fail(error),
    });
  }

  private urls(): readonly string[] {
    const { symbols, topics } = this.terms;
    const urls: string[] = [];
    for (const route of ['public', 'market'] as const) {
      const own = topics.filter((topic) => ROUTE[topic] === route);
      const names = symbols.flatMap((symbol) => own.map((topic) => `${symbol.toLowerCase()}@${topic}`));
      for (let from = 0; from < names.length; from += MOST_STREAMS) {
        const streams = names
          .slice(from, from + MOST_STREAMS)
          .map((name) => encodeURIComponent(name).replaceAll('%40', '@'));
        urls.push(`${this.ports.streamUrl}/${route}/stream?streams=${streams.join('/')}`);
      }
    }
    return urls;
  }

  private async connect(url: string): Promise<void> {
    const watch = new SocketWatch(this.ports, {
      message: (text) => this.message(text, watch),
      ended: (why) => this.fail(new Error(why)),
    });
    this.watches.push(watch);
    watch.follow(await this.ports.sockets.open(url, { timeoutMs: OPEN_MS, signal: this.terms.signal }, watch.heard));
  }

  private message(text: string, watch: SocketWatch): void {
    this.ports.heard?.(text);
    let frame: UsdmFrame | undefined;
    try {
      frame = frameOf(text);
    } catch (error) {
      watch.drop(`a message cannot be read: ${messageOf(error)}`);
      return;
    }
    const stream = frame !== undefined && isFollowed(frame) ? this.bySymbol.get(frame.symbol) : undefined;
    if (frame === undefined || stream === undefined) this.ports.unknown.take(frame?.event ?? NO_EVENT, text);
    else stream.take(frame);
  }

  private look(): void {
    this.cancelLook = this.ports.scheduler.after(LOOK_MS, () => {
      const { topics } = this.terms;
      for (const each of this.bySymbol.values())
        each.look(topics.includes('markPrice@1s'), topics.includes('aggTrade'));
      if (!this.isOver) this.look();
    });
  }

  private tell(event: MarketEvent): void {
    if (!this.isOver) this.terms.sink(event);
  }

  private notice(kind: 'gap' | 'stale', message: string, symbol: string | undefined, channel: StreamChannel): void {
    const at = this.ports.clock.now();
    this.tell({ kind, ...(symbol === undefined ? {} : { symbol }), channel, message, at });
  }

  /** It is over, or does not begin. */
  private fail(error: Error): void {
    if (this.isOver) return;
    if (this.settle !== undefined && this.unready.size > 0) this.settle.reject(error);
    else this.tell({ kind: 'closed', message: error.message, at: this.ports.clock.now() });
    this.close();
  }
}
