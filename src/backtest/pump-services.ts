import { inject, injectable } from 'inversify';
import { token } from '../injection/token.js';
import { DrivenClock, HostClock } from '../ports/configuration/clock.js';
import { DrivenScheduler, HostScheduler, type Scheduler } from '../ports/configuration/scheduler.js';
import { IndicatorData } from '../ports/core-services/indicator-data.js';
import { SimulatedExchange } from '../ports/core-services/simulated-exchange.js';
import { MarketData } from '../ports/market-data/market-data.js';
import { TradingCycle } from '../ports/market-services/trading-cycle.js';
import { Portfolio } from '../ports/runtime-state/portfolio.js';
import { PendingWork } from '../ports/runtime-state/runtime-state.js';
import { MarkFreshness } from '../ports/runtime-state/mark-freshness.js';
import { SeriesStore } from '../ports/runtime-state/series.js';
import { EventStore } from '../ports/storage/event-store.js';
import { StrategyHost } from '../ports/strategy/strategy-host.js';

/** The bot's own services, as its container made them. The pump adds history and nothing else. */
@injectable()
export class DrivenServices {
  constructor(
    @inject(DrivenClock) readonly clock: Pick<DrivenClock, 'set'>,
    // Timers of the world: they are looked at while requests take time.
    @inject(DrivenScheduler) readonly scheduler: Pick<DrivenScheduler, 'nextAt' | 'pause' | 'runUntil'>,
    // Host time, to let the process breathe.
    @inject(HostClock) readonly hostClock: HostClock,
    @inject(HostScheduler) readonly hostScheduler: Scheduler,
    @inject(SimulatedExchange) readonly exchange: SimulatedExchange,
    @inject(MarketData) readonly marketData: MarketData,
    @inject(TradingCycle) readonly cycle: TradingCycle,
    @inject(PendingWork) readonly pending: PendingWork,
    @inject(Portfolio) readonly portfolio: Portfolio,
    @inject(EventStore) readonly journal: EventStore,
    @inject(IndicatorData) readonly indicators: IndicatorData,
    // Shown the bars behind the marks.
    @inject(SeriesStore) readonly series: Pick<SeriesStore, 'attach'>,
    // Over bars a close is the newest there is until the next one.
    @inject(MarkFreshness) readonly freshness: Pick<MarkFreshness, 'lastUpdate' | 'touch'>,
    // Timers of strategies, which stand between the events.
    @inject(StrategyHost) readonly strategies: Pick<StrategyHost, 'nextTimerAt' | 'fireTimers'>,
  ) {}
}

/** What the pump drives a bot by. */
export type PumpServices = Readonly<DrivenServices>;
export const PumpServices = token<PumpServices>('PumpServices');

/** Looks on. It reads and never acts, so that a run is the same with and without it. */
export interface RunWatcher {
  /** The end of one cycle of the bot. */
  step(at: number): void;
  /** Before it, the venue's own marks, where the data has them; NaN where none is fresh. */
  venueMark?(symbol: string, mark: number): void;
}

export interface PumpOptions {
  /** `fast` waits only for orders under way; `step` has every step's records on disk before the next event. */
  readonly mode: 'fast' | 'step';
  readonly signal?: AbortSignal;
  readonly watcher?: RunWatcher;
  /** Told at every pause: events done. */
  readonly onProgress?: (events: number) => void;
}
