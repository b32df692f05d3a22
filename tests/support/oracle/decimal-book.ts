import { Decimal } from '#src/domain/decimal.js';
import { multiple, UNIT, type OracleFill } from './decimal-engine.js';

type Side = 'buy' | 'sell';

interface Level {
  readonly price: Decimal;
  size: Decimal;
}

/** A message of depth: levels and the sizes they have now. */
export interface OracleMessage {
  readonly kind: 'depth';
  readonly at: number;
  readonly snapshot: boolean;
  readonly levels: readonly { readonly side: Side; readonly price: Decimal; readonly size: Decimal }[];
}

export interface OraclePublicTrade {
  readonly kind: 'trade';
  readonly at: number;
  readonly price: Decimal;
  readonly size: Decimal;
  readonly aggressor: Side;
}

export interface MakerTerms {
  readonly makerFee: string;
  /** What money is counted in; absent: 1e-8. */
  readonly unit?: string;
  readonly markSize: string;
  readonly equity: string;
  /** Of each of the two orders. */
  readonly size: Decimal;
  /** Behind the best price. */
  readonly behind: Decimal;
  /** When an order that is gone comes again: at every multiple of this, or, absent, after every message of depth. */
  readonly stepMs?: number;
}

export interface MakerResult {
  readonly fills: readonly OracleFill[];
  readonly equity: Decimal;
  readonly held: Decimal;
}

const ZERO = new Decimal(0);

/**
 * One order a side kept in a book of plain lists, best level first. Everything shown at its price stands before an
 * order when it comes; trades at the price and a level that shows less shorten that. What a trade brings beyond it
 * fills the order, so does a trade through its price, and so does the other side when it comes to the price.
 */
export function runDecimalBook(events: readonly (OracleMessage | OraclePublicTrade)[], terms: MakerTerms): MakerResult {
  const maker = new Maker(terms);
  const { stepMs } = terms;
  let next = stepMs === undefined ? Number.POSITIVE_INFINITY : (Math.floor((events[0]?.at ?? 0) / stepMs) + 1) * stepMs;
  for (const event of events) {
    if (event.at >= next && stepMs !== undefined) {
      maker.renew();
      next = (Math.floor(event.at / stepMs) + 1) * stepMs;
    }
    if (event.kind === 'trade') maker.trade(event);
    else {
      maker.message(event);
      if (stepMs === undefined) maker.renew();
    }
  }
  return maker.result();
}

/** Our order of one side. */
class Resting {
  left = ZERO;
  price = ZERO;
  ahead = ZERO;
}

class Maker {
  private readonly fills: OracleFill[] = [];
  private readonly levels = { buy: [] as Level[], sell: [] as Level[] };
  private readonly own = { buy: new Resting(), sell: new Resting() };
  private held = ZERO;
  private cash: Decimal;
  private mark = ZERO;

  constructor(private readonly terms: MakerTerms) {
    this.cash = new Decimal(terms.equity);
  }

  message({ at, snapshot, levels }: OracleMessage): void {
    if (snapshot) this.levels.buy.length = this.levels.sell.length = 0;
    for (const { side, price, size } of levels) this.set(side, price, size);
    const [bid, ask] = [this.levels.buy[0], this.levels.sell[0]];
    if (bid !== undefined && ask !== undefined)
      this.mark = multiple(bid.price.plus(ask.price).div(2), new Decimal(this.terms.markSize), Decimal.ROUND_CEIL);
    this.meet('buy', at);
    this.meet('sell', at);
  }

  trade({ at, price, size, aggressor }: OraclePublicTrade): void {
    const side = aggressor === 'buy' ? 'sell' : 'buy';
    const order = this.own[side];
    if (!order.left.isZero() && !isBetter(side, price, order.price)) this.bring(side, at, price, size);
    this.strike(side, price, size);
  }

  private bring(side: Side, at: number, price: Decimal, size: Decimal): void {
    const order = this.own[side];
    let brought = size;
    if (order.price.eq(price)) {
      brought = Decimal.max(0, size.minus(order.ahead));
      order.ahead = Decimal.max(0, order.ahead.minus(size));
    }
    this.make(side, Decimal.min(order.left, brought), at);
  }

  /** What traded is gone from the book, best level first, no further than the trade's price. */
  private strike(side: Side, price: Decimal, size: Decimal): void {
    const levels = this.levels[side];
    for (let left = size; left.gt(0) && levels[0] !== undefined && !isBetter(side, price, levels[0].price);) {
      const taken = Decimal.min(left, levels[0].size);
      levels[0].size = levels[0].size.minus(taken);
      left = left.minus(taken);
      if (levels[0].size.isZero()) levels.shift();
    }
  }

  /** Orders that are gone come again behind the best price of now. */
  renew(): void {
    const [bid, ask] = [this.levels.buy[0], this.levels.sell[0]];
    if (bid === undefined || ask === undefined || !bid.price.lt(ask.price)) return;
    this.put('buy', bid.price.minus(this.terms.behind));
    this.put('sell', ask.price.plus(this.terms.behind));
  }

  result(): MakerResult {
    return { fills: this.fills, equity: this.cash.plus(this.held.times(this.mark)), held: this.held };
  }

  private put(side: Side, price: Decimal): void {
    const order = this.own[side];
    if (order.left.gt(0)) return;
    order.left = this.terms.size;
    order.price = price;
    order.ahead = this.shown(side, price);
  }

  /** The order sees its own level and the other side. */
  private meet(side: Side, at: number): void {
    const order = this.own[side];
    if (order.left.isZero()) return;
    order.ahead = Decimal.min(order.ahead, this.shown(side, order.price));
    const against = this.levels[side === 'buy' ? 'sell' : 'buy'];
    let made = ZERO;
    while (made.lt(order.left) && against[0] !== undefined && !isBetter(side, against[0].price, order.price)) {
      const taken = Decimal.min(against[0].size, order.left.minus(made));
      against[0].size = against[0].size.minus(taken);
      if (against[0].size.isZero()) against.shift();
      made = made.plus(taken);
    }
    this.make(side, made, at);
  }

  private make(side: Side, size: Decimal, at: number): void {
    if (size.isZero()) return;
    const order = this.own[side];
    const { price } = order;
    const fee = multiple(
      price.times(size).times(this.terms.makerFee).neg(),
      new Decimal(this.terms.unit ?? UNIT),
      Decimal.ROUND_FLOOR,
    );
    const signed = side === 'buy' ? size : size.neg();
    order.left = order.left.minus(size);
    this.held = this.held.plus(signed);
    this.cash = this.cash.minus(signed.times(price)).plus(fee);
    this.fills.push({ at, side, size, price, fee });
  }

  /** Size of a level; what lies behind the last one is not known, and infinitely much may stand there. */
  private shown(side: Side, price: Decimal): Decimal {
    for (const level of this.levels[side]) {
      if (level.price.eq(price)) return level.size;
      if (isBetter(side, price, level.price)) return ZERO;
    }
    return new Decimal(Infinity);
  }

  private set(side: Side, price: Decimal, size: Decimal): void {
    const levels = this.levels[side];
    let place = 0;
    while (place < levels.length && isBetter(side, (levels[place] as Level).price, price)) place += 1;
    const there = levels[place]?.price.eq(price) === true;
    if (size.gt(0)) levels.splice(place, there ? 1 : 0, { price, size });
    else if (there) levels.splice(place, 1);
  }
}

/** True when `a` comes before `b` in the queue of a side: higher bids, lower asks. */
const isBetter = (side: Side, a: Decimal, b: Decimal): boolean => (side === 'buy' ? a.gt(b) : a.lt(b));
