import { RATE_SCALE } from '../../../domain/instrument.js';
import { signOf } from '../../../domain/order.js';
import { lots, mulDiv, ticks, type Ticks } from '../../../domain/units.js';
import type { MatchingSettings } from '../../../ports/configuration/settings/matching-settings.js';
import type { BarView } from '../../../ports/core-services/simulated-exchange.js';
import { accepts, takerPrice, type Market } from '../core/market.js';
import type { LiquidationTriggers } from './liquidation-triggers.js';
import { POSITION_GONE, WOULD_TAKE, type OrderDesk } from './order-desk.js';
import { hangsOnPath, hasTrailing, type PricePath } from './path-dependence.js';
import { firingPrice, Triggers, type Turn, type Way } from './triggers.js';
import { isProtective } from '../core/request-kinds.js';
import type { WorkingOrder } from '../core/working-order.js';

/** How bars are turned into fills. Rates are integers of RATE_SCALE. */
export interface BarTerms {
  readonly halfSpread: number;
  /** Share of a bar's volume that our orders may take; undefined: volume does not limit them. */
  readonly volumeShare: number | undefined;
  readonly barPath: MatchingSettings['barPath'];
  /** Nobody stands before a resting order: it fills when the path touches its price. */
  readonly fillsOnTouch: boolean;
}

const NONE = ticks(Number.NaN);

/** What looks after positions as the path moves on. */
export interface PathLiquidator {
  readonly triggers: Pick<LiquidationTriggers, 'dueOnPath'>;
  lookOnPath(market: Market, price: Ticks, at: number): void;
}

/** Plays the rest of a bar beside the account, and tells what that is worth at the close. */
export interface PathJudge {
  worthAfter(market: Market, bar: BarView, path: PricePath, from: BarMatching, turning: boolean): number;
}

/**
 * Matching against bars. Only orders that waited since the bar's open or longer take part in it.
 *
 * Open: resting limits that the open is beyond fill at their own price (maker), as they do everywhere: whoever made
 * the gap has met them on its way; then market orders and limits that would have taken on arrival fill at the open
 * moved against them by half a spread (taker); then stops that the open has reached trigger and fill likewise. A limit
 * that the open, spread included, does not reach rests.
 *
 * Path: open, adverse extreme, other extreme, close. Adverse is the low for a long position and the high for a short
 * one; while flat it is the extreme away from the net of our entries (high when they buy), so that an entry is
 * followed by the move against it. On each leg events happen in order of price, older orders first at one price: a
 * limit fills at its price when the path goes strictly beyond it (touching is not enough unless nobody stands before
 * it), a stop triggers when the path touches it and fills at its trigger price moved by half a spread. That is the
 * `pessimistic` path, on which a trailing stop is met by the worst turn that the bar's range allows; the `optimistic`
 * one takes the two extremes the other way round. Where orders within the bar hang on each other (exits, groups,
 * brackets, what rests once it has triggered), which extreme is adverse depends on all of them: both ways are played
 * beside the account, and the `pessimistic` path is the one that leaves less. With `next_open` nothing fills on the
 * path: a stop that it touches triggers, and fills at the next open.
 *
 * Volume: where a share is set, all fills of one bar together stay within it; a market order with nothing to take
 * waits for the next bar, one that got a part ends with it, unless it is a stop that protects: what that lacks waits
 * too. A volume that is not known allows nothing.
 */
export class BarMatching {
  private left = Number.POSITIVE_INFINITY;
  private openAt = 0;
  /** Read the worse way, the bar turns against trailing stops. */
  private turning = false;
  private readonly way: Way = { now: NONE, to: NONE, down: false, low: NONE, high: NONE };
  private readonly turn: Turn = { order: undefined, from: NONE };
  private readonly triggers: Triggers;

  constructor(
    private readonly desk: OrderDesk,
    private readonly terms: BarTerms,
    private readonly liquidator: PathLiquidator,
    private readonly judge?: PathJudge,
  ) {
    this.triggers = new Triggers(desk);
  }

  /** The bar opens, and the market stands at its open. */
  open(market: Market, bar: BarView): void {
    const { volumeShare } = this.terms;
    this.openAt = bar.openAt;
    this.turning = this.terms.barPath === 'pessimistic';
    this.way.low = bar.low;
    this.way.high = bar.high;
    this.left =
      volumeShare === undefined
        ? Number.POSITIVE_INFINITY
        : bar.volume >= 0
          ? mulDiv(Math.floor(bar.volume), volumeShare, RATE_SCALE, 'floor')
          : 0;
    const { book } = market;
    for (const order of [...book.bids, ...book.asks]) {
      const limit = order.request.limit as Ticks;
      if (
        order.isOpen &&
        !order.asleep &&
        this.isIn(order) &&
        limit !== bar.open &&
        accepts(order.request.side, limit, bar.open)
      )
        this.make(market, order, limit, bar.openAt);
    }
    for (const order of [...book.waiting])
      if (order.waits && order.isOpen && this.isIn(order)) this.take(market, order, bar.open, bar.openAt);
    this.triggers.follow(market, bar.open, this.isIn);
    this.fireReached(market, bar.open, bar.openAt);
    this.placeWoken(market, bar.open, bar.openAt);
  }

