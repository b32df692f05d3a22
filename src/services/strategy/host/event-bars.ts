import type { Instrument } from '../../../domain/instrument.js';
import type { Series } from '../../../ports/runtime-state/series.js';
import type { BarEvent, StrategyNeeds } from '../../../ports/strategy/event-strategy.js';
import { BarBuilder, type BuiltBar } from '../define/bar-builder.js';
import { showBar } from '../define/bar-fields.js';

/** A bar as an event: filled in anew for every bar. */
class BarOfEvent implements BarEvent {
  at = 0;
  open = Number.NaN;
  high = Number.NaN;
  low = Number.NaN;
  close = Number.NaN;
  volume = Number.NaN;
  madeOf: 'bars' | 'marks' = 'marks';

  constructor(
    readonly instrument: Instrument,
    readonly timeframeMs: number,
  ) {}

  fill(bar: BuiltBar): void {
    showBar(this, bar);
    this.volume = bar.volume;
  }
}

/** Finished bars of one timeframe that have not been told yet. Kept objects: a bar a step needs no new one. */
class Timeframe {
  readonly builder: BarBuilder;
  readonly finished: BarOfEvent[] = [];
  private readonly kept: BarOfEvent[] = [];

  constructor(instrument: Instrument, ms: number) {
    this.builder = new BarBuilder(ms, (bar) => {
      const event = this.kept[this.finished.length] ?? new BarOfEvent(instrument, ms);
      this.kept[this.finished.length] = event;
      event.fill(bar);
      this.finished.push(event);
    });
  }
}

/** The bars of one instrument in every timeframe that a strategy needs, made of the values of its series. */
export class EventBars {
  private readonly frames: readonly Timeframe[];
  private readonly tickOf: (mark: number) => number;
  private readonly told: BarOfEvent[] = [];

  constructor(instrument: Instrument, timeframes: StrategyNeeds['timeframes']) {
    const longest = [...new Set(timeframes.map(({ ms }) => ms))].sort((one, other) => other - one);
    this.frames = longest.map((ms) => new Timeframe(instrument, ms));
    this.tickOf = (mark) => mark / instrument.marksPerTick;
  }

  /**
   * Takes what is new in the series. Returns the bars that this finished: the oldest first, of one instant the longest
   * first. One array, kept.
   */
  take(series: Series, now: number): readonly BarEvent[] {
    const { told } = this;
    told.length = 0;
    for (const { builder, finished } of this.frames) {
      finished.length = 0;
      builder.take(series, now, this.tickOf);
      for (const bar of finished) told.push(bar);
    }
    if (told.length > 1) told.sort(oldestFirst);
    return told;
  }
}

const oldestFirst = (one: BarEvent, other: BarEvent): number =>
  one.at - other.at || other.timeframeMs - one.timeframeMs;
