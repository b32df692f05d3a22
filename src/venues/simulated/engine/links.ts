import type { Lots } from '../../../domain/units.js';
import type { Market } from '../core/market.js';
import { closesPosition } from '../../../domain/order.js';
import type { WorkingOrder } from '../core/working-order.js';

/** Why a linked order ends without having been asked to. */
const GROUP_EXECUTED = 'group: another order of its group has executed';
const ENTRY_ENDED = 'after: its entry ended without a fill';
export const ENTRY_CLOSED = 'after: what its entry filled is closed';

type Rejoin = (market: Market, order: WorkingOrder, at: number) => void;
type End = (market: Market, order: WorkingOrder, status: 'cancelled' | 'expired', reason: string, at: number) => void;
interface Member {
  readonly market: Market;
  readonly order: WorkingOrder;
}

/**
 * Orders that depend on each other. A group (`options.group`): the first execution of one, even partial, cancels the
 * rest. A bracket (`options.after`): an order sleeps until its entry fills, and may execute what the entry has filled
 * and it has not. Orders of one group that follow the same entry share what that has filled: what one of them closes,
 * the others close no more, and what is left of the position keeps its stop. All of it follows from the orders alone,
 * so a restart loses nothing.
 */
export class Links {
  private readonly groups = new Map<string, Member[]>();
  private readonly executedGroups = new Set<string>();
  private readonly followers = new Map<string, Member[]>();

  /** By group and entry. */
  private readonly exits = new Map<string, { filled: number }>();

  /** `rejoin` is for an open order that may execute nothing for now. */
  constructor(
    private readonly end: End,
    private readonly rejoin: Rejoin,
  ) {}

  /** An order is taken in, open or not. `find` gives an order by its client id. */
  adopt(market: Market, order: WorkingOrder, find: (clientId: string) => WorkingOrder | undefined): void {
    const { group, after } = order.request.options ?? {};
    if (group !== undefined) {
      if (order.filled > 0) this.executedGroups.add(group);
      if (order.isOpen) add(this.groups, group, { market, order });
    }
    if (after === undefined) return;
    order.entry = find(after);
    if (group !== undefined) order.exits = this.exitsOf(group, after, order.filled);
    if (order.isOpen) add(this.followers, after, { market, order });
  }

  /** One order of the group has executed: nobody may join it any more. */
  hasExecuted(group: string): boolean {
    return this.executedGroups.has(group);
  }

  /** The order has executed `size` lots. */
  executed(order: WorkingOrder, size: Lots, at: number): void {
    const { group } = order.request.options ?? {};
    if (order.exits !== undefined) order.exits.filled += size;
    if (group !== undefined) {
      this.executedGroups.add(group);
      for (const other of [...(this.groups.get(group) ?? [])])
        if (other.order !== order && other.order.isOpen) this.yield(other, order, at);
    }
    this.wake(order, at);
  }

  /** Another order of the group has executed: there is nothing left to do, or less. */
  private yield({ market, order }: Member, executed: WorkingOrder, at: number): void {
    const { exits } = order;
    const shares = exits !== undefined && exits === executed.exits;
    // One that closes the position has no size before its trigger: it stands as long as there is something to close.
    if (shares && order.isStop && closesPosition(order.request) && executed.isOpen) return;
    if (!shares || exits.filled >= order.request.lots) this.end(market, order, 'cancelled', GROUP_EXECUTED, at);
    else if (order.allowed === 0 && !order.asleep) this.rejoin(market, order, at);
  }

  private exitsOf(group: string, after: string, filled: number): { filled: number } {
    const key = JSON.stringify([group, after]);
    const exits = this.exits.get(key) ?? { filled: 0 };
    exits.filled += filled;
    this.exits.set(key, exits);
    return exits;
  }

  /** The order is over, by a fill or without one. */
  ended(order: WorkingOrder, at: number): void {
    const { group, after } = order.request.options ?? {};
    if (group !== undefined) drop(this.groups, group, order);
    if (after !== undefined) drop(this.followers, after, order);
    const followers = this.followers.get(order.request.clientId);
    if (followers === undefined) return;
    for (const follower of [...followers]) {
      if (!follower.order.isOpen) continue;
      if (order.filled === 0) this.end(follower.market, follower.order, 'cancelled', ENTRY_ENDED, at);
      else if ((follower.order.exits ?? follower.order).filled >= order.filled)
        this.end(follower.market, follower.order, 'expired', ENTRY_CLOSED, at);
    }
  }

  private wake(entry: WorkingOrder, at: number): void {
    for (const { order } of this.followers.get(entry.request.clientId) ?? []) {
      if (!order.asleep || !order.isOpen) continue;
      order.woken = true;
      order.updatedAt = Math.max(order.updatedAt, at);
    }
  }
}

function add(lists: Map<string, Member[]>, key: string, member: Member): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [member]);
  else list.push(member);
}

function drop(lists: Map<string, Member[]>, key: string, order: WorkingOrder): void {
  const list = lists.get(key);
  const index = list?.findIndex((member) => member.order === order) ?? -1;
  if (list === undefined || index < 0) return;
  if (list.length === 1) lists.delete(key);
  else list.splice(index, 1);
}
