import { injectable } from 'inversify';
import { interned } from '../../domain/symbol-map.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { ExecutionEngine } from '../../ports/core-services/execution.js';
import { IndicatorData } from '../../ports/core-services/indicator-data.js';
import { Logger } from '../../ports/configuration/logger.js';
import { MarketData } from '../../ports/market-data/market-data.js';
import { Protection } from '../../ports/core-services/protection.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { GateLedger, PendingWork } from '../../ports/runtime-state/runtime-state.js';
import { SeriesStore } from '../../ports/runtime-state/series.js';
import { SessionGuard } from '../../ports/configuration/session-guard.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { StrategyOrchestrator } from '../../ports/core-services/strategy.js';
import { SystemMonitor } from '../../ports/core-services/system-monitor.js';
import { TradingCycle } from '../../ports/market-services/trading-cycle.js';
import { WindowStore, type MarkWindow } from '../../ports/runtime-state/window-store.js';

interface Slot {
  readonly symbol: string;
  readonly window: MarkWindow;
  /** Marks the window had counted when this symbol's series last advanced. */
  sampled: number;
}

/** The seed's `run_cycle()`: marks, session, series, decisions, status. */
@injectable()
export class MarkedTradingCycle implements TradingCycle {
  cycles = 0;
  private slots: Slot[] = [];
  private slotsOf: readonly string[] | undefined;
  /** Some symbol has no window yet: the venue may still come to name it. */
  private isWaiting = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(MarketData) private readonly marketData: MarketData,
    @inject(WindowStore) private readonly windows: WindowStore,
    @inject(SeriesStore) private readonly series: SeriesStore,
    @inject(SessionGuard) private readonly session: SessionGuard,
    @inject(StrategyOrchestrator) private readonly orchestrator: StrategyOrchestrator,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(Protection) private readonly protection: Protection,
    @inject(IndicatorData) private readonly indicators: IndicatorData,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(GateLedger) private readonly gates: GateLedger,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(SystemMonitor) private readonly monitor: SystemMonitor,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  async run(signal?: AbortSignal): Promise<void> {
    await this.marketData.updateMarks(signal);
    await this.refreshIndicators();
    // Whoever asked to stop while the venue was being asked gets no new decision.
    if (signal?.aborted === true) return;
    try {
      this.step(this.clock.now());
    } finally {
      await this.pending.idle();
      this.monitor.logStatus();
    }
  }

  step(now: number): void {
    this.cycles += 1;
    if (this.isWaiting || this.slotsOf !== this.config.current.symbols) this.resolveSlots();
    this.portfolio.observe(now);
    const open = this.session.shouldTrade(now);
    let failure: unknown;
    for (let i = 0; i < this.slots.length; i += 1) {
      try {
        this.stepSymbol(this.slots[i] as Slot, now, open);
      } catch (error) {
        failure ??= error;
      }
    }
    // Thrown only now: what one symbol meets must not cost the others their step, and still counts as a failed cycle.
    if (failure !== undefined) throw asError(failure);
  }

  private stepSymbol(slot: Slot, now: number, open: boolean): void {
    const { window, symbol } = slot;
    const { count, last } = window;
    // Stops that the engine holds itself protect a position also outside the session, and may watch another price than
    // the window's.
    if (last !== undefined) this.engine.onMark?.(symbol, last, now);
    // A step without a new mark says nothing about the market: the series does not repeat the old value.
    if (count === slot.sampled || last === undefined) {
      this.gates.hold('no_new_mark', symbol, now, this.config.current.updateIntervalMs);
      return;
    }
    slot.sampled = count;
    this.series.append(symbol, last, now);
    if (open) this.orchestrator.processSymbol(symbol, now);
    else this.gates.hold('session', symbol, now, this.config.current.updateIntervalMs);
    this.protection.onMark(symbol, last, now);
  }

  private resolveSlots(): void {
    const isNew = this.slotsOf !== this.config.current.symbols;
    this.slotsOf = this.config.current.symbols;
    this.isWaiting = false;
    const known = new Map(this.slots.map((slot) => [slot.symbol, slot]));
    this.slots = [];
    // Windows outlive the configuration of a symbol while its position is open: it must still be protected and closed.
    for (const symbol of new Set([...this.slotsOf, ...this.windows.symbols()].map(interned))) {
      const window = this.windows.find(symbol);
      if (window === undefined) {
        this.isWaiting = true;
        if (isNew) this.logger.warn('No mark window for symbol', { symbol });
      } else
        this.slots.push(
          known.get(symbol)?.window === window
            ? (known.get(symbol) as Slot)
            : { symbol, window, sampled: this.sampledAtStart(symbol, window) },
        );
    }
  }

  /** After a warm-up the newest mark already stands in the series; otherwise whatever the window holds is news. */
  private sampledAtStart(symbol: string, window: MarkWindow): number {
    const lastAt = this.series.find(symbol)?.lastAt;
    return lastAt !== undefined && lastAt === window.lastAt ? window.count : 0;
  }

  private async refreshIndicators(): Promise<void> {
    await Promise.all(this.config.current.symbols.map((symbol) => this.indicators.refresh(symbol)));
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
