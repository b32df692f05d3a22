import { fault } from '../../../domain/errors.js';
import type { Series } from '../../../ports/runtime-state/series.js';
import type { Indicator } from '../indicators/index.js';
import { BarBuilder, type BuiltBar } from './bar-builder.js';

/** Indicators that are fed the bars of one timeframe; undefined: every value of the series is a bar. */
export interface FrameTerms {
  readonly text: string | undefined;
  readonly ms: number | undefined;
  readonly all: readonly Indicator[];
}

/** Bars of one timeframe, and the indicators that they feed. */
class Frame {
  readonly builder: BarBuilder;
  /** Its newest bar is finished and known. */
  isKnown = false;

  constructor(readonly terms: FrameTerms) {
    this.builder = new BarBuilder(terms.ms, (bar) => this.finished(bar));
  }

  private finished(bar: BuiltBar): void {
    this.isKnown = true;
    for (const indicator of this.terms.all) indicator.update(bar);
  }
}

/**
 * All timeframes of one symbol's run of a short strategy. Every indicator of every timeframe is up to date before
 * anything is decided on: at noon the hour that ends is seen by whoever looks at the minute.
 */
export class Frames {
  private readonly own: Frame;
  private readonly others: readonly Frame[];
  readonly all: readonly Indicator[];

  constructor([own, ...others]: readonly [FrameTerms, ...FrameTerms[]]) {
    this.own = new Frame(own);
    this.others = others.map((terms) => new Frame(terms));
    this.all = [own, ...others].flatMap(({ all }) => all);
  }

  /** The newest finished bar of the strategy's own timeframe. */
  get bar(): BuiltBar {
    return this.own.builder.bar;
  }

  get isReady(): boolean {
    for (const indicator of this.all) if (!indicator.ready) return false;
    return true;
  }

  /** Takes what is new; returns how many bars of the own timeframe that finished. */
  take(series: Series, now: number, price: (mark: number) => number): number {
    for (const { builder } of this.others) builder.take(series, now, price);
    return this.own.builder.take(series, now, price);
  }

  /** The newest finished bar of another timeframe; undefined before the first. */
  barOf(timeframe: string): BuiltBar | undefined {
    const frame = this.others.find(({ terms }) => terms.text === timeframe);
    if (frame === undefined)
      throw fault('STRAT-001', `bars must name a timeframe that setup has named with on, was ${timeframe}.`);
    return frame.isKnown ? frame.builder.bar : undefined;
  }
}
