import { injectable } from 'inversify';
import { messageOf } from '../../../domain/errors.js';
import { rateOf } from '../../../domain/instrument.js';
import type { BookLevel } from '../../../domain/market.js';
import type { Side } from '../../../domain/order.js';
import { keepStream } from '../../../connect/kept-stream.js';
import { inject } from '../../../injection/inject.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Random, type RandomStream } from '../../../ports/configuration/random.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { StatusSource } from '../../../ports/market-services/lifecycle.js';
import type { MarketDriver } from '../../../ports/core-services/simulated-exchange.js';
import type {
  DepthEvent,
  InstrumentEvent,
  MarketEvent,
  MarkEvent,
  TradeEvent,
} from '../../../ports/venue/market-event.js';
import { PublicMarket } from '../../../ports/venue/public-market.js';
import type { StreamNotice } from '../../../ports/venue/stream-notice.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import type { Market } from '../core/market.js';
import { Deliveries } from './deliveries.js';
import { SimulatedVenue } from './venue.js';

type Followed = 'book' | 'trades';

/**
 * Tells the exchange inside what happens on a real venue's public market, as it is heard: each event in the instant in
 * which it arrives, because orders of the account meet what is known here. What is older than it may be is not told;
 * while a book is not heard of, none stands, and nothing is filled at prices of before.
 */
@injectable()
export class LiveMarketDriver implements MarketDriver, StatusSource {
  readonly name = 'live-market';
  readonly synthetic = false;
  readonly ended: Promise<void>;
  private rejectEnded: (reason: unknown) => void = () => undefined;
  private readonly deliveries: Deliveries;
  private readonly abort = new AbortController();
  private cancelPulse: (() => void) | undefined;
  private keeping: Promise<unknown> | undefined;
  /** Since when a stream was not heard; absent while it is. */
  private readonly lostSince = new Map<Followed, number>();
  private readonly streams = new Map<Followed, Subscription>();
  /** Those that lagged before they stood. */
  private readonly lagging = new Set<Followed>();
  private readonly jitter: RandomStream;

