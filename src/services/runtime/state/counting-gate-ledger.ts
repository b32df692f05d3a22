import { injectable } from 'inversify';
import type { Decision, SizeCut } from '../../../domain/decision.js';
import type { MarkUnits } from '../../../domain/units.js';
import type {
  CutReport,
  GateLedger,
  GateReport,
  ReasonReport,
  StepFailure,
} from '../../../ports/runtime-state/runtime-state.js';

class Held {
  times = 0;
  heldMs = 0;
  // Starts as a fraction so that the field holds doubles in place from the beginning.
  lastAt = Number.NaN;

  constructor(
    readonly firstAt: number,
    readonly firstSymbol: string,
    readonly firstDetail: string | undefined,
  ) {}
}

class Given {
  times = 0;

  constructor(
    readonly kind: ReasonReport['kind'],
    readonly reason: string,
    readonly firstAt: number,
    readonly firstSymbol: string,
    readonly firstMark: MarkUnits,
    readonly switchedOffBy: string | undefined,
  ) {}
}

/** Distinct reasons that are counted apart: a strategy that writes values into its reasons must not fill the memory. */
const MOST_REASONS = 256;
const OTHERS = 'other reasons';

/**
 * Counts holds per gate. `times` counts every symbol held; `heldMs` counts an instant once, because a gate that holds
 * three symbols for one interval has held trading for one interval.
 */
@injectable()
export class CountingGateLedger implements GateLedger {
  private readonly gates = new Map<string, Held>();

  private readonly given = new Map<string, Given>();
  private readonly cutters = new Map<string, CutReport>();
  private failures: StepFailure | undefined;
  /** A strategy that holds gives the same object again and again: then nothing is looked up. */
  private newest: Decision | undefined;
  private newestGiven: Given | undefined;

  hold(gate: string, symbol: string, at: number, intervalMs: number, detail?: string): void {
    let held = this.gates.get(gate);
    if (held === undefined) {
      held = new Held(at, symbol, detail);
      this.gates.set(gate, held);
    }
    held.times += 1;
    if (held.lastAt === at) return;
    held.lastAt = at;
    held.heldMs += intervalMs;
  }

  decided(symbol: string, decision: Decision, mark: MarkUnits, at: number): void {
    if (decision !== this.newest || this.newestGiven === undefined) {
      this.newest = decision;
      this.newestGiven = this.givenFor(symbol, decision, mark, at);
    }
    this.newestGiven.times += 1;
  }

  failed(error: unknown, symbol: string, at: number): void {
    this.failures =
      this.failures === undefined
        ? { times: 1, firstAt: at, firstSymbol: symbol, first: error }
        : { ...this.failures, times: this.failures.times + 1 };
  }

  failure(): StepFailure | undefined {
    return this.failures;
  }

  cut({ limit, detail }: SizeCut, symbol: string, at: number): void {
    const known = this.cutters.get(limit);
    const fresh = { limit, times: 1, firstAt: at, firstSymbol: symbol, firstDetail: detail };
    this.cutters.set(limit, known === undefined ? fresh : { ...known, times: known.times + 1 });
  }

  cuts(): readonly CutReport[] {
    return [...this.cutters.values()];
  }

  /** In order of the first hold. */
  report(): readonly GateReport[] {
    return [...this.gates].map(([gate, { times, heldMs, firstAt, firstSymbol, firstDetail }]) => ({
      gate,
      times,
      heldMs,
      firstAt,
      firstSymbol,
      ...(firstDetail === undefined ? {} : { firstDetail }),
    }));
  }

  reasons(): readonly ReasonReport[] {
    return [...this.given.values()].map(({ kind, reason, times, firstAt, firstSymbol, firstMark, switchedOffBy }) => ({
      ...{ kind, reason, times, firstAt, firstSymbol, firstMark },
      ...(switchedOffBy === undefined ? {} : { switchedOffBy }),
    }));
  }

  private givenFor(symbol: string, decision: Decision, mark: MarkUnits, at: number): Given {
    const known = this.given.get(decision.reason);
    if (known !== undefined) return known;
    const reason = this.given.size < MOST_REASONS ? decision.reason : OTHERS;
    const others = this.given.get(reason);
    if (others !== undefined) return others;
    const isOther = reason === OTHERS;
    const off = isOther ? undefined : decision.switchedOffBy;
    const fresh = new Given(isOther ? 'hold' : kindOf(decision), reason, at, symbol, mark, off);
    this.given.set(reason, fresh);
    return fresh;
  }
}

function kindOf({ action, filterRejected, guardRejected, isByItself }: Decision): ReasonReport['kind'] {
  if (action === 'close') return 'exit';
  if (action !== 'hold') return 'entry';
  if (filterRejected === true) return 'filtered';
  if (isByItself === true) return 'by_itself';
  return guardRejected === true ? 'guarded' : 'hold';
}
