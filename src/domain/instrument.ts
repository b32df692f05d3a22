import { contractScale } from './contract.js';
import type { Decimal } from './decimal.js';
import { DecimalText } from './decimal-text.js';
import { fault } from './errors.js';
import type { InstrumentSpec } from './instrument-spec.js';
import { MarginTiers } from './margin-tiers.js';
import { moneyOf, roundTo, UNITS_PER_SETTLE } from './money.js';
import { interned } from './symbol-map.js';
import {
  exact,
  lots,
  marks,
  mulDiv,
  ticks,
  units,
  type Lots,
  type MarkUnits,
  type Rounding,
  type Ticks,
  type Units,
} from './units.js';

export type { ContractKind, InstrumentSpec, MarginTier, MarketKind } from './instrument-spec.js';
export { applyRate, moneyOf, moneyText, RATE_SCALE, rateOf, SETTLEMENT_DIGITS, unitsOf } from './money.js';

/**
 * One tradable product, and the only converter between decimals and the integers of the hot path.
 * Throws `NUM-002` when one tick times one step is not a whole number of settlement units, or when the
 * largest position the limits allow could leave the exact range.
 */
export class Instrument {
  readonly symbol: string;
  /** Mark price units in one tick. */
  readonly marksPerTick: number;
  /** Settlement units of one lot times one tick; NaN for inverse contracts: use `notional`. */
  readonly unitsPerTickLot: number;
  /** Settlement units of one lot times one mark unit; NaN for inverse contracts: use `notionalAtMark` or `worth`. */
  readonly unitsPerMarkLot: number;
  /** Maintenance margin and highest leverage by size. */
  readonly margin: MarginTiers;
  readonly minLots: Lots;
  readonly maxLots: Lots;
  readonly minNotional: Units;
  /** Inverse: settlement units of one lot at a price of one tick, and of one mark unit; 0 for all others. */
  private readonly inversePerTick: number;
  private readonly inversePerMark: number;
  private readonly markSize: Decimal;
  private readonly priceWriter: DecimalText;
  private readonly sizeWriter: DecimalText;
  /** Made once: a template per valuation would allocate on every mark. */
  private readonly notionalName: string;

  constructor(readonly spec: InstrumentSpec) {
    this.symbol = interned(spec.symbol);
    this.priceWriter = new DecimalText(spec.tick);
    this.sizeWriter = new DecimalText(spec.step);
    this.notionalName = `Notional of ${spec.symbol}`;
    const scale = contractScale(spec);
    this.unitsPerTickLot = scale.unitsPerTickLot;
    this.marksPerTick = scale.marksPerTick;
    this.unitsPerMarkLot = this.unitsPerTickLot / this.marksPerTick;
    this.inversePerTick = scale.inversePerTick;
    this.inversePerMark = scale.inversePerTick * scale.marksPerTick;
    this.margin = new MarginTiers(spec);
    this.markSize = spec.tick.div(this.marksPerTick);
    this.minLots = lots(Math.max(1, spec.minSize.div(spec.step).ceil().toNumber()));
    this.maxLots = lots(
      spec.maxSize === undefined
        ? Number.MAX_SAFE_INTEGER
        : exact(spec.maxSize.div(spec.step).floor().toNumber(), 'Maximum size'),
    );
    this.minNotional = this.toUnits(spec.minNotional, 'ceil');
  }

  get isPerpetual(): boolean {
    return this.spec.kind === 'perpetual';
  }

  /** Refuses, with `NUM-002`, limits under which a position's value would leave the exact integer range. */
  assertExactUpTo(maxNotional: Decimal): void {
    if (!maxNotional.times(UNITS_PER_SETTLE).lt(Number.MAX_SAFE_INTEGER)) {
      throw fault(
        'NUM-002',
        `${this.symbol}: positions up to ${maxNotional.toString()} ${this.spec.settle} cannot be held exactly.`,
        {
          fix: `Lower the position limit below ${Math.floor(Number.MAX_SAFE_INTEGER / UNITS_PER_SETTLE)}.`,
        },
      );
    }
  }

  /** Price to ticks; the caller names which side pays for the rounding. */
  toTicks(price: Decimal, rounding: Rounding): Ticks {
    return ticks(exact(roundTo(price.div(this.spec.tick), rounding), `Price of ${this.symbol}`));
  }

  /** Price to mark units, to nearest: marks inform, they are never paid. */
  toMarks(price: Decimal): MarkUnits {
    return marks(exact(roundTo(price.div(this.markSize), 'nearest'), `Mark of ${this.symbol}`));
  }

