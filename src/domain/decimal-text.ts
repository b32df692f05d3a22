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
}

const ZERO_DIGIT = 48;
