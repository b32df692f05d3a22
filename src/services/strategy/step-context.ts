import type { Decision } from '../../domain/decision.js';
import type { Instrument } from '../../domain/instrument.js';
import type { MarketSnapshot } from '../../domain/market.js';
import type { Position } from '../../domain/position.js';
import { marks, units, type MarkUnits, type Units } from '../../domain/units.js';
import type { RiskManager, RiskWatch } from '../../ports/core-services/risk-manager.js';
import type { Series } from '../../ports/runtime-state/series.js';
import { Throttle } from '../../flow/throttle.js';
import { SampledRecords } from './host/records/sampled-records.js';
import { refusing } from './refusing.js';
import type { Strategy, StrategyContext } from '../../ports/core-services/strategy.js';

/** Something that keeps a strategy from being asked, under the name `explain` shows. */
export interface Gate {
  readonly name: string;
  readonly decision: Decision;
}

/** The view a strategy is given: one object per symbol, filled in anew at every step. */
export class StepContext implements StrategyContext {
  mark: MarkUnits = marks(0);
  equity: Units = units(0);
  now = 0;
  reduceOnly = false;
  snapshot: MarketSnapshot | undefined = undefined;
  /** All of risk's checks of the symbol in one question, where risk offers that. */
  readonly watch: RiskWatch | undefined;

  constructor(
    readonly instrument: Instrument,
    readonly series: Series,
    readonly position: Position,
    readonly strategy: Strategy,
    private readonly risk: Pick<RiskManager, 'isStale' | 'watch'>,
  ) {
    this.watch = risk.watch?.(series);
  }

  /** Asked only by strategies that want to know. */
  get stale(): boolean {
    return this.risk.isStale(this.instrument.symbol, this.now);
  }
}

Object.setPrototypeOf(StepContext.prototype, refusing('context'));

/** What the orchestrator keeps of one symbol between steps, so that a step looks little up. */
export class SymbolSlot {
  context: StepContext | undefined = undefined;
  /** Newest decision and gate: a line is logged when they change. */
  decision: Decision | undefined = undefined;
  gate: Gate | undefined = undefined;
  decidedAt = Number.NEGATIVE_INFINITY;
  /** What fails at every step is logged once a minute. */
  readonly complaints = new Throttle();
  /** Of holds, by reason. */
  readonly holds = new SampledRecords();

  constructor(
    readonly symbol: string,
    readonly intervalMs: number,
    /** False for a symbol that left the configuration and is followed for its position alone. */
    readonly isTraded: boolean,
  ) {}
}
