import { fault } from '../../domain/errors.js';
import type { DataKind } from '../columns.js';
import { allocate, sliceOf, timesOf, type Block, type ColumnArray } from './kinds.js';
import { isKeyed } from './quality.js';

export interface Merged {
  readonly block: Block;
  /** Rows of `added` that were there already. */
  readonly duplicates: number;
}

/**
 * Two stretches of one series as one. Rows of an instant that both have are compared: bars and funding stamps must be
 * equal (DATA-005 otherwise), messages of the book too; of trades, quotes and marks each row counts as often as the
 * side that has it more often has it, so that two trades alike stay two and a trade in both files stays one.
 */
export function merge(before: Block, added: Block, place: string): Merged {
  const [a, b] = [timesOf(before), timesOf(added)];
  if (before.length === 0) return { block: added, duplicates: 0 };
  if (added.length === 0) return { block: before, duplicates: 0 };
  const out = new RowWriter(before.kind, before.length + added.length);
  let duplicates = 0;
  for (let i = 0, j = 0; i < before.length || j < added.length;) {
    const at = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    const iEnd = endOf(a, i, at);
    const jEnd = endOf(b, j, at);
    out.copy(before, i, iEnd);
    if (iEnd === i) out.copy(added, j, jEnd);
    else if (jEnd > j)
      duplicates += join(
        sliceOf(before, i, iEnd),
        sliceOf(added, j, jEnd),
        out,
        `${place} at ${new Date(at).toISOString()}`,
      );
    [i, j] = [iEnd, jEnd];
  }
  return { block: out.block(), duplicates };
}

/** End of the rows that stand at an instant, from a row on. */
function endOf(times: Float64Array, from: number, at: number): number {
  let end = from;
  while (end < times.length && times[end] === at) end += 1;
  return end;
}

/** Adds what `added` has beyond `before`, whose rows are written already; returns how many it does not. */
function join(before: Block, added: Block, out: RowWriter, place: string): number {
  const together = isKeyed(before.kind) || before.kind === 'depth';
  if (together) {
    if (before.length === added.length && before.columns.every((_, column) => sameValues(before, added, column)))
      return added.length;
    throw fault('DATA-005', `${place} must have the same ${before.kind} in both files, has different ones.`, {
      where: place,
      why: 'One of the two is wrong, and which one only you can know.',
      fix: 'Import the other source into a catalog directory of its own, or repair the file.',
    });
  }
  const spent = new Uint8Array(before.length);
  let duplicates = 0;
  for (let row = 0; row < added.length; row += 1) {
    const twin = spent.findIndex((used, index) => used === 0 && sameRow(before, index, added, row));
    if (twin < 0) out.copy(added, row, row + 1);
    else {
      spent[twin] = 1;
      duplicates += 1;
    }
  }
  return duplicates;
}

const sameValues = (a: Block, b: Block, column: number): boolean =>
  (a.columns[column] as Float64Array).every((value, row) => Object.is(value, b.columns[column]?.[row]));
const sameRow = (a: Block, i: number, b: Block, j: number): boolean =>
  a.columns.every((column, index) => Object.is(column[i], b.columns[index]?.[j]));

/** Copies runs of rows into one block. */
class RowWriter {
  private readonly target: Block;
  private length = 0;
  private pending: { source: Block; from: number; to: number } | undefined;

  constructor(kind: DataKind, most: number) {
    this.target = allocate(kind, most);
  }

  copy(source: Block, from: number, to: number): void {
    if (from === to) return;
    if (this.pending?.source === source && this.pending.to === from) {
      this.pending.to = to;
      return;
    }
    this.flush();
    this.pending = { source, from, to };
  }

  block(): Block {
    this.flush();
    return sliceOf(this.target, 0, this.length);
  }

  private flush(): void {
    if (this.pending === undefined) return;
    const { source, from, to } = this.pending;
    source.columns.forEach((column, index) =>
      (this.target.columns[index] as ColumnArray).set(column.subarray(from, to), this.length),
    );
    this.length += to - from;
    this.pending = undefined;
  }
}
