import { createHash } from 'node:crypto';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type { Feed } from '../columns.js';
import { unitsOf, type Block, type ColumnArray } from './kinds.js';
import { blockOf } from './feeds.js';

/** What a series is called and counted in, as it enters its fingerprint. */
export interface SeriesName {
  readonly kind: string;
  readonly symbol: string;
  /** Of bars; 0 for other kinds. */
  readonly intervalMs: number;
  /** Decimal text. */
  readonly tick: string;
  readonly step: string;
}

/** SHA-256 of the rows of a day or month: times and values, in this order of columns, as little-endian numbers. */
export class RowDigest {
  private readonly hash = createHash('sha256');

  constructor({ kind, length }: Pick<Block, 'kind' | 'length'>) {
    this.hash.update(`${kind} ${length}\n`);
  }

  /** Column after column, each from its first row on. */
  add({ buffer, byteOffset, byteLength }: ColumnArray): void {
    this.hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }

  /** Once, when all are added. */
  hex(): string {
    return this.hash.digest('hex');
  }
}

export function digestOfBlock(block: Block): string {
  const digest = new RowDigest(block);
  for (const column of block.columns) digest.add(column);
  return digest.hex();
}

/** SHA-256 of a series: its name and the digests of its days or months. It knows no file, format or import. */
export function fingerprintOfSeries(
  name: SeriesName,
  units: readonly { readonly key: string; readonly digest: string }[],
): string {
  const hash = createHash('sha256').update(
    `perpsbot series 1\n${name.kind}\n${name.symbol}\n${name.intervalMs}\n${name.tick}\n${name.step}\n`,
  );
  for (const { key, digest } of units) hash.update(`${key} ${digest}\n`);
  return hash.digest('hex');
}

const digests = new WeakMap<Feed['columns'], Map<string, string>>();

/** Computed once for columns that many runs share. */
function seriesDigest(feed: Feed, tick: string, step: string): string {
  const { columns, kind } = feed;
  let known = digests.get(columns);
  if (known === undefined) digests.set(columns, (known = new Map<string, string>()));
  const key = `${kind} ${tick} ${step}`;
  let digest = known.get(key);
  if (digest === undefined) {
    const units = unitsOf(blockOf(feed)).map(({ unit, block }) => ({ key: unit.key, digest: digestOfBlock(block) }));
    digest = fingerprintOfSeries(
      { kind, symbol: columns.symbol, intervalMs: feed.kind === 'bars' ? feed.columns.intervalMs : 0, tick, step },
      units,
    );
    known.set(key, digest);
  }
  return digest;
}

/**
 * One SHA-256 for all data of a run: equal for equal rows of equal instruments, wherever they were read from and in
 * whatever order they are listed. An instrument that is not given counts as ticks and lots of nothing.
 */
export function fingerprintOf(feeds: readonly Feed[], specs: readonly InstrumentSpec[] = []): string {
  const each = feeds.map((feed) => {
    const spec = specs.find((candidate) => candidate.symbol === feed.columns.symbol);
    return seriesDigest(feed, spec?.tick.toString() ?? '', spec?.step.toString() ?? '');
  });
  return createHash('sha256')
    .update(`perpsbot feeds 1\n${each.sort().join('\n')}\n`)
    .digest('hex');
}
