import { injectable } from 'inversify';
import { messageOf } from '../../../domain/errors.js';
import { inject } from '../../../injection/inject.js';
import { DrivenClock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { MarketDriver } from '../../../ports/core-services/simulated-exchange.js';
import { Deliveries } from './deliveries.js';
import { MarketGenerator } from '../models/market-generator.js';
import { SimulatedVenue } from './venue.js';
import { resumeClock } from '../models/world-time.js';

/** Candles of history that a new market brings along. */
const PRE_ROLL = 500;

/** Makes up a market for the exchange inside, quote by quote, in world time. Synthetic, and says so. */
@injectable()
export class GeneratedMarketDriver implements MarketDriver {
  readonly name = 'generated-market';
  readonly synthetic = true;
  readonly ended: Promise<void>;
  private rejectEnded: (reason: unknown) => void = () => undefined;
  private cancel: (() => void) | undefined;
  private readonly deliveries: Deliveries;
  private unsubscribe: (() => void) | undefined;

  constructor(
    @inject(SimulatedVenue) private readonly venue: SimulatedVenue,
    @inject(MarketGenerator) private readonly generator: MarketGenerator,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(DrivenClock) private readonly clock: DrivenClock,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
  ) {
    this.deliveries = new Deliveries(venue, clock, scheduler, (error) => this.failed(error));
    this.ended = new Promise((_resolve, reject) => (this.rejectEnded = reject));
    // Whoever runs the bot may watch it; nobody has to.
    this.ended.catch(() => undefined);
  }

  /**
   * A new market begins with history and a first quote; a stored one goes on where it was. While nobody made it up it
   * had neither prices nor funding, so none falls due for that time. Idempotent.
   */
  start(): void {
    if (this.cancel !== undefined) return;
    this.venue.open();
    if (resumeClock(this.clock, this.venue.time, this.logger))
      for (const { funding } of this.venue.markets.values()) if (funding.begun) funding.begin(this.clock.now());
    const saved = this.venue.drive(this.name, () => this.generator.state());
    // A market that has begun here is newer than what was stored.
    if (saved !== undefined && this.generator.symbols.length === 0)
      this.generator.restore(saved, (symbol) => this.venue.markets.get(symbol)?.instrument);
    this.begin();
    this.unsubscribe ??= this.config.onChange(() => this.begin());
    this.deliveries.begin();
    this.plan();
  }

  stop(): void {
    this.deliveries.end();
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    this.cancel?.();
    this.cancel = undefined;
    this.venue.close();
  }

  /** Markets of symbols that have none yet: their past, then their first quote. */
  private begin(): void {
    const now = this.clock.now();
    for (const symbol of this.config.current.symbols) {
      const market = this.venue.markets.get(symbol);
      if (market === undefined || !this.generator.ensure(market.instrument)) continue;
      const { intervalMs } = market.history;
      this.generator.preRoll(symbol, market.history, PRE_ROLL, Math.floor(now / intervalMs) * intervalMs);
      this.venue.transact(() => this.tell(symbol, now));
    }
  }

  private plan(): void {
    this.cancel = this.scheduler.after(this.config.current.simulation.quoteIntervalMs, this.step);
  }

  /** One instant of every market, committed and told as one. */
  private readonly step = (): void => {
    const now = this.clock.now();
    try {
      this.venue.transact(() => {
        this.venue.advance(now);
        for (const symbol of this.generator.symbols) this.tell(symbol, now);
      });
    } catch (error) {
      this.failed(error);
    }
    if (this.venue.failure === undefined) this.plan();
    else this.cancel = undefined;
  };

  private failed(error: unknown): void {
    const { failure } = this.venue;
    this.logger.error('Generated market failed', { error: messageOf(error), ended: failure !== undefined });
    if (failure !== undefined) this.rejectEnded(failure);
  }

  private tell(symbol: string, at: number): void {
    const { venue } = this;
    const step = this.generator.step(symbol, this.config.current.simulation.quoteIntervalMs / 1000);
    venue.setFundingRate(symbol, step.fundingRate);
    venue.quote(symbol, step.bid, step.bidLots, step.ask, step.askLots, at);
    venue.index(symbol, step.index, at);
    venue.mark(symbol, step.mark, at);
    if (step.traded) venue.trade(symbol, step.tradePrice, step.tradeLots, at);
  }
}
