import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';

/** An instrument that has traded keeps its grid: its positions and orders are counted in it. */
export function assertGrid(known: Instrument, given: Instrument): void {
  if (known.spec.tick.eq(given.spec.tick) && known.spec.step.eq(given.spec.step)) return;
  throw fault(
    'CFG-006',
    `Tick and step of ${known.symbol} must stay ${known.spec.tick.toString()} and ${known.spec.step.toString()} while its market is open, were ${given.spec.tick.toString()} and ${given.spec.step.toString()}.`,
  );
}

/** Nothing of it would change. */
export function isSame({ spec: a }: Instrument, { spec: b }: Instrument): boolean {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof typeof a>;
  return [...fields].every((field) => JSON.stringify(a[field]) === JSON.stringify(b[field]));
}
