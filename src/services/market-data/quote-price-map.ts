import { injectable } from 'inversify';
import { marks, type MarkUnits } from '../../domain/units.js';
import type { NamedPrice, PriceKind, QuotePrices } from '../../ports/runtime-state/quote-prices.js';

const KINDS: readonly PriceKind[] = ['last', 'mid', 'mark', 'index'];

/** One symbol's prices in one array: value and time of each kind in turn. */
type Cells = Float64Array;

/** Newest prices per symbol and kind, updated in place. */
@injectable()
export class QuotePriceMap implements QuotePrices {
  private readonly cells = new Map<string, Cells>();
  private readonly crossed = new Set<string>();

  get isEmpty(): boolean {
    return this.cells.size === 0 && this.crossed.size === 0;
  }

  take(symbol: string, kind: PriceKind, value: MarkUnits, at: number): void {
    if (!(value > 0) || !Number.isFinite(at)) return;
    let cells = this.cells.get(symbol);
    if (cells === undefined) {
      cells = new Float64Array(2 * KINDS.length).fill(Number.NaN);
      this.cells.set(symbol, cells);
    }
    const place = 2 * KINDS.indexOf(kind);
    if (at < (cells[place + 1] ?? Number.NaN)) return;
    cells[place] = value;
    cells[place + 1] = at;
  }

  cross(symbol: string, crossed: boolean): void {
    if (crossed) this.crossed.add(symbol);
    else if (this.crossed.size > 0) this.crossed.delete(symbol);
  }

  isCrossed(symbol: string): boolean {
    return this.crossed.size > 0 && this.crossed.has(symbol);
  }

  fresh(symbol: string, kind: PriceKind, now: number, limitMs: number): MarkUnits | undefined {
    const cells = this.cells.get(symbol);
    if (cells === undefined) return undefined;
    const place = 2 * KINDS.indexOf(kind);
    const at = cells[place + 1] ?? Number.NaN;
    return now - at <= limitMs ? marks(cells[place] ?? Number.NaN) : undefined;
  }

  all(symbol: string, now: number, limitMs: number): readonly NamedPrice[] {
    if (!this.cells.has(symbol)) return NONE;
    // A loop: every order asks, and seldom enough that nothing of it has been compiled.
    const fresh: NamedPrice[] = [];
    for (const kind of KINDS) {
      const value = this.fresh(symbol, kind, now, limitMs);
      if (value !== undefined) fresh.push({ kind, value });
    }
    return fresh;
  }

  forget(symbol: string): void {
    this.cells.delete(symbol);
    this.crossed.delete(symbol);
  }
}

const NONE: readonly NamedPrice[] = [];
