import { ZERO, type Decimal } from './decimal.js';
import type { Instrument } from './instrument.js';
import { signOf, type Side } from './order.js';
import { exact, lots, mulDiv, units, type Lots, type MarkUnits, type Ticks, type Units } from './units.js';

/**
 * One instrument's net position, built from fills alone. Plain fields, because it is read on every event.
 * `cost` is the signed sum paid for the open lots; the average entry is derived from it, so partial closes
 * leave no rounding behind: what rounding a partial close needs stays in the cost of the lots that remain.
 */
export class Position {
  /** Signed: negative is short. */
  lots: Lots = lots(0);
  /** What was put into the open lots (`Instrument.value`): signed like `lots`, of inverse contracts against them. */
  cost: Units = units(0);
  /** Price profit of closed lots, before fees and funding. */
  realised: Units = units(0);
  /** When the position was last opened or flipped (epoch ms); undefined while flat. */
  openedAt: number | undefined = undefined;
  /** What was filled and makes no whole lot yet: the venue trades finer than the grid in which this run counts. */
  private loose: { readonly size: Decimal; readonly paid: Units } | undefined = undefined;

  constructor(readonly instrument: Instrument) {}

  get isFlat(): boolean {
    return this.lots === 0;
  }

  get side(): 'long' | 'short' | undefined {
    return this.lots === 0 ? undefined : this.lots > 0 ? 'long' : 'short';
  }

  get size(): Decimal {
    const whole = this.instrument.size(this.lots);
    return this.loose === undefined ? whole : whole.plus(this.loose.size);
  }

  /** Average entry price, unrounded; undefined while flat. */
  get entryPrice(): Decimal | undefined {
    return this.lots === 0 ? undefined : this.instrument.averagePrice(this.cost, this.lots);
  }

  /** Profit of the open lots at `mark`. Exact; of inverse contracts rounded down. */
  unrealised(mark: MarkUnits): Units {
    return units(this.lots === 0 ? 0 : this.instrument.valueAtMark(mark, this.lots) - this.cost);
  }

  /** Applies a fill and returns the profit it realised. A fill beyond the position flips it at the fill's price. */
  apply(side: Side, size: Lots, price: Ticks, at: number): Units {
    const signed = lots(signOf(side) * size);
    return this.take(signed, this.instrument.value(price, signed), at, price);
  }

  /**
   * The same for a fill that was measured on another grid: `size` signed, `paid` what it put into the position. Whole
   * lots are booked with their share of what was paid; the rest waits for the fill that makes it whole, so that no part
   * of size or money is lost.
   */
  applyOffGrid(size: Decimal, paid: Units, at: number): Units {
    const all = size.plus(this.loose?.size ?? ZERO);
    const money = units(exact(paid + (this.loose?.paid ?? 0), 'Position cost'));
    const whole = this.instrument.toLots(all, 'trunc');
    const left = all.minus(this.instrument.size(whole));
    const share = left.isZero() ? money : units(all.minus(left).times(money).div(all).floor().toNumber());
    this.loose = left.isZero() ? undefined : { size: left, paid: units(money - share) };
    if (whole !== 0) return this.take(whole, share, at);
    // Nothing is left that the money could belong to: it is a difference of prices of what was closed.
    return left.isZero() ? this.realise(units(0 - money)) : units(0);
  }

  /** `price` is absent where `paid` is all that is known of it. */
  private take(signed: Lots, paid: Units, at: number, price?: Ticks): Units {
    const before = this.lots;
    const size = Math.abs(signed);
    if (before === 0 || before > 0 === signed > 0) {
      this.lots = lots(exact(before + signed, 'Position'));
      this.cost = units(exact(this.cost + paid, 'Position cost'));
      if (before === 0) this.openedAt = at;
      return units(0);
    }
    const closing = lots(Math.min(Math.abs(before), size));
    const costOfClosed = units(mulDiv(this.cost, closing, Math.abs(before), 'floor'));
    const opening = size - closing;
    // Two parts of one fill are paid together: what rounding the closing part needs is not paid again by the other.
    const paidToClose = opening === 0 ? paid : this.shareOf(paid, size, lots(Math.sign(signed) * closing), price);
    const realised = this.realise(units(exact(0 - paidToClose - costOfClosed, 'Realised profit')));
    this.lots = lots(exact(before + signed, 'Position'));
    this.cost = units(opening > 0 ? paid - paidToClose : this.cost - costOfClosed);
    if (opening > 0) this.openedAt = at;
    else if (this.lots === 0) this.openedAt = undefined;
    return realised;
  }

  private shareOf(paid: Units, size: number, part: Lots, price: Ticks | undefined): Units {
    if (price !== undefined) return this.instrument.value(price, part);
    return units(mulDiv(paid, Math.abs(part), size, 'ceil'));
  }

  private realise(profit: Units): Units {
    this.realised = units(exact(this.realised + profit, 'Realised profit'));
    return profit;
  }
}
