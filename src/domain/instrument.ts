import { Decimal } from './decimal.js';
import { DecimalText } from './decimal-text.js';
import { fault } from './errors.js';
import { exact, lots, marks, mulDiv, ticks, units, type Lots, type MarkUnits, type Rounding, type Ticks, type Units } from './units.js';

export type MarketKind = 'perpetual' | 'spot' | 'future';

/** What a person or a venue says of an instrument. Decimals only. */
export interface InstrumentSpec {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Currency of margin, fees and profit. */
  readonly settle: string;
  readonly kind: MarketKind;
  /** Smallest price increment, in quote currency. */
  readonly tick: Decimal;
  /** Smallest size increment, in base currency. */
  readonly step: Decimal;
  readonly minSize: Decimal;
  readonly minNotional: Decimal;
  /** Largest size of one order; absent where the venue names none. */
  readonly maxSize?: Decimal;
  readonly maxLeverage: Decimal;
  /** Fractions of notional; a negative rate is a rebate. */
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
  /** Fraction of notional at mark. */
  readonly maintenanceRate: Decimal;
  /** Hours between funding stamps; 0 for instruments without funding. */
  readonly fundingIntervalHours: number;
}

/** Digits after the point of the settlement unit: amounts are exact up to ±90 million. */
export const SETTLEMENT_DIGITS = 8;
const UNITS_PER_SETTLE = 10 ** SETTLEMENT_DIGITS;
const FINEST_MARKS_PER_TICK = 100;
/** Fee and funding rates are held as integers of this scale. */
export const RATE_SCALE = 1e12;

/**
 * One tradable product, and the only converter between decimals and the integers of the hot path.
 * Throws `NUM-002` when one tick times one step is not a whole number of settlement units, or when the
 * largest position the limits allow could leave the exact range.
 */
export class Instrument {
  readonly symbol: string;
  /** Mark price units in one tick. */
  readonly marksPerTick: number;
  /** Settlement units of one lot times one tick. */
  readonly unitsPerTickLot: number;
  /** Settlement units of one lot times one mark unit. */
  readonly unitsPerMarkLot: number;
  readonly minLots: Lots;
  readonly maxLots: Lots;
  readonly minNotional: Units;
  private readonly markSize: Decimal;
  private readonly priceWriter: DecimalText;
  private readonly sizeWriter: DecimalText;
  /** Made once: a template per valuation would allocate on every mark. */
  private readonly notionalName: string;

  constructor(readonly spec: InstrumentSpec) {
    this.symbol = spec.symbol;
    this.priceWriter = new DecimalText(spec.tick);
    this.sizeWriter = new DecimalText(spec.step);
    this.notionalName = `Notional of ${spec.symbol}`;
    const product = spec.tick.times(spec.step).times(UNITS_PER_SETTLE);
    if (!spec.tick.gt(0) || !spec.step.gt(0) || !product.isInteger() || !product.lt(Number.MAX_SAFE_INTEGER)) {
      throw fault('NUM-002', `${spec.symbol}: tick times step must be a positive multiple of 1e-${SETTLEMENT_DIGITS} ${spec.settle}, was ${spec.tick.times(spec.step).toString()}.`, {
        fix: 'Use a coarser step or tick in instruments.',
      });
    }
    this.unitsPerTickLot = product.toNumber();
    this.marksPerTick = greatestDivisor(this.unitsPerTickLot);
    this.unitsPerMarkLot = this.unitsPerTickLot / this.marksPerTick;
    this.markSize = spec.tick.div(this.marksPerTick);
    this.minLots = lots(Math.max(1, spec.minSize.div(spec.step).ceil().toNumber()));
    this.maxLots = lots(spec.maxSize === undefined ? Number.MAX_SAFE_INTEGER : exact(spec.maxSize.div(spec.step).floor().toNumber(), 'Maximum size'));
    this.minNotional = this.toUnits(spec.minNotional, 'ceil');
  }

  get isPerpetual(): boolean {
    return this.spec.kind === 'perpetual';
  }