  constructor(
    @inject(SimulatedVenue) private readonly venue: SimulatedVenue,
    @inject(PublicMarket) private readonly market: PublicMarket,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Clock) private readonly clock: Clock,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
    @inject(Random) random: Random,
  ) {
    this.jitter = random.stream(`live-market/${config.current.botId}`, config.current.simulation.seed);
    this.deliveries = new Deliveries(venue, clock, scheduler, (error) => this.failed(error));
    this.ended = new Promise((_resolve, reject) => (this.rejectEnded = reject));
    // Whoever runs the bot may watch it; nobody has to.
    this.ended.catch(() => undefined);
  }

  /** The account goes on where an earlier process left it; what the market did meanwhile nobody saw. Idempotent. */
  start(): void {
    if (this.keeping !== undefined) return;
    const { venue, market, logger } = this;
    if (venue.open() && !Number.isNaN(venue.time))
      logger.warn(
        'Nobody followed the market while this bot was down: neither fills nor funding of that time are known',
        {
          stoppedAt: new Date(venue.time).toISOString(),
        },
      );
    const now = this.now;
    for (const { funding } of venue.markets.values()) if (funding.begun) funding.begin(now);
    venue.drive([this.name, market.venue, market.environment].join(' '), () => ({}));
    this.sayMargins();
    this.deliveries.begin();
    this.pulse();
    this.keeping = Promise.all([this.keep('book'), this.keep('trades')]);
  }

  async stop(): Promise<void> {
    this.abort.abort();
    this.deliveries.end();
    this.cancelPulse?.();
    await this.keeping;
    this.market.close();
    this.venue.close();
  }

  /** What of the market is heard, and what of it nobody knows. */
  status(): Record<string, unknown> {
    const { venue, environment, unknownEvents = [] } = this.market;
    return {
      ...{ venue, environment, heard: [...this.streams.keys()].sort() },
      lost_since: Object.fromEntries(this.lostSince),
      unknown_events: Object.fromEntries(unknownEvents),
    };
  }

  /** Brackets need a key at a venue: without them the margins of every size are those of one. */
  private sayMargins(): void {
    const symbols = [...this.venue.markets.values()]
      .filter(({ instrument: { spec } }) => spec.kind !== 'spot' && spec.tiers === undefined)
      .map(({ symbol }) => symbol);
    if (symbols.length > 0)
      this.logger.warn(
        'Large positions are margined more lightly here than the venue does: its brackets are not known (simulation.margin.tiers)',
        { symbols },
      );
  }

  /** The exchange's time never goes back, though a clock that is measured anew may. */
  private get now(): number {
    const { time } = this.venue;
    return Number.isNaN(time) ? this.clock.now() : Math.max(time, this.clock.now());
  }

  private keep(what: Followed): Promise<void> {
    const { market, logger, clock, config, scheduler, jitter } = this;
    const { symbols } = config.current;
    return keepStream(
      { clock, config, scheduler, logger, jitter },
      {
        open: (signal) => {
          const hear = (event: MarketEvent): void => this.hear(event, what);
          return what === 'book' ? market.openBook(symbols, 2, hear, signal) : market.openTrades(symbols, hear, signal);
        },
        opened: (stream) => {
          this.streams.set(what, stream);
          if (this.lagging.delete(what)) stream.close();
          const since = this.lostSince.get(what);
          this.lostSince.delete(what);
          logger.info('The market is heard', {
            stream: what,
            venue: market.venue,
            symbols,
            ...(since === undefined ? {} : { afterMs: clock.now() - since }),
          });
        },
        lost: (why, pauseMs) => {
          this.lagging.delete(what);
          this.streams.delete(what);
          if (!this.lostSince.has(what)) this.lostSince.set(what, clock.now());
          if (what === 'book') for (const symbol of symbols) this.doubt(symbol);
          logger.warn('The market is not heard; opening again', { stream: what, venue: market.venue, why, pauseMs });
        },
      },
      this.abort.signal,
    );
  }

  private hear(event: MarketEvent, what: Followed): void {
    if (this.abort.signal.aborted || this.venue.failure !== undefined) return;
    try {
      if (this.isLate(event, what)) return;
      if (event.kind === 'depth') this.depth(event);
      else if (event.kind === 'trade') this.trade(event);
      else if (event.kind === 'mark') this.mark(event);
      else if (event.kind === 'instrument') this.instrument(event);
      else if (event.kind !== 'book') this.notice(event, what);
    } catch (error) {
      this.failed(error);
    }
  }

  private depth({ symbol, type, bids, asks }: DepthEvent): void {
    const market = this.venue.markets.get(symbol);
    if (market === undefined) return;
    this.venue.depthBegin(symbol, type === 'snapshot');
    this.levels(market, 'buy', bids);
    this.levels(market, 'sell', asks);
    this.venue.depthEnd(symbol, this.now);
  }

  private levels({ symbol, instrument }: Market, side: Side, levels: readonly BookLevel[]): void {
    for (const { price, size } of levels)
      this.venue.depth(symbol, side, instrument.toTicks(price, 'nearest'), instrument.toLots(size, 'nearest'));
  }

  private trade({ symbol, price, size, side }: TradeEvent): void {
    const market = this.venue.markets.get(symbol);
    if (market === undefined) return;
    const { instrument } = market;
    const lots = instrument.toLots(size, 'nearest');
    if (lots > 0) this.venue.trade(symbol, instrument.toTicks(price, 'nearest'), lots, this.now, side);
  }

  private mark({ symbol, mark, index, fundingRate, nextFundingAt }: MarkEvent): void {
    const market = this.venue.markets.get(symbol);
    if (market === undefined) return;
    const { instrument, funding } = market;
    // A stamp is paid at the rate of before it, and what is told after it is of the next one.
    if (funding.nextAt <= this.now) this.venue.advance(this.now);
    if (nextFundingAt !== undefined) funding.nextIs(nextFundingAt, this.now);
    const isOfNext = nextFundingAt !== undefined && nextFundingAt > funding.nextAt;
    if (fundingRate !== undefined && !isOfNext) this.venue.setFundingRate(symbol, rateOf(fundingRate));
    if (index !== undefined) this.venue.index(symbol, instrument.toMarks(index), this.now);
    if (mark !== undefined) this.venue.mark(symbol, instrument.toMarks(mark), this.now);
  }

  /** Streams end each by itself: what one says of all its channels is not said of the other's. */
  private notice({ kind, symbol, channel, message }: StreamNotice, what: Followed): void {
    this.logger.warn('The market says of itself that it is not to be trusted', { kind, symbol, channel, message });
    const isOfDepth = channel === 'depth' || (channel === undefined && what === 'book');
    for (const each of symbol === undefined ? this.config.current.symbols : [symbol])
      if (channel === 'marks') this.venue.lapse?.(each, 'mark', this.now);
      else if (isOfDepth) this.doubt(each);
  }

  /** No quote stands until the next snapshot. */
  private doubt(symbol: string): void {
    this.venue.markets.get(symbol)?.loseDepth();
  }

  /**
   * What arrives too late to act on is not told: the bot's own watch over its marks sees that nothing comes. A stream
   * that lags has piled up on the way, and is opened anew.
   */
  private isLate(event: MarketEvent, what: Followed): boolean {
    if (event.kind !== 'depth' && event.kind !== 'trade' && event.kind !== 'mark') return false;
    const lagMs = this.clock.now() - event.at;
    const { venue, risk } = this.config.current;
    if (!(lagMs > Math.min(venue.maxLagMs, risk.maxMarkStalenessMs))) return false;
    // The book has a stream of its own: what lags beside it makes it no worse.
    if (what === 'book') this.doubt(event.symbol);
    const stream = this.streams.get(what);
    if (stream !== undefined)
      this.logger.warn('The market is heard too late', { stream: what, symbol: event.symbol, lagMs });
    else this.lagging.add(what);
    this.streams.delete(what);
    stream?.close();
    return true;
  }

  private pulse(): void {
    this.cancelPulse = this.scheduler.after(this.config.current.simulation.quoteIntervalMs, () => {
      try {
        this.venue.advance(this.now);
      } catch (error) {
        this.failed(error);
      }
      if (this.venue.failure === undefined) this.pulse();
    });
  }

  /** The grid of a market that is traded stays. */
  private instrument({ symbol, spec, status = spec?.status }: InstrumentEvent): void {
    const market = this.venue.markets.get(symbol);
    if (market === undefined) return;
    const { minSize, minNotional, fundingIntervalHours } = spec ?? market.instrument.spec;
    const tradable = status === undefined || status === 'trading';
    this.venue.redefine(symbol, { minSize, minNotional, fundingIntervalHours, tradable }, this.now);
  }

  private failed(error: unknown): void {
    const { failure } = this.venue;
    this.logger.error('What the market told could not be taken', {
      error: messageOf(error),
      ended: failure !== undefined,
    });
    if (failure !== undefined) this.rejectEnded(failure);
  }
}
