import { Decimal } from '#src/domain/decimal.js';
import type { Instrument } from '#src/domain/instrument.js';
import type { MarketSnapshot } from '#src/domain/market.js';
import type { Side } from '#src/domain/order.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, type MarkUnits, type Units } from '#src/domain/units.js';
import type { Series } from '#src/ports/runtime-state/series.js';
import type { StrategySettings } from '#src/ports/configuration/settings/strategy-settings.js';
import type { StrategyContext } from '#src/ports/core-services/strategy.js';
import { testConfig } from './config.js';
import { instrument } from '#src/testing/instruments.js';

export const START = Date.UTC(2024, 0, 2);

/** A series that a test appends to; keeps everything. */
export class ListSeries implements Series {
  private values: MarkUnits[] = [];
  count = 0;
  lastAt: number | undefined = undefined;

  constructor(
    readonly instrument: Instrument,
    readonly intervalMs = 5_000,
  ) {}

  get length(): number {
    return this.values.length;
  }
  get capacity(): number {
    return Math.max(1, this.values.length);
  }
  at(back: number): MarkUnits {
    const value = this.values[this.values.length - 1 - back];
    if (value === undefined || back < 0) throw new RangeError(`beyond the series: ${back} of ${this.values.length}`);
    return value;
  }
  push(value: MarkUnits): void {
    this.values.push(value);
    this.count += 1;
  }
  /** Forgets the values; the count goes on. */
  clear(): void {
    this.values = [];
  }
}

export const strategySettings = (overrides: Partial<StrategySettings> = {}): StrategySettings =>
  testConfig({ strategy: overrides }).strategy;

/** One symbol's market and position, by hand: prices in, contexts out. */
export class Market {
  readonly series: ListSeries;
  readonly position: Position;
  now = START;

  constructor(
    readonly of: Instrument = instrument(),
    public equity: Units = of.toUnits(new Decimal(100_000), 'floor'),
  ) {
    this.series = new ListSeries(of);
    this.position = new Position(of);
  }

  push(...prices: (number | string)[]): this {
    for (const price of prices) {
      this.series.push(this.of.toMarks(new Decimal(price)));
      this.now += this.series.intervalMs;
    }
    return this;
  }

  flatAt(price: number | string, times: number): this {
    for (let i = 0; i < times; i += 1) this.push(price);
    return this;
  }

  fill(side: Side, size: number | string, price: number | string): Position {
    const of = this.of;
    this.position.apply(side, lots(of.toLots(new Decimal(size))), of.toTicks(new Decimal(price), 'nearest'), this.now);
    return this.position;
  }

  context(overrides: Partial<StrategyContext> = {}): StrategyContext {
    return {
      instrument: this.of,
      series: this.series,
      mark: this.series.length === 0 ? marks(0) : this.series.at(0),
      position: this.position,
      equity: this.equity,
      now: this.now,
      reduceOnly: false,
      stale: false,
      snapshot: undefined,
      ...overrides,
    };
  }
}

/** Deep and narrow: passes every default filter. */
export const marketSnapshot = (
  overrides: Partial<Record<'spreadBps' | 'depthL1' | 'depthL10' | 'volume1m', number>> = {},
): MarketSnapshot => ({
  symbol: 'BTC-PERP',
  mid: new Decimal(100),
  spreadBps: new Decimal(overrides.spreadBps ?? 2),
  depthL1: new Decimal(overrides.depthL1 ?? 60_000),
  depthL10: new Decimal(overrides.depthL10 ?? 400_000),
  volume1m: new Decimal(overrides.volume1m ?? 500_000),
  at: START,
});
