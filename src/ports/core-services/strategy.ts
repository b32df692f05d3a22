import type { Decimal } from '../../domain/decimal.js';
import type { Decision } from '../../domain/decision.js';
import type { Instrument } from '../../domain/instrument.js';
import type { MarketSnapshot } from '../../domain/market.js';
import type { Fill, Side } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { MarkUnits, Ticks, Units } from '../../domain/units.js';
import { token } from '../../injection/token.js';
import type { Json } from '../storage/event-store.js';
import type { ParameterRange } from '../strategy/parameter-range.js';
import type { Series } from '../runtime-state/series.js';
import type { EventStrategy, EventStrategyDefinition } from '../strategy/event-strategy.js';
import type { StrategySettings } from '../configuration/settings/strategy-settings.js';

/** What a strategy sees at one step. One object per symbol, reused: copy what you keep. */
export interface StrategyContext {
  readonly instrument: Instrument;
  /** Past and present only; `series.at(0)` is `mark`. */
  readonly series: Series;
  readonly mark: MarkUnits;
  readonly position: Position;
  readonly equity: Units;
  /** Time of the step; there is no other clock in a strategy. */
  readonly now: number;
  readonly reduceOnly: boolean;
  readonly stale: boolean;
  /** Where the venue offers one and the strategy asked for it. */
  readonly snapshot: MarketSnapshot | undefined;
}

/** Decides. Synchronous, no I/O; the same class in backtest, paper and live. */
export interface Strategy {
  readonly name: string;
  /** Values of the series the strategy looks back on; windows are never smaller. */
  readonly lookback: number;
  readonly needsSnapshot: boolean;
  decide(context: StrategyContext): Decision;
  /** Position state is cleared on fills, not on decisions. */
  onFill(fill: Fill, position: Position): void;
  /** State of one symbol that must survive a restart; undefined when there is none. */
  snapshot(symbol: string): Json | undefined;
  restore(symbol: string, state: Json): void;
  metrics?(): Readonly<Record<string, number>>;
  /**
   * Price at which the open position of a symbol must be left, however it moves: held at the venue where that is
   * possible. May be asked before the first decision, and at every mark: it allocates nothing.
   */
  protection?(symbol: string, position: Position): Ticks | undefined;
  /** The terms that moved that price last, in words such as `trail by 2%`; undefined where it stands as it was said. */
  protectionBy?(symbol: string): string | undefined;
  /**
   * The same for the entry of a side that it has just asked for: where the venue knows brackets, the stop is sent with
   * the entry.
   */
  plannedProtection?(symbol: string, side?: Side): Ticks | undefined;
  /** What the newest decision on a symbol rests on, in one line for people. */
  explain?(symbol: string): string;
  /** Of a strategy by events: the one that is told of a symbol, in place of being asked to decide. */
  events?(symbol: string): EventStrategy;
}

export type { ParameterRange } from '../strategy/parameter-range.js';

/** The largest entry that risk lets pass, as far as the configuration alone says it. */
export interface EntryLimits {
  /** Value of one order and of one position. */
  readonly notional: Decimal | undefined;
  /** The setting that says it. */
  readonly notionalBy?: string;
  /** The same as a share of equity. */
  readonly equityShare: Decimal;
  readonly equityShareBy?: string;
  /** How much worse than the mark an entry at market may be priced, as a share of it; margin is reckoned there. */
  readonly collar?: Decimal;
}

/** Makes a strategy by name. Hosts bind more of them; two of one name are refused. */
export interface StrategyDefinition {
  readonly name: string;
  /** Names of the parameters it knows, for the error about an unknown one. */
  readonly parameters: readonly string[];
  /** What a sweep may try, by parameter. */
  readonly ranges?: Readonly<Record<string, ParameterRange>>;
  /**
   * Length of its bars; absent where every value of the series is one. Strategies that have it are made for an
   * interval.
   */
  readonly timeframeMs?: number;
  /** The same where a parameter chooses it; it goes before `timeframeMs`. */
  timeframeFor?(settings: StrategySettings): number | undefined;
  /** Values of the series a strategy with these settings needs: window capacity and warm-up are derived from it. */
  lookback(settings: StrategySettings, intervalMs?: number): number;
  /**
   * Whole bars of each of its timeframes that must be there before it is first asked, its own timeframe first; without
   * `ms` every value of the series is a bar. Absent: `lookback` says all there is to say.
   */
  warmUp?(settings: StrategySettings): readonly { readonly ms: number | undefined; readonly bars: number }[];
  /** Of a strategy by events: the definition it was made of. */
  readonly event?: EventStrategyDefinition;
  /** True for strategies that size entries within the limits of risk: they are made anew when those change. */
  readonly sizesWithin?: boolean;
  /** `intervalMs` is that of the series; `limits` are those of risk. */
  create(settings: StrategySettings, intervalMs?: number, limits?: EntryLimits): Strategy;
}
export const StrategyDefinition = token<StrategyDefinition>('StrategyDefinition');

/** One strategy instance per symbol, state of unchanged symbols kept across configuration changes. */
export interface StrategyRegistry {
  strategyFor(symbol: string): Strategy;
  /** The largest lookback any strategy of this symbol needs. */
  lookbackFor(symbol: string): number;
  /** Follows a configuration change; keeps instances whose settings did not change. */
  reconfigure(): void;
}
export const StrategyRegistry = token<StrategyRegistry>('StrategyRegistry');

/** Gates, strategy, decision, and the hand-over to execution, for one symbol. */
export interface StrategyOrchestrator {
  /** Synchronous. One symbol's exception is logged and never reaches another. */
  processSymbol(symbol: string, now: number): Decision | undefined;
}
export const StrategyOrchestrator = token<StrategyOrchestrator>('StrategyOrchestrator');
