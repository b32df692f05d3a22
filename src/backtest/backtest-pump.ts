import type { Instrument } from '../domain/instrument.js';
import { interned } from '../domain/symbol-map.js';
import { marks } from '../domain/units.js';
import type { DrivenClock, HostClock } from '../ports/configuration/clock.js';
import type { EventStore } from '../ports/storage/event-store.js';
import type { IndicatorData } from '../ports/core-services/indicator-data.js';
import type { MarketData } from '../ports/market-data/market-data.js';
import type { Portfolio } from '../ports/runtime-state/portfolio.js';
import type { PendingWork } from '../ports/runtime-state/runtime-state.js';
import type { DrivenScheduler, Scheduler } from '../ports/configuration/scheduler.js';
import type { SeriesStore } from '../ports/runtime-state/series.js';
import type { SimulatedExchange } from '../ports/core-services/simulated-exchange.js';
import type { TradingCycle } from '../ports/market-services/trading-cycle.js';
import { ColumnBarView, type BarColumns } from '../data/bar-columns.js';
import type { EquityStatistics } from './equity-statistics.js';

/** The bot's own services, as its container made them. The pump adds history and nothing else. */
export interface PumpServices {
  readonly clock: Pick<DrivenClock, 'set'>;
  readonly exchange: SimulatedExchange;
  readonly marketData: MarketData;
  readonly cycle: TradingCycle;
  readonly pending: PendingWork;
  readonly portfolio: Portfolio;
  readonly journal: EventStore;
  readonly indicators: IndicatorData;
  /** Shown the bars behind the marks; absent: strategies see marks alone. */
  readonly series?: Pick<SeriesStore, 'attach'>;
  /** Host time, to let the process breathe. */
  readonly hostClock: HostClock;
  readonly hostScheduler: Scheduler;
  /** Timers of the world: they are looked at while requests take time. */
  readonly scheduler?: Pick<DrivenScheduler, 'nextAt' | 'runUntil'>;
}

export interface PumpOptions {
  /** `fast` waits only for orders under way; `step` has every bar's records on disk before the next bar. */
  readonly mode: 'fast' | 'step';
  readonly signal?: AbortSignal;
  /** Told at the end of every cycle step; before it, the venue's own marks, where the data has them. */
  readonly recorder?: { step(at: number): void; venueMark?(symbol: string, mark: number): void };
  /** Told at every pause: bars done. */
  readonly onProgress?: (bars: number) => void;
}

/** Bars between two looks at the host's clock, and host milliseconds between two pauses. */
const BARS_A_LOOK = 256;
const PAUSE_EVERY_MS = 50;
const HOUR_MS = 3_600_000;

/**
 * Drives the bot over history. One bar is: the exchange walks its path (where orders decided before it fill), the close
 * becomes the mark, and the cycle steps. What is decided at a close can therefore fill at the next open at the earliest.
 * Between bars nothing is allocated and nothing awaited, unless an order is under way.
 */
export class BacktestPump {
  private next = 0;
  private walked = false;
  private pauseAt: number;
  private refreshAt: number;
  private readonly view: ColumnBarView;
  private readonly symbol: string;
  private readonly marksPerTick: number;

  constructor(
    private readonly services: PumpServices,
    private readonly columns: BarColumns,
    instrument: Instrument,
    private readonly statistics: EquityStatistics,
    private readonly options: PumpOptions,
  ) {
    this.view = new ColumnBarView(columns);
    services.series?.attach?.(columns.symbol, this.view);
    this.symbol = interned(columns.symbol);
    this.marksPerTick = instrument.marksPerTick;
    this.refreshAt =
      services.indicators.needs?.(this.symbol) === false ? Number.POSITIVE_INFINITY : nextHour(columns.openAt[0] ?? 0);
    this.pauseAt = services.hostClock.monotonic() + PAUSE_EVERY_MS;
  }

  /** Bars that have closed. */
  get bars(): number {
    return this.next;
  }

  /** Runs to the end of the columns, or to the first bar after the signal aborts. */
  async run(): Promise<void> {
    const { pending } = this.services;
    const advance = this.options.mode === 'step' ? () => this.advanceOne() : () => this.advance();
    while (this.next < this.columns.length && this.options.signal?.aborted !== true) {
      advance();
      if (pending.count > 0) await pending.idle();
      if (this.walked && this.view.closeAt >= this.refreshAt) {
        await this.refresh();
        continue;
      }
      if (this.options.mode === 'step' && !this.walked) await this.services.journal.flush();
      if (this.next < this.columns.length && this.services.hostClock.monotonic() >= this.pauseAt) await this.pause();
    }
    await this.services.journal.flush();
    this.options.onProgress?.(this.next);
  }

  /** The hot loop: bar after bar, until something has to be awaited or the clock wants a look. */
  private advance(): void {
    const { pending } = this.services;
    const { length } = this.columns;
    do {
      if (!this.walked) {
        this.walk();
        if (pending.count > 0 || this.view.closeAt >= this.refreshAt) return;
      }
      this.close();
    } while (this.next < length && pending.count === 0 && this.next % BARS_A_LOOK !== 0);
  }

  private advanceOne(): void {
    if (!this.walked) {
      this.walk();
      if (this.services.pending.count > 0 || this.view.closeAt >= this.refreshAt) return;
    }
    this.close();
  }

  /** Rules that look at hourly candles get them at the close of the hour, as they do live. */
  private async refresh(): Promise<void> {
    const { closeAt } = this.view;
    this.services.clock.set(closeAt);
    await this.services.indicators.refresh(this.symbol);
    this.refreshAt = nextHour(closeAt);
  }

  /** The bar happens at the exchange. */
  private walk(): void {
    const { clock, exchange } = this.services;
    const view = this.view.moveTo(this.next);
    clock.set(view.openAt);
    exchange.bar(this.symbol, view);
    this.walked = true;
  }

  /** The bar has closed: it is visible now, and the bot decides. */
  private close(): void {
    const { clock, marketData, cycle, portfolio } = this.services;
    const { closeAt } = this.view;
    clock.set(closeAt);
    marketData.acceptMark(this.symbol, marks(this.view.close * this.marksPerTick), closeAt);
    cycle.step(closeAt);
    this.statistics.sample(portfolio.equity, closeAt);
    if (this.options.recorder !== undefined) this.options.recorder.step(closeAt);
    this.walked = false;
    this.next += 1;
  }

  private async pause(): Promise<void> {
    this.options.onProgress?.(this.next);
    await this.services.hostScheduler.sleep(0);
    this.pauseAt = this.services.hostClock.monotonic() + PAUSE_EVERY_MS;
  }
}

const nextHour = (at: number): number => (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
