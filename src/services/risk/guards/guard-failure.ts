import { messageOf } from '../../../domain/errors.js';

/** Why a guard could not do its work. The first two pass by themselves; the others must not be traded through. */
export type GuardCategory = 'telemetry' | 'data_unavailable' | 'data_corrupt' | 'computation' | 'action' | 'critical';

/** A guard that could not be evaluated, or whose action failed. Not for a guard that tripped: that is its work. */
export class GuardFailure extends Error {
  constructor(
    readonly guard: string,
    readonly category: GuardCategory,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GuardFailure';
  }

  get recoverable(): boolean {
    return this.category === 'telemetry' || this.category === 'data_unavailable';
  }

  /** What a guard threw; anything unforeseen is a fault in the computation. */
  static of(guard: string, error: unknown): GuardFailure {
    return error instanceof GuardFailure ? error : new GuardFailure(guard, 'computation', messageOf(error), error);
  }
}

/** Counters `risk.guards.<guard>.success`, `.recoverable_failures`, `.critical_failures` and `.<category>`. */
export class GuardCounters {
  private readonly counts = new Map<string, number>();

  success(guard: string): void {
    this.add(`risk.guards.${guard}.success`);
  }

  failure({ guard, category, recoverable }: GuardFailure): void {
    this.add(`risk.guards.${guard}.${recoverable ? 'recoverable_failures' : 'critical_failures'}`);
    this.add(`risk.guards.${guard}.${category}`);
  }

  all(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  private add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
