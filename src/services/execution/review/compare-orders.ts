import { readLookup, readVenueOrder } from '../../../border/orders.js';
import { requireList } from '../../../border/reading.js';
import { isOurs } from '../../../domain/client-order-id.js';
import { messageOf } from '../../../domain/errors.js';
import { closesPosition, type Order } from '../../../domain/order.js';
import { isSettled, isTerminal } from '../../../domain/order-state.js';
import { inTime } from '../../../flow/in-time.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { ComparisonPorts, Findings } from './findings.js';

/** Open orders, each against the other side's word of it. One that ended while nobody looked is a difference too. */
export async function compareOrders(ports: ComparisonPorts, findings: Findings): Promise<void> {
  const { account, log, clock } = ports;
  const listed = await inTime(() => account.listOpenOrders(), ports);
  requireList(listed, 'Open orders');
  const named = new Set<string>();
  for (const order of listed) {
    try {
      readVenueOrder(order, clock.now());
      if (order.clientId !== undefined) named.add(order.clientId);
      compareListed(order, ports, findings);
    } catch (error) {
      const name = (order as Partial<VenueOrder> | null)?.clientId ?? 'an order that cannot be read';
      named.add(name);
      findings.differ({ what: 'order', of: name, believed: null, held: messageOf(error) });
    }
  }
  for (const order of log.open())
    if (!named.has(order.request.clientId))
      await findings.asking(`order ${order.request.clientId}`, () => compareMissing(order, ports, findings));
}

function compareListed(order: VenueOrder, { config, log }: ComparisonPorts, findings: Findings): void {
  const { clientId, symbol, side, size, filled, reduceOnly, closePosition } = order;
  const known = clientId === undefined ? undefined : log.find(clientId);
  const isForeign = known === undefined && !isOurs(clientId, config.current.botId);
  const rest = size.minus(filled);
  if (!reduceOnly && closePosition !== true)
    findings.resting.push({ symbol, signed: side === 'sell' ? rest.neg() : rest, isForeign });
  if (isForeign) {
    const id = clientId ?? order.venueId;
    findings.foreign.push({ kind: 'order', id, symbol, side, size: size.toString(), terms: termsOf(order) });
    return;
  }
  if (known !== undefined && !isTerminal(known.status) && isSettled(known) && standsAlike(known, order)) return;
  const believed = known === undefined ? null : believedText(known);
  findings.differ({ what: 'order', of: clientId ?? order.venueId, believed, held: heldText(order) });
}

/** One that a list leaves out may have ended, or the list may lag: the order itself is asked for. */
async function compareMissing(order: Order, ports: ComparisonPorts, findings: Findings): Promise<void> {
  const { account, clock } = ports;
  const { clientId, symbol, instrument } = order.request;
  const ref = { clientId, symbol, venueIds: order.venueIds, sentAt: order.createdAt };
  const lookup = readLookup(await inTime(() => account.getOrder(ref), ports), clock.now());
  if (lookup.found && !isTerminal(lookup.order.report.status)) {
    const isAlike = isSettled(order) && instrument.toLots(lookup.order.filled, 'floor') === order.filled;
    if (isAlike) return;
  }
  const held = lookup.found ? heldText(lookup.order) : null;
  findings.differ({ what: 'order', of: clientId, believed: believedText(order), held });
}

/** While a change of it is on its way it stands as nobody knows. */
function standsAlike({ request, filled, changing }: Order, venue: VenueOrder): boolean {
  const { instrument, limit, type } = request;
  if (instrument.toLots(venue.filled, 'floor') !== filled) return false;
  if (changing !== undefined) return false;
  if (limit !== undefined && venue.price !== undefined && instrument.toTicks(venue.price, 'nearest') !== limit)
    return false;
  const { stop } = request;
  const hasStop = stop !== undefined && venue.stopPrice !== undefined && type !== 'trailing_stop';
  if (hasStop && instrument.toTicks(venue.stopPrice, 'nearest') !== stop) return false;
  const isWhole = closesPosition(request) || venue.closePosition === true;
  return isWhole || instrument.toLots(venue.size, 'floor') === request.lots;
}

function believedText({ request, filled, status }: Order): string {
  const { side, type, size, symbol, price, stopPrice, reduceOnly, instrument } = request;
  const terms = told({ type, price: price?.toString(), stopPrice: stopPrice?.toString(), reduceOnly });
  return `${side} ${size.toString()} ${symbol} ${terms}, filled ${instrument.size(filled).toString()}, ${status}`;
}

const heldText = (order: VenueOrder): string =>
  `${order.side} ${order.size.toString()} ${order.symbol} ${termsOf(order)}, filled ${order.filled.toString()}, ${order.report.status}`;

const termsOf = ({ type, price, stopPrice, reduceOnly, closePosition }: VenueOrder): string =>
  told({
    type,
    price: price?.toString(),
    stopPrice: stopPrice?.toString(),
    reduceOnly: reduceOnly || closePosition === true,
  });

const told = (terms: {
  readonly type: string;
  readonly price: string | undefined;
  readonly stopPrice: string | undefined;
  readonly reduceOnly: boolean;
}): string => {
  const { type, price, stopPrice, reduceOnly } = terms;
  const at = `${price === undefined ? '' : ` at ${price}`}${stopPrice === undefined ? '' : ` stop ${stopPrice}`}`;
  return `${type}${at}${reduceOnly ? ', can only reduce' : ''}`;
};
