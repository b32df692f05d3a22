import { Decimal } from '#src/domain/decimal.js';
import type { OracleTerms } from './terms.js';

type Amount = Decimal | string | number;
type Rounding = typeof Decimal.ROUND_FLOOR | typeof Decimal.ROUND_CEIL | typeof Decimal.ROUND_UP;

export interface OracleBar {
  readonly openAt: number;
  readonly closeAt: number;
  readonly open: Amount;
  readonly close: Amount;
}

export interface OracleFill {
  readonly at: number;
  readonly side: 'buy' | 'sell';
  readonly size: Decimal;
  readonly price: Decimal;
  /** Paid is negative. */
  readonly fee: Decimal;
}

export interface OracleStamp {
  readonly at: number;
  /** Undefined: scheduled, rate not known. */
  readonly rate: Amount | undefined;
}

export interface OraclePayment {
  readonly at: number;
  readonly size: Decimal;
  readonly mark: Decimal;
  readonly amount: Decimal | undefined;
}

export interface OracleResult {
  readonly fills: readonly OracleFill[];
  readonly payments: readonly OraclePayment[];
  readonly equity: Decimal;
  /** Price profit, closed and open. */
  readonly price: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  /** Signed size held at the end. */
  readonly held: Decimal;
  readonly drawdown: { readonly amount: Decimal; readonly peak: Decimal };
}

export const UNIT = new Decimal('1e-8');
const ZERO = new Decimal(0);
const SIDES = { buy: 1, sell: -1 } as const;

/** `value` as a whole multiple of `of`, rounded as named. */
export const multiple = (value: Decimal, of: Decimal, rounding: Rounding): Decimal =>
  value.div(of).toDecimalPlaces(0, rounding).times(of);

/**
 * The baseline strategy over bars, with nothing but decimals and no care for speed: every mean is taken from prefix
 * sums, every amount carries all its digits. A market order decided at a close fills at the next open; fees, entries
 * and stop levels round against the account.
 */
export function runDecimalEngine(
  bars: readonly OracleBar[],
  terms: OracleTerms,
  stamps: readonly OracleStamp[] = [],
): OracleResult {
  const account = new Account(terms);
  const signal = signalsOf(
    bars.map((bar) => new Decimal(bar.close)),
    terms,
  );
  const due = [...stamps].sort((a, b) => a.at - b.at).filter((stamp) => stamp.at >= (bars[0]?.openAt ?? 0));
  let mark: Decimal | undefined;
  bars.forEach((bar, index) => {
    const open = new Decimal(bar.open);
    const close = new Decimal(bar.close);
    while (due[0] !== undefined && due[0].at <= bar.openAt) account.fund(due.shift() as OracleStamp, mark ?? open);
    account.open(bar.openAt, open);
    while (due[0] !== undefined && due[0].at < bar.closeAt) account.fund(due.shift() as OracleStamp, open);
    mark = close;
    account.close(close, signal[index] ?? 0, index);
  });
  return account.result(mark ?? ZERO);
}

/** 1 bullish, -1 bearish, 0 neither, for every close. */
export function signalsOf(
  closes: readonly Decimal[],
  { shortMa, longMa, epsilonBps, confirmBars }: OracleTerms,
): number[] {
  const prefix = [ZERO];
  closes.forEach((close, i) => prefix.push((prefix[i] as Decimal).plus(close)));
  const sum = (end: number, size: number): Decimal =>
    (prefix[end + 1] as Decimal).minus(prefix[end + 1 - size] as Decimal);
  // Means compared cross-multiplied: a quotient would round.
  const difference = closes.map((_, i) =>
    i + 1 < longMa || i + 1 < shortMa ? ZERO : sum(i, shortMa).times(longMa).minus(sum(i, longMa).times(shortMa)),
  );
  const band = closes.map((close) =>
    close
      .times(epsilonBps)
      .div(10_000)
      .times(shortMa * longMa),
  );
  const longest = Math.max(shortMa, longMa);
  const crossed = closes.map((_, i) => {
    if (i < longest) return 0;
    const [before, now, e] = [difference[i - 1], difference[i], band[i]] as [Decimal, Decimal, Decimal];
    return before.lte(e) && now.gt(e) ? 1 : before.gte(e.neg()) && now.lt(e.neg()) ? -1 : 0;
  });
  return closes.map((_, i) => {
    const side = crossed[i - confirmBars] ?? 0;
    for (let j = i - confirmBars + 1; j <= i; j += 1) {
      if (side === 0 || crossed[j] !== 0 || !(difference[j] as Decimal).times(side).gt(band[j] as Decimal)) return 0;
    }
    return i < longest + confirmBars ? 0 : side;
  });
}

export class Account {
  private readonly fills: OracleFill[] = [];
  private readonly payments: OraclePayment[] = [];
  private cash: Decimal;
  private size = ZERO;
  /** What was paid for what is held, signed like it. */
  private cost = ZERO;
  private realised = ZERO;
  private fees = ZERO;
  private funding = ZERO;
  private best = ZERO;
  private pending: readonly { readonly side: 'buy' | 'sell'; readonly size: Decimal }[] = [];
  private peak: Decimal;
  private readonly unit: Decimal;
  private worst: { readonly amount: Decimal; readonly peak: Decimal };

  constructor(private readonly terms: OracleTerms) {
    this.unit = new Decimal(terms.unit ?? UNIT);
    this.cash = new Decimal(terms.equity);
    this.peak = this.cash;
    this.worst = { amount: ZERO, peak: this.cash };
  }

