import type { Decision } from '../../../../domain/decision.js';
import { fault } from '../../../../domain/errors.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyContext } from '../../../../ports/core-services/strategy.js';
import type { OwnCheck } from '../../host/intent-checks.js';
import type { ShortDesk } from '../../host/short-desk.js';
import { entryIntent, type WishedEntry } from './entry-intent.js';
import type { EntryKeeper } from './entry-keeper.js';
import { planEntry, type EntryOrder, type PlannedEntry } from './entry-order.js';
import { entryTag } from './entry-record.js';
import type { HeldStop } from '../held-stop.js';
import type { EitherOrders } from '../market/market.js';
import type { KeptHolds } from '../short-holds.js';
import type { ShortTerms } from '../short-terms.js';
import type { AskedTerms, VerbTickets } from '../verb-tickets.js';

type Side = 'buy' | 'sell';

/** An entry that waits until what is in its way is gone: the position it is against, or exits and entries of before. */
interface Later extends EntryWish {
  readonly ticket: OrderTicket;
  /** Whose wish it is, whenever it is sent. */
  readonly askedIn: string | undefined;
  /** The other side of a pair. */
  readonly other?: { readonly wish: EntryWish; readonly ticket: OrderTicket };
  /** What is in its way has so long: undefined while the position itself is. */
  until?: number;
}

/** An entry as it is asked. */
interface EntryWish {
  readonly side: Side;
  readonly order: EntryOrder;
  readonly barAt: number;
}

/** What came of it; without a decision what was asked of the desk stands. */
export interface Entered {
  readonly decision: Decision | undefined;
}
/** The same, with the ticket in hand. */
export interface Answered<T = OrderTicket> extends Entered {
  readonly ticket: T;
}

/** What a handler is asked on. */
export type StepGround = Pick<StrategyContext, 'instrument' | 'mark' | 'equity' | 'position' | 'now' | 'reduceOnly'>;

/** A step of the strategy, or another event. `desk` is undefined without a host. */
export interface StrategyStep {
  readonly context: StepGround;
  readonly desk: ShortDesk | undefined;
  /** Its plain entries and closes are the decision of the step; elsewhere everything goes through the desk. */
  readonly decides: boolean;
}

export interface WishPorts {
  readonly terms: ShortTerms;
  readonly holds: KeptHolds;
  readonly tickets: VerbTickets;
  readonly stop: HeldStop;
  readonly entries: EntryKeeper;
  /** Closes the position that an entry is against. */
  readonly close: (step: StrategyStep, why: string) => Decision | undefined;
}

const LEAVING = 'Exits and entries of before are leaving';
/** A venue that is silent for so long is not waited for: the market of then is not the market of now. */
const LEAVING_MS = 30_000;
const LEAVING_TIMER = 'leaving';

/** Carries out the entries that a handler has asked for. */
export class EntryWishes {
  private later: Later | undefined;

  constructor(private readonly ports: WishPorts) {}

  one(step: StrategyStep, wish: EntryWish): Answered {
    const { position } = step.context;
    const { side, order } = wish;
    const { why } = order;
    if (side === 'sell' && this.hasNoShorts(step))
      return this.turnedAway(step, wish, 'shorts_off', this.ports.holds.of(`Shorts are off: ${why}`));
    if (position.lots === 0) return this.enter(step, wish);
    if (position.lots > 0 === (side === 'buy'))
      return this.refused(step, wish, 'already', `Already ${side === 'buy' ? 'long' : 'short'}: ${why}`);
    const ticket = this.await(step, wish);
    return { decision: this.ports.close(step, why), ticket };
  }

