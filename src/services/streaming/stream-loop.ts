import { readDepthEvent } from '../../border/market-events.js';
import { messageOf } from '../../domain/errors.js';
import type { MarketFeed } from '../../ports/venue/market-feed.js';
import type { BookEvent, DepthEvent, MarketEvent } from '../../ports/venue/market-event.js';
import type { Subscription } from '../../ports/venue/subscription.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { MarketMonitor } from '../../ports/market-services/market-monitor.js';
import type { RandomStream } from '../../ports/configuration/random.js';
import type { RequestBudget } from '../../ports/core-services/request-budget.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { backoffMs } from '../../flow/backoff.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { endOf, openInTime, shut } from '../../flow/stream-end.js';
import { CrossedBooks } from './crossed-books.js';
import { DepthBooks } from './depth-books.js';
import type { MarkIntake } from './mark-intake.js';

export interface StreamPorts {
  readonly config: ConfigController;
  readonly feed: MarketFeed;
  readonly intake: MarkIntake;
  readonly monitor: MarketMonitor;
  readonly scheduler: Scheduler;
  readonly jitter: RandomStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: RequestBudget;
  /** Configured symbols that the venue does not name now. */
  readonly unnamed: () => readonly string[];
}

/** An opening of the book, and of the trades in its place. */
const REQUESTS = 2;
/** So often it is looked whether what was left out may be followed again. */
const LOOK_MS = 60_000;
/** A symbol for whose sake the venue refused all of them is left out for so long. */
const REFUSED_MS = 600_000;

type Source = 'book' | 'trades' | 'none';

/** One opened stream. Its sink asks for this token with every event: a stream that has ended delivers nothing more. */
class Generation {
  isLive = true;
  messages = 0;
  /** When the first message came. */
  firstAt = Number.NaN;
  /** Why it could not be opened, or broke; undefined when it ended by itself. */
  failure: string | undefined = undefined;
  /** Resolves with what it says that nobody can go on with. */
  readonly broken: Promise<string>;
  break: (why: string) => void = () => undefined;
  readonly depth = new DepthBooks();

  constructor(readonly source: Source) {
    this.broken = new Promise((resolve) => (this.break = resolve));
  }
}

/** Keeps one stream of marks open until the signal aborts: book, else trades, then again after a pause that grows. */
export class StreamLoop {
  private failures = 0;
  /** Until when each is left out because the venue opens no stream with it. */
  private readonly refused = new Map<string, number>();
  private leftOut = '';
  /** The last stream was ended because more, or fewer, may be followed now. */
  private isReplaced = false;

