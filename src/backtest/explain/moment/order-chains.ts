import type { FollowedOrder } from './moment.js';
import type { OrderState } from './order-histories.js';

/** How orders of protection say what they are for. */
const PROTECTIVE = 'Protective stop';

/** An order, and those that have taken its place one after the other: a stop that moves, an order that is sent anew. */
export type OrderChain = readonly [FollowedOrder, ...FollowedOrder[]];

/**
 * Puts together what stands for one order. One takes another's place where it says so; a protective stop where it was
 * made at another price while the one before stood, which has left unexecuted since.
 */
export function chainsOf(orders: readonly FollowedOrder[]): readonly OrderChain[] {
  const chains: [FollowedOrder, ...FollowedOrder[]][] = [];
  for (const order of orders) {
    const chain = chains.find((each) => follows(each.at(-1) as FollowedOrder, order));
    if (chain === undefined) chains.push([order]);
    else chain.push(order);
  }
  return chains;
}

function follows(before: FollowedOrder, order: FollowedOrder): boolean {
  if (order.replaces !== undefined) return order.replaces === before.id;
  const [made] = order.states;
  const [first] = before.states;
  const last = before.states.at(-1) as OrderState;
  return (
    isProtective(before) &&
    isProtective(order) &&
    before.side === order.side &&
    last.status === 'cancelled' &&
    before.fills.length === 0 &&
    first.seq < made.seq &&
    made.seq < last.seq &&
    last.stop !== made.stop
  );
}

const isProtective = ({ why, isHeld }: FollowedOrder): boolean => !isHeld && why?.startsWith(PROTECTIVE) === true;
