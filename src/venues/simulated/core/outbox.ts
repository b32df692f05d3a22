import type { Fill, FundingPayment } from '../../../domain/order.js';
import { fillToRecord, fundingToRecord } from '../../../domain/records.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { WorkingOrder } from './working-order.js';

export type AccountListener = (event: AccountEvent) => void;

/** What happened to the account and is not visible yet: told only after it has been committed, in order. */
export class Outbox {
  readonly changed = new Map<string, WorkingOrder>();
  readonly drifted = new Map<string, WorkingOrder>();
  readonly rows: string[] = [];
  /** Every fill and payment there ever was, of all venues, in order. */
  readonly fills: Fill[] = [];
  readonly fundings: FundingPayment[] = [];
  private readonly listeners = new Set<AccountListener>();
  private queue: AccountEvent[] = [];
  /** Rows are encoded only when somebody keeps them. */
  keeping = false;

  /** Something has happened that is not committed, or not told. */
  get dirty(): boolean {
    return this.changed.size > 0 || this.rows.length > 0 || this.queue.length > 0;
  }

  /** Something is to be told. */
  get waiting(): boolean {
    return this.queue.length > 0;
  }

  listen(listener: AccountListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The order's status as it is now. */
  order(order: WorkingOrder): void {
    this.touch(order);
    this.queue.push({
      kind: 'order',
      clientId: order.request.clientId,
      symbol: order.request.symbol,
      report: order.report(),
      filled: order.filled,
    });
  }

  /** A change of the order that is nobody's news. */
  touch(order: WorkingOrder): void {
    if (this.keeping) this.changed.set(order.venueId, order);
  }

  /** A change that the market made: kept with the market's own progress, at the next commit. */
  drift(order: WorkingOrder): void {
    if (this.keeping) this.drifted.set(order.venueId, order);
  }

  fill(fill: Fill): void {
    this.fills.push(fill);
    if (this.keeping) this.rows.push(JSON.stringify({ fill: fillToRecord(fill) }));
    this.queue.push({ kind: 'fill', fill });
  }

  funding(payment: FundingPayment): void {
    this.fundings.push(payment);
    if (this.keeping) this.rows.push(JSON.stringify({ funding: fundingToRecord(payment) }));
    this.queue.push({ kind: 'funding', payment });
  }

  committed(): void {
    this.changed.clear();
    this.drifted.clear();
    this.rows.length = 0;
  }

  /** Tells everything queued. A listener's exception passes; what was not told stays queued. */
  deliver(): void {
    const batch = this.queue;
    this.queue = [];
    let told = 0;
    try {
      for (const event of batch) {
        told += 1;
        for (const listener of this.listeners) listener(event);
      }
    } finally {
      if (told < batch.length) this.queue.unshift(...batch.slice(told));
    }
  }
}
