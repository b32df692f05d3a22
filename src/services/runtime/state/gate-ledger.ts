import { injectable } from 'inversify';
import type { GateLedger, GateReport } from '../../../ports/runtime-state.js';

class Held {
  times = 0;
  heldMs = 0;
  // Starts as a fraction so that the field holds doubles in place from the beginning.
  lastAt = Number.NaN;

  constructor(
    readonly firstAt: number,
    readonly firstSymbol: string,
  ) {}
}

/**
 * Counts holds per gate. `times` counts every symbol held; `heldMs` counts an instant once, because a gate that holds
 * three symbols for one interval has held trading for one interval.
 */
@injectable()
export class GateLedgerImpl implements GateLedger {
  private readonly gates = new Map<string, Held>();

  hold(gate: string, symbol: string, at: number, intervalMs: number): void {
    let held = this.gates.get(gate);
    if (held === undefined) {
      held = new Held(at, symbol);
      this.gates.set(gate, held);
    }
    held.times += 1;
    if (held.lastAt === at) return;
    held.lastAt = at;
    held.heldMs += intervalMs;
  }

  /** In order of the first hold. */
  report(): readonly GateReport[] {
    return [...this.gates].map(([gate, { times, heldMs, firstAt, firstSymbol }]) => ({ gate, times, heldMs, firstAt, firstSymbol }));
  }
}
