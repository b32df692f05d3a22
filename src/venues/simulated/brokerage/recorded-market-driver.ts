import { injectable } from 'inversify';
import { messageOf } from '../../../domain/errors.js';
import { ticks } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { BarSource, type RecordedPrice } from '../../../ports/core-services/bar-source.js';
import { DrivenClock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { BarView, MarketDriver } from '../../../ports/core-services/simulated-exchange.js';
import { SeriesStore } from '../../../ports/runtime-state/series.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { Deliveries } from './deliveries.js';
import { SimulatedVenue } from './venue.js';
import { resumeClock } from '../models/world-time.js';

/** What travels with the exchange's state. */
interface Saved {
  readonly shift?: number;
  readonly deliveredAt?: number | null;
  readonly toldAt?: number;
}

/** Before the first. */
const NO_BAR: BarView = {
  openAt: 0,
  closeAt: 0,
  open: ticks(Number.NaN),
  high: ticks(Number.NaN),
  low: ticks(Number.NaN),
  close: ticks(Number.NaN),
  volume: Number.NaN,
};

type Bar = { -readonly [K in keyof BarView]: BarView[K] };

/**
 * Replays recorded bars into the exchange inside, each at its close in world time. A recording older than the world's
 * clock is moved forward by whole bars; every bar keeps its length and its distance from the next. Between bars the
 * exchange's time goes on, so that an order sent within a bar is not filled at that bar's open. Funding that was
 * recorded beside them falls due at its own stamps, and the venue's own prices are told at theirs: as in a backtest,
 * after the bars that close in their instant and the step that the bot takes in it.
 */
@injectable()
export class RecordedMarketDriver implements MarketDriver {
  readonly name = 'recorded-market';
  readonly synthetic = false;
  readonly ended: Promise<void>;
  private resolveEnded: () => void = () => undefined;
  private rejectEnded: (reason: unknown) => void = () => undefined;
  private bars: Iterator<BarView> | undefined;
  private next: Bar | undefined;
  private prices: Iterator<RecordedPrice> | undefined;
  private nextPrice: RecordedPrice | undefined;
  /** Milliseconds from the recording's time to the world's. */
  private shift = 0;
  /** Open of the last bar delivered, in the recording's time. */
  private deliveredAt = Number.NEGATIVE_INFINITY;
  /** Instant of the last price told, likewise. */
  private toldAt = Number.NEGATIVE_INFINITY;
  private cancel: (() => void) | undefined;
  private cancelPrice: (() => void) | undefined;
  private readonly deliveries: Deliveries;

  constructor(
    @inject(SimulatedVenue) private readonly venue: SimulatedVenue,
    @inject(BarSource) private readonly source: BarSource,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(DrivenClock) private readonly clock: DrivenClock,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
    @inject(SeriesStore) private readonly series: Pick<SeriesStore, 'attach'>,
  ) {
    this.deliveries = new Deliveries(venue, clock, scheduler, (error) => this.failed(error));
    this.ended = new Promise((resolve, reject) => {
      this.resolveEnded = resolve;
      this.rejectEnded = reject;
    });
    // Whoever runs the bot may watch it; nobody has to.
    this.ended.catch(() => undefined);
  }

  /** Goes on after the last bar an earlier process delivered. Idempotent. */
  start(): void {
    if (this.bars !== undefined) return;
    // What was delivered here is newer than what was stored.
    this.bars = this.source.bars[Symbol.iterator]();
    this.next = this.read();
    const saved = this.venue.drive(this.recording(), () => ({
      shift: this.shift,
      deliveredAt: Number.isFinite(this.deliveredAt) ? this.deliveredAt : null,
      ...(Number.isFinite(this.toldAt) ? { toldAt: this.toldAt } : {}),
    }));
    if (this.deliveredAt === Number.NEGATIVE_INFINITY) this.restore(saved);
    if (!Number.isNaN(this.venue.time)) resumeClock(this.clock, this.venue.time, this.logger);
    while (this.next !== undefined && this.next.openAt <= this.deliveredAt) this.next = this.read();
    // Bars follow, whatever the series begin with.
    this.series.attach?.(this.source.symbol, NO_BAR);
    this.findPrices();
    this.align();
    this.schedule();
    this.deliveries.begin();
    this.plan();
    this.planPrice();
  }

  stop(): void {
    this.deliveries.end();
    this.cancel?.();
    this.cancelPrice?.();
    this.cancel = this.cancelPrice = undefined;
    this.bars?.return?.();
    this.prices?.return?.();
    this.bars = this.prices = undefined;
    this.venue.close();
  }

  /** Which recording this is: more bars at its end make no other. */
  private recording(): string {
    const { symbol, intervalMs } = this.source;
    return [this.name, symbol, intervalMs, this.next?.openAt ?? 'empty'].join(' ');
  }

  private restore(state: Json | undefined): void {
    const saved = state as Saved | null | undefined;
    this.shift = saved?.shift ?? 0;
    this.deliveredAt = saved?.deliveredAt ?? Number.NEGATIVE_INFINITY;
    this.toldAt = saved?.toldAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Prices of bars that are over are history, also where nobody told them. */
  private findPrices(): void {
    this.prices = this.source.prices?.[Symbol.iterator]();
    const from = this.next?.openAt ?? Number.POSITIVE_INFINITY;
    do this.nextPrice = this.readPrice();
    while (this.nextPrice !== undefined && (this.nextPrice.at <= this.toldAt || this.nextPrice.at < from));
  }

  /** A clock that was never set starts with the recording, one that has passed it gets the recording moved to it. */
  private align(): void {
    const { next, clock } = this;
    if (next === undefined) return;
    if (clock.now() === 0) clock.set(next.openAt + this.shift);
    if (next.closeAt + this.shift < clock.now()) {
      const { intervalMs } = this.source;
      this.shift += Math.ceil((clock.now() - next.openAt - this.shift) / intervalMs) * intervalMs;
    }
    this.logger.info('Replaying recorded bars', { symbol: this.source.symbol, from: next.openAt, shiftMs: this.shift });
  }

  /** Rates move with the bars they were recorded beside. */
  private schedule(): void {
    const { symbol, fundings } = this.source;
    if (fundings === undefined) return;
    this.venue.fundingSchedule(
      symbol,
      fundings.map(({ at, rate }) => ({ at: at + this.shift, rate })),
    );
  }

  private plan(): void {
    if (this.next === undefined) {
      this.resolveEnded();
      return;
    }
    const pulse = Math.min(this.config.current.updateIntervalMs, this.source.intervalMs);
    const wait = this.next.closeAt + this.shift - this.clock.now();
    this.cancel = this.scheduler.after(Math.max(0, Math.min(wait, pulse)), this.step);
  }

  private readonly step = (): void => {
    const now = this.clock.now();
    try {
      const { next } = this;
      if (next !== undefined && next.closeAt + this.shift <= now) this.deliver(next);
      this.venue.advance(now);
    } catch (error) {
      this.failed(error);
    }
    if (this.venue.failure === undefined) this.plan();
  };

  /** Bars have a timer of their own: set at the close before, it comes before the bot's step at the next. */
  private planPrice(): void {
    if (this.nextPrice === undefined || this.next === undefined) return;
    const wait = Math.max(0, this.nextPrice.at + this.shift - this.clock.now());
    // Whoever wakes in that instant comes first: a step sees nothing that its own instant brings.
    this.cancelPrice = this.scheduler.after(wait, () => {
      this.cancelPrice = this.scheduler.after(0, this.tellPrices);
    });
  }

  private readonly tellPrices = (): void => {
    try {
      this.tellDue(this.clock.now());
    } catch (error) {
      this.failed(error);
    }
    if (this.venue.failure === undefined) this.planPrice();
  };

  private tellDue(now: number): void {
    const { symbol } = this.source;
    let { toldAt } = this;
    for (let told = this.nextPrice; told !== undefined && told.at + this.shift <= now; told = this.nextPrice) {
      const { kind, price } = told;
      const at = told.at + this.shift;
      toldAt = told.at;
      this.nextPrice = this.readPrice();
      if (Number.isNaN(price)) this.venue.lapse?.(symbol, kind, at);
      else if (kind === 'mark') this.venue.mark(symbol, price, at);
      else this.venue.index(symbol, price, at);
    }
    // A state that was kept in between tells the instant again: twice is as once.
    this.toldAt = toldAt;
  }

  private failed(error: unknown): void {
    const { failure } = this.venue;
    this.logger.error('Recorded market failed', { error: messageOf(error), ended: failure !== undefined });
    if (failure !== undefined) this.rejectEnded(failure);
  }

  /** The bar, the place in the recording and the next bar to come belong together: one commit. */
  private deliver(bar: Bar): void {
    this.deliveredAt = bar.openAt;
    this.next = this.read();
    bar.openAt += this.shift;
    bar.closeAt += this.shift;
    // Strategies see of a bar what they see of it in a backtest, and when: its close is a mark, its range goes with it.
    this.series.attach?.(this.source.symbol, bar);
    this.venue.transact(() => this.venue.bar(this.source.symbol, bar));
  }

  private read(): Bar | undefined {
    const row = this.bars?.next();
    if (row === undefined || row.done === true) return undefined;
    const { openAt, closeAt, open, high, low, close, volume } = row.value;
    return { openAt, closeAt, open, high, low, close, volume };
  }

  private readPrice(): RecordedPrice | undefined {
    const row = this.prices?.next();
    return row === undefined || row.done === true ? undefined : row.value;
  }
}
