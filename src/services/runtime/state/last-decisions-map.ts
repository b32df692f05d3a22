import { injectable } from 'inversify';
import type { Decision } from '../../../domain/decision.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import type { LastDecisions } from '../../../ports/runtime-state/runtime-state.js';

interface Entry {
  decision: Decision;
  at: number;
}

/** Newest decision per symbol, replaced in place: entries are live objects and nothing is made per decision. */
@injectable()
export class LastDecisionsMap implements LastDecisions {
  private readonly entries = new SymbolMap<Entry>();

  record(symbol: string, decision: Decision, at: number): void {
    const entry = this.entries.get(symbol);
    if (entry === undefined) {
      this.entries.set(symbol, { decision, at });
      return;
    }
    entry.decision = decision;
    entry.at = at;
  }

  find(symbol: string): { readonly decision: Decision; readonly at: number } | undefined {
    return this.entries.get(symbol);
  }

  all(): ReadonlyMap<string, { readonly decision: Decision; readonly at: number }> {
    return this.entries.all();
  }

  forget(symbol: string): void {
    this.entries.delete(symbol);
  }
}
