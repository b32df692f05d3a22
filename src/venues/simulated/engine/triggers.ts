import type { TriggerPrice } from '../../../domain/order.js';
import { mulDiv, ticks, type Ticks } from '../../../domain/units.js';
import type { Market } from '../core/market.js';
import type { OrderDesk } from './order-desk.js';
import { BPS, reaches, trailingLevel } from '../core/trigger-rules.js';
import type { WorkingOrder } from '../core/working-order.js';

/**
 * Which orders fire, and at which price, as a reference moves: by events, where only the prices told are known, and on
 * the monotonic legs of a bar's path, where every price between is passed. On one leg a trailing stop either follows
 * or can fire, never both.
 */
export class Triggers {
  constructor(private readonly desk: OrderDesk) {}

  /**
   * The order begins to wait for its trigger: a trailing stop follows from the price of this instant, `path` on a
   * bar's.
   */
  begin(market: Market, order: WorkingOrder, path?: Ticks): void {
    const onPath = path !== undefined && isOnPath(market, order);
    this.trail(order, onPath ? path * market.instrument.marksPerTick : market.reference(triggerOf(order)));
    market.book.hold(order);
  }

  /**
   * Orders whose reference has reached their level, in order of arrival, trailing stops moved first; `only` names the
   * price that moved.
   */
  fired(market: Market, only?: TriggerPrice): readonly WorkingOrder[] {
    const fired: WorkingOrder[] = [];
    for (const order of market.book.stops) {
      const by = triggerOf(order);
      if (only !== undefined && only !== by) continue;
      const reference = market.reference(by);
      this.trail(order, reference);
      if (reaches(reference, order.level, order.rising)) fired.push(order);
    }
    return fired;
  }

  /** The path stands at `price`: trailing stops follow it there. */
  follow(market: Market, price: Ticks, takesPart: (order: WorkingOrder) => boolean): void {
    for (const order of market.book.stops) {
      if (order.request.options?.trailBps !== undefined && takesPart(order) && isOnPath(market, order))
        this.trail(order, price * market.instrument.marksPerTick);
    }
  }

  /** The path stands at `price`: orders it has reached, in order of arrival. */
  reachedOnPath(market: Market, price: Ticks, takesPart: (order: WorkingOrder) => boolean): readonly WorkingOrder[] {
    const reference = price * market.instrument.marksPerTick;
    return market.book.stops.filter(
      (order) => takesPart(order) && isOnPath(market, order) && reaches(reference, order.level, order.rising),
    );
  }

  /** The first order that fires on the way to `to`, the older one at one price. */
  nextOnPath(
    market: Market,
    to: Ticks,
    down: boolean,
    takesPart: (order: WorkingOrder) => boolean,
  ): WorkingOrder | undefined {
    let found: WorkingOrder | undefined;
    let best = Number.NaN;
    for (const order of market.book.stops) {
      if (order.rising === down || !takesPart(order) || !isOnPath(market, order)) continue;
      const price = firingPrice(market, order);
      if (!(down ? price >= to : price <= to)) continue;
      if (found !== undefined && !(down ? price > best : price < best)) continue;
      found = order;
      best = price;
    }
    return found;
  }

  /**
   * The first trailing stop on the way to `to` that the worse reading of the bar fires although the path goes its way:
   * it turns as soon as the bar's range bears the whole distance back. Fills `into` with the order, where the path
   * turns and at which price it fires; its order is undefined when there is none.
   */
  nextTurn(market: Market, way: Way, takesPart: (order: WorkingOrder) => boolean, into: Turn): void {
    into.order = undefined;
    into.from = ticks(Number.NaN);
    for (const order of market.book.stops) {
      if (order.rising !== way.down || !takesPart(order) || !isOnPath(market, order)) continue;
      const { trailBps } = order.request.options ?? {};
      if (trailBps === undefined) continue;
      const from = turnOf(order, trailBps, market.instrument.marksPerTick, way);
      if (!(way.down ? from >= way.to : from <= way.to)) continue;
      if (into.order !== undefined && !(way.down ? from > into.from : from < into.from)) continue;
      into.order = order;
      into.from = from;
    }
  }

  /** The path turns at `from`, and the order fires at the price that is returned. */
  turn(market: Market, order: WorkingOrder, from: Ticks): Ticks {
    this.trail(order, from * market.instrument.marksPerTick);
    return firingPrice(market, order);
  }

  /** Moves a trailing stop's best price and level; the rest stand still. */
  private trail(order: WorkingOrder, reference: number): void {
    const { trailBps, activation } = order.request.options ?? {};
    if (trailBps === undefined || Number.isNaN(reference)) return;
    const { rising } = order;
    if (Number.isNaN(order.best)) {
      // It begins once its profit side is reached: a sell above, a buy below.
      if (activation !== undefined && !reaches(reference, activation * order.request.instrument.marksPerTick, !rising))
        return;
    } else if (!(rising ? reference < order.best : reference > order.best)) return;
    order.best = reference;
    order.level = trailingLevel(reference, trailBps, rising);
    this.desk.drift(order);
  }
}

/** A leg of a bar's path from where it stands, and the bar's extremes; reused. */
export interface Way {
  now: Ticks;
  to: Ticks;
  down: boolean;
  low: Ticks;
  high: Ticks;
}

/** Where a path turns, and whom that fires; reused. */
export interface Turn {
  order: WorkingOrder | undefined;
  from: Ticks;
}

/**
 * The tick on the leg from which a trailing stop's whole distance lies within the bar: where the leg stands if its
 * level does already, else where it becomes active, else where the level comes up to the bar's other extreme. A level
 * behind the bar's open has been met by the path itself.
 */
function turnOf(order: WorkingOrder, trailBps: number, marksPerTick: number, { now, low, high }: Way): Ticks {
  const { rising, best, request } = order;
  const start = now * marksPerTick;
  const known = Number.isNaN(best) ? (request.options?.activation ?? now) * marksPerTick : best;
  const first = rising ? Math.min(start, known) : Math.max(start, known);
  const edge = rising
    ? mulDiv(high * marksPerTick, BPS, BPS + trailBps, 'floor')
    : mulDiv(low * marksPerTick, BPS, BPS - trailBps, 'ceil');
  const reached = rising ? Math.min(first, edge) : Math.max(first, edge);
  if (reached === best) return now;
  return ticks(rising ? Math.floor(reached / marksPerTick) : Math.ceil(reached / marksPerTick));
}

/** The first tick of a path at which the order fires; NaN while it has no level. */
export function firingPrice(market: Market, order: WorkingOrder): Ticks {
  const { marksPerTick } = market.instrument;
  return ticks(order.rising ? Math.ceil(order.level / marksPerTick) : Math.floor(order.level / marksPerTick));
}

/** A path is one of last prices; the mark goes with it unless the data has marks of its own. */
function isOnPath(market: Market, order: WorkingOrder): boolean {
  const by = triggerOf(order);
  return by === 'last' || (by === 'mark' && !market.hasMarkFeed);
}

const triggerOf = (order: WorkingOrder): TriggerPrice => order.request.triggerBy ?? 'last';
