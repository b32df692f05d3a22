import type { FlattenPlan, FlattenReport, Operator } from '../../ports/core-services/operator-control.js';
import type { FlatteningPorts } from './flattening-ports.js';
import { isStanding, liveOrder } from './told.js';

const WHY =
  'Nothing was held any more: nothing has been sent, and the safety state is as it was. Whatever may enter can do so again: halt keeps it from that.';

/**
 * The answer to a plan whose positions are gone by themselves: none of it is left to carry out. Asked of the venue, and
 * not flat while that says otherwise, or an order may be live.
 */
export async function nothingHeld(
  { log, differences }: Pick<FlatteningPorts, 'log' | 'differences'>,
  { hash }: Pick<FlattenPlan, 'hash'>,
  by: Operator,
): Promise<FlattenReport> {
  const told = (await differences())[0];
  const orders = log.open();
  const mayBeLive = orders.filter((order) => !isStanding(order)).map(({ request }) => request.clientId);
  const note = told ?? (mayBeLive.length > 0 ? 'Nothing is held, and orders may be live: nothing has been sent.' : WHY);
  return {
    hash,
    by,
    flat: told === undefined && mayBeLive.length === 0,
    running: false,
    taken: [],
    remaining: [],
    mayBeLive,
    kept: orders.filter(isStanding).map(liveOrder),
    note,
    hasTightened: false,
  };
}
