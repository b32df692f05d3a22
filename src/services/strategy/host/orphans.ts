import { messageOf } from '../../../domain/errors.js';
import { protects } from '../../../domain/order-state.js';
import type { AskedBy, Order } from '../../../domain/order.js';
import type { DeskPorts } from './desk-ports.js';

/**
 * Orders that a strategy asked for which is configured no more. All are withdrawn but for what protects, which stays
 * until the position is gone, and then leaves with it: it could take the next one off. A target does not stay: it would
 * take its room from whoever closes the position now.
 */
export class Orphans {
  private readonly kept = new Set<string>();
  /** Told of once each. */
  private readonly known = new Set<string>();

  constructor(
    private readonly ports: Pick<DeskPorts, 'coordinator' | 'journal' | 'log' | 'logger' | 'pending' | 'portfolio'>,
    private readonly isConfigured: (instance: string) => boolean,
  ) {}

  look(): void {
    const { log, portfolio } = this.ports;
    for (const order of log.open()) {
      const asked = order.origin?.asked;
      const { clientId, instrument } = order.request;
      if (asked === undefined || this.isConfigured(asked.instance) || this.known.has(clientId)) continue;
      this.known.add(clientId);
      const isKept = protects(order.request) && portfolio.position(instrument).lots !== 0;
      if (isKept) this.kept.add(clientId);
      else this.withdraw(order);
      this.tell(order, asked, isKept);
    }
  }

  /** The position of a symbol is gone. */
  gone(symbol: string): void {
    if (this.kept.size === 0) return;
    for (const order of this.ports.log.open()) {
      const { clientId } = order.request;
      if (order.request.symbol === symbol && this.kept.delete(clientId)) this.withdraw(order);
    }
  }

  private withdraw({ request: { clientId } }: Order): void {
    this.ports.pending.track(this.end(clientId));
  }

  private async end(clientId: string): Promise<void> {
    const { coordinator, logger } = this.ports;
    try {
      await coordinator.withdraw?.(clientId);
    } catch (error) {
      const what = { client_order_id: clientId, error: messageOf(error) };
      logger.error('An order of a strategy that is configured no more could not be cancelled', what);
    }
  }

  private tell({ request }: Order, { instance, tag, role }: AskedBy, isKept: boolean): void {
    const { journal, logger } = this.ports;
    const { clientId, symbol } = request;
    const done = isKept ? 'kept' : 'withdrawn';
    const what = `An order of ${instance}, which is configured no more, is ${isKept ? 'kept until its position is gone' : 'withdrawn'}`;
    logger.warn(what, { symbol, tag, role, client_order_id: clientId });
    journal.append('strategy_orphan', { client_id: clientId, symbol, instance, tag, role, done });
  }
}
