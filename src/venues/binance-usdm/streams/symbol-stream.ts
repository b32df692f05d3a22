import { messageOf } from '../../../domain/errors.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { DepthEvent, MarketEvent } from '../../../ports/venue/market-event.js';
import type { StreamChannel } from '../../../ports/venue/stream-notice.js';
import type { DepthAnswer } from '../rest/answers.js';
import { BookCheck } from './book-check.js';
import { DepthSync } from './depth-sync.js';
import { TradeWatch, type LastTrades } from './trade-watch.js';
import { depthFrame, markFrame, tickerFrame, tradeFrame, type UsdmFrame } from './frames.js';

/** Marks come every second. */
const MARKS_SILENT_MS = 10_000;
/** Best prices are ahead of the depth for at most a message of it. */
const DEPTH_SILENT_MS = 5_000;
/** A book that says nothing for so long is asked whether nothing has happened. */
const BOOK_QUIET_MS = 30_000;

export interface SymbolStreamPorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly scheduler: Pick<Scheduler, 'after'>;
  readonly snapshot: () => Promise<DepthAnswer>;
  readonly tell: (event: MarketEvent) => void;
  readonly doubt: (kind: 'gap' | 'stale', channel: StreamChannel, why: string) => void;
  readonly ready: () => void;
  readonly giveUp: (error: Error) => void;
  readonly lastTrades: LastTrades;
  readonly newestTrade: () => Promise<number | undefined>;
}

/** What one symbol tells: in order, each once, and what is missing is said. */
export class SymbolStream {
  readonly depth: DepthSync;
  private readonly trades: TradeWatch;
  private readonly check = new BookCheck();
  private lastUpdate = Number.NEGATIVE_INFINITY;
  private lastMarkAt = Number.NEGATIVE_INFINITY;
  private markHeardAt: number;
  private areMarksSilent = false;
  /** Update of best prices that the depth has not come to, and since when; NaN: there are none. */
  private ahead = Number.NaN;
  private aheadSince = Number.NaN;
  private bookHeardAt: number;
  /** Update that the venue has told when it was asked, and the stream has not; NaN: nothing is missing. */
  private missing = Number.NaN;
  /** It was missing, and nothing has come since. */
  private isDepthSilent = false;

  constructor(
    private readonly symbol: string,
    private readonly ports: SymbolStreamPorts,
  ) {
    this.markHeardAt = this.bookHeardAt = ports.clock.now();
    this.trades = new TradeWatch(symbol, ports.lastTrades, {
      clock: ports.clock,
      newest: ports.newestTrade,
      missing: (first, last) => ports.doubt('gap', 'trades', `trades ${first} to ${last} are missing`),
      silent: () => ports.giveUp(new Error('the trades are silent')),
    });
    this.depth = new DepthSync({
      scheduler: ports.scheduler,
      snapshot: ports.snapshot,
      newest: () => this.lastUpdate,
      tell: (event) => this.tellDepth(event.symbol === '' ? { ...event, symbol } : event),
      doubt: (why) => ports.doubt('gap', 'depth', why),
      ready: ports.ready,
      giveUp: ports.giveUp,
    });
  }

  take(frame: UsdmFrame): void {
    const { event } = frame;
    try {
      if (event === 'depthUpdate') this.takeDepth(frame);
      else if (event === 'bookTicker') this.takeTicker(frame);
      else if (event === 'aggTrade') this.takeTrade(frame);
      else if (event === 'markPriceUpdate') this.takeMark(frame);
    } catch (error) {
      this.unread(event, messageOf(error));
    }
  }

  /** A channel that others show to be silent is said to be. */
  look(expectsMarks: boolean, expectsTrades: boolean): void {
    const now = this.ports.clock.now();
    if (expectsTrades) this.trades.look();
    if (expectsMarks && !this.areMarksSilent && now - this.markHeardAt > MARKS_SILENT_MS) {
      this.areMarksSilent = true;
      this.ports.doubt('stale', 'marks', `no mark for ${now - this.markHeardAt} ms`);
    }
    this.catchUp();
    this.askIfQuiet(now);
    if (now - this.aheadSince > DEPTH_SILENT_MS) {
      this.ahead = this.aheadSince = Number.NaN;
      // A snapshot tells what was missed once; who says nothing after it either is not heard of any more.
      if (this.isDepthSilent) this.ports.giveUp(new Error('the depth is silent'));
      else this.depth.lose('the best prices are ahead of the depth');
      this.isDepthSilent = true;
    }
  }

  /** A stream that is silent and a market that is quiet look the same, but not to the venue. */
  private askIfQuiet(now: number): void {
    const { last } = this.depth;
    if (Number.isNaN(last)) return;
    if (this.missing > last) this.ports.giveUp(new Error('the book is silent'));
    else if (now - this.bookHeardAt > BOOK_QUIET_MS) {
      this.bookHeardAt = now;
      void this.ports.snapshot().then(
        (answer) => this.answered(answer),
        // Who does not answer is asked again after as long.
        () => undefined,
      );
    }
  }

  /** Where the venue has nothing newer either, the book that is known stands as of its answer, and not of long ago. */
  private answered({ lastUpdateId, at }: DepthAnswer): void {
    this.missing = lastUpdateId;
    if (lastUpdateId !== this.depth.last) return;
    const sequence = { last: lastUpdateId, previous: lastUpdateId };
    this.ports.tell({ kind: 'depth', symbol: this.symbol, type: 'change', bids: [], asks: [], sequence, at });
  }

  end(): void {
    this.depth.end();
  }

  private takeDepth(frame: UsdmFrame): void {
    this.isDepthSilent = false;
    this.bookHeardAt = this.ports.clock.now();
    this.depth.take(depthFrame(frame));
  }

  private tellDepth(event: DepthEvent): void {
    const wrong = this.check.wrongIn(event);
    if (wrong === undefined) this.ports.tell(event);
    else this.depth.lose(wrong);
    this.catchUp();
  }

  /** Best prices are told at once and the depth is summed up: it is behind, and has to come as far as they were. */
  private catchUp(): void {
    const { last } = this.depth;
    if (this.ahead > last) return;
    const isAhead = this.lastUpdate > last;
    this.ahead = isAhead ? this.lastUpdate : Number.NaN;
    this.aheadSince = isAhead ? this.ports.clock.now() : Number.NaN;
  }

  private takeTicker(frame: UsdmFrame): void {
    const { update, event } = tickerFrame(frame);
    if (update <= this.lastUpdate) return;
    this.lastUpdate = update;
    const { last } = this.depth;
    // Without depth nobody compares.
    const wrong = Number.isNaN(last) ? undefined : this.check.told(update, event);
    this.catchUp();
    this.ports.tell(event);
    if (wrong !== undefined) this.depth.lose(wrong);
  }

  private takeTrade(frame: UsdmFrame): void {
    const { id, event } = tradeFrame(frame);
    if (this.trades.take(id)) this.ports.tell(event);
  }

  private takeMark(frame: UsdmFrame): void {
    const event = markFrame(frame);
    this.markHeardAt = this.ports.clock.now();
    this.areMarksSilent = false;
    if (event.at < this.lastMarkAt) return;
    this.lastMarkAt = event.at;
    this.ports.tell(event);
  }

  /** What cannot be read is a message that is missing. */
  private unread(event: string, why: string): void {
    if (event === 'depthUpdate') this.depth.lose(why);
    else this.ports.doubt('gap', event === 'aggTrade' ? 'trades' : event === 'bookTicker' ? 'book' : 'marks', why);
  }
}
