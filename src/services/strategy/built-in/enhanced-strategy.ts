import { hold, type Decision } from '../../../domain/decision.js';
import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { Series } from '../../../ports/runtime-state/series.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { Strategy, StrategyContext } from '../../../ports/core-services/strategy.js';
import {
  closing,
  ENTRIES_OFF,
  needMarks,
  NO_SIGNAL,
  noShort,
  REDUCE_ONLY_FLAT,
  REDUCE_ONLY_KEPT,
} from '../decisions.js';
import { EntryGuards } from './entry-guards.js';
import { EntrySize } from './entry-size.js';
import { rsi } from './indicators.js';
import { MarketFilters, type Rejection } from './market-filters.js';
import { valuesForCross } from './moving-average-cross.js';
import { RejectionCounters } from './rejection-counters.js';
import { SymbolTrackers, type SymbolTracker } from './symbol-trackers.js';

/** Values the relative strength index is smoothed over: always the same number, so that it never depends on uptime. */
const RSI_WINDOW = 50;

const STALE_KEPT = hold('Stale market data - position kept', { reduceOnly: true });
const STALE_FLAT = hold('Stale market data - no new entries', { filterRejected: true, rejectionType: 'stale' });
const NO_SNAPSHOT: Rejection = {
  type: 'snapshot',
  reason: 'Market snapshot is not available; requireSnapshot=false trades without one',
};

/** A missing snapshot rejects entries unless this is switched off: then only what needs no snapshot is checked. */
export interface EnhancedSettings extends StrategySettings {
  readonly requireSnapshot: boolean;
}

/** Values of the series an enhanced strategy looks back on. */
export const enhancedLookback = ({ filters, ...settings }: StrategySettings): number =>
  Math.max(valuesForCross(settings), filters.requireRsiConfirmation ? Math.max(RSI_WINDOW, filters.rsiPeriod + 1) : 0);

/**
 * The crossover of the baseline behind market filters and risk guards. Entries wait for confirmation, exits do not.
 * Counts what it turns away. Without fresh data it decides nothing: neither an entry nor an exit can be priced.
 */
export class EnhancedStrategy implements Strategy {
  readonly name = 'enhanced';
  readonly needsSnapshot = true;
  readonly lookback: number;
  private readonly trackers: SymbolTrackers;
  private readonly size: EntrySize;
  private readonly filters: MarketFilters;
  private readonly guards: EntryGuards;
  private readonly counters = new RejectionCounters();
  private readonly notReady: Decision;

  constructor(private readonly settings: EnhancedSettings) {
    this.trackers = new SymbolTrackers(settings);
    this.size = new EntrySize(settings);
    this.filters = new MarketFilters(settings.filters);
    this.guards = new EntryGuards(settings.filters);
    this.lookback = enhancedLookback(settings);
    this.notReady = needMarks(this.lookback);
  }

  decide(context: StrategyContext): Decision {
    const tracker = this.trackers.of(context.instrument.symbol);
    tracker.cross.update(context.series);
    const flat = context.position.lots === 0;
    if (context.stale) {
      this.counters.stale();
      return flat ? STALE_FLAT : STALE_KEPT;
    }
    return flat ? this.whenFlat(tracker, context) : this.whenOpen(tracker, context);
  }

  onFill(fill: Fill, position: Position): void {
    this.trackers.onFill(fill, position);
  }

  snapshot(symbol: string): Json | undefined {
    return this.trackers.snapshot(symbol);
  }

  restore(symbol: string, state: Json): void {
    this.trackers.restore(symbol, state);
  }

  metrics(): Readonly<Record<string, number>> {
    return this.counters.metrics();
  }

  private whenFlat({ cross }: SymbolTracker, context: StrategyContext): Decision {
    if (context.reduceOnly) return REDUCE_ONLY_FLAT;
    if (this.settings.disableNewEntries) return ENTRIES_OFF;
    if (!cross.ready || context.series.length < this.lookback) return this.notReady;
    if (cross.signal > 0) return this.entry('buy', context);
    if (cross.signal === 0) return NO_SIGNAL;
    return this.settings.enableShorts && context.instrument.isPerpetual
      ? this.entry('sell', context)
      : noShort(context.instrument);
  }

  private whenOpen(
    { cross, stop }: SymbolTracker,
    { position, mark, instrument, reduceOnly }: StrategyContext,
  ): Decision {
    const stopped = stop.touched(position, mark);
    if (reduceOnly && this.settings.onReduceOnly === 'close') return closing(position, 'Reduce-only mode active');
    if (position.lots > 0 && cross.crossed < 0) return closing(position, 'Bearish crossover exit');
    if (position.lots < 0 && cross.crossed > 0) return closing(position, 'Bullish crossover exit');
    if (stopped) return closing(position, stop.describe(instrument, mark));
    return reduceOnly ? REDUCE_ONLY_KEPT : NO_SIGNAL;
  }

  private entry(side: 'buy' | 'sell', { instrument, equity, series, snapshot }: StrategyContext): Decision {
    const notional = this.size.notional(instrument, equity);
    const leverage = this.size.leverage(instrument);
    const { rsiPeriod, requireRsiConfirmation } = this.settings.filters;
    const strength = requireRsiConfirmation
      ? rsi(newest(series, Math.max(RSI_WINDOW, rsiPeriod + 1)), rsiPeriod)
      : undefined;
    if (snapshot === undefined && this.settings.requireSnapshot) return this.rejected(NO_SNAPSHOT, 'filterRejected');
    const filtered = this.filters.reject(side, snapshot, strength);
    if (filtered !== undefined) return this.rejected(filtered, 'filterRejected');
    const guarded = this.guards.reject(instrument, notional, leverage, snapshot);
    if (guarded !== undefined) return this.rejected(guarded, 'guardRejected');
    this.counters.entered();
    const crossed = side === 'buy' ? 'Bullish crossover' : 'Bearish crossover';
    const reason = strength === undefined ? crossed : `${crossed}, RSI ${strength.toFixed(2)}`;
    const basis = this.size.basis(instrument, equity);
    const cut = this.size.cut(instrument, equity);
    return {
      action: side,
      reason,
      notional,
      basis,
      ...(leverage === undefined ? {} : { leverage }),
      ...(cut === undefined ? {} : { cut }),
    };
  }

  private rejected({ type, reason }: Rejection, by: 'filterRejected' | 'guardRejected'): Decision {
    this.counters.rejected(type);
    return hold(reason, { [by]: true, rejectionType: type });
  }
}

/** The newest values of a series, oldest first. */
function newest(series: Series, size: number): number[] {
  const count = Math.min(size, series.length);
  return Array.from({ length: count }, (_, i) => series.at(count - 1 - i));
}
