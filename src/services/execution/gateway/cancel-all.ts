import { readCancelResult, readOrderName } from '../../../border/orders.js';
import { isOurs } from '../../../domain/client-order-id.js';
import { messageOf } from '../../../domain/errors.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { CancelReport, OrderGateway, OrderLog } from '../../../ports/core-services/execution.js';
import type { Logger } from '../../../ports/configuration/logger.js';

/** Stands among the unconfirmed when the venue could not be asked what is open: there may be more than we know. */
export const NOT_LISTED = 'orders the venue could not list';

export interface CancelPorts {
  readonly entry: OrderEntry;
  readonly account: AccountAccess;
  readonly gateway: OrderGateway;
  readonly log: OrderLog;
  readonly logger: Logger;
}

/** Cancels what the venue holds of ours, orders we have forgotten included, and what we believe open. Never rejects. */
export async function cancelEverything(ports: CancelPorts, botId: string): Promise<CancelReport> {
  const cancelled: string[] = [];
  const unconfirmed: string[] = [];
  const forgotten = await listForgotten(ports, botId, unconfirmed);
  const known = ports.log.open().map((order) => cancelKnown(ports, order.request.clientId, cancelled, unconfirmed));
  await Promise.all([...known, ...forgotten.map((ref) => cancelForgotten(ports, ref, cancelled, unconfirmed))]);
  return { cancelled, unconfirmed };
}

async function listForgotten(
  { account, log, logger }: CancelPorts,
  botId: string,
  unconfirmed: string[],
): Promise<OrderRef[]> {
  try {
    const refs: OrderRef[] = [];
    for (const order of await account.listOpenOrders()) {
      if (!isNamed(order, logger)) {
        if (!unconfirmed.includes(NOT_LISTED)) unconfirmed.push(NOT_LISTED);
        continue;
      }
      const { clientId, symbol, venueId } = order;
      if (clientId === undefined || !isOurs(clientId, botId)) continue;
      const known = log.find(clientId);
      if (known === undefined || isTerminal(known.status)) refs.push({ clientId, symbol, venueIds: [venueId] });
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
  { entry, logger }: CancelPorts,
  ref: OrderRef,
  cancelled: string[],
  unconfirmed: string[],
): Promise<void> {
  try {
    const { outcome } = readCancelResult(await entry.cancelOrder(ref), ref);
    if (outcome === 'cancelled') cancelled.push(ref.clientId);
    else if (outcome === 'unknown') unconfirmed.push(ref.clientId);
  } catch (error) {
    logger.error('Cancel failed', { client_order_id: ref.clientId, error: messageOf(error) });
    unconfirmed.push(ref.clientId);
  }
}
