import type { MarkUnits } from '../../domain/units.js';
import type { OrderIntent } from './risk-manager.js';
import { token } from '../../injection/token.js';

/** A position, or a part of one, whose stop is not at the venue. */
export interface NakedPosition {
  readonly symbol: string;
  /** Signed, of the whole position. */
  readonly size: string;
  /** What of it is without cover. */
  readonly naked: string;
  readonly stop: string;
  readonly since: number;
}

/**
 * Keeps a stop at the venue behind every position whose strategy names one, in its size, from the first fill until it
 * is gone: whatever becomes of that stop, it is sent again. While the venue holds none the bot watches the price
 * itself.
 */
export interface Protection {
  /** A new mark. Allocates nothing while no position is guarded. */
  onMark(symbol: string, mark: MarkUnits, now: number): void;
  /** Why nothing may be added to a symbol now; undefined when it may. */
  objection(symbol: string): string | undefined;
  /**
   * Why this entry must not rest: what it fills would stand without a stop, were the process dead. `list`: what it is
   * sent with. Undefined when it may, and for what does not rest. Absent: nobody looks.
   */
  entryObjection?(intent: OrderIntent, list?: readonly OrderIntent[]): string | undefined;
  /**
   * The stop that is planned for what this open entry fills may be another now, while the order itself stays as it is.
   * Absent: nothing of it is at the venue.
   */
  replanned?(clientId: string): void;
  naked(): readonly NakedPosition[];
  /**
   * What stands at the venue is not certain: it is asked for until the venue has said so. Before the start: from then
   * on. Absent where nothing is kept at the venue.
   */
  verify?(): void;
  /**
   * The last act before the venue is left: what is missing is placed. Resolves with the symbols that stay without
   * cover.
   */
  secure(): Promise<readonly string[]>;
  /**
   * After the last order: a dead man's switch goes on where orders are left that nobody would cover, and else is off.
   * Absent: there is none.
   */
  leave?(): Promise<void>;
  /** Nothing is looked at any more; no timer is left. */
  release(): void;
}
export const Protection = token<Protection>('Protection');