  /**
   * Two of which the first execution ends the other; where shorts are off the long side stands alone. `known` are their
   * tickets where they have waited.
   */
  both(
    step: StrategyStep,
    { long, short }: EitherOrders,
    barAt: number,
    known?: readonly [OrderTicket, OrderTicket],
  ): Answered<readonly [OrderTicket, OrderTicket]> {
    const { context } = step;
    const { stop, entries } = this.ports;
    const sides = { buy: { side: 'buy', order: long, barAt }, sell: { side: 'sell', order: short, barAt } } as const;
    const none = (check: OwnCheck, reason: string): Answered<readonly [OrderTicket, OrderTicket]> => {
      const { decision, ticket } = this.refused(step, sides.buy, check, reason, known?.[0]);
      return { decision, ticket: [ticket, this.refused(step, sides.sell, check, reason, known?.[1]).ticket] };
    };
    if (context.position.lots !== 0) return none('already', `Already in a position: ${long.why}`);
    if (this.hasNoShorts(step)) {
      const { decision, ticket } = this.one(step, sides.buy);
      const other = this.refused(step, sides.sell, 'shorts_off', `Shorts are off: ${short.why}`).ticket;
      return { decision, ticket: [ticket, other] };
    }
    const desk = this.hosted(step);
    if (this.isInTheWay(desk, context.instrument) && !entries.takesBoth(long, short)) {
      entries.cancel(long.why);
      return { decision: this.ports.holds.of(LEAVING), ticket: this.awaitBoth(step, sides) };
    }
    const wishes = { buy: this.planned('buy', long, context), sell: this.planned('sell', short, context) };
    for (const { planned } of [wishes.buy, wishes.sell])
      if (planned.decision.action === 'hold') {
        const { ticket } = none(checkOf(planned), planned.decision.reason);
        return { decision: planned.decision, ticket };
      }
    for (const side of ['sell', 'buy'] as const)
      stop.plan(side, wishes[side].planned.stop, wishes[side].planned.exits, context.now);
    const tickets = entries.either(desk, wishes, barAt, known);
    for (const side of ['sell', 'buy'] as const) this.planStanding(side, wishes[side], context);
    for (const ticket of tickets) stop.plans.bind(ticket.side, ticket);
    return { decision: undefined, ticket: tickets };
  }

  /**
   * The entry that waited, once nothing is in its way; what stands there longer than half a minute ends it, and so does
   * the next bar, on which the strategy is asked anew.
   */
  waited(step: StrategyStep, isNewBar: boolean): Entered | undefined {
    const { later } = this;
    const { context, desk } = step;
    if (later === undefined || context.position.lots !== 0 || context.reduceOnly) return undefined;
    if (later.ticket.isDone && later.other?.ticket.isDone !== false) {
      this.later = undefined;
      return undefined;
    }
    const isInTheWay = desk !== undefined && this.isInTheWay(desk, context.instrument);
    if (isInTheWay && !isNewBar) {
      this.time(desk, context, later);
      return undefined;
    }
    if (isInTheWay) {
      this.forget(desk);
      return undefined;
    }
    this.later = undefined;
    desk?.clearTimer(LEAVING_TIMER);
    return { decision: this.enterLater(step, later) };
  }

  /** What stands in the way of an entry has had its time. */
  timesOver(now: number, desk: ShortDesk): void {
    const { later } = this;
    if (later?.until === undefined || now < later.until) return;
    if (this.isInTheWay(desk, later.ticket)) this.forget(desk);
  }

  /** Counts from when the position is gone; nothing that is told later begins it anew. */
  private time(desk: ShortDesk | undefined, { instrument }: Pick<StepGround, 'instrument'>, later: Later): void {
    if (desk === undefined || later.until !== undefined || desk.account(instrument.symbol).lots !== 0) return;
    later.until = desk.now + LEAVING_MS;
    desk.setTimer(LEAVING_TIMER, LEAVING_MS);
  }

  /** Of a pair, what has been taken back meanwhile is left out. */
  private enterLater(step: StrategyStep, later: Later): Decision | undefined {
    const { ticket, other, askedIn } = later;
    if (step.desk !== undefined && askedIn !== undefined) step.desk.handler = askedIn;
    if (other === undefined || other.ticket.isDone) return this.enter(step, later, ticket).decision;
    if (ticket.isDone) return this.enter(step, other.wish, other.ticket).decision;
    return this.both(step, { long: later.order, short: other.wish.order }, later.barAt, [ticket, other.ticket])
      .decision;
  }

  /** News: what waited for it and goes through the desk goes on within the bar in which it was asked. */
  goOn(step: StrategyStep): void {
    const { later } = this;
    if (later === undefined) return;
    this.time(step.desk, step.context, later);
    if (isPlain(later.order)) return;
    if (step.desk?.gate.mode === 'trading') this.waited(step, false);
  }

  forget(desk: ShortDesk | undefined): void {
    if (this.later === undefined) return;
    drop(desk, this.later);
    desk?.clearTimer(LEAVING_TIMER);
    this.later = undefined;
  }

  /**
   * An entry that may not be made at all. What it is against is left all the same, a position and an entry that waits:
   * that is the first half of what was asked, and takes risk off.
   */
  turnedAway(step: StrategyStep, wish: EntryWish, check: OwnCheck, held: Decision): Answered {
    const { why } = wish.order;
    const { ticket } = this.refused(step, wish, check, held.reason);
    const { lots } = step.context.position;
    const isAgainst = lots !== 0 && lots > 0 !== (wish.side === 'buy');
    if (isAgainst) return { decision: this.ports.close(step, why), ticket };
    this.ports.entries.cancel(why, wish.side === 'buy' ? 'sell' : 'buy');
    return { decision: held, ticket };
  }

