import type { Decision, SizeCut } from '../../domain/decision.js';
import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** Newest decision per symbol. */
export interface LastDecisions {
  record(symbol: string, decision: Decision, at: number): void;
  find(symbol: string): { readonly decision: Decision; readonly at: number } | undefined;
  all(): ReadonlyMap<string, { readonly decision: Decision; readonly at: number }>;
  forget(symbol: string): void;
}
export const LastDecisions = token<LastDecisions>('LastDecisions');

/** Order counters of this run: attempted = successful + failed + those still pending. */
export interface OrderStats {
  attempted: number;
  successful: number;
  failed: number;
  /** Orders that no decision of a strategy is: stops and exits that protect, what is sent again, a flatten. */
  others: number;
}
export const OrderStats = token<OrderStats>('OrderStats');

/**
 * How long and how often each gate or latch held trading back, with the first instance: the answer of `explain`.
 * `hold` is called once per symbol and cycle in which the gate held; it allocates nothing after a gate's first time.
 */
export interface GateLedger {
  hold(gate: string, symbol: string, at: number, intervalMs: number, detail?: string): void;
  report(): readonly GateReport[];
  /**
   * Counts what a strategy decided, by its reason; once per symbol and step. Allocates nothing after a reason's first
   * time.
   */
  decided?(symbol: string, decision: Decision, mark: MarkUnits, at: number): void;
  /** Counts a step that threw. */
  failed?(error: unknown, symbol: string, at: number): void;
  /** Undefined while none has. */
  failure?(): StepFailure | undefined;
  /** Counts an entry that a limit made smaller than it was meant. */
  cut?(cut: SizeCut, symbol: string, at: number): void;
  /** Limits in order of their first time. */
  cuts?(): readonly CutReport[];
  /** Reasons in order of their first time. Beyond 256 of them the rest is counted together. */
  reasons?(): readonly ReasonReport[];
}
/** What went wrong when a strategy was asked, or when its decision was carried out, and how often. */
export interface StepFailure {
  readonly times: number;
  readonly firstAt: number;
  readonly firstSymbol: string;
  readonly first: unknown;
}
/** How often one limit made an entry smaller. */
export interface CutReport {
  readonly limit: string;
  readonly times: number;
  readonly firstAt: number;
  readonly firstSymbol: string;
  readonly firstDetail: string;
}
/** How often a strategy gave one reason. */
export interface ReasonReport {
  readonly reason: string;
  /**
   * What it was a reason for; `filtered` and `guarded` are entries that were wanted and held back, `by_itself` is what
   * the bot did under terms that the strategy had asked for before.
   */
  readonly kind: 'hold' | 'filtered' | 'guarded' | 'entry' | 'exit' | 'by_itself';
  readonly times: number;
  readonly firstAt: number;
  readonly firstSymbol: string;
  readonly firstMark: MarkUnits;
  /** Of a hold: the setting that keeps the strategy from the entry it would ask for. */
  readonly switchedOffBy?: string;
}
export interface GateReport {
  readonly gate: string;
  readonly times: number;
  readonly heldMs: number;
  readonly firstAt: number;
  readonly firstSymbol: string;
  /** What the first hold said of itself, with its values. */
  readonly firstDetail?: string;
}
export const GateLedger = token<GateLedger>('GateLedger');

/** Work that has been started and whose outcome has not come back. The pump waits only while this is not zero. */
export interface PendingWork {
  readonly count: number;
  /** Registers a promise until it settles; its rejection is the registrant's own business and must be handled there. */
  track(work: Promise<unknown>): void;
  /** Resolves when nothing is pending. */
  idle(): Promise<void>;
}
export const PendingWork = token<PendingWork>('PendingWork');