  /** Refuses, with `NUM-002`, limits under which a position's value would leave the exact integer range. */
  assertExactUpTo(maxNotional: Decimal): void {
    if (!maxNotional.times(UNITS_PER_SETTLE).lt(Number.MAX_SAFE_INTEGER)) {
      throw fault('NUM-002', `${this.symbol}: positions up to ${maxNotional.toString()} ${this.spec.settle} cannot be held exactly.`, {
        fix: `Lower the position limit below ${Math.floor(Number.MAX_SAFE_INTEGER / UNITS_PER_SETTLE)}.`,
      });
    }
  }

  /** Price to ticks; the caller names which side pays for the rounding. */
  toTicks(price: Decimal, rounding: Rounding): Ticks {
    return ticks(exact(round(price.div(this.spec.tick), rounding), `Price of ${this.symbol}`));
  }

  /** Price to mark units, to nearest: marks inform, they are never paid. */
  toMarks(price: Decimal): MarkUnits {
    return marks(exact(round(price.div(this.markSize), 'nearest'), `Mark of ${this.symbol}`));
  }

  /** Size to lots. Sizes floor unless the caller says otherwise. */
  toLots(size: Decimal, rounding: Rounding = 'floor'): Lots {
    return lots(exact(round(size.div(this.spec.step), rounding), `Size of ${this.symbol}`));
  }

  /** Money to settlement units. */
  toUnits(amount: Decimal, rounding: Rounding): Units {
    return units(exact(round(amount.times(UNITS_PER_SETTLE), rounding), `Amount in ${this.spec.settle}`));
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

  /** Value of `size` lots at an order price. Exact; signed like `size`. */
  notional(price: Ticks, size: Lots): Units {
    return units(exact(price * size * this.unitsPerTickLot, this.notionalName));
  }

  /** Value of `size` lots at a mark price. Exact; signed like `size`. */
  notionalAtMark(mark: MarkUnits, size: Lots): Units {
    return units(exact(mark * size * this.unitsPerMarkLot, this.notionalName));
  }

  /** The largest whole number of lots whose value at `mark` does not exceed `notional`. */
  lotsFor(notional: Units, mark: MarkUnits): Lots {
    return lots(Math.floor(notional / (mark * this.unitsPerMarkLot)));
  }
}

/** Settlement units as an amount of money. */
export const moneyOf = (value: Units): Decimal => new Decimal(value).div(UNITS_PER_SETTLE);

const MONEY = new DecimalText(Decimal.pow(10, -SETTLEMENT_DIGITS));

/** As `moneyOf(value).toString()`. */
export const moneyText = (value: Units): string => MONEY.of(value);

/** An amount of money in settlement units, with the rounding named. */
export const unitsOf = (amount: Decimal, rounding: Rounding): Units => units(exact(round(amount.times(UNITS_PER_SETTLE), rounding), 'Amount'));

/** A rate (fee, funding, margin) as an integer of `RATE_SCALE`, to nearest. */
export const rateOf = (rate: Decimal): number => exact(round(rate.times(RATE_SCALE), 'nearest'), 'Rate');

/** `notional * rate`, with the rounding named. */
export const applyRate = (notional: Units, rate: number, rounding: Rounding): Units => units(mulDiv(notional, rate, RATE_SCALE, rounding));

function greatestDivisor(unitsPerTickLot: number): number {
  for (let candidate = FINEST_MARKS_PER_TICK; candidate > 1; candidate /= 10) {
    if (unitsPerTickLot % candidate === 0) return candidate;
  }
  return unitsPerTickLot % 2 === 0 ? 2 : 1;
}

function round(value: Decimal, rounding: Rounding): number {
  switch (rounding) {
    case 'floor':
      return value.floor().toNumber();
    case 'ceil':
      return value.ceil().toNumber();
    case 'trunc':
      return value.trunc().toNumber();
    case 'away':
      return value.toDecimalPlaces(0, Decimal.ROUND_UP).toNumber();
    case 'nearest':
      return value.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber();
  }
}
