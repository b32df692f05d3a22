import { injectable } from 'inversify';
import { readBook } from '../../border/market.js';
import { Decimal, ONE, ZERO } from '../../domain/decimal.js';
import { messageOf } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import type { BookLevel, BookSnapshot } from '../../domain/market.js';
import type { Side } from '../../domain/order.js';
import type { Lots } from '../../domain/units.js';
import { RepeatedTask } from '../../flow/repeated-task.js';
import { inject } from '../../injection/inject.js';
import { MarketFeed } from '../../ports/venue/market-feed.js';
import { Clock } from '../../ports/configuration/clock.js';
import type { BackgroundTask } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import type { ImpactEstimate, ImpactEstimator } from '../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../ports/runtime-state/runtime-state.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

const DEPTH = 50;
const BPS = 10_000;
/** A book is used for this many update intervals after it was asked for. */
const USED_FOR_INTERVALS = 3;

interface KnownBook {
  readonly book: BookSnapshot;
  /** When it was asked for: the answer cannot be older than that, whatever the venue's clock says. */
  readonly askedAt: number;
}

interface Answer {
  readonly book: BookSnapshot;
  readonly side: Side;
  readonly size: Lots;
  readonly config: BotConfig;
  readonly estimate: ImpactEstimate | undefined;
}

/**
 * Impact of an order against the venue's own book: the order is walked through the levels, and the average price
 * compared with the mid. A book that is missing or old is no estimate; it is asked for, and the next question finds it.
 * As a background task it keeps the books of all symbols current while a guard or the sizing needs them.
 */
@injectable()
export class BookImpactEstimator implements ImpactEstimator, BackgroundTask {
  readonly name = 'impact-books';
  private readonly books = new Map<string, KnownBook>();
  private readonly asking = new Set<string>();
  /** The newest answer: who sizes an order and who approves it ask about the same size. */
  private last: Answer | undefined;
  private readonly task: RepeatedTask;

  constructor(
    @inject(MarketFeed) private readonly feed: MarketFeed,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Clock) private readonly clock: Clock,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.task = new RepeatedTask(
      this.name,
      () => config.current.updateIntervalMs,
      async () => {
        for (const symbol of config.current.symbols) await this.refresh(symbol);
      },
      scheduler,
      (error) => logger.error('Order books were not asked for', { error: messageOf(error) }),
    );
  }

  get enabled(): boolean {
    const { risk } = this.config.current;
    return risk.marketImpactGuard || risk.dynamicPositionSizing;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.task.run(signal);
  }

  /** Asks for one book. A failure is logged and leaves the last one to grow old. */
  async refresh(symbol: string): Promise<void> {
    if (this.asking.has(symbol)) return;
    this.asking.add(symbol);
    const askedAt = this.clock.now();
    try {
      const { budget, clock } = this;
      const book = await askUnlessHeld(() => this.feed.getOrderBook(symbol, DEPTH), { budget, clock });
      this.books.set(symbol, { book: readBook(book), askedAt });
    } catch (error) {
      this.logger.warn('Order book is not available', { symbol, error: messageOf(error) });
    } finally {
      this.asking.delete(symbol);
    }
  }

  estimate(instrument: Instrument, side: Side, size: Lots): ImpactEstimate | undefined {
    const { symbol } = instrument;
    const known = this.books.get(symbol);
    const age = this.clock.now() - (known?.askedAt ?? NaN);
    if (known === undefined || !(age <= this.config.current.updateIntervalMs * USED_FOR_INTERVALS)) {
      this.pending.track(this.refresh(symbol));
      return undefined;
    }
    return this.walk(known.book, instrument, side, size);
  }

  private walk(book: BookSnapshot, instrument: Instrument, side: Side, size: Lots): ImpactEstimate | undefined {
    const { last } = this;
    const { current: config } = this.config;
    if (last?.book === book && last.side === side && last.size === size && last.config === config) return last.estimate;
    const { risk, execution } = config;
    const factor = Decimal.max(ONE, execution.slippageMultipliers[instrument.symbol] ?? ONE);
    const estimate = impactOf(book, side, instrument.size(size), risk.maxMarketImpactBps, factor);
    this.last = { book, side, size, config, estimate };
    return estimate;
  }
}

/**
 * Walks `size` through the side of the book it would take. Undefined while either side is empty: there is no mid to
 * compare with. `maxSlice` is the size within `limitBps` of the mid, and only given when the order does not fit.
 */
export function impactOf(
  book: BookSnapshot,
  side: Side,
  size: Decimal,
  limitBps: Decimal,
  factor: Decimal,
): ImpactEstimate | undefined {
  const bid = book.bids[0]?.price;
  const ask = book.asks[0]?.price;
  if (bid === undefined || ask === undefined) return undefined;
  const mid = bid.plus(ask).div(2);
  const levels = side === 'buy' ? book.asks : book.bids;
  let left = size;
  let paid = ZERO;
  for (const level of levels) {
    const taken = Decimal.min(left, level.size);
    paid = paid.plus(taken.times(level.price));
    left = left.minus(taken);
    if (left.isZero()) break;
  }
  const filled = size.minus(left);
  const slippageCost = paid.minus(mid.times(filled)).abs().times(factor);
  const impactBps = filled.isZero() ? ZERO : slippageCost.div(filled).div(mid).times(BPS);
  const liquiditySufficient = left.isZero() && !filled.isZero();
  const estimate = { impactBps, slippageCost, liquiditySufficient };
  return liquiditySufficient && impactBps.lte(limitBps)
    ? estimate
    : { ...estimate, maxSlice: sizeWithin(levels, mid, limitBps.div(factor)) };
}

function sizeWithin(levels: readonly BookLevel[], mid: Decimal, limitBps: Decimal): Decimal {
  const reach = mid.times(limitBps).div(BPS);
  let size = ZERO;
  for (const level of levels) {
    if (level.price.minus(mid).abs().gt(reach)) break;
    size = size.plus(level.size);
  }
  return size;
}
