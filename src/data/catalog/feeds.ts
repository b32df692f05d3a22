import type { BarColumns } from '../bar-columns.js';
import type { DataKind, Feed } from '../columns.js';
import { SHAPES, type Block, type ColumnArray } from './kinds.js';

/** A block as the feed that runs are made of, over the same memory. */
export function feedOf(block: Block, symbol: string, intervalMs: number): Feed {
  const { kind, length, columns } = block;
  const [at] = columns as readonly [Float64Array];
  const named = Object.fromEntries(
    SHAPES[kind].slice(1).map(({ name }, index) => [name, columns[index + 1] as ColumnArray]),
  );
  if (kind === 'bars')
    return { kind, columns: { symbol, intervalMs, length, openAt: at, ...named } as unknown as BarColumns };
  return { kind, columns: { symbol, length, at, ...named } } as unknown as Feed;
}

/** The columns of a feed, in the order of its kind. */
export function blockOf(feed: Feed): Block {
  const kind: DataKind = feed.kind;
  const named = feed.columns as unknown as Readonly<Record<string, ColumnArray>>;
  const time = kind === 'bars' ? 'openAt' : 'at';
  return {
    kind,
    length: feed.columns.length,
    columns: SHAPES[kind].map(({ name, role }) => named[role === 'time' ? time : name] as ColumnArray),
  };
}
