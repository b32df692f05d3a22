import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { mulDiv, type Rounding } from '../../domain/units.js';
import type { DataNote } from '../data-note.js';
import { SHAPES, type Block } from './kinds.js';
import { nameOf } from './manifest.js';
import type { SeriesFacts } from './shelf.js';

/**
 * Rows of a series in an instrument's own terms, in place. Prices of bars that are no multiple of its tick go to the
 * nearest one and are noted, as marks and index prices go to mark units; of trades, quotes and books they are refused:
 * nobody trades at a price that does not exist. Sizes are cut to whole lots, and noted: there was at least so much.
 */
export function inTerms(
  block: Block,
  manifest: SeriesFacts,
  instrument: Instrument,
): { readonly block: Block; readonly notes: readonly DataNote[] } {
  const { spec } = instrument;
  const { kind } = manifest;
  const notes: DataNote[] = [];
  const isMark = kind === 'mark' || kind === 'index';
  const price = new Ratio(
    new Decimal(manifest.tick),
    isMark ? spec.tick.div(instrument.marksPerTick) : spec.tick,
    'nearest',
  );
  const size = new Ratio(new Decimal(manifest.step), spec.step, 'floor');
  const step = spec.step.toNumber();
  SHAPES[kind].forEach(({ role }, index) => {
    const column = block.columns[index] as Float64Array;
    if (role === 'price') price.apply(column);
    else if (role === 'size') size.apply(column);
    else if (role === 'volume') for (let i = 0; i < column.length; i += 1) column[i] = (column[i] as number) / step;
  });
  const fix = `Correct instruments.${spec.symbol}.tick, or remove the entry to have the tick inferred.`;
  if (price.zeros > 0) {
    throw fault(
      'DATA-003',
      `${nameOf(manifest)}: the tick ${spec.tick.toString()} must be finer than the prices; ${price.zeros} of them round to zero.`,
      { where: nameOf(manifest), fix },
    );
  }
  if (price.off > 0 && kind !== 'bars' && !isMark) {
    throw fault(
      'DATA-003',
      `${nameOf(manifest)}: the tick ${spec.tick.toString()} must divide the prices, which are multiples of ${manifest.tick}; ${price.off} of them it does not.`,
      { where: nameOf(manifest), fix },
    );
  }
  if (price.off > 0 && kind === 'bars')
    notes.push({
      code: 'W-DATA-002',
      message: `${price.off} of ${4 * block.length} prices are no multiple of the tick ${spec.tick.toString()}; they were rounded to the nearest one.`,
    });
  if (size.off > 0)
    notes.push({
      code: 'W-DATA-009',
      message: `${size.off} sizes of ${nameOf(manifest)} are no multiple of the step ${spec.step.toString()}; they were cut to whole lots.`,
    });
  return { block, notes };
}

/** Whole multiples of one unit as whole multiples of another. */
class Ratio {
  off = 0;
  zeros = 0;
  private readonly over: number;
  private readonly under: number;

  constructor(
    from: Decimal,
    to: Decimal,
    private readonly rounding: Rounding,
  ) {
    const places = Math.max(from.decimalPlaces(), to.decimalPlaces());
    const [a, b] = [from, to].map((value) => value.times(Decimal.pow(10, places)).toNumber()) as [number, number];
    const common = gcd(a, b);
    [this.over, this.under] = [a / common, b / common];
  }

  apply(column: Float64Array): void {
    const { over, under } = this;
    if (over === 1 && under === 1) return;
    for (let i = 0; i < column.length; i += 1) {
      const before = column[i] as number;
      const product = before * over;
      if (Number.isSafeInteger(product) && product % under === 0) {
        column[i] = product / under;
        continue;
      }
      const after = mulDiv(before, over, under, this.rounding);
      if (under !== 1 && product % under !== 0) this.off += 1;
      if (after === 0 && before !== 0 && this.rounding === 'nearest') this.zeros += 1;
      column[i] = after;
    }
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
