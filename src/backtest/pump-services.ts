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
  /** `fast` waits only for orders under way; `step` has every step's records on disk before the next event. */
  readonly mode: 'fast' | 'step';
  readonly signal?: AbortSignal;
  /** Told at the end of every cycle step; before it, the venue's own marks, where the data has them. */
  readonly recorder?: { step(at: number): void; venueMark?(symbol: string, mark: number): void };
  /** Told at every pause: events done. */
  readonly onProgress?: (events: number) => void;
}
