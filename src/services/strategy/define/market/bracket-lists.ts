import type { Decimal } from '../../../../domain/decimal.js';
import { fault } from '../../../../domain/errors.js';
import { opposite } from '../../../../domain/order.js';
import { lots } from '../../../../domain/units.js';
import type { Intent } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import { isR } from '../../exits/exit-terms.js';
import { ladderOf, rungLots, type TakeProfit } from '../../exits/take-profit.js';
import { limitOf } from '../../host/grid-prices.js';
import type { ShortDesk } from '../../host/short-desk.js';
import type { Exits } from '../entries/entry-order.js';
import type { PlainOrder } from './orders.js';

/** What the rest of a bracket's entry takes along to the market. */
export type BracketTerms = Pick<PlainOrder, 'positionSide' | 'leverage'> & { readonly exits: Exits };

/** Sends an entry with its exits: the ticket of the entry. */
export const bracketOf = (desk: ShortDesk, entry: Intent, exits: readonly Intent[]): OrderTicket | undefined =>
  desk.placeList({ kind: exits.length > 2 ? 'followers' : 'bracket', entry, exits })[0];

/** The take-profits behind an entry; one of less than the least order is left out. */
export function bracketTargets(entry: Intent, takeProfit: Exits['takeProfit']): readonly Intent[] {
  const { instrument } = entry;
  const side = opposite(entry.side);
  const rungs = takeProfit === undefined ? [] : ladderOf(takeProfit);
  const sizes = rungLots(entry.lots, rungs, instrument);
  return rungs.flatMap((rung, index): readonly Intent[] => {
    const size = sizes[index] ?? lots(0);
    if (size < instrument.minLots) return [];
    const { postOnly } = rung;
    return [
      {
        ...{ instrument, side, reduceOnly: true, type: 'limit', limit: limitOf(instrument, side, priceOf(rung)) },
        ...{ lots: size, role: 'take_profit', tag: `${entry.tag}/take_profit.${index + 1}` },
        why: `take-profit ${index + 1}`,
        ...(postOnly === undefined ? {} : { postOnly }),
      },
    ];
  });
}

function priceOf({ at }: TakeProfit): number | Decimal {
  if (!isR(at)) return at;
  throw fault('STRAT-001', 'A take-profit of a bracket must be at a price, was at a multiple of the risk.');
}