  /** Goes on where another one stands within its bar. */
  continueFrom({ left, openAt, way }: BarMatching, turning: boolean): void {
    Object.assign(this, { left, openAt, turning });
    Object.assign(this.way, way);
  }

  /** The prices the path visits after the open. */
  route(market: Market, bar: BarView): PricePath {
    const usual = this.usualRoute(market, bar);
    const { judge, terms } = this;
    if (judge === undefined || terms.barPath !== 'pessimistic' || market.book.size === 0) return usual;
    const { triggers } = this.liquidator;
    const facts = {
      takesPart: this.isIn,
      isLimited: terms.volumeShare !== undefined,
      isDue: () => [bar.low, bar.high].some((end) => !Number.isNaN(triggers.dueOnPath(market, bar.open, end))),
    };
    if (!hangsOnPath(market, bar, facts)) return usual;
    return this.adverse(market, bar, usual, judge);
  }

  /** Of the ways through the bar the one that leaves the account less; of equals the usual one. */
  private adverse(market: Market, bar: BarView, usual: PricePath, judge: PathJudge): PricePath {
    const [first, second, close] = usual;
    const other: PricePath = [second, first, close];
    // The optimistic path is one of those that are compared: the default is never kinder.
    const ways: readonly (readonly [PricePath, boolean])[] = [
      [usual, true],
      [other, true],
      ...(hasTrailing(market) ? [[other, false] as const] : []),
    ];
    let chosen = usual;
    let least = Number.POSITIVE_INFINITY;
    for (const [path, turning] of ways) {
      const worth = judge.worthAfter(market, bar, path, this, turning);
      if (!(worth < least)) continue;
      least = worth;
      chosen = path;
      this.turning = turning;
    }
    return chosen;
  }

  /** The extreme against the position first, while flat the one away from the net of our entries. */
  private usualRoute(market: Market, bar: BarView): PricePath {
    let exposure: number = market.exposure;
    if (exposure === 0) {
      for (const order of market.book.all()) {
        if (!order.request.reduceOnly && !order.asleep && this.isIn(order))
          exposure -= signOf(order.request.side) * order.remaining;
      }
    }
    const lowFirst = exposure >= 0 === (this.terms.barPath !== 'optimistic');
    return lowFirst ? [bar.low, bar.high, bar.close] : [bar.high, bar.low, bar.close];
  }

  /** One monotonic piece of the path. */
  leg(market: Market, from: Ticks, to: Ticks, at: number): void {
    this.placeWoken(market, from, at);
    if (from === to) return;
    const down = to < from;
    let now = from;
    for (;;) {
      const limit = this.nextLimit(market, to, down);
      const stop = this.triggers.nextOnPath(market, to, down, this.isIn);
      const due = this.liquidator.triggers.dueOnPath(market, now, to);
      const turns = this.nextTurn(market, now, to, down);
      if (limit === undefined && stop === undefined && turns === undefined && Number.isNaN(due)) break;
      const limitAt = priceWithin(limit?.request.limit, now, down);
      const stopAt = priceWithin(stop === undefined ? undefined : firingPrice(market, stop), now, down);
      const turnAt = this.turn.from;
      // At one price the liquidation comes first, as at every event.
      const dueFirst = !comesFirst(limitAt, due, down) && !comesFirst(stopAt, due, down);
      if (!Number.isNaN(due) && dueFirst && !comesFirst(turnAt, due, down)) {
        now = due;
        this.liquidator.lookOnPath(market, due, at);
      } else if (turns !== undefined && !comesFirst(limitAt, turnAt, down) && !comesFirst(stopAt, turnAt, down)) {
        // The path turns, fires it, and goes on from where it turned.
        now = turnAt;
        const firesAt = this.triggers.turn(market, turns, turnAt);
        this.fire(market, turns, firesAt, at);
        this.placeWoken(market, firesAt, at);
      } else if (stop !== undefined && (limit === undefined || isEarlier(stop, stopAt, limit, limitAt, down))) {
        now = stopAt;
        this.fire(market, stop, stopAt, at);
      } else if (limit !== undefined) {
        now = limitAt;
        this.make(market, limit, limit.request.limit as Ticks, at);
      }
      this.placeWoken(market, now, at);
    }
    this.triggers.follow(market, to, this.isIn);
  }

