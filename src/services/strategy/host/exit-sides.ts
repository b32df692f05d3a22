import { isTerminal } from '../../../domain/order-state.js';
import { signOf, type Order, type OrderChange } from '../../../domain/order.js';
import type { MarkUnits } from '../../../domain/units.js';
import type { Intent, IntentList } from '../../../ports/strategy/intent.js';
import type { IntentRefusal } from '../../../ports/strategy/order-ticket.js';
import { firstOf, refusal } from './intent-checks.js';

type Terms = Pick<Intent, 'instrument' | 'side' | 'type' | 'limit' | 'stop'>;

/** Where orders of before are found. */
interface KnownOrders {
  find(clientId: string): Order | undefined;
  open(): readonly Order[];
}

/**
 * An exit that sleeps behind an entry, on the wrong side of its price: it would leave what the entry has just brought
 * at once, at a loss. At market that is the mark, where there is one.
 */
export function listSideObjection(list: IntentList, mark: MarkUnits | undefined): IntentRefusal | undefined {
  return 'entry' in list ? firstOf(list.exits, (exit) => sideObjection(list.entry, exit, mark)) : undefined;
}

/** Other prices for an exit that sleeps, or for an entry that take-profits sleep behind. */
export function changedSideObjection(
  { request }: Pick<Order, 'request'>,
  change: OrderChange,
  orders: KnownOrders,
  mark: MarkUnits | undefined,
): IntentRefusal | undefined {
  if (change.limit === undefined && change.stop === undefined) return undefined;
  const { instrument, side, type } = request;
  const asked: Terms = { instrument, side, type, ...definedOf(request), ...definedOf(change) };
  const { after } = request.options ?? {};
  const entry = after === undefined ? undefined : orders.find(after);
  if (entry !== undefined)
    return isTerminal(entry.status) || entry.filled > 0 ? undefined : sideObjection(entry.request, asked, mark);
  return firstOf(orders.open(), ({ request: exit }) =>
    // A stop goes along with its entry, by another change.
    exit.options?.after === request.clientId && takesProfit(exit) ? sideObjection(asked, exit, mark) : undefined,
  );
}

function sideObjection(entry: Terms, exit: Terms, mark: MarkUnits | undefined): IntentRefusal | undefined {
  const { instrument, side } = entry;
  const reference = priceOf(entry, mark);
  const isProfit = takesProfit(exit);
  const price = isProfit && exit.type === 'limit' ? exit.limit : exit.stop;
  if (reference === undefined || price === undefined || exit.side === side) return undefined;
  const ahead = (instrument.marksOfTicks(price) - reference) * signOf(side);
  if (isProfit ? ahead > 0 : ahead < 0) return undefined;
  const what = isProfit ? 'Take-profit' : 'Stop';
  const where = isProfit === (side === 'buy') ? 'above' : 'below';
  return refusal(
    isProfit ? 'take_profit' : 'stop',
    `${what} of a ${side === 'buy' ? 'long' : 'short'} must be ${where} its entry at ${instrument.markPrice(reference).toString()}, was ${instrument.priceText(price)}`,
  );
}

/** Where an entry trades: a limit that the market is beyond already, at the market. */
function priceOf({ instrument, side, stop, limit }: Terms, mark: MarkUnits | undefined): MarkUnits | undefined {
  if (stop !== undefined) return instrument.marksOfTicks(stop);
  if (limit === undefined) return mark;
  const at = instrument.marksOfTicks(limit);
  return mark !== undefined && (at - mark) * signOf(side) > 0 ? mark : at;
}

const takesProfit = ({ type }: Pick<Terms, 'type'>): boolean => type === 'limit' || type.startsWith('take_profit');

const definedOf = ({ limit, stop }: OrderChange): OrderChange => ({
  ...(limit === undefined ? {} : { limit }),
  ...(stop === undefined ? {} : { stop }),
});
