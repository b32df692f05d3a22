import type { SafetyState } from '../../domain/safety.js';
import { token } from '../../injection/token.js';

export interface SafetyChange {
  readonly from: SafetyState;
  readonly to: SafetyState;
  readonly reason: string;
  /** `system` or an operator's name. */
  readonly actor: string;
  readonly at: number;
}

/**
 * The one safety state of the bot. Tightening takes effect in memory at once and is acknowledged when durable;
 * loosening needs an operator and a reason and takes effect only once durable. A restart restores the stored state.
 */
export interface SafetyLadder {
  readonly state: SafetyState;
  readonly reason: string | undefined;
  readonly since: number | undefined;
  /** No change (and no record) when the state is already as tight. */
  tighten(to: SafetyState, reason: string, actor?: string): Promise<void>;
  /** Rejects with RISK-003 without an operator or a reason. */
  loosen(to: SafetyState, reason: string, actor: string): Promise<void>;
  /** True when an order of this kind may be sent now. */
  permits(reducing: boolean): boolean;
  readonly isReduceOnly: boolean;
  onChange(listener: (change: SafetyChange) => void): () => void;
  /** Takes the tightest of the stored state and the configuration's flags. Called at start. */
  restore(): void;
}
export const SafetyLadder = token<SafetyLadder>('SafetyLadder');
