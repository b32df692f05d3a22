import { Decimal } from './decimal.js';

/**
 * Writes whole multiples of one decimal as text, equal to what Decimal itself would print: records are written for
 * every order, and making decimals only to print them is most of their cost.
 */
export class DecimalText {
  private readonly mantissa: number;
  private readonly decimals: number;

  constructor(private readonly unit: Decimal) {
    this.decimals = unit.decimalPlaces();
    this.mantissa = unit.times(Decimal.pow(10, this.decimals)).toNumber();
  }

  of(count: number): string {
    const scaled = count * this.mantissa;
    if (!Number.isSafeInteger(scaled)) return this.unit.times(count).toString();
    const { decimals } = this;
    if (decimals === 0 || scaled === 0) return String(scaled);
    const digits = String(Math.abs(scaled)).padStart(decimals + 1, '0');
    const point = digits.length - decimals;
    let end = digits.length;
    while (end > point && digits.charCodeAt(end - 1) === ZERO_DIGIT) end -= 1;
    const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
    return scaled < 0 ? `-${text}` : text;
  }

  /**
   * How many of the unit such a text says; undefined for any other text, and for what is no whole multiple: records
   * are read for every order of a long past, and whoever is told nothing reads them as decimals.
   */
  countIn(text: string): number | undefined {
    const start = text.charCodeAt(0) === MINUS ? 1 : 0;
    const { length } = text;
    if (length === start || length - start > MOST_DIGITS) return undefined;
    let scaled = 0;
    let point = -1;
    for (let i = start; i < length; i += 1) {
      const digit = text.charCodeAt(i) - ZERO_DIGIT;
      if (digit >= 0 && digit <= 9) scaled = scaled * 10 + digit;
      else if (point < 0 && digit === POINT && i > start && i < length - 1) point = i;
      else return undefined;
    }
    const places = point < 0 ? 0 : length - point - 1;
    if (places > this.decimals) return undefined;
    for (let i = places; i < this.decimals; i += 1) scaled *= 10;
    if (!Number.isSafeInteger(scaled) || scaled % this.mantissa !== 0) return undefined;
    return scaled === 0 || start === 0 ? scaled / this.mantissa : -scaled / this.mantissa;
  }
}

const ZERO_DIGIT = 48;
const MINUS = 45;
/** The point's code, as a digit's. */
const POINT = 46 - ZERO_DIGIT;
/** Fewer digits than a double holds exactly, the point among them. */
const MOST_DIGITS = 16;