  /** Orders that an execution on the path has woken take their places where the path stands, and may fire at once. */
  private placeWoken(market: Market, now: Ticks, at: number): void {
    for (let order = this.desk.nextWoken(market); order !== undefined; order = this.desk.nextWoken(market)) {
      const { side, limit, postOnly } = order.request;
      const takes = accepts(side, limit, takerPrice(side, now, this.terms.halfSpread));
      if (order.isStop) {
        this.triggers.begin(market, order, now);
        this.fireReached(market, now, at);
      } else if (postOnly && takes) this.desk.end(market, order, 'expired', WOULD_TAKE, at);
      else if (!takes) this.leave(market, order, at);
      else if (this.isIn(order) && this.fillsAt(at)) this.take(market, order, now, at);
      else this.desk.wait(market, order);
    }
  }

  private fireReached(market: Market, now: Ticks, at: number): void {
    for (const order of this.triggers.reachedOnPath(market, now, this.isIn))
      if (order.isOpen && order.isStop && !order.asleep) this.fire(market, order, now, at);
  }

  /** With `next_open` nothing fills after the open. */
  private fillsAt(at: number): boolean {
    return this.terms.barPath !== 'next_open' || at <= this.openAt;
  }

  /**
   * Read the worse way, a bar turns against a trailing stop as soon as its range allows; the other paths go straight.
   */
  private nextTurn(market: Market, now: Ticks, to: Ticks, down: boolean): WorkingOrder | undefined {
    if (!this.turning || market.book.stops.length === 0) {
      this.turn.order = undefined;
      this.turn.from = NONE;
    } else {
      const { way } = this;
      way.now = now;
      way.to = to;
      way.down = down;
      this.triggers.nextTurn(market, way, this.isIn, this.turn);
    }
    return this.turn.order;
  }

  private nextLimit(market: Market, to: Ticks, down: boolean): WorkingOrder | undefined {
    const { barPath, fillsOnTouch } = this.terms;
    if (this.left === 0 || barPath === 'next_open') return undefined;
    const reachedBy = (limit: number): boolean => (fillsOnTouch && limit === to) || (down ? limit > to : limit < to);
    return (down ? market.book.bids : market.book.asks).find(
      (order) => this.isIn(order) && reachedBy(order.request.limit ?? Number.NaN),
    );
  }

  private readonly isIn = (order: WorkingOrder): boolean => order.since <= this.openAt;

  private fire(market: Market, order: WorkingOrder, price: Ticks, at: number): void {
    this.desk.trigger(market, order, at);
    if (!order.isOpen) return;
    if (this.fillsAt(at)) this.take(market, order, price, at);
    else {
      order.since = at;
      this.desk.wait(market, order);
    }
  }

  private make(market: Market, order: WorkingOrder, price: Ticks, at: number): void {
    const executable = this.desk.executable(market, order);
    if (executable === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
    else if (this.left > 0) this.execute(market, order, Math.min(executable, this.left), price, 'maker', at);
  }

  private take(market: Market, order: WorkingOrder, price: Ticks, at: number): void {
    const { side, limit, timeInForce } = order.request;
    const paid = takerPrice(side, price, this.terms.halfSpread);
    const executable = this.desk.executable(market, order);
    let size = accepts(side, limit, paid) ? Math.min(executable, this.left) : 0;
    if (timeInForce === 'FOK' && size < order.remaining) size = 0;
    if (executable === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
    else if (size > 0 && !this.desk.selfTrade.admits(market, order, paid, at)) return;
    else if (size > 0) this.execute(market, order, size, paid, 'taker', at);
    if (size === 0 && limit === undefined && timeInForce === 'GTC' && order.isOpen) this.desk.wait(market, order);
    else this.leave(market, order, at);
  }

  /** What is left rests, or ends if it must not rest. */
  private leave(market: Market, order: WorkingOrder, at: number): void {
    if (!order.isOpen || order.asleep) return;
    if (order.triggered && isProtective(order.request)) this.desk.wait(market, order);
    else if (order.isImmediate)
      this.desk.end(market, order, 'expired', 'not_fillable: no more volume at an acceptable price', at);
    else if (this.desk.selfTrade.admits(market, order, order.request.limit as Ticks, at)) this.desk.rest(market, order);
  }

  private execute(
    market: Market,
    order: WorkingOrder,
    size: number,
    price: Ticks,
    liquidity: 'maker' | 'taker',
    at: number,
  ): void {
    this.left -= size;
    this.desk.fill(market, order, lots(size), price, liquidity, at);
  }
}

/** Where on the leg an order stands: at its price, or at the leg's start when that is beyond it. */
const priceWithin = (price: Ticks | undefined, from: Ticks, down: boolean): Ticks =>
  ticks(price === undefined ? Number.NaN : down ? Math.min(price, from) : Math.max(price, from));

const comesFirst = (order: Ticks, due: Ticks, down: boolean): boolean => (down ? order > due : order < due);

const isEarlier = (a: WorkingOrder, aAt: Ticks, b: WorkingOrder, bAt: Ticks, down: boolean): boolean =>
  aAt === bAt ? a.seq < b.seq : down ? aAt > bAt : aAt < bAt;
