import { messageOf } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Order } from '../../../domain/order.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { checkOf } from '../orders/order-metrics.js';
import type { Objection } from './exchange-rules.js';

/** Refusals of a venue that say that our picture of its filters is old. */
const FILTER_REJECTS: ReadonlySet<string> = new Set(['price_filter', 'lot_size', 'min_notional', 'unknown_symbol']);

interface Refused {
  /** As the venue described it when it was read for the sake of a refusal; absent while it is being read. */
  readonly read?: { readonly instrument: Instrument | undefined; readonly at: number };
  readonly isStopped?: true;
}

export interface FilterPorts {
  readonly catalogue: ProductCatalogue;
  readonly pending: PendingWork;
  readonly journal: EventStore;
  readonly logger: Logger;
}

/**
 * Orders that fit the filters we know and not those of the venue (OL-18): the filters are read again, once. What is
 * refused by those, too, is understood by nobody here: nothing is opened in that symbol until the venue describes it
 * otherwise, or the next start.
 */
export class FilterRefusals {
  private readonly symbols = new Map<string, Refused>();

  constructor(private readonly ports: FilterPorts) {}

  follow(order: Order, previous: Order | undefined): void {
    if (order.status === previous?.status) return;
    const { symbol } = order.request;
    if (order.status === 'rejected') {
      if (FILTER_REJECTS.has(checkOf(order))) this.refused(order, this.symbols.get(symbol));
    } else if (this.symbols.size > 0 && order.status === 'open' && this.symbols.get(symbol)?.isStopped !== true)
      this.symbols.delete(symbol);
  }

  objection(symbol: string): Objection | undefined {
    const known = this.symbols.get(symbol);
    if (known?.isStopped !== true) return undefined;
    if (known.read?.instrument !== this.ports.catalogue.find(symbol)) {
      this.symbols.delete(symbol);
      return undefined;
    }
    return { check: 'filters_refused', reason: `The venue refuses orders of ${symbol} that fit what it says of it.` };
  }

  private refused(order: Order, known: Refused | undefined): void {
    const { symbol } = order.request;
    if (
      known === undefined ||
      (known.read !== undefined && known.read.instrument !== this.ports.catalogue.find(symbol))
    )
      this.readAgain(symbol, order.updatedAt);
    else if (known.read !== undefined && known.isStopped !== true && order.createdAt >= known.read.at)
      this.stop(order, known);
  }

  private readAgain(symbol: string, now: number): void {
    const { catalogue, pending, logger } = this.ports;
    this.symbols.set(symbol, {});
    pending.track(
      catalogue.refresh().then(
        () => this.symbols.set(symbol, { read: { instrument: catalogue.find(symbol), at: now } }),
        (error: unknown) => {
          this.symbols.delete(symbol);
          logger.warn('Products could not be read again', { error: messageOf(error) });
        },
      ),
    );
  }

  private stop({ request: { symbol }, reason }: Order, known: Refused): void {
    this.symbols.set(symbol, { ...known, isStopped: true });
    const facts = { symbol, reason };
    this.ports.logger.error('The venue refuses orders that fit its filters; nothing more is opened', facts);
    this.ports.journal.append('filters_refused', { symbol, reason: reason ?? null });
  }
}
