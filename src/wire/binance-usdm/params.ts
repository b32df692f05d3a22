import { illegal, missing, WireRefusal } from './refusal.js';

const SIGNATURE = /(?:^|&)signature=[^&]*/;

/** Parameters of a request: those of the query and those of the body. What is in both counts as it is in the query. */
export class Params {
  private readonly values: URLSearchParams;

  constructor(
    private readonly query: string,
    private readonly body = '',
  ) {
    this.values = new URLSearchParams([query, body].filter((part) => part !== '').join('&'));
  }

  /** What a signature is of, letter by letter as it came: query and body, one right behind the other, without it. */
  get signed(): string {
    return [this.query, this.body].map((part) => part.replace(SIGNATURE, '').replace(/^&/, '')).join('');
  }

  /** Throws the refusal of a parameter that the query has twice, or the body. */
  assertOnce(): void {
    for (const part of [this.query, this.body]) {
      const names = [...new URLSearchParams(part).keys()];
      if (new Set(names).size < names.length)
        throw new WireRefusal(-1101, `Duplicate values for a parameter detected.`);
    }
  }

  get(name: string): string | undefined {
    const value = this.values.get(name);
    return value === null || value === '' ? undefined : value;
  }

  need(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  /** A whole number; absent: `usual`. */
  whole<T extends number | undefined>(name: string, usual: T): number | T {
    const value = this.get(name);
    if (value === undefined) return usual;
    const number = Number(value);
    if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(number)) throw illegal(name);
    return number;
  }
}
