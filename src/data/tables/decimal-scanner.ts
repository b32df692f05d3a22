import { Decimal } from '../../domain/decimal.js';

const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
/** Decimal digits that every double holds; more of them are noise of a binary conversion. */
const TRUSTED_DIGITS = 15;
const TRUSTED = 10 ** TRUSTED_DIGITS;
/** Decimals that prices and sizes of venues have: numbers of more go through their text. */
const USUAL_DECIMALS = 8;
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);
const DECIMAL_TEXT = /^[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/;

/**
 * Reads decimal text as `mantissa × 10^-decimals`, exactly and without a float in between; trailing zeros are dropped,
 * so equal values read equal. Text of more than 15 significant digits (the trace of a binary float:
 * `1.1997200000000001`) is rounded to 15, to nearest, and `rounded` says so. One object is reused for all values of a
 * file.
 */
export class DecimalScanner {
  mantissa = 0;
  decimals = 0;
  rounded = false;
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();
  private readonly scratch = new Uint8Array(64);

  /** False when the bytes are no decimal number: blank, NaN, Infinity, hexadecimal, trailing characters. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    const negative = bytes[at] === MINUS;
    if (negative || bytes[at] === PLUS) at += 1;
    let mantissa = 0;
    let digits = 0;
    let decimals = -1;
    for (; at < end; at += 1) {
      const code = bytes[at] as number;
      if (code >= ZERO && code <= NINE) {
        mantissa = mantissa * 10 + (code - ZERO);
        digits += 1;
        if (decimals >= 0) decimals += 1;
      } else if (code === POINT && decimals < 0 && digits > 0) {
        decimals = 0;
      } else {
        return this.scanText(this.decoder.decode(bytes.subarray(start, end)));
      }
    }
    if (digits === 0 || decimals === 0) return false;
    if (digits > TRUSTED_DIGITS) return this.scanText(this.decoder.decode(bytes.subarray(start, end)));
    return this.set(negative ? -mantissa : mantissa, Math.max(0, decimals), false);
  }

  /** A number by its shortest decimal text. */
  scanNumber(value: number): boolean {
    if (Number.isSafeInteger(value)) return this.set(value, 0, false);
    if (!Number.isFinite(value)) return false;
    for (let decimals = 1; decimals <= USUAL_DECIMALS; decimals += 1) {
      const power = POWERS[decimals] as number;
      const mantissa = Math.round(value * power);
      // A decimal of at most 15 digits that reads as this double is its shortest text: no other is as short.
      if (mantissa / power === value && Math.abs(mantissa) < TRUSTED) return this.set(mantissa, decimals, false);
    }
    const { written } = this.encoder.encodeInto(String(value), this.scratch);
    return this.scan(this.scratch, 0, written);
  }

  /** A whole number of `10^-decimals`. False when it is none, or beyond 2^53. */
  scanScaled(mantissa: number, decimals: number): boolean {
    return Number.isSafeInteger(mantissa) && this.set(mantissa, decimals, false);
  }

  /** Any notation, exponents included: the slow path of `scan`. */
  scanText(text: string): boolean {
    if (!DECIMAL_TEXT.test(text)) return false;
    const value = new Decimal(text);
    const trusted = value.toSignificantDigits(TRUSTED_DIGITS, Decimal.ROUND_HALF_EVEN);
    const decimals = trusted.decimalPlaces();
    return this.set(Number(trusted.times(Decimal.pow(10, decimals)).toFixed(0)), decimals, !trusted.eq(value));
  }

  /** The value as a double: for volumes, which are not money. */
  toNumber(): number {
    return this.mantissa / (POWERS[this.decimals] ?? 10 ** this.decimals);
  }

  private set(mantissa: number, decimals: number, rounded: boolean): true {
    let whole = mantissa;
    let places = decimals;
    while (places > 0 && whole % 10 === 0) {
      whole /= 10;
      places -= 1;
    }
    this.mantissa = whole === 0 ? 0 : whole;
    this.decimals = places;
    this.rounded = rounded;
    return true;
  }
}
