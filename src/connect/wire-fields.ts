import { requireList, requireObject, unreadable } from '../border/reading.js';
import { Decimal } from '../domain/decimal.js';

/** Digits of a number that anybody could mean; longer ones are noise, or an attack. */
const DECIMAL = /^-?\d{1,30}(?:\.\d{1,30})?$/;
/** A JSON number that `parseExact` has left as it was written. */
const NUMBER = /^-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/;

/**
 * Fields of one parsed message of a venue, read by name: what is missing, or not what it must be, throws VENUE-005 and
 * names the field. A decimal is text: a JSON number has lost its digits before anybody could look.
 */
export class WireFields {
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    message: unknown,
    /** What the message is, for errors. */
    private readonly what: string,
  ) {
    requireObject(message, what);
    this.fields = message as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    const value = this.fields[name];
    return value !== undefined && value !== null && value !== '';
  }

  text(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string' || value === '') throw this.unlike(name, 'text');
    return value;
  }

  decimal(name: string): Decimal {
    const value = this.fields[name];
    if (typeof value !== 'string' || !DECIMAL.test(value)) throw this.unlike(name, 'a decimal number as text');
    return new Decimal(value);
  }

  /** Undefined where the venue has nothing to say; what it says wrongly is no silence. */
  allowDecimal(name: string): Decimal | undefined {
    return this.has(name) ? this.decimal(name) : undefined;
  }

  /** What a venue writes as a number of JSON, and `parseExact` has read. */
  number(name: string): Decimal {
    const value = this.fields[name];
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !NUMBER.test(text)) throw this.unlike(name, 'a number');
    return new Decimal(text);
  }

  /** A price. */
  above(name: string): Decimal {
    const value = this.decimal(name);
    if (!value.gt(0)) throw this.unlike(name, 'above zero');
    return value;
  }

  /** Epoch milliseconds, or a number that counts, where doubles hold it. */
  whole(name: string): number {
    const value = this.fields[name];
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw this.unlike(name, 'a whole number');
    return value as number;
  }

  /** A number that names something, as text: beyond what a double holds `parseExact` has kept its digits. */
  id(name: string): string {
    const value = this.fields[name];
    if (Number.isSafeInteger(value) && (value as number) >= 0) return String(value);
    if (typeof value !== 'string' || !/^\d{1,30}$/.test(value)) throw this.unlike(name, 'a whole number');
    return value;
  }

  /** A whole number of something that there is. */
  count(name: string): number {
    const value = this.whole(name);
    if (value === 0) throw this.unlike(name, 'above zero');
    return value;
  }

  /** What an answer is about must be what was asked for. */
  is(name: string, expected: string): void {
    if (this.text(name) !== expected) throw this.unlike(name, expected);
  }

  /** What one of the venue's words means; a word that is not among them says nothing that anybody could act on. */
  meaning<T>(name: string, meanings: Readonly<Record<string, T>>): T {
    const word = this.text(name);
    if (!Object.hasOwn(meanings, word)) throw this.unlike(name, `one of ${Object.keys(meanings).join(', ')}`);
    return meanings[word] as T;
  }

  flag(name: string): boolean {
    const value = this.fields[name];
    if (typeof value !== 'boolean') throw this.unlike(name, 'true or false');
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.fields[name];
    if (!Array.isArray(value)) throw this.unlike(name, 'a list');
    return value;
  }

  private unlike(name: string, must: string): Error {
    return unreadable(`${this.what}: ${name}`, must, this.fields[name]);
  }
}

/** A message that is a list. */
export function rowsOf(message: unknown, what: string): readonly unknown[] {
  requireList(message, what);
  return message as readonly unknown[];
}

/** Rows of price and size, as venues write the levels of a book. */
export function levelsOf(
  rows: readonly unknown[],
  what: string,
): { readonly price: Decimal; readonly size: Decimal }[] {
  return rows.map((row: unknown) => {
    const [price, amount] = Array.isArray(row) ? (row as readonly unknown[]) : [];
    const fields = new WireFields({ price, size: amount }, what);
    const size = fields.decimal('size');
    if (size.lt(0)) throw unreadable(`${what}: size`, 'zero or more', size);
    return { price: fields.above('price'), size };
  });
}