  /** Orders fill, the older first, up to `most` together; what is left of them waits for the next price. */
  open(at: number, price: Decimal, most?: Decimal): void {
    let left = most ?? new Decimal(Infinity);
    this.pending = this.pending.flatMap(({ side, size: wanted }) => {
      const size = Decimal.min(wanted, left);
      if (size.isZero()) return [{ side, size: wanted }];
      left = left.minus(size);
      this.fill(at, side, size, price);
      return size.lt(wanted) ? [{ side, size: wanted.minus(size) }] : [];
    });
  }

  private fill(at: number, side: 'buy' | 'sell', size: Decimal, price: Decimal): void {
    const fee = this.down(this.worth(price, size).times(this.terms.takerFee).neg());
    const signed = size.times(SIDES[side]);
    if (this.size.isZero()) this.best = price;
    if (this.size.isZero() || this.size.gt(0) === signed.gt(0)) this.grow(signed, price);
    else this.end(price, size);
    this.cash = this.cash.plus(fee);
    this.fees = this.fees.plus(fee);
    this.fills.push({ at, side, size, price, fee });
  }

  fund(stamp: OracleStamp, mark: Decimal): void {
    const amount =
      stamp.rate === undefined ? undefined : this.down(this.worth(mark, this.size).times(stamp.rate).neg());
    this.payments.push({ at: stamp.at, size: this.size, mark, amount });
    this.cash = this.cash.plus(amount ?? 0);
    this.funding = this.funding.plus(amount ?? 0);
  }

  /** The bar is over: value what is held, then decide. */
  close(mark: Decimal, signal: number, index: number): void {
    const equity = this.equity(mark);
    if (equity.gt(this.peak)) this.peak = equity;
    const amount = this.peak.minus(equity);
    if (amount.times(this.worst.peak).gt(this.worst.amount.times(this.peak))) this.worst = { amount, peak: this.peak };
    const stopped = this.follow(mark);
    if (!this.size.isZero()) {
      const long = this.size.gt(0);
      const side = long ? 'sell' : 'buy';
      // One close at a time; what an entry still fills is not waited for.
      if ((stopped || (long ? signal < 0 : signal > 0)) && this.pending.every((order) => order.side !== side))
        this.pending = [...this.pending, { side, size: this.size.abs() }];
    } else if (
      this.pending.length === 0 &&
      signal !== 0 &&
      index + 1 >= this.needed &&
      (signal > 0 || this.terms.enableShorts)
    )
      this.enter(signal > 0 ? 'buy' : 'sell', equity, mark);
  }

  result(mark: Decimal): OracleResult {
    const { fills, payments, fees, funding } = this;
    const open = this.down(this.size.times(mark)).minus(this.cost);
    return {
      fills,
      payments,
      equity: this.equity(mark),
      price: this.realised.plus(open),
      fees,
      funding,
      held: this.size,
      drawdown: this.worst,
    };
  }

  /** What is owned, valued at a price. */
  equity(mark: Decimal): Decimal {
    return this.cash.plus(this.down(this.size.times(mark))).minus(this.cost);
  }

  /** Whole units, rounded against the account: the same where every price times every size is one already. */
  private down(amount: Decimal): Decimal {
    return multiple(amount, this.unit, Decimal.ROUND_FLOOR);
  }

  /** What fees and funding are a share of: never understated. */
  private worth(price: Decimal, size: Decimal): Decimal {
    return multiple(price.times(size), this.unit, Decimal.ROUND_UP);
  }

  private get needed(): number {
    return Math.max(this.terms.shortMa, this.terms.longMa) + this.terms.confirmBars + 1;
  }

  private grow(signed: Decimal, price: Decimal): void {
    this.cost = this.cost.plus(multiple(signed.times(price), this.unit, Decimal.ROUND_CEIL));
    this.size = this.size.plus(signed);
  }

  private end(price: Decimal, size: Decimal): void {
    const closed = this.size.gt(0) ? size : size.neg();
    const paid = this.down(this.cost.times(closed).div(this.size));
    const profit = this.down(closed.times(price)).minus(paid);
    this.realised = this.realised.plus(profit);
    this.cash = this.cash.plus(profit);
    this.size = this.size.minus(closed);
    this.cost = this.cost.minus(paid);
  }

  private enter(side: 'buy' | 'sell', equity: Decimal, mark: Decimal): void {
    const wanted = this.down(equity.times(this.terms.fraction).times(this.terms.leverage));
    const value = this.terms.cap === undefined ? wanted : Decimal.min(wanted, this.terms.cap);
    const size = multiple(value.div(mark), new Decimal(this.terms.step), Decimal.ROUND_FLOOR);
    if (size.gt(0)) this.pending = [{ side, size }];
  }

  /** Moves the stop with the best price; true when the mark has reached it. */
  private follow(mark: Decimal): boolean {
    const { trailingStop, markSize } = this.terms;
    if (this.size.isZero() || new Decimal(trailingStop).isZero()) return false;
    const long = this.size.gt(0);
    this.best = long ? Decimal.max(this.best, mark) : Decimal.min(this.best, mark);
    const level = this.best.times(long ? new Decimal(1).minus(trailingStop) : new Decimal(1).plus(trailingStop));
    const stop = multiple(level, new Decimal(markSize), long ? Decimal.ROUND_CEIL : Decimal.ROUND_FLOOR);
    return long ? mark.lte(stop) : mark.gte(stop);
  }
}
