import { Decimal } from '../../domain/decimal.js';
import { OrderRequest } from '../../domain/order.js';
import { lots, units } from '../../domain/units.js';
import type { OrderLog } from '../../ports/core-services/execution.js';
import type { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import type { DirectOrder } from '../../ports/storage/operator-requests.js';

/** Until when an order is on its way, before the venue must have said so. */
export const DIRECT_WINDOW_MS = 5_000;

/**
 * Orders that a command sent past the bot, taken for its own: each enters its log as one of unknown outcome, and
 * whoever asks after those asks after these.
 */
export class DirectOrders {
  /** Of instruments that are not known yet. */
  private waiting: DirectOrder[] = [];

  constructor(
    private readonly log: Pick<OrderLog, 'find' | 'replace'>,
    private readonly catalogue: Pick<ProductCatalogue, 'find'>,
  ) {}

  take(orders: readonly DirectOrder[]): void {
    this.waiting.push(...orders);
    this.enter();
  }

  enter(): void {
    this.waiting = this.waiting.filter((order) => !this.entered(order));
  }

  private entered({ clientId, symbol, side, size, limit, expiresAt }: DirectOrder): boolean {
    if (this.log.find(clientId) !== undefined) return true;
    const instrument = this.catalogue.find(symbol);
    if (instrument === undefined) return false;
    const at = expiresAt - DIRECT_WINDOW_MS;
    this.log.replace({
      request: new OrderRequest({
        ...{ clientId, instrument, side, type: 'limit', timeInForce: 'IOC', postOnly: false, reduceOnly: true },
        ...{ lots: instrument.toLots(new Decimal(size), 'nearest'), expiresAt },
        limit: instrument.toTicks(new Decimal(limit), 'nearest'),
      }),
      ...{ status: 'unknown', venueIds: [], filled: lots(0), filledNotional: units(0), createdAt: at, updatedAt: at },
      reason: 'sent past the bot by a command',
    });
    return true;
  }
}
