import { injectable } from 'inversify';
import type { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import type { MarkUnits } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import { MarkLock } from '../../ports/runtime-state/mark-lock.js';
import type { MarkWindow, WindowStore } from '../../ports/runtime-state/window-store.js';
import { MarkRing } from './mark-ring.js';

/** Mark windows as rings. Every change happens under the shared mark lock; single writer: market data. */
@injectable()
export class RingWindowStore implements WindowStore {
  private readonly rings = new SymbolMap<MarkRing>();

  constructor(@inject(MarkLock) private readonly lock: MarkLock) {}

  ensure(instrument: Instrument, capacity: number): MarkWindow {
    return this.lock.runExclusive(() => {
      const known = this.rings.get(instrument.symbol);
      if (known === undefined) {
        const ring = new MarkRing(instrument, capacity);
        this.rings.set(instrument.symbol, ring);
        return ring;
      }
      known.redefine(instrument);
      known.grow(capacity);
      return known;
    });
  }

  find(symbol: string): MarkWindow | undefined {
    return this.rings.get(symbol);
  }

  append(symbol: string, mark: MarkUnits, at: number): void {
    const ring = this.rings.get(symbol);
    if (ring === undefined) throw unknownSymbol(symbol);
    ring.check(mark, at);
    this.lock.enter();
    try {
      ring.push(mark, at);
    } finally {
      this.lock.exit();
    }
  }

  appendAll(symbol: string, prices: Float64Array, scale: number, from: number, to: number, at: number): void {
    const ring = this.rings.get(symbol);
    if (ring === undefined) throw unknownSymbol(symbol);
    this.lock.enter();
    try {
      ring.pushAll(prices, scale, from, to, at);
    } finally {
      this.lock.exit();
    }
  }

  drop(symbol: string): void {
    this.lock.runExclusive(() => this.rings.delete(symbol));
  }

  read(symbol: string): Decimal[] {
    const ring = this.rings.get(symbol);
    return ring === undefined ? [] : ring.toArray().map((mark) => ring.instrument.markPrice(mark));
  }

  symbols(): readonly string[] {
    return [...this.rings.keys()];
  }
}

const unknownSymbol = (symbol: string): Error =>
  fault('CFG-007', `Symbol of a mark must be one that is traded, was ${symbol}.`, {
    fix: `Add ${symbol} to symbols, or stop sending its marks.`,
  });
