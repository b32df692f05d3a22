import type { Fill } from '../../../domain/order.js';
import { signOf } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';

/** Which entries have filled since the strategy was flat: an order that took the place of another is the same entry. */
export class FilledEntries {
  private openedAt: number | undefined;
  /** By client id, what the entry is called. */
  private readonly names = new Map<string, string>();

  get count(): number {
    return this.names.size < 2 ? this.names.size : new Set(this.names.values()).size;
  }

  filled({ side, clientId }: Pick<Fill, 'side' | 'clientId'>, { lots, openedAt }: Position): void {
    if (openedAt !== this.openedAt) this.names.clear();
    this.openedAt = openedAt;
    if (lots !== 0 && lots > 0 === signOf(side) > 0 && !this.names.has(clientId)) this.names.set(clientId, clientId);
  }

  /** The fill was one of this ticket's. */
  named({ clientId }: Pick<Fill, 'clientId'>, { id }: Pick<OrderTicket, 'id'>): void {
    if (this.names.has(clientId)) this.names.set(clientId, id);
  }

  snapshot(): Json | undefined {
    if (this.names.size === 0 || this.openedAt === undefined) return undefined;
    return { opened_at: this.openedAt, names: Object.fromEntries(this.names) };
  }

  /** What cannot be read is not known: it counts from here on. */
  restore(saved: Json | undefined): void {
    if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) return;
    const { opened_at: openedAt, names } = saved as Readonly<Record<string, Json>>;
    if (typeof openedAt !== 'number' || typeof names !== 'object' || names === null) return;
    this.openedAt = openedAt;
    for (const [clientId, name] of Object.entries(names)) if (typeof name === 'string') this.names.set(clientId, name);
  }
}
