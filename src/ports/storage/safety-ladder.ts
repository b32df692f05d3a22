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

/** Compares this bot with its venue: a sentence for whatever differs or could not be asked. None: both agree. */
export type Reconciliation = () => Promise<readonly string[]>;

/**
 * The one safety state of the bot. Tightening takes effect in memory at once and is acknowledged when durable;
 * loosening needs an operator, a reason and a clean reconciliation, and takes effect only once durable. A restart
 * restores the stored state.
 */
export interface SafetyLadder {
  readonly state: SafetyState;
  readonly reason: string | undefined;
  readonly since: number | undefined;
  /**
   * No change (and no record) when the state is already as tight; but a person's word for the state that holds, with
   * another reason or name, is the one that is told and recorded from then on. A person's halt takes the place of a
   * flattening, which sends more.
   */
  tighten(to: SafetyState, reason: string, actor?: string): Promise<void>;
  /**
   * Rejects with RISK-003 without an operator or a reason, or when something tightens meanwhile; with RISK-004, naming
   * each difference, unless this bot and its venue agree.
   */
  loosen(to: SafetyState, reason: string, actor: string): Promise<void>;
  /** Tightens as operators have asked beside the journal, if any has. */
  heed(): void;
  /**
   * True when an order of this kind may be sent now; what protects a position reduces it, too. Heeds the operators
   * first: it is asked of orders alone.
   */
  permits(reducing: boolean, protecting?: boolean): boolean;
  readonly isReduceOnly: boolean;
  onChange(listener: (change: SafetyChange) => void): () => void;
  /** Names who compares with the venue before anything is loosened. While nobody does, nothing is. */
  reconcileBy(reconciliation: Reconciliation): void;
  /** Takes the tightest of the stored state and the configuration's flags. Called at start. */
  restore(): void;
}
export const SafetyLadder = token<SafetyLadder>('SafetyLadder');
