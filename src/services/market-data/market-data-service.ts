import { injectable } from 'inversify';
import { isPositive, type Decimal } from '../../domain/decimal.js';
import { messageOf, PerpsBotError } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import { marks, type MarkUnits } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import { MarketFeed } from '../../ports/venue/market-feed.js';
import { Clock } from '../../ports/configuration/clock.js';
import { VenueTime } from '../../ports/configuration/venue-time.js';
import type { Lifecycle, StatusSource } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import type { MarketData, ToldPrices } from '../../ports/market-data/market-data.js';
import { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import { QuotePrices, type PriceKind } from '../../ports/runtime-state/quote-prices.js';
import { MarkLock } from '../../ports/runtime-state/mark-lock.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { SeriesStore } from '../../ports/runtime-state/series.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { StrategyRegistry } from '../../ports/core-services/strategy.js';
import { WindowStore } from '../../ports/runtime-state/window-store.js';
import { forEachBounded } from '../../flow/bounded.js';
import { priceOf } from './quote-price.js';
import { rangeOf, usableCloses } from './usable-closes.js';
import { askUnlessHeld, type Asking } from '../../flow/left-alone.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/** Requests in flight at once: cycle time does not grow with the number of symbols, and no rate limit is rushed. */
const PARALLEL_REQUESTS = 4;
/** Values a window keeps beyond the longest average. */
const SPARE = 5;

/**
 * Polls the venue and keeps every mark window current. As a part it makes the windows and warms them when it starts,
 * after the venue's products are known. Follows the configured symbols and those of open positions. Writes no
 * events and sends no heartbeats; whoever watches the market reads the shared freshness.
 */
@injectable()
export class MarketDataService implements MarketData, Lifecycle, StatusSource {
  readonly name = 'market-data';
  private following = false;
  private stalePolls = 0;
  private failedPolls = 0;
  /** Markets that were said to have no price yet. */
  private readonly awaited = new Set<string>();
  /** How often each symbol was doubted: a poll that was asked before a doubt does not end it. */
  private readonly doubts = new SymbolMap<number>();

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(MarketFeed) private readonly feed: MarketFeed,
    @inject(MarkLock) readonly markLock: MarkLock,
    @inject(WindowStore) readonly windows: WindowStore,
    @inject(SeriesStore) private readonly series: SeriesStore,
    @inject(MarkFreshness) private readonly freshness: MarkFreshness,
    @inject(QuotePrices) private readonly prices: QuotePrices,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(StrategyRegistry) private readonly strategies: StrategyRegistry,
    @inject(Clock) private readonly clock: Clock,
    @inject(VenueTime) private readonly time: VenueTime,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    config.onChange(() => this.adapt());
  }

  async start(): Promise<void> {
    await this.warmUp();
  }

  /** Windows stay: what was seen is still true, and reports read it. */
  stop(): void {
    this.following = false;
  }

  async updateMarks(signal?: AbortSignal): Promise<void> {
    const symbols = [...new Set([...this.config.current.symbols, ...this.windows.symbols()])];
    await forEachBounded(symbols, PARALLEL_REQUESTS, (symbol) => this.pollSafely(symbol, signal), signal);
  }

  acceptMark(symbol: string, mark: MarkUnits, at: number): void {
    this.windows.append(symbol, mark, at);
    this.freshness.touch(symbol, at);
    if (this.prices.isEmpty || !this.isValued(symbol, at)) this.portfolio.mark(symbol, mark);
  }

  acceptMarks(symbol: string, prices: Float64Array, scale: number, from: number, to: number, at: number): void {
    if (to <= from) return;
    this.windows.appendAll(symbol, prices, scale, from, to, at);
    this.freshness.touch(symbol, at);
    if (this.prices.isEmpty || !this.isValued(symbol, at))
      this.portfolio.mark(symbol, marks((prices[to - 1] as number) * scale));
  }

  acceptPrices(symbol: string, told: ToldPrices, at: number): void {
    const { prices } = this;
    const instrument = this.catalogue.find(symbol);
    if (instrument === undefined) return;
    const take = (kind: PriceKind, price: Decimal | undefined): void => {
      if (isPositive(price)) prices.take(symbol, kind, instrument.toMarks(price), at);
    };
    const { bid, ask } = told;
    take('last', told.last);
    if (isPositive(bid) && isPositive(ask)) {
      prices.cross(symbol, bid.gt(ask));
      if (bid.lt(ask)) take('mid', bid.plus(ask).div(2));
    }
    take('mark', told.mark);
    take('index', told.index);
    const mark = prices.fresh(symbol, 'mark', at, 0);
    if (mark !== undefined) this.portfolio.mark(symbol, mark);
  }

  acceptPrice(symbol: string, kind: 'mark' | 'index', price: MarkUnits, at: number): void {
    if (!(price > 0)) return;
    this.prices.take(symbol, kind, price, at);
    if (kind === 'mark') this.portfolio.mark(symbol, price);
  }

  acceptCrossing(symbol: string, crossed: boolean): void {
    this.prices.cross(symbol, crossed);
  }

  distrust(symbols: readonly string[]): void {
    for (const symbol of symbols) {
      this.doubts.set(symbol, this.doubtsOf(symbol) + 1);
      this.freshness.forget(symbol);
      this.prices.forget(symbol);
    }
  }

  /** Leaves alone what already has values. Warming is no mark: freshness and valuation wait for the first real one. */
  async warmUp(signal?: AbortSignal): Promise<void> {
    this.setSymbols(this.config.current.symbols);
    await forEachBounded(this.windows.symbols(), PARALLEL_REQUESTS, (symbol) => this.warmSafely(symbol), signal);
  }

  /** The symbol of an open position is followed until the position is closed: it must still be valued and guarded. */
  setSymbols(symbols: readonly string[]): void {
    this.following = true;
    const wanted = new Set(symbols);
    for (const position of this.portfolio.positions()) {
      if (position.isFlat || wanted.has(position.instrument.symbol)) continue;
      wanted.add(position.instrument.symbol);
      this.logger.warn('Symbol is no longer configured but has an open position; its marks are still followed', {
        symbol: position.instrument.symbol,
      });
    }
    for (const symbol of this.windows.symbols()) {
      if (!wanted.has(symbol)) this.forget(symbol);
    }
    for (const symbol of wanted) this.ensure(symbol);
  }

  private get asking(): Asking {
    return { budget: this.budget, clock: this.clock };
  }

  status(): Record<string, unknown> {
    return {
      stale_polls: this.stalePolls,
      failed_polls: this.failedPolls,
      symbols: Object.fromEntries(
        this.windows.symbols().map((symbol) => {
          const window = this.windows.find(symbol);
          return [
            symbol,
            { marks: window?.count, in_window: window?.length, last_update: this.freshness.lastUpdate(symbol) },
          ];
        }),
      ),
    };
  }

  private async pollSafely(symbol: string, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.poll(symbol, signal);
    } catch (error) {
      if (PerpsBotError.is(error) && error.code === 'DATA-008') this.unpriced(symbol, error);
      else {
        this.logger.error(`Mark of ${symbol} could not be updated`, { symbol, error: messageOf(error) });
        this.failedPolls += 1;
      }
    }
  }

  /** A market that has not opened has failed nobody: it is said once, until it has had a price. */
  private unpriced(symbol: string, { message }: PerpsBotError): void {
    if (this.awaited.has(symbol)) return;
    this.awaited.add(symbol);
    this.logger.info(`${symbol} has no price yet`, { symbol, told: message });
  }

  /**
   * A quote is on its way while the stream goes on, so it may arrive older than the newest mark, or be from before a
   * gap. Appending it would reorder the window or end a doubt; it is counted and left out.
   */
  private async poll(symbol: string, signal: AbortSignal | undefined): Promise<void> {
    const instrument = this.catalogue.find(symbol);
    // Nobody has described it yet; the catalogue has said so and asks again.
    if (instrument === undefined) return;
    const doubts = this.doubtsOf(symbol);
    const askedAt = this.clock.now() - this.time.measuredMs;
    const quote = await askUnlessHeld(() => this.feed.getQuote(symbol), this.asking);
    if (signal?.aborted === true || !this.follows(symbol)) return;
    const mark = instrument.toMarks(priceOf(symbol, quote));
    this.awaited.delete(symbol);
    const now = this.clock.now();
    // A venue clock that runs ahead must not make a mark look fresh for longer than it is.
    // Without a time it is no older than the question, and anything streamed since is newer.
    const at = Math.min(quote.at ?? askedAt, now);
    const newestAt = this.ensure(symbol)?.lastAt;
    if (doubts === this.doubtsOf(symbol)) this.acceptPrices(symbol, quote, at);
    if (doubts !== this.doubtsOf(symbol) || (newestAt !== undefined && at < newestAt)) {
      this.stalePolls += 1;
      return;
    }
    this.acceptMark(symbol, mark, at);
  }

  /** True while the venue tells its own mark: a position is worth what it is worth there. */
  private isValued(symbol: string, at: number): boolean {
    return this.prices.fresh(symbol, 'mark', at, this.config.current.risk.maxMarkStalenessMs) !== undefined;
  }

  private doubtsOf(symbol: string): number {
    return this.doubts.get(symbol) ?? 0;
  }

  /** False once a symbol was removed while its quote was on the way. */
  private follows(symbol: string): boolean {
    return this.windows.find(symbol) !== undefined || this.config.current.symbols.includes(symbol);
  }

  /** A changed configuration in force: the listeners after this one must hear of it whatever happens here. */
  private adapt(): void {
    if (!this.following) return;
    try {
      this.setSymbols(this.config.current.symbols);
    } catch (error) {
      this.logger.error('Mark windows could not follow the new configuration', { error: messageOf(error) });
    }
  }

  private async warmSafely(symbol: string): Promise<void> {
    const intervalMs = this.config.current.updateIntervalMs;
    try {
      const series = this.series.find(symbol);
      const need = Math.max(series?.capacity ?? 0, this.windows.find(symbol)?.capacity ?? 0);
      const closes = usableCloses(
        await askUnlessHeld(() => this.feed.getCandles(symbol, intervalMs, need), this.asking),
        intervalMs,
        this.clock.now() - this.time.measuredMs,
      );
      if (closes.length < need)
        this.logger.warn(`${symbol} starts with ${closes.length} of ${need} values`, { symbol });
      const window = this.windows.find(symbol);
      const [windowIsEmpty, seriesIsEmpty] = [window?.count === 0, series?.count === 0];
      const instrument = this.catalogue.instrument(symbol);
      for (const candle of closes) {
        const closeAt = candle.openAt + intervalMs;
        const mark = instrument.toMarks(candle.close);
        if (windowIsEmpty) this.windows.append(symbol, mark, closeAt);
        if (seriesIsEmpty) this.series.append(symbol, mark, closeAt, rangeOf(candle, closeAt, instrument));
      }
    } catch (error) {
      this.logger.warn(`${symbol} could not be warmed up`, { symbol, error: messageOf(error) });
    }
  }

  /** Window and series of a symbol the venue confirms; undefined, with a warning, for one it does not. */
  private ensure(symbol: string): ReturnType<WindowStore['ensure']> | undefined {
    const instrument = this.catalogue.find(symbol);
    if (instrument === undefined) {
      this.logger.warn(`${symbol} is not a product of the venue and gets no marks`, { symbol });
      return undefined;
    }
    return this.makeRoom(instrument);
  }

  private makeRoom(instrument: Instrument): ReturnType<WindowStore['ensure']> {
    const { strategy, risk, updateIntervalMs } = this.config.current;
    const { symbol } = instrument;
    const rules = strategy.perSymbol[symbol];
    const longest = Math.max(rules?.longMa ?? strategy.longMa, rules?.shortMa ?? strategy.shortMa) + SPARE;
    const capacity = Math.max(longest, this.strategies.lookbackFor(symbol));
    // The volatility breaker reads returns of the same series: one value more than its window.
    const breaker = risk.volatility.enabled ? risk.volatility.window + 1 : 0;
    this.series.ensure(instrument, updateIntervalMs, Math.max(capacity, breaker));
    return this.windows.ensure(instrument, capacity);
  }

  private forget(symbol: string): void {
    this.windows.drop(symbol);
    this.series.drop(symbol);
    this.freshness.forget(symbol);
    this.prices.forget(symbol);
  }
}
