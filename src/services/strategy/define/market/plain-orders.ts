import { Decimal } from '../../../../domain/decimal.js';
import { fault } from '../../../../domain/errors.js';
import type { Instrument } from '../../../../domain/instrument.js';
import { opposite, type OrderRole, type OrderType, type Side } from '../../../../domain/order.js';
import { lots, type MarkUnits } from '../../../../domain/units.js';
import type { Intent, OrderFilter } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import { isR, timeoutOf, type Distance, type Trail } from '../../exits/exit-terms.js';
import { limitOf, stopTicksOf } from '../../host/grid-prices.js';
import { refusal } from '../../host/intent-checks.js';
import type { ShortDesk } from '../../host/short-desk.js';
import { passive } from '../entries/entry-ground.js';
import type { Entry } from '../entries/entry-kinds.js';
import type { Exits } from '../entries/entry-order.js';
import { assertKnownTerms, type Verb } from '../known-terms.js';
import { assertWhy } from './assert-why.js';
import { bracketOf, bracketTargets, type BracketTerms } from './bracket-lists.js';

import type { LimitTerms, MarketOrders, PlainOrder, PlainSpec, TriggerTerms } from './orders.js';
import type { RestTimes } from './rest-times.js';

/** What orders by themselves need of the strategy. */
export interface PlainOrderPorts {
  /** Something is asked. Throws STRAT-001 outside of a handler. */
  readonly desk: (verb: string) => ShortDesk;
  /** Something is looked at; likewise. */
  readonly seen: (verb: string) => ShortDesk;
  readonly mark: () => MarkUnits | undefined;
  /** An order that may open is sent: it goes under no exits that were planned for another. */
  readonly onOpening: (side: Side) => void;
  readonly rests: Pick<RestTimes, 'add' | 'goesOn'>;
}

/** What of an intent its kind decides. */
type Kind = Pick<Intent, 'type'> &
  Partial<Pick<Intent, 'limit' | 'stop' | 'triggerBy' | 'postOnly' | 'timeInForce' | 'trailBps' | 'activation'>>;

const MOST_BPS = 10_000;