  constructor(
    private readonly ports: StreamPorts,
    private readonly symbols: readonly string[],
    private readonly level: 1 | 2,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves after the signal has aborted and the stream is closed. */
  async run(): Promise<void> {
    while (!this.signal.aborted) {
      const wasHealthy = await this.pass();
      if (this.signal.aborted) return;
      if (this.isReplaced) {
        await this.whenFree();
        continue;
      }
      this.failures = wasHealthy ? 1 : this.failures + 1;
      const { reconnectMinMs, reconnectMaxMs } = this.ports.config.current.streaming;
      const pause = backoffMs(this.failures, reconnectMinMs, reconnectMaxMs, this.ports.jitter);
      this.ports.logger.warn('Market stream ended; opening again', { pauseMs: pause, failures: this.failures });
      await this.ports.scheduler.sleep(pause, this.signal);
      await this.whenFree();
    }
  }

  /** Whatever is sent again shares one rate. */
  private async whenFree(): Promise<void> {
    const { clock, scheduler, budget } = this.ports;
    for (;;) {
      const now = clock.now();
      const wait = budget.freeAt('query', now, REQUESTS) - now;
      if (!(wait > 0) || this.signal.aborted) return;
      await scheduler.sleep(wait, this.signal);
    }
  }

  /** From opening to end, with the exit record; true when the stream served long enough to forget earlier failures. */
  private async pass(): Promise<boolean> {
    this.isReplaced = false;
    const symbols = this.choose();
    let generation = new Generation('none');
    try {
      if (symbols.length === 0) generation.failure = 'none of the symbols has a mark window';
      else generation = await this.followAny(symbols);
    } finally {
      if (!this.signal.aborted && !this.isReplaced) this.reportEnd(generation);
      this.ports.intake.record('ws_stream_exit', { source: generation.source, messages: generation.messages });
    }
    return this.ports.clock.now() - generation.firstAt >= this.ports.config.current.streaming.reconnectMaxMs;
  }

  /** The book, or the trades when the book cannot be opened or ends before its first message. */
  private async followAny(symbols: readonly string[]): Promise<Generation> {
    const book = await this.follow('book', symbols);
    if (book.messages > 0 || this.signal.aborted || this.isReplaced) return book;
    this.ports.logger.warn('Book stream not available; falling back to trades', {
      symbols,
      reason: book.failure ?? 'it ended before its first message',
    });
    const trades = await this.follow('trades', symbols);
    if (book.failure !== undefined && trades.failure !== undefined && trades.messages === 0)
      await this.findRefused(symbols);
    return trades;
  }

  /** What has a window and a name at the venue. One that has none must not cost the others their stream. */
  private choose(): readonly string[] {
    const { intake, unnamed, clock, logger } = this.ports;
    const known = this.symbols.filter((symbol) => intake.knows(symbol));
    const missing = unnamed();
    const now = clock.now();
    const left = known.filter((symbol) => missing.includes(symbol) || now < (this.refused.get(symbol) ?? -Infinity));
    const text = left.join(', ');
    if (text !== this.leftOut && left.length > 0)
      logger.warn('Symbols are left out of the market stream; their marks are asked for', { symbols: left });
    this.leftOut = text;
    return left.length === 0 ? known : known.filter((symbol) => !left.includes(symbol));
  }

  /** The venue opens no stream with all of them: each is tried alone. Where none can be opened, none is to blame. */
  private async findRefused(symbols: readonly string[]): Promise<void> {
    if (symbols.length < 2) return;
    const failed: string[] = [];
    for (const symbol of symbols) {
      await this.whenFree();
      if (this.signal.aborted) return;
      const trial = new Generation('book');
      trial.isLive = false;
      const crossed = new CrossedBooks(this.ports.scheduler, () => undefined);
      try {
        const opening = (): Promise<Subscription> => this.open('book', [symbol], trial, crossed);
        shut(await openInTime(opening, this.signal, this.ports), this.ports.logger);
      } catch (error) {
        this.ports.budget.heed(error, this.ports.clock.now());
        failed.push(symbol);
      }
    }
    if (failed.length === symbols.length) return;
    for (const symbol of failed) this.refused.set(symbol, this.ports.clock.now() + REFUSED_MS);
  }

  /** Resolves once other symbols may be followed than these, or when it is over. */
  private async changed(symbols: readonly string[], over: AbortSignal): Promise<undefined> {
    while (!over.aborted) {
      await this.ports.scheduler.sleep(LOOK_MS, over);
      if (over.aborted) break;
      if (this.choose().join(' ') === symbols.join(' ')) continue;
      this.isReplaced = true;
      return undefined;
    }
    return undefined;
  }

  /** Opens one stream and waits for its end, whatever it is. */
  private async follow(source: Source, symbols: readonly string[]): Promise<Generation> {
    const generation = new Generation(source);
    const aborted = whenAborted(this.signal, () => (generation.isLive = false));
    const crossed = new CrossedBooks(this.ports.scheduler, (symbol) =>
      this.invalidate(symbol, `the book of ${symbol} stays crossed or locked`, generation),
    );
    const over = new AbortController();
    let subscription: Subscription | undefined;
    try {
      subscription = await openInTime(() => this.open(source, symbols, generation, crossed), this.signal, this.ports);
      const changed = this.leftOut === '' ? [] : [this.changed(symbols, over.signal)];
      generation.failure = await Promise.race([endOf(subscription), generation.broken, aborted.promise, ...changed]);
    } catch (error) {
      this.ports.budget.heed(error, this.ports.clock.now());
      generation.failure = messageOf(error);
    } finally {
      generation.isLive = false;
      crossed.close();
      over.abort();
      aborted.dispose();
      shut(subscription, this.ports.logger);
    }
    return generation;
  }

  private open(
    source: Source,
    symbols: readonly string[],
    generation: Generation,
    crossed: CrossedBooks,
  ): Promise<Subscription> {
    const sink = (event: MarketEvent): void => {
      if (!generation.isLive) return;
      const told = event.kind === 'depth' ? this.bestOf(event, generation) : event;
      // Depth says the same and more of its symbol.
      if (told === undefined || (event.kind === 'book' && generation.depth.has(event.symbol))) return;
      if (told.kind === 'book') crossed.look(told);
      this.receive(told, generation);
    };
    return askUnlessHeld(() => {
      this.ports.budget.sent('query', this.ports.clock.now());
      return source === 'book'
        ? this.ports.feed.openBook(symbols, this.level, sink, this.signal)
        : this.ports.feed.openTrades(symbols, sink, this.signal);
    }, this.ports);
  }

  /** What it goes on to say is not believed: the stream is opened anew, and polls go on meanwhile. */
  private invalidate(symbol: string, why: string, generation: Generation): void {
    if (!generation.isLive) return;
    generation.isLive = false;
    this.ports.intake.doubt(symbol);
    generation.break(why);
  }

  /** The best prices of a book that comes as depth. What cannot be read is a message that is missing. */
  private bestOf(event: DepthEvent, generation: Generation): BookEvent | undefined {
    const { symbol } = event;
    try {
      const told = generation.depth.take(readDepthEvent(event, this.ports.clock.now()));
      if (told !== 'gap') return told;
      this.invalidate(symbol, `a message of the depth of ${symbol} is missing`, generation);
    } catch (error) {
      this.invalidate(symbol, messageOf(error), generation);
    }
    return undefined;
  }

  private receive(event: Exclude<MarketEvent, DepthEvent>, generation: Generation): void {
    if (event.kind !== 'book' && event.kind !== 'trade') {
      if (event.kind === 'mark') this.ports.intake.tell(event);
      else if (event.kind === 'instrument') this.ports.intake.change(event);
      else this.ports.intake.notice(event, this.symbols);
      return;
    }
    if (generation.messages === 0) generation.firstAt = this.ports.clock.now();
    generation.messages += 1;
    this.ports.intake.take(event);
  }

  private reportEnd(generation: Generation): void {
    const reason = generation.failure ?? `the ${generation.source} stream ended`;
    if (generation.failure !== undefined) this.ports.intake.fail(generation.failure);
    for (const symbol of this.symbols) this.ports.monitor.recordFailure(symbol, reason);
  }
}

/** A promise of the abort that can be let go of, so that a signal does not collect listeners over many reconnects. */
function whenAborted(
  signal: AbortSignal,
  onAbort: () => void,
): { readonly promise: Promise<undefined>; dispose(): void } {
  let listener = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    listener = () => {
      onAbort();
      resolve(undefined);
    };
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  });
  return { promise, dispose: () => signal.removeEventListener('abort', listener) };
}
