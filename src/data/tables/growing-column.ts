import { fault } from '../../domain/errors.js';

const FIRST_CAPACITY = 1_024;

/** Doubles of unknown number, in one block that doubles when it is full. */
export class GrowingColumn {
  length = 0;
  protected values = new Float64Array(FIRST_CAPACITY);

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.values[index] as number;
  }

  /** Exactly as long as what was pushed. */
  toArray(): Float64Array {
    return this.values.slice(0, this.length);
  }
}

/**
 * Decimals of one common scale: whole numbers of `10^-decimals`. The scale grows with the finest value seen, and what was
 * pushed before is rescaled, exactly.
 */
export class ScaledColumn extends GrowingColumn {
  decimals = 0;
  /** How many values have exactly so many decimals. */
  readonly withDecimals: number[] = [];

  pushScaled(mantissa: number, decimals: number): void {
    this.withDecimals[decimals] = (this.withDecimals[decimals] ?? 0) + 1;
    if (decimals > this.decimals) this.rescale(decimals);
    this.push(whole(mantissa * 10 ** (this.decimals - decimals)));
  }

  private rescale(decimals: number): void {
    const factor = 10 ** (decimals - this.decimals);
    for (let i = 0; i < this.length; i += 1) this.values[i] = whole((this.values[i] as number) * factor);
    this.decimals = decimals;
  }
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value))
    throw fault(
      'NUM-001',
      `Prices of one file must fit a common exact scale, were up to ${value} of its smallest unit.`,
    );
  return value;
}
