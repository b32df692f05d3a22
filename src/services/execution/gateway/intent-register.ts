import { clientIdPrefix, intentSeqOf, numberedOrderId } from '../../../domain/client-order-id.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import { signalIdsOf } from '../orders/signal-id.js';

/** Decisions older than this many orders are not repeated any more. */
const REMEMBERED = 1_024;
const FIRST_ATTEMPT = 1;

/**
 * Numbers intents and remembers which decision each came from. Continues where the journal ends: a number that was
 * ever used is never used again, not even one of an instrument that is no longer traded.
 */
export class IntentRegister {
  private readonly clientIds = new Map<string, string>();
  private readonly prefix: string;
  private next: number | undefined;

  constructor(
    botId: string,
    private readonly log: OrderLog,
    private readonly journal: EventStore,
    /** The venue outlives our journal: it may remember numbers that we have lost. */
    private readonly remembering: boolean,
  ) {
    this.prefix = clientIdPrefix(botId);
  }

  /** Client id under which this decision was sent, if it was. */
  sentAs(signalId: string): string | undefined {
    this.load();
    return this.clientIds.get(signalId);
  }

  /** The client id of a new intent. */
  register(signalId: string): string {
    const seq = this.load();
    this.next = seq + 1;
    const clientId = numberedOrderId(this.prefix, seq, FIRST_ATTEMPT);
    this.remember(signalId, clientId);
    return clientId;
  }

  /** Reads the journal once; at start rather than at the first order. */
  load(): number {
    if (this.next !== undefined) return this.next;
    let last = 0;
    for (const { payload } of this.journal.fold(FOLDS.intentNumbers))
      last = Math.max(last, this.seqOf(payload['client_id']));
    const orders = [...this.log.all()];
    for (const { request } of orders) last = Math.max(last, this.seqOf(request.clientId));
    for (const order of orders.slice(-REMEMBERED))
      for (const signalId of signalIdsOf(order)) this.remember(signalId, order.request.clientId);
    this.next = Math.max(last, this.remembering ? this.epoch() : 0) + 1;
    return this.next;
  }

  /**
   * Where numbering begins: the millisecond at which this journal first met the account. A journal that was lost and
   * begun anew on the same account then never gives a number again that the venue still remembers.
   */
  private epoch(): number {
    return this.journal.query({ types: ['account'], limit: 1 })[0]?.at ?? 0;
  }

  private seqOf(clientId: unknown): number {
    return typeof clientId === 'string' && clientId.startsWith(this.prefix) ? (intentSeqOf(clientId) ?? 0) : 0;
  }

  private remember(signalId: string, clientId: string): void {
    this.clientIds.set(signalId, clientId);
    if (this.clientIds.size <= REMEMBERED) return;
    for (const oldest of this.clientIds.keys()) {
      this.clientIds.delete(oldest);
      return;
    }
  }
}
