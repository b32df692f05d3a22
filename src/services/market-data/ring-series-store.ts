import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import type { MarkUnits } from '../../domain/units.js';
import type { Series, SeriesStore, ValueRange } from '../../ports/runtime-state/series.js';
import type { BarView } from '../../ports/core-services/simulated-exchange.js';
import { MarkRing } from './mark-ring.js';

/** Series as rings. Values of another interval are forgotten: a mixed series has no time base. */
@injectable()
export class RingSeriesStore implements SeriesStore {
  private readonly rings = new SymbolMap<MarkRing>();
  private readonly bars = new Map<string, BarView>();

  ensure(instrument: Instrument, intervalMs: number, capacity: number): Series {
    if (!(intervalMs > 0))
      throw fault('TIME-001', `Interval of the series of ${instrument.symbol} must be positive, was ${intervalMs}.`);
    const known = this.rings.get(instrument.symbol);
    if (known === undefined) {
      const ring = new MarkRing(instrument, capacity, intervalMs);
      ring.bar = this.bars.get(instrument.symbol);
      this.rings.set(instrument.symbol, ring);
      return ring;
    }
    known.redefine(instrument, intervalMs);
    known.grow(capacity);
    return known;
  }

  find(symbol: string): Series | undefined {
    return this.rings.get(symbol);
  }

  /** Allocates nothing. Throws CFG-007 for an unknown symbol. */
  append(symbol: string, value: MarkUnits, at: number, range?: ValueRange): void {
    const ring = this.rings.get(symbol);
    if (ring === undefined) throw fault('CFG-007', `Symbol of a series must be one that is traded, was ${symbol}.`);
    ring.check(value, at);
    ring.push(value, at);
    if (range !== undefined) ring.remember(range);
  }

  drop(symbol: string): void {
    this.rings.delete(symbol);
  }

  attach(symbol: string, bar: BarView): void {
    this.bars.set(symbol, bar);
    const ring = this.rings.get(symbol);
    if (ring !== undefined) ring.bar = bar;
  }
}