  /** Size to lots. Sizes floor unless the caller says otherwise. */
  toLots(size: Decimal, rounding: Rounding = 'floor'): Lots {
    return lots(exact(roundTo(size.div(this.spec.step), rounding), `Size of ${this.symbol}`));
  }

  /** Money to settlement units. */
  toUnits(amount: Decimal, rounding: Rounding): Units {
    return units(exact(roundTo(amount.times(UNITS_PER_SETTLE), rounding), `Amount in ${this.spec.settle}`));
  }

  price(value: Ticks): Decimal {
    return this.spec.tick.times(value);
  }

  markPrice(value: MarkUnits): Decimal {
    return this.markSize.times(value);
  }

  size(value: Lots): Decimal {
    return this.spec.step.times(value);
  }

  money(value: Units): Decimal {
    return moneyOf(value);
  }

  /** As `price(value).toString()`. */
  priceText(value: Ticks): string {
    return this.priceWriter.of(value);
  }

  /** As `size(value).toString()`. */
  sizeText(value: Lots): string {
    return this.sizeWriter.of(value);
  }

  marksOfTicks(value: Ticks): MarkUnits {
    return marks(value * this.marksPerTick);
  }

  /**
   * Value of `size` lots at an order price, signed like `size`. Exact; of inverse contracts rounded away from zero:
   * never understated.
   */
  notional(price: Ticks, size: Lots): Units {
    if (this.inversePerTick !== 0) return this.quotient(size, this.inversePerTick, price, 'away');
    return units(exact(price * size * this.unitsPerTickLot, this.notionalName));
  }

  /** Value of `size` lots at a mark price, as `notional`. */
  notionalAtMark(mark: MarkUnits, size: Lots): Units {
    if (this.inversePerMark !== 0) return this.quotient(size, this.inversePerMark, mark, 'away');
    return units(exact(mark * size * this.unitsPerMarkLot, this.notionalName));
  }

  /** As `notionalAtMark`, but unchecked: what is not known stays NaN, what is too large is no longer exact. */
  worth(mark: number, size: number): number {
    if (this.inversePerMark === 0) return mark * size * this.unitsPerMarkLot;
    return Math.sign(size) * Math.ceil((Math.abs(size) * this.inversePerMark) / mark);
  }

  /**
   * What a fill of signed `size` lots puts into a position: profit is what comes out less what was put in. Linear: its
   * notional. Inverse: the negated notional, because profit is `N × (1/entry - 1/exit)`; rounded up, against the
   * account.
   */
  value(price: Ticks, size: Lots): Units {
    if (this.inversePerTick !== 0) return this.quotient(0 - size, this.inversePerTick, price, 'ceil');
    return units(exact(price * size * this.unitsPerTickLot, this.notionalName));
  }

  /** What open lots would bring at `mark`: as `value`, rounded down. */
  valueAtMark(mark: MarkUnits, size: Lots): Units {
    if (this.inversePerMark !== 0) return this.quotient(0 - size, this.inversePerMark, mark, 'floor');
    return units(exact(mark * size * this.unitsPerMarkLot, this.notionalName));
  }

  /** Average price of `size` signed lots into which `cost` was put; unrounded. */
  averagePrice(cost: Units, size: Lots): Decimal {
    const amount = this.spec.multiplier === undefined ? this.size(size) : this.size(size).times(this.spec.multiplier);
    return this.inversePerTick === 0 ? this.money(cost).div(amount) : amount.div(this.money(cost)).neg();
  }

  /** The same in mark units, with the rounding named. */
  averageMark(cost: Units, size: Lots, rounding: Rounding): MarkUnits {
    if (this.inversePerMark !== 0) return marks(mulDiv(Math.abs(size), this.inversePerMark, Math.abs(cost), rounding));
    return marks(mulDiv(Math.abs(cost), 1, Math.abs(size) * this.unitsPerMarkLot, rounding));
  }

  /** The largest whole number of lots whose value at `mark` does not exceed `notional`. */
  lotsFor(notional: Units, mark: MarkUnits): Lots {
    if (this.inversePerMark !== 0) return lots(mulDiv(notional, mark, this.inversePerMark, 'floor'));
    return lots(Math.floor(notional / (mark * this.unitsPerMarkLot)));
  }

  private quotient(size: number, numerator: number, price: number, rounding: Rounding): Units {
    return units(exact(mulDiv(size, numerator, price, rounding), this.notionalName));
  }
}
