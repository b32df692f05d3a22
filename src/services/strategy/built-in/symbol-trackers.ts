import type { Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import { MovingAverageCross } from './moving-average-cross.js';
import { TrailingStop } from './trailing-stop.js';

/** What a strategy remembers of one symbol. */
export class SymbolTracker {
  readonly cross: MovingAverageCross;
  readonly stop: TrailingStop;

  constructor(settings: StrategySettings) {
    this.cross = new MovingAverageCross(settings);
    this.stop = new TrailingStop(settings.trailingStop);
  }
}

/** Trackers of every symbol a strategy has seen, made at first use. */
export class SymbolTrackers {
  private readonly trackers = new SymbolMap<SymbolTracker>();

  constructor(private readonly settings: StrategySettings) {}

  of(symbol: string): SymbolTracker {
    let tracker = this.trackers.get(symbol);
    if (tracker === undefined) this.trackers.set(symbol, (tracker = new SymbolTracker(this.settings)));
    return tracker;
  }

  onFill(fill: Fill, position: Position): void {
    this.of(fill.instrument.symbol).stop.onFill(position);
  }

  snapshot(symbol: string): Json | undefined {
    return this.trackers.get(symbol)?.stop.snapshot();
  }

  restore(symbol: string, state: Json): void {
    this.of(symbol).stop.restore(state);
  }
}
