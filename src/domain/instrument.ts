import { contractScale } from './contract.js';
import type { Decimal } from './decimal.js';
import { DecimalText } from './decimal-text.js';
import { fault } from './errors.js';
import type { InstrumentSpec } from './instrument-spec.js';
import { MarginTiers } from './margin-tiers.js';
import { FINEST_UNIT, roundTo, type MoneyUnit } from './money.js';
import { interned } from './symbol-map.js';
import {
  divideWide,
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

export type {
  ContractKind,
  InstrumentSpec,
  InstrumentStatus,
  MarginTier,
  MarketKind,
  OrderGrid,
  PriceBand,
} from './instrument-spec.js';
export { applyRate, FINEST_UNIT, LARGEST_AMOUNT, MoneyUnit, RATE_SCALE, rateOf, unitFor } from './money.js';

/** The same product in the money of an account of another unit. */
export const countedIn = (instrument: Instrument, unit: MoneyUnit): Instrument =>
  instrument.unit.digits === unit.digits ? instrument : new Instrument(instrument.spec, unit);

/**
 * One tradable product, and the only converter between decimals and the integers of the hot path. `unit` is that of the
 * account whose money its values are; what a host describes for itself is counted in the finest.
 * Throws `NUM-002` when one tick times one step is not a whole number of the finest units.
 */
export class Instrument {
  readonly symbol: string;
  /** Mark price units in one tick. */
  readonly marksPerTick: number;
  /**
   * Settlement units of one lot times one tick; NaN where they are no whole number (inverse contracts, coarse units):
   * use `notional`.
   */
  readonly unitsPerTickLot: number;
  /** Settlement units of one lot times one mark unit; NaN where that is: use `notionalAtMark` or `worth`. */
  readonly unitsPerMarkLot: number;
  /** Maintenance margin and highest leverage by size. */
  readonly margin: MarginTiers;
  readonly minLots: Lots;
  readonly maxLots: Lots;
  /** Of one order without a limit price. */
  readonly maxMarketLots: Lots;
  readonly minNotional: Units;
  /** Whole multiples that order prices must be, in ticks, and order sizes, in lots: nearly always 1. */
  readonly orderTicks: number;
  readonly orderLots: number;
  /** How far above the mark the venue takes a buy, and below it a sell, in millionths; infinite without a band. */
  readonly bandAbove: number;
  readonly bandBelow: number;
  /** Values are no products of whole numbers: each use names its rounding. */
  private readonly isRounded: boolean;
  /** Settlement units of one lot and one mark unit, over `divisor`: see `ContractScale`. */
  private readonly perMark: number;
  /** Inverse: settlement units of one lot at a price of one mark unit, over `divisor`; 0 for all others. */
  private readonly inversePerMark: number;
  private readonly divisor: number;
  private readonly markSize: Decimal;
  private readonly priceWriter: DecimalText;
  private readonly sizeWriter: DecimalText;
  /** Made once: a template per valuation would allocate on every mark. */
  private readonly notionalName: string;

  constructor(
    readonly spec: InstrumentSpec,
    readonly unit: MoneyUnit = FINEST_UNIT,
  ) {
    this.symbol = interned(spec.symbol);
    this.priceWriter = new DecimalText(spec.tick);
    this.sizeWriter = new DecimalText(spec.step);
    this.notionalName = `Notional of ${spec.symbol}`;
    const scale = contractScale(spec, unit);
    this.marksPerTick = scale.marksPerTick;
    this.perMark = scale.perMark;
    this.inversePerMark = scale.inversePerMark;
    this.divisor = scale.divisor;
    this.isRounded = scale.inversePerMark !== 0 || scale.divisor !== 1;
    this.unitsPerMarkLot = this.isRounded ? Number.NaN : scale.perMark;
    this.unitsPerTickLot = this.unitsPerMarkLot * scale.marksPerTick;
    this.margin = new MarginTiers(spec, unit);
    this.markSize = spec.tick.div(this.marksPerTick);
    this.minLots = lots(Math.max(1, spec.minSize.div(spec.step).ceil().toNumber()));
    this.maxLots = this.largest(spec.maxSize, 'Maximum size');
    this.maxMarketLots = lots(Math.min(this.maxLots, this.largest(spec.maxMarketSize, 'Maximum size at market')));
    this.orderTicks = spec.orderGrid === undefined ? 1 : multiples(spec.orderGrid.tick, spec.tick, spec.symbol);
    this.orderLots = spec.orderGrid === undefined ? 1 : multiples(spec.orderGrid.step, spec.step, spec.symbol);
    this.bandAbove = millionths(spec.band?.above);
    this.bandBelow = millionths(spec.band?.below);
    this.minNotional = this.toUnits(spec.minNotional, 'ceil');
  }

  get isPerpetual(): boolean {
    return this.spec.kind === 'perpetual';
  }

  /** Refuses, with `NUM-002`, a position limit whose value would leave the exact range of the account's unit. */
  assertExactUpTo(maxNotional: Decimal): void {
    const { ceiling, digits } = this.unit;
    if (maxNotional.lt(ceiling)) return;
    throw fault(
      'NUM-002',
      `${this.symbol}: positions up to ${maxNotional.toString()} ${this.spec.settle} cannot be held exactly in units of 1e-${digits}.`,
      { fix: `Lower the position limit below ${ceiling}, or start a new journal: its unit follows the limits.` },
    );
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
    return units(exact(roundTo(amount.times(this.unit.perSettle), rounding), `Amount in ${this.spec.settle}`));
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
    return this.unit.of(value);
  }

  /** As `money(value).toString()`. */
  moneyText(value: Units): string {
    return this.unit.text(value);
  }

  /** As `price(value).toString()`. */
  priceText(value: Ticks): string {
    return this.priceWriter.of(value);
  }

  /** As `size(value).toString()`. */
  sizeText(value: Lots): string {
    return this.sizeWriter.of(value);
  }

  /** Of a text that `priceText` writes; undefined for one off the grid. */
  ticksIn(text: string): Ticks | undefined {
    return this.priceWriter.countIn(text) as Ticks | undefined;
  }

  /** Of a text that `sizeText` writes; undefined for one off the grid. */
  lotsIn(text: string): Lots | undefined {
    return this.sizeWriter.countIn(text) as Lots | undefined;
  }

  marksOfTicks(value: Ticks): MarkUnits {
    return marks(value * this.marksPerTick);
  }

  /**
   * Value of `size` lots at an order price, signed like `size`. Exact; where it is rounded, away from zero: never
   * understated.
   */
  notional(price: Ticks, size: Lots): Units {
    if (this.isRounded) return this.rounded(price * this.marksPerTick, size, 'away');
    return units(exact(price * size * this.unitsPerTickLot, this.notionalName));
  }

  /** Value of `size` lots at a mark price, as `notional`. */
  notionalAtMark(mark: MarkUnits, size: Lots): Units {
    if (this.isRounded) return this.rounded(mark, size, 'away');
    return units(exact(mark * size * this.unitsPerMarkLot, this.notionalName));
  }

  /** As `notionalAtMark`, but unchecked: what is not known stays NaN, what is too large is no longer exact. */
  worth(mark: number, size: number): number {
    if (!this.isRounded) return mark * size * this.unitsPerMarkLot;
    const amount = Math.abs(size);
    if (this.inversePerMark !== 0)
      return Math.sign(size) * Math.ceil((amount * this.inversePerMark) / (mark * this.divisor));
    const product = mark * amount * this.perMark;
    const rest = product % this.divisor;
    return Math.sign(size) * (rest === 0 ? product / this.divisor : (product - rest) / this.divisor + 1);
  }

  /**
   * What a fill of signed `size` lots puts into a position: profit is what comes out less what was put in. Linear: its
   * notional. Inverse: the negated notional, because profit is `N × (1/entry - 1/exit)`. Where it is rounded, up:
   * against the account.
   */
  value(price: Ticks, size: Lots): Units {
    if (this.isRounded) return this.flow(price * this.marksPerTick, size, 'ceil');
    return units(exact(price * size * this.unitsPerTickLot, this.notionalName));
  }

  /** What open lots would bring at `mark`: as `value`, rounded down. */
  valueAtMark(mark: MarkUnits, size: Lots): Units {
    if (this.isRounded) return this.flow(mark, size, 'floor');
    return units(exact(mark * size * this.unitsPerMarkLot, this.notionalName));
  }

  /** Average price of `size` signed lots into which `cost`, as `value` says it, was put; unrounded. */
  averagePrice(cost: Units, size: Lots): Decimal {
    const amount = this.spec.multiplier === undefined ? this.size(size) : this.size(size).times(this.spec.multiplier);
    return this.inversePerMark === 0 ? this.money(cost).div(amount) : amount.div(this.money(cost)).neg();
  }

  /** Average price of fills of `size` lots that are worth `notional`, both unsigned; unrounded. */
  fillPrice(notional: Units, size: Lots): Decimal {
    return this.averagePrice(this.inversePerMark === 0 ? notional : units(0 - notional), size);
  }

  /** `averagePrice` in mark units, with the rounding named. */
  averageMark(cost: Units, size: Lots, rounding: Rounding): MarkUnits {
    const [amount, paid] = [Math.abs(size), Math.abs(cost)];
    return marks(
      this.inversePerMark === 0
        ? mulDiv(paid, this.divisor, amount * this.perMark, rounding)
        : mulDiv(amount, this.inversePerMark, paid * this.divisor, rounding),
    );
  }

  /** The largest whole number of lots whose value at `mark` does not exceed `notional`. */
  lotsFor(notional: Units, mark: MarkUnits): Lots {
    if (!this.isRounded) return lots(Math.floor(notional / (mark * this.unitsPerMarkLot)));
    return lots(
      this.inversePerMark === 0
        ? mulDiv(notional, this.divisor, mark * this.perMark, 'floor')
        : mulDiv(notional, mark * this.divisor, this.inversePerMark, 'floor'),
    );
  }

  /** Of inverse contracts what is put in is the negated notional. */
  private flow(mark: number, size: number, rounding: Rounding): Units {
    return this.rounded(mark, this.inversePerMark === 0 ? size : 0 - size, rounding);
  }

  /**
   * The one division of a value, exact before its rounding. BigInt only where a single lot is worth more than a double
   * holds before the division.
   */
  private rounded(mark: number, size: number, rounding: Rounding): Units {
    const { inversePerMark, perMark, divisor, notionalName } = this;
    if (inversePerMark !== 0) return units(exact(mulDiv(size, inversePerMark, mark * divisor, rounding), notionalName));
    const perLot = mark * perMark;
    if (Number.isSafeInteger(perLot)) return units(exact(mulDiv(size, perLot, divisor, rounding), notionalName));
    exact(mark, notionalName);
    return units(divideWide(BigInt(mark) * BigInt(perMark) * BigInt(size), divisor, rounding));
  }

  private largest(size: Decimal | undefined, what: string): Lots {
    return lots(
      size === undefined ? Number.MAX_SAFE_INTEGER : exact(size.div(this.spec.step).floor().toNumber(), what),
    );
  }
}

const millionths = (fraction: Decimal | undefined): number =>
  fraction === undefined ? Number.POSITIVE_INFINITY : fraction.times(1_000_000).floor().toNumber();

function multiples(of: Decimal, unit: Decimal, symbol: string): number {
  const count = of.div(unit);
  if (count.isInteger() && count.gt(0)) return exact(count.toNumber(), `Order grid of ${symbol}`);
  throw fault(
    'NUM-002',
    `${symbol}: the order grid must be whole multiples of tick and step, was ${of.toString()} of ${unit.toString()}.`,
  );
}
