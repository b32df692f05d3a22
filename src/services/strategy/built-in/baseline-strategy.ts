import type { Decision } from '../../../domain/decision.js';
import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Json } from '../../../ports/storage/event-store.js';
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
import { EntrySize } from './entry-size.js';
import { valuesForCross } from './moving-average-cross.js';
import { SymbolTrackers, type SymbolTracker } from './symbol-trackers.js';

/**
 * Moving-average crossover with a trailing stop. Flat: enters on a cross. In a position: leaves on the opposite cross
 * or at the stop, whatever else holds, reduce-only mode and disabled entries included. Holding allocates nothing.
 */
export class BaselineStrategy implements Strategy {
  readonly name = 'baseline';
  readonly needsSnapshot = false;
  readonly lookback: number;
  private readonly trackers: SymbolTrackers;
  private readonly size: EntrySize;
  private readonly notReady: Decision;

  constructor(private readonly settings: StrategySettings) {
    this.trackers = new SymbolTrackers(settings);
    this.size = new EntrySize(settings);
    this.lookback = valuesForCross(settings);
    this.notReady = needMarks(this.lookback);
  }

  decide(context: StrategyContext): Decision {
    const tracker = this.trackers.of(context.instrument.symbol);
    tracker.cross.update(context.series);
    return context.position.lots === 0 ? this.whenFlat(tracker, context) : this.whenOpen(tracker, context);
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

  private whenFlat({ cross }: SymbolTracker, context: StrategyContext): Decision {
    if (context.reduceOnly) return REDUCE_ONLY_FLAT;
    if (this.settings.disableNewEntries) return ENTRIES_OFF;
    if (!cross.ready) return this.notReady;
    if (cross.signal > 0) return this.entry('buy', 'Bullish MA crossover', context);
    if (cross.signal === 0) return NO_SIGNAL;
    if (!this.settings.enableShorts || !context.instrument.isPerpetual) return noShort(context.instrument);
    return this.entry('sell', 'Bearish MA crossover', context);
  }

  private whenOpen(
    { cross, stop }: SymbolTracker,
    { position, mark, instrument, reduceOnly }: StrategyContext,
  ): Decision {
    // The stop follows every mark, also one on which something else decides.
    const stopped = stop.touched(position, mark);
    if (reduceOnly && this.settings.onReduceOnly === 'close') return closing(position, 'Reduce-only mode active');
    if (position.lots > 0 && cross.signal < 0) return closing(position, 'Exit long on bearish signal');
    if (position.lots < 0 && cross.signal > 0) return closing(position, 'Exit short on bullish signal');
    if (stopped) return closing(position, stop.describe(instrument, mark));
    if (reduceOnly) return REDUCE_ONLY_KEPT;
    if (this.settings.disableNewEntries) return ENTRIES_OFF;
    return cross.ready ? NO_SIGNAL : this.notReady;
  }

  private entry(action: 'buy' | 'sell', reason: string, { instrument, equity }: StrategyContext): Decision {
    const notional = this.size.notional(instrument, equity);
    const basis = this.size.basis(instrument, equity);
    const leverage = this.size.leverage(instrument);
    const cut = this.size.cut(instrument, equity);
    return {
      action,
      reason,
      notional,
      basis,
      ...(leverage === undefined ? {} : { leverage }),
      ...(cut === undefined ? {} : { cut }),
    };
  }
}
