import { readLookup } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import type { Order, OrderRequest, PendingChange } from '../../../domain/order.js';
import { changedTerms, isTerminal, type StatusReport } from '../../../domain/order-state.js';
import { inTime } from '../../../flow/in-time.js';
import type { AmendNews } from '../../../ports/core-services/execution.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import { applyVenueTruth, refOf } from '../orders/venue-truth.js';
import { Negatives } from './negatives.js';
import type { ResolverPorts } from './unknown-resolver.js';

/** What became of a change: the terms that hold, absent where they are those of before. */
interface Resolved {
  readonly terms: OrderRequest | undefined;
  readonly outcome: Omit<AmendNews, 'clientId' | 'change'>;
}

/**
 * Finds out what became of a change that nobody answered: the venue's terms win. The old ones are proof only once the
 * change can arrive no more, told twice.
 */
export class ChangeResolver {
  private readonly negatives: Negatives;

  constructor(private readonly ports: ResolverPorts) {
    this.negatives = new Negatives(ports.session);
  }

  /** Undefined while it is not known. Failing to ask changes nothing. */
  async resolve(order: Order, now: number): Promise<Resolved | undefined> {
    const { clientId } = order.request;
    const { account, budget, clock, logger, log, stream } = this.ports;
    try {
      const lookup = readLookup(await inTime(() => account.getOrder(refOf(order)), this.ports), now);
      if (!lookup.found) return undefined;
      const current = await applyVenueTruth(log, stream, order, lookup.order);
      const { changing } = current;
      if (changing === undefined) return undefined;
      const resolved = this.compare(current, changing, lookup.order, now);
      if (resolved !== undefined) this.negatives.delete(clientId);
      return resolved;
    } catch (error) {
      budget.heed(error, clock.now());
      logger.warn('A change could not be looked up', { client_order_id: clientId, error: messageOf(error) });
      return undefined;
    }
  }

  /** The change has ended the order: what it had filled by then is fetched first. */
  async end(order: Order, report: StatusReport): Promise<void> {
    const { account, log, stream, clock } = this.ports;
    try {
      const lookup = readLookup(await inTime(() => account.getOrder(refOf(order)), this.ports), clock.now());
      if (lookup.found && isTerminal((await applyVenueTruth(log, stream, order, lookup.order)).status)) return;
    } catch {
      // The venue's answer to the change says it as well.
    }
    stream.accept({ kind: 'order', clientId: order.request.clientId, symbol: order.request.symbol, report });
  }

  private compare({ request }: Order, changing: PendingChange, told: VenueOrder, now: number): Resolved | undefined {
    if (isAt(told, changedTerms(request, changing), changing))
      return { terms: changedTerms(request, changing), outcome: { outcome: 'amended' } };
    const refused = (check: string, reason: string): Resolved => ({
      terms: asTold(request, told),
      outcome: { outcome: 'refused', check, reason },
    });
    if (isTerminal(told.report.status)) return refused('too_late', `The order is ${told.report.status}.`);
    const deadline = changing.expiresAt + this.ports.time.boundMs;
    if (changing.anew !== true && !this.negatives.isProven(request.clientId, now, deadline)) return undefined;
    return refused('not_changed', 'The venue holds the order under other terms.');
  }
}

/** The venue tells every term that was to change, and each as it is here. */
function isAt(told: VenueOrder, { instrument, lots, limit, stop }: OrderRequest, changing: PendingChange): boolean {
  const { size, price, stopPrice } = told;
  return (
    (changing.lots === undefined || instrument.toLots(size, 'nearest') === lots) &&
    (changing.limit === undefined || (price !== undefined && instrument.toTicks(price, 'nearest') === limit)) &&
    (changing.stop === undefined || (stopPrice !== undefined && instrument.toTicks(stopPrice, 'nearest') === stop))
  );
}

/** The order under the terms that the venue tells, as far as it does. */
const asTold = (request: OrderRequest, { size, price, stopPrice }: VenueOrder): OrderRequest =>
  changedTerms(request, {
    lots: request.instrument.toLots(size, 'nearest'),
    ...(request.limit === undefined || price === undefined
      ? {}
      : { limit: request.instrument.toTicks(price, 'nearest') }),
    ...(request.stop === undefined || stopPrice === undefined
      ? {}
      : { stop: request.instrument.toTicks(stopPrice, 'nearest') }),
  });
