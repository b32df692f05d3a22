import type { RiskWatch } from '../../../ports/core-services/risk-manager.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { Series } from '../../../ports/runtime-state/series.js';
import type { DailyLoss } from './daily-loss.js';
import type { DrawdownGuard } from './drawdown-guard.js';
import type { EquityBaselines } from './equity-baselines.js';
import type { LiquidationWatch } from './liquidation-watch.js';
import type { StalenessWatch } from './staleness-watch.js';
import type { SymbolBreaker, VolatilityBreaker } from './volatility-breaker.js';

/** The parts of risk that look at every step. */
export interface WatchedParts {
  readonly ladder: SafetyLadder;
  readonly volatility: VolatilityBreaker;
  readonly staleness: StalenessWatch;
  readonly baselines: EquityBaselines;
  readonly dailyLoss: DailyLoss;
  readonly drawdown: DrawdownGuard;
  readonly liquidation: LiquidationWatch;
}

/**
 * All runtime checks of one symbol in one pass over plain numbers. It says yes only where every check would pass in
 * silence; whatever else is the case, the checks themselves decide and record.
 */
export class SymbolWatch implements RiskWatch {
  private readonly symbol: string;
  private readonly breaker: SymbolBreaker;

  constructor(
    private readonly series: Series,
    private readonly parts: WatchedParts,
  ) {
    this.symbol = series.instrument.symbol;
    this.breaker = parts.volatility.breakerOf(this.symbol);
  }

  isQuiet(now: number): boolean {
    const { ladder, volatility, staleness, baselines, dailyLoss, drawdown, liquidation } = this.parts;
    if (ladder.state !== 'NORMAL' || liquidation.isReduceOnly(this.symbol)) return false;
    if (!volatility.isQuiet(this.breaker, this.series) || !staleness.isQuiet(this.symbol, now)) return false;
    // Each reads equity for itself: a double that is handed over is boxed on the way.
    return baselines.isKept(now) && dailyLoss.isQuiet() && drawdown.isQuiet();
  }
}