/** Orders of one market by themselves, made of what the desk has. */
export class PlainOrders implements MarketOrders {
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly instrument: Instrument,
    private readonly ports: PlainOrderPorts,
  ) {
    ports.rests.goesOn('bracket', (desk, rest, _until, terms) => this.bracketRest(desk, rest, terms as BracketTerms));
  }

  get open(): readonly OrderTicket[] {
    return this.ports.seen('orders.open').allOpen();
  }

  find(tag: string): OrderTicket | undefined {
    return this.ports.seen('orders.find').findAny(tag);
  }

  cancelAll(why: string, filter: Omit<OrderFilter, 'symbol'> = {}): number {
    assertWhy('orders.cancelAll', why);
    this.assertKnown('orders.cancelAll', filter);
    const desk = this.ports.desk('orders.cancelAll');
    let count = 0;
    for (const ticket of desk.allOpen(filter)) if (ticket.cancel(why) === 'asked') count += 1;
    return count;
  }

  market(order: PlainOrder): OrderTicket {
    this.assertKnown('orders.market', order);
    return this.place('market', order, { type: 'market' });
  }

  limit(order: Parameters<MarketOrders['limit']>[0]): OrderTicket {
    this.assertKnown('orders.limit', order);
    if (order.timeout !== undefined) timeoutOf(order.timeout);
    const ticket = this.place('limit', order, {
      ...this.limitKind(order, order),
      ...(order.timeInForce === undefined ? {} : { timeInForce: order.timeInForce }),
    });
    this.ports.rests.add(ticket, { timeout: order.timeout });
    return ticket;
  }

  stop(order: Parameters<MarketOrders['stop']>[0]): OrderTicket {
    this.assertKnown('orders.stop', order);
    if (order.timeout !== undefined) timeoutOf(order.timeout);
    const ticket = this.place('stop', order, this.triggerKind(order, order, ['stop_market', 'stop_limit']));
    this.ports.rests.add(ticket, { timeout: order.timeout });
    return ticket;
  }

  takeProfit(order: Parameters<MarketOrders['takeProfit']>[0]): OrderTicket {
    this.assertKnown('orders.takeProfit', order);
    return this.place(
      'take_profit',
      order,
      this.triggerKind(order, order, ['take_profit_market', 'take_profit_limit']),
    );
  }

  trailingStop(order: Parameters<MarketOrders['trailingStop']>[0]): OrderTicket {
    this.assertKnown('orders.trailingStop', order);
    return this.place('stop', order, {
      type: 'trailing_stop',
      trailBps: this.bpsOf(order.by),
      ...(order.after === undefined ? {} : { activation: stopTicksOf(this.instrument, order.side, order.after) }),
    });
  }

  bracket(order: Parameters<MarketOrders['bracket']>[0], exits: Exits): OrderTicket {
    this.assertKnown('orders.bracket', order);
    this.assertKnown('exits of orders.bracket', exits);
    const { entry, side } = order;
    if (entry?.timeout !== undefined) timeoutOf(entry.timeout);
    const desk = this.ports.desk('orders.bracket');
    const kind = this.entryKind(order, entry);
    const intent = this.intent('market', order, kind ?? { type: 'limit' });
    if (kind === undefined) return desk.plan(intent, refusal('entry', 'A chase must have a mark to follow.'));
    if (intent.lots <= 0) return this.refused(desk, intent);
    const followers = this.followers(intent, exits);
    this.ports.onOpening(side);
    const ticket = bracketOf(desk, intent, followers);
    if (ticket === undefined) throw fault('STRAT-001', 'A bracket must have an entry.');
    const { positionSide, leverage } = intent;
    const terms: BracketTerms = {
      exits,
      ...(positionSide === undefined ? {} : { positionSide }),
      ...(leverage === undefined ? {} : { leverage }),
    };
    this.ports.rests.add(ticket, {
      timeout: entry?.timeout,
      chase: entry?.kind === 'chase' ? entry : undefined,
      again: (later, limit) => bracketOf(later, { ...intent, limit }, followers),
      ...(entry !== undefined && 'then' in entry && entry.then === 'market' ? { then: { of: 'bracket', terms } } : {}),
    });
    return ticket;
  }

  /**
   * What has not filled of a bracket's entry in its time is a bracket of its own, with the same exits under names
   * beside those of before, which may stand. Where one of those has executed nothing follows: its purpose is over.
   */
  private bracketRest(desk: ShortDesk, rest: Intent, { exits, ...terms }: BracketTerms): OrderTicket | undefined {
    const entry = { ...rest, ...terms };
    const followers = this.followers(entry, exits);
    if (desk.isClosing || followers.some(({ tag }) => (desk.find(tag)?.filledLots ?? 0) > 0)) return undefined;
    this.ports.onOpening(entry.side);
    const named = followers.map((exit) => ({ ...exit, tag: `${entry.tag}:${exit.tag.slice(entry.tag.length + 1)}` }));
    return bracketOf(desk, entry, named);
  }

  /** Undefined where the mark that it would follow is not known. */
  private entryKind(order: PlainOrder, entry: Entry | undefined): Kind | undefined {
    if (entry === undefined) return { type: 'market' };
    if (entry.kind === 'limit') return this.limitKind(order, entry);
    if (entry.kind === 'stop') return this.triggerKind(order, entry, ['stop_market', 'stop_limit']);
    const mark = this.ports.mark();
    if (mark === undefined) return undefined;
    return { type: 'limit', limit: passive(order.side, mark, this.instrument, entry.offsetTicks), postOnly: true };
  }

  oco(orders: readonly PlainSpec[]): readonly OrderTicket[] {
    return this.list('oco', orders);
  }

  batch(orders: readonly PlainSpec[]): readonly OrderTicket[] {
    return this.list('batch', orders);
  }

  private list(kind: 'oco' | 'batch', orders: readonly PlainSpec[]): readonly OrderTicket[] {
    const desk = this.ports.desk(`orders.${kind}`);
    this.assertKnown(`orders.${kind}`, { orders });
    const intents = orders.map((order) => this.intent(order.type, order, this.kindOf(order)));
    const small = intents.find((intent) => intent.lots <= 0);
    if (small !== undefined) return intents.map((intent) => this.refused(desk, intent, small));
    for (const { reduceOnly, side } of intents) if (reduceOnly !== true) this.ports.onOpening(side);
    return desk.placeList({ kind, intents });
  }

  private kindOf(order: PlainSpec): Kind {
    switch (order.type) {
      case 'market':
        return { type: 'market' };
      case 'limit':
        return this.limitKind(order, order);
      case 'stop':
        return this.triggerKind(order, order, ['stop_market', 'stop_limit']);
      case 'take_profit':
        return this.triggerKind(order, order, ['take_profit_market', 'take_profit_limit']);
    }
  }

  /** In a handler, and of terms that are read. */
  private assertKnown(verb: Verb, given: object): void {
    this.ports.seen(verb);
    assertKnownTerms(verb, given);
  }

  private place(what: PlainSpec['type'], order: PlainOrder, kind: Kind): OrderTicket {
    const desk = this.ports.desk(`orders.${what}`);
    const intent = this.intent(what, order, kind);
    if (intent.lots <= 0) return this.refused(desk, intent);
    if (intent.reduceOnly !== true) this.ports.onOpening(intent.side);
    return desk.place(intent);
  }

  private limitKind({ side }: Pick<PlainOrder, 'side'>, { price, postOnly }: LimitTerms): Kind {
    return {
      ...{ type: 'limit', limit: limitOf(this.instrument, side, price) },
      ...(postOnly === undefined ? {} : { postOnly }),
    };
  }

  private triggerKind(
    { side }: Pick<PlainOrder, 'side'>,
    { price, limit, triggerBy }: TriggerTerms,
    [atMarket, atLimit]: readonly [OrderType, OrderType],
  ): Kind {
    return {
      type: limit === undefined ? atMarket : atLimit,
      stop: stopTicksOf(this.instrument, side, price),
      ...(limit === undefined ? {} : { limit: limitOf(this.instrument, side, limit) }),
      ...(triggerBy === undefined ? {} : { triggerBy }),
    };
  }

  private intent(what: PlainSpec['type'], order: PlainOrder, kind: Kind): Intent {
    assertWhy(`orders.${what}`, order.why);
    const { side, quantity, why, values, reduceOnly, positionSide, leverage } = order;
    const role = order.role ?? roleOf(what, reduceOnly === true);
    const size = new Decimal(quantity);
    return {
      ...{ instrument: this.instrument, side, ...kind, role, why },
      tag: order.tag ?? this.nextTag(role),
      lots: size.isFinite() && size.gt(0) ? this.instrument.toLots(size, 'floor') : lots(0),
      ...(values === undefined ? {} : { values }),
      ...(reduceOnly === undefined ? {} : { reduceOnly }),
      ...(positionSide === undefined ? {} : { positionSide }),
      ...(leverage === undefined ? {} : { leverage }),
    };
  }

  /** A number that no order of the role has: those of a life before are counted on. */
  private nextTag(role: OrderRole): string {
    const desk = this.ports.desk('orders');
    let count = this.counts.get(role) ?? 0;
    do count += 1;
    while (desk.find(`${role}/${count}`) !== undefined);
    this.counts.set(role, count);
    return `${role}/${count}`;
  }

  private refused(desk: ShortDesk, intent: Intent, small: Intent = intent): OrderTicket {
    const { step, base } = this.instrument.spec;
    const reason = `Not one step of ${step.toString()} ${base} was asked for: ${small.tag}`;
    desk.hold(this.instrument.symbol, reason);
    return desk.plan(intent, refusal('size', reason));
  }

  private followers(entry: Intent, exits: Exits): readonly Intent[] {
    const { stop, takeProfit, trail, breakEven, timeStop } = exits;
    if (breakEven !== undefined || timeStop !== undefined || trail?.step !== undefined)
      throw fault(
        'STRAT-001',
        'Exits of a bracket must be a stop, a trail without steps and take-profits: long and short have the others.',
      );
    const { instrument } = this;
    const side = opposite(entry.side);
    const common = { instrument, side, reduceOnly: true } as const;
    const targets = bracketTargets(entry, takeProfit);
    const trailing = trail === undefined ? [] : [this.trailing(entry, trail)];
    if (stop === 'none') return [...trailing, ...targets];
    return [
      {
        ...{ ...common, type: 'stop_market', stop: stopTicksOf(instrument, side, stop), lots: entry.lots },
        ...{ role: 'stop', tag: `${entry.tag}/stop`, why: 'the stop of the bracket' },
      },
      ...trailing,
      ...targets,
    ];
  }

  /** Followed by the venue itself, from the first execution of the entry on. */
  private trailing(entry: Intent, { by, after }: Trail): Intent {
    const { instrument } = this;
    const side = opposite(entry.side);
    if (isR(after)) throw fault('STRAT-001', 'A trail of a bracket must begin at a price, was a multiple of the risk.');
    return {
      ...{ instrument, side, reduceOnly: true, type: 'trailing_stop', trailBps: this.bpsOf(by), lots: entry.lots },
      ...(after === undefined ? {} : { activation: stopTicksOf(instrument, side, after) }),
      ...{ role: 'stop', tag: `${entry.tag}/trail`, why: 'the trail of the bracket' },
    };
  }

  private bpsOf(by: Distance): number {
    const bps = Math.round(this.inBps(by));
    if (bps > 0 && bps < MOST_BPS) return bps;
    throw fault(
      'STRAT-001',
      `A trailing stop must follow at a share of the price, or at { price }, was ${JSON.stringify(by)}.`,
    );
  }

  private inBps(by: Distance): number {
    if (isR(by)) return Number.NaN;
    if (typeof by !== 'object') return by.endsWith('%') ? Number(by.slice(0, -1)) * 100 : Number(by.slice(0, -3));
    const mark = this.ports.mark();
    if (mark === undefined) return Number.NaN;
    return (new Decimal(by.price).toNumber() / this.instrument.markPrice(mark).toNumber()) * MOST_BPS;
  }
}

const roleOf = (what: PlainSpec['type'], reduces: boolean): OrderRole =>
  !reduces ? 'entry' : what === 'stop' ? 'stop' : what === 'take_profit' ? 'take_profit' : 'exit';