  /** An entry that is turned away, with its ticket. */
  refused(step: StrategyStep, wish: EntryWish, check: OwnCheck, reason: string, known?: OrderTicket): Answered {
    const { holds, tickets } = this.ports;
    const ticket = tickets.refused(step.desk, termsOf(wish), check, reason, known);
    return { decision: holds.of(reason), ticket };
  }

  private enter(step: StrategyStep, wish: EntryWish, waited?: OrderTicket): Answered {
    const { side, order, barAt } = wish;
    const { context, desk } = step;
    const { entries, holds, stop, tickets } = this.ports;
    const isChange = entries.takes(side, order);
    if (desk !== undefined && !isChange && this.isInTheWay(desk, context.instrument)) {
      entries.cancel(order.why);
      return { decision: holds.of(LEAVING), ticket: this.await(step, wish, waited) };
    }
    const wished = this.planned(side, order, context);
    const { decision, stop: level, exits } = wished.planned;
    if (decision.action === 'hold') {
      const { ticket } = this.refused(step, wish, checkOf(wished.planned), decision.reason, waited);
      return { decision, ticket };
    }
    stop.plan(side, level, exits, context.now);
    if (!step.decides || !isPlain(order)) {
      const entered = entries.enter(this.hosted(step), side, wished, barAt, waited);
      this.planStanding(side, wished, context);
      stop.plans.bind(side, entered);
      return { decision: undefined, ticket: entered };
    }
    const { lots, plan } = entryIntent(context.instrument, side, wished);
    const ticket = waited ?? tickets.planned(desk, { ...termsOf(wish), lots, plan });
    desk?.decides(ticket, decision);
    stop.plans.bind(side, ticket);
    return { decision, ticket };
  }

  private await(step: StrategyStep, wish: EntryWish, known?: OrderTicket): OrderTicket {
    if (this.later !== undefined && this.later.ticket !== known) this.forget(step.desk);
    const ticket = known ?? this.ports.tickets.planned(step.desk, termsOf(wish));
    this.later = { ...wish, ticket, askedIn: step.desk?.handler };
    this.time(step.desk, step.context, this.later);
    return ticket;
  }

  private awaitBoth(
    step: StrategyStep,
    { buy, sell }: Readonly<Record<Side, EntryWish>>,
  ): readonly [OrderTicket, OrderTicket] {
    this.forget(step.desk);
    const { tickets } = this.ports;
    const [ticket, other] = [buy, sell].map((wish) => tickets.planned(step.desk, termsOf(wish))) as [
      OrderTicket,
      OrderTicket,
    ];
    this.later = { ...buy, ticket, askedIn: step.desk?.handler, other: { wish: sell, ticket: other } };
    this.time(step.desk, step.context, this.later);
    return [ticket, other];
  }

  /** A change that was refused leaves the entry as it was, and so is what it fills to be left. */
  private planStanding(side: Side, wished: WishedEntry, { now }: StepGround): void {
    const standing = this.ports.entries.wishOf(side);
    if (standing !== undefined && standing !== wished)
      this.ports.stop.plan(side, standing.planned.stop, standing.planned.exits, now);
  }

  private planned(side: Side, order: EntryOrder, context: StepGround) {
    const { settings, limits } = this.ports.terms;
    return { order, planned: planEntry(side, order, context, settings, limits) };
  }

  /** What rests of before could take a new position off, or double it. */
  private isInTheWay(desk: ShortDesk, { symbol }: Pick<OrderTicket, 'symbol'>): boolean {
    return !this.ports.entries.isEmpty || desk.isLeaving(symbol);
  }

  private hasNoShorts({ context: { instrument } }: StrategyStep): boolean {
    return !this.ports.terms.settings.enableShorts || !instrument.isPerpetual;
  }

  private hosted({ desk }: StrategyStep): ShortDesk {
    if (desk !== undefined) return desk;
    throw fault(
      'STRAT-001',
      `${this.ports.terms.name} must be told by a strategy host: it asks for more than a market entry with a stop.`,
    );
  }
}

/** A market entry with no more than a stop: what a decision can say. */
const isPlain = ({ entry, takeProfit, tag }: EntryOrder): boolean =>
  entry === undefined && takeProfit === undefined && tag === undefined;

/** The way was not free in time. */
function drop(desk: ShortDesk | undefined, { ticket, other }: Later): void {
  for (const each of [ticket, ...(other === undefined ? [] : [other.ticket])])
    if (!each.isDone) desk?.drop(each, 'exits_leaving');
}

const checkOf = ({ check }: PlannedEntry): OwnCheck => check ?? 'entry';

function termsOf({ side, order: { why, values, tag = entryTag(side) } }: EntryWish): AskedTerms {
  return { side, role: 'entry', tag, why, ...(values === undefined ? {} : { values }) };
}
