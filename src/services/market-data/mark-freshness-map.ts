import { injectable } from 'inversify';
import { SymbolMap } from '../../domain/symbol-map.js';
import type { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';

/** One cell per symbol, updated in place: a number put into a Map would be boxed anew for every mark. */
class Stamp {
  at = Number.NEGATIVE_INFINITY;
}

/** Newest mark time per symbol. Written by market data alone; read by risk, gates and monitoring. */
@injectable()
export class MarkFreshnessMap implements MarkFreshness {
  private readonly stamps = new SymbolMap<Stamp>();

  touch(symbol: string, at: number): void {
    let stamp = this.stamps.get(symbol);
    if (stamp === undefined) {
      stamp = new Stamp();
      this.stamps.set(symbol, stamp);
    }
    if (at > stamp.at && Number.isFinite(at)) stamp.at = at;
  }

  lastUpdate(symbol: string): number | undefined {
    const at = this.stamps.get(symbol)?.at;
    return at === Number.NEGATIVE_INFINITY ? undefined : at;
  }

  age(symbol: string, now: number): number | undefined {
    const at = this.lastUpdate(symbol);
    return at === undefined ? undefined : now - at;
  }

  isStale(symbol: string, now: number, limitMs: number): boolean {
    const stamp = this.stamps.get(symbol);
    return stamp === undefined || !(now - stamp.at <= limitMs);
  }

  forget(symbol: string): void {
    this.stamps.delete(symbol);
  }
}
