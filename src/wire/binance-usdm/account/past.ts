import { DAY_MS } from '../../../domain/time-spans.js';

interface Dated {
  readonly symbol: string;
  readonly at: number;
}

/** How often what is too old is let go of. Until then it is kept, and not told. */
const SWEEP_MS = DAY_MS;

/** What has happened, oldest first, of one symbol or of all; what is older than `keptMs` is told no more. */
export class Past<T extends Dated> {
  private all: T[] = [];
  private readonly bySymbol = new Map<string, T[]>();
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly keptMs: number) {}

  /** How many there are in memory. */
  get size(): number {
    return this.all.length;
  }

  add(row: T): void {
    if (row.at - this.sweptAt > SWEEP_MS) this.sweep(row.at);
    this.all.push(row);
    const own = this.bySymbol.get(row.symbol);
    if (own === undefined) this.bySymbol.set(row.symbol, [row]);
    else own.push(row);
  }

  of(symbol: string | undefined, now: number): readonly T[] {
    return this.known(symbol === undefined ? this.all : (this.bySymbol.get(symbol) ?? []), now);
  }

  private sweep(now: number): void {
    this.sweptAt = now;
    this.all = this.known(this.all, now);
    for (const [symbol, rows] of this.bySymbol) this.bySymbol.set(symbol, this.known(rows, now));
  }

  private known(rows: readonly T[], now: number): T[] {
    return rows.filter(({ at }) => now - at <= this.keptMs);
  }
}
