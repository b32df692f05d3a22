import { Decimal } from './decimal.js';
import { DecimalText } from './decimal-text.js';
import { exact, mulDiv, units, type Rounding, type Units } from './units.js';

/** Fee and funding rates are held as integers of this scale. */
export const RATE_SCALE = 1e12;
/** Digits after the point of the finest unit, and of every account that needs no coarser one. */
export const FINEST_DIGITS = 8;

/**
 * How finely an account counts its money: in whole multiples of 10^-`digits` of the settlement currency. One choice for
 * a run, kept for its journal's life; amounts in two units are never compared.
 */
export class MoneyUnit {
  /** Units of one of the settlement currency. */
  readonly perSettle: number;
  private readonly writer: DecimalText;

  constructor(readonly digits: number) {
    this.perSettle = 10 ** digits;
    this.writer = new DecimalText(Decimal.pow(10, -digits));
  }

  /** Units as an amount of money. */
  of(value: Units): Decimal {
    return new Decimal(value).div(this.perSettle);
  }

  /** As `of(value).toString()`. */
  text(value: Units): string {
    return this.writer.of(value);
  }

  /** Of a text that `text` writes; undefined for one that names no whole units. */
  unitsIn(text: string): Units | undefined {
    return this.writer.countIn(text) as Units | undefined;
  }

  /** An amount of money in units, with the rounding named. Throws `NUM-001` beyond what can be held exactly. */
  units(amount: Decimal, rounding: Rounding): Units {
    return units(exact(roundTo(amount.times(this.perSettle), rounding), 'Amount'));
  }

  /** A limit, rounded down; Infinity where there is none, or one beyond everything that can be held. */
  limit(amount: Decimal | undefined): Units {
    const value = amount === undefined ? Infinity : amount.times(this.perSettle).floor().toNumber();
    return units(value <= Number.MAX_SAFE_INTEGER ? value : Infinity);
  }

  /** Amounts below this are held exactly. */
  get ceiling(): number {
    return Math.floor(Number.MAX_SAFE_INTEGER / this.perSettle);
  }
}

/** 10^-8 of the settlement currency: amounts are exact up to ±90 million. */
export const FINEST_UNIT = new MoneyUnit(FINEST_DIGITS);

/** The most that a configured amount may be, of the settlement currency. */
export const LARGEST_AMOUNT = 1e12;

/** The finest unit in which amounts below `room` are exact: 10^-8 up to 90 million, tenfold coarser for tenfold. */
export function unitFor(room: Decimal): MoneyUnit {
  let unit = FINEST_UNIT;
  while (unit.digits > 0 && !room.lt(unit.ceiling)) unit = new MoneyUnit(unit.digits - 1);
  return unit;
}

/** A rate (fee, funding, margin) as an integer of `RATE_SCALE`, to nearest. */
export const rateOf = (rate: Decimal): number => exact(roundTo(rate.times(RATE_SCALE), 'nearest'), 'Rate');

/** `notional * rate`, with the rounding named. */
export const applyRate = (notional: Units, rate: number, rounding: Rounding): Units =>
  units(mulDiv(notional, rate, RATE_SCALE, rounding));

/** The whole number next to `value` in the named direction. */
export function roundTo(value: Decimal, rounding: Rounding): number {
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
