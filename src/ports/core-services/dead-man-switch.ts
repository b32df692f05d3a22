import type { Order, OrderRequest } from '../../domain/order.js';
import { token } from '../../injection/token.js';
import type { PreSendCheck } from './execution.js';
import type { OrderIntent } from './risk-manager.js';

/** A countdown at the venue that runs, or of which nobody knows that it does not. */
export interface RunningSwitch {
  /** The symbol whose orders it ends, or `account`. */
  readonly scope: string;
  /** The venue has said so; else a request of ours, or of a process before, is without an answer. */
  readonly isProven: boolean;
  /** It does not run out before this instant. */
  readonly until?: number;
}

/** Whoever knows which entries the switch is for. */
export interface GuardedEntries {
  /** A fill of this order must not stand uncovered. */
  mustCover(order: Order): boolean;
  /** The switch is ended next: whatever it alone has guarded is withdrawn before, in the same step. */
  beforeEnd(): void;
  /**
   * It may have run out beside stops that it ends: nobody has answered that it is off. Told once a second for as long
   * as that may be so.
   */
  mayHaveRunOut(): void;
}

/**
 * The venue's dead man's switch. It runs exactly while orders rest that can increase and that nothing at the venue
 * would cover, and while no order of protection stands that it would end with them. What cannot be proven off counts
 * as running.
 */
export interface DeadManSwitch {
  /** Were it to run, this order would go with the process. False where there is none, or where it must not run. */
  couldEnd(intent: Pick<OrderIntent, 'instrument' | 'type'>): boolean;
  /** This order goes within the countdown, should nobody be there. */
  ends(order: Order): boolean;
  /**
   * What must be so before this order leaves: that it runs, for one that can increase; that it does not, for one that
   * protects. Undefined where there is nothing to wait for.
   */
  checkOf(request: OrderRequest): PreSendCheck | undefined;
  /** Takes up what a process before has left running. */
  begin(entries: GuardedEntries): void;
  /**
   * The venue is being left: it is not wound up again. It goes on where orders are left that nobody would cover, and
   * else is off for certain, as far as the venue answers. Resolves with what goes on.
   */
  leave(): Promise<readonly RunningSwitch[]>;
  running(): readonly RunningSwitch[];
}
export const DeadManSwitch = token<DeadManSwitch>('DeadManSwitch');
