import { readCancelResult, readOrderName } from '../../../border/orders.js';
import { isOurs } from '../../../domain/client-order-id.js';
import { messageOf } from '../../../domain/errors.js';
import { isTerminal } from '../../../domain/order-state.js';
import { heeded } from '../../../flow/left-alone.js';
import { withDeadline, type Deadline } from '../../../flow/deadline.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { CancelReport, OrderGateway, OrderLog, Spares } from '../../../ports/core-services/execution.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { Logger } from '../../../ports/configuration/logger.js';

/** Stands among the unconfirmed when the venue could not be asked what is open: there may be more than we know. */
export const NOT_LISTED = 'orders the venue could not list';

export interface CancelPorts {
  readonly entry: OrderEntry;
  readonly account: AccountAccess;
  readonly gateway: OrderGateway;
  readonly log: OrderLog;
  readonly logger: Logger;
  /** Everything is asked for while the venue wants to be left alone, too; what it answers is heeded. */
  readonly budget: Pick<RequestBudget, 'heed' | 'heldUntil'>;
  readonly clock: Pick<Clock, 'now'>;
  /** How long the venue has to list what is open: nothing that we know waits for it. */
  readonly limit: Pick<Deadline<unknown>, 'scheduler' | 'limitMs'>;
}

const NOBODY: Spares = () => false;

/** Cancels what the venue holds of ours, orders we have forgotten included, and what we believe open. Never rejects. */
export async function cancelEverything(
  ports: CancelPorts,
  botId: string,
  spares: Spares = NOBODY,
): Promise<CancelReport> {
  const cancelled: string[] = [];
  const unconfirmed: string[] = [];
  // First what we know: it must not wait until the venue has said what else there is.
  const known = ports.log
    .open()
    .filter(({ request }) => !spares(request))
    .map((order) => cancelKnown(ports, order.request.clientId, cancelled, unconfirmed));
  const forgotten = await listForgotten(ports, botId, spares, unconfirmed);
  await Promise.all([...known, ...forgotten.map((ref) => cancelForgotten(ports, ref, cancelled, unconfirmed))]);
  return { cancelled, unconfirmed };
}

async function listForgotten(
  { account, log, logger, budget, clock, limit }: CancelPorts,
  botId: string,
  spares: Spares,
  unconfirmed: string[],
): Promise<OrderRef[]> {
  try {
    const refs: OrderRef[] = [];
    for (const order of await withDeadline(heeded(account.listOpenOrders(), { budget, clock }, 'query'), limit)) {
      if (!isNamed(order, logger)) {
        if (!unconfirmed.includes(NOT_LISTED)) unconfirmed.push(NOT_LISTED);
        continue;
      }
      const { clientId, symbol, venueId } = order;
      if (clientId === undefined || !isOurs(clientId, botId)) continue;
      const known = log.find(clientId);
      if ((known === undefined || isTerminal(known.status)) && !spares(order))
        refs.push({ clientId, symbol, venueIds: [venueId] });
    }
    return refs;
  } catch (error) {
    logger.error('Open orders could not be listed', { error: messageOf(error) });
    unconfirmed.push(NOT_LISTED);
    return [];
  }
}

/** A row without a name may be one of ours: it is not confirmed, and the others are cancelled all the same. */
function isNamed(order: VenueOrder, logger: Logger): boolean {
  try {
    readOrderName(order);
    return true;
  } catch (error) {
    logger.error('An open order could not be read', { error: messageOf(error) });
    return false;
  }
}

async function cancelKnown(
  { gateway, log }: CancelPorts,
  clientId: string,
  cancelled: string[],
  unconfirmed: string[],
): Promise<void> {
  const outcome = await gateway.cancel(clientId, 'safety');
  const order = log.find(clientId);
  if (outcome === 'cancelled') cancelled.push(clientId);
  else if (outcome === 'unknown' || (order !== undefined && !isTerminal(order.status))) unconfirmed.push(clientId);
}

async function cancelForgotten(
  { entry, logger, budget, clock, limit }: CancelPorts,
  ref: OrderRef,
  cancelled: string[],
  unconfirmed: string[],
): Promise<void> {
  try {
    const answer = await withDeadline(heeded(entry.cancelOrder(ref), { budget, clock }, 'cancel'), limit);
    const { outcome } = readCancelResult(answer, ref);
    if (outcome === 'cancelled') cancelled.push(ref.clientId);
    else if (outcome !== 'not_open') unconfirmed.push(ref.clientId);
  } catch (error) {
    logger.error('Cancel failed', { client_order_id: ref.clientId, error: messageOf(error) });
    unconfirmed.push(ref.clientId);
  }
}
