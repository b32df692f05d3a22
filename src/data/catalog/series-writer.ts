import { createHash } from 'node:crypto';
import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { columnsPath, type Catalog } from './catalog.js';
import { fingerprintOfSeries, RowDigest } from './fingerprint.js';
import { concat, SHAPES, stretchOf, unitOf, type Block, type Stretch, type Times } from './kinds.js';
import {
  MANIFEST,
  manifestBytes,
  nameOf,
  type Manifest,
  type Partition,
  type SeriesId,
  type SeriesSource,
} from './manifest.js';
import { merge } from './merge.js';
import { encodeParquet } from './parquet-file.js';
import { fundingGaps, gapBetween, Gaps, spacingOf, type TimeRange } from './quality.js';
import { blockOfRows, stretchOfRows, whole, type RawSeries } from './raw-series.js';

export interface Written {
  readonly manifest: Manifest;
  /** Rows that were not there before. */
  readonly added: number;
  readonly duplicates: number;
}

export type SourceFacts = Pick<
  SeriesSource,
  'file' | 'sha256' | 'format' | 'market' | 'missingIds' | 'missingIdRanges'
>;

/**
 * Merges the rows of a file into its series. New files are written beside the old ones; the manifest that names them is
 * replaced last, in one step, and only then the old ones go: a crash at any moment leaves the old series or the new
 * one.
 */
export class SeriesWriter {
  constructor(
    private readonly catalog: Catalog,
    private readonly onRows: (rows: number) => void = () => undefined,
  ) {}

  async write(raw: RawSeries, symbol: string, source: SourceFacts): Promise<Written> {
    const id: SeriesId = { kind: raw.kind, symbol, intervalMs: raw.intervalMs };
    const before = this.catalog.manifest(id);
    const tick = finer(before?.tick, raw.tick, `${nameOf(id)}: tick`);
    const step = finer(before?.step, raw.step, `${nameOf(id)}: step`);
    const partitions = new Map(
      (await this.rescaled(before, id, tick, step)).map((partition) => [partition.key, partition]),
    );
    let duplicates = raw.duplicates;
    for (let from = 0; from < raw.times.length;) {
      const unit = unitOf(raw.kind, raw.times.at(from) as number);
      const to = endOf(raw.times, unit.to, from);
      const old = partitions.get(unit.key);
      const span = { from, to, tick, step };
      if (old === undefined)
        partitions.set(unit.key, await this.store(id, unit.key, stretchOfRows(raw, span), tick, step));
      else {
        const place = `${nameOf(id)} in ${source.file}`;
        const merged = merge(await this.catalog.decode(id, old), blockOfRows(raw, span), place);
        duplicates += merged.duplicates;
        if (merged.block.length > old.rows)
          partitions.set(unit.key, await this.store(id, unit.key, stretchOf(merged.block), tick, step));
      }
      this.onRows(to);
      from = to;
    }
    const record: SeriesSource = {
      ...source,
      rows: raw.times.length + raw.duplicates,
      duplicates,
      disorder: raw.disorder.rows,
      disorderRanges: raw.disorder.ranges,
    };
    const manifest = await this.commit(
      id,
      before,
      { tick, step },
      [...partitions.values()].sort((a, b) => a.first - b.first),
      record,
    );
    return { manifest, added: manifest.rows - (before?.rows ?? 0), duplicates };
  }

  /** The files there are, written anew where the series is counted in a finer tick or step from now on. */
  private async rescaled(
    before: Manifest | undefined,
    id: SeriesId,
    tick: Decimal,
    step: Decimal,
  ): Promise<readonly Partition[]> {
    if (before === undefined) return [];
    const prices = new Decimal(before.tick).div(tick).toNumber();
    const sizes = new Decimal(before.step).div(step).toNumber();
    if (prices === 1 && sizes === 1) return before.partitions;
    const partitions: Partition[] = [];
    for (const partition of before.partitions) {
      const block = await this.catalog.decode(id, partition);
      SHAPES[id.kind].forEach(({ role }, index) => {
        const factor = role === 'price' ? prices : role === 'size' ? sizes : 1;
        const column = block.columns[index] as Float64Array;
        if (factor !== 1)
          for (let i = 0; i < column.length; i += 1) column[i] = whole((column[i] as number) * factor, nameOf(id));
      });
      partitions.push(await this.store(id, partition.key, stretchOf(block), tick, step));
    }
    return partitions;
  }

  private async store(id: SeriesId, key: string, rows: Stretch, tick: Decimal, step: Decimal): Promise<Partition> {
    const { length, times } = rows;
    const spacing = spacingOf(times);
    const rowDigest = new RowDigest(rows);
    const gaps = new Gaps(id.kind, id.intervalMs, spacing);
    const parts = await encodeParquet(
      rows,
      {
        kind: id.kind,
        symbol: id.symbol,
        intervalMs: String(id.intervalMs),
        tick: tick.toString(),
        step: step.toString(),
      },
      (column, values) => {
        rowDigest.add(values);
        if (column === 0) gaps.see(values);
      },
    );
    const digest = rowDigest.hex();
    const sha256 = parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
    const file = `${key}.${digest.slice(0, 12)}.parquet`;
    this.catalog.files.writeAtomic(this.catalog.pathOf(id, file), parts);
    return {
      key,
      file,
      rows: length,
      first: times.at(0) as number,
      last: times.at(length - 1) as number,
      spacing,
      digest,
      sha256,
      gaps: gaps.found,
    };
  }

  private async commit(
    id: SeriesId,
    before: Manifest | undefined,
    scale: { readonly tick: Decimal; readonly step: Decimal },
    partitions: readonly Partition[],
    source: SeriesSource,
  ): Promise<Manifest> {
    const { files } = this.catalog;
    if (this.catalog.manifest(id)?.fingerprint !== before?.fingerprint) {
      throw fault('STORE-005', `${nameOf(id)} must not change during an import, but another one has written it.`, {
        where: this.catalog.directory,
        fix: 'Import again; one import at a time.',
      });
    }
    const sources = [...(before?.sources ?? []).filter(({ sha256 }) => sha256 !== source.sha256), source];
    const [tick, step] = [scale.tick.toString(), scale.step.toString()];
    const manifest: Omit<Manifest, 'version'> = {
      ...id,
      tick,
      step,
      rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
      first: partitions[0]?.first ?? 0,
      last: partitions.at(-1)?.last ?? 0,
      fingerprint: fingerprintOfSeries({ ...id, tick, step }, partitions),
      gaps: await this.gapsOf(id, partitions),
      duplicates: sources.reduce((sum, { duplicates }) => sum + duplicates, 0),
      disorder: sources.reduce((sum, { disorder }) => sum + disorder, 0),
      sources,
      partitions,
    };
    files.writeAtomic(this.catalog.pathOf(id, MANIFEST), [manifestBytes(manifest)]);
    this.sweep(id, partitions);
    return this.catalog.manifest(id) as Manifest;
  }

  private async gapsOf(id: SeriesId, partitions: readonly Partition[]): Promise<readonly TimeRange[]> {
    if (id.kind === 'funding') {
      const blocks: Block[] = [];
      for (const partition of partitions) blocks.push(await this.catalog.decode(id, partition));
      return fundingGaps(concat('funding', blocks));
    }
    return gapsAcross(id, partitions);
  }

  /** Removes what no manifest names: files that were replaced, and those of an import that did not end. */
  private sweep(id: SeriesId, partitions: readonly Partition[]): void {
    const { files } = this.catalog;
    const named = new Set([MANIFEST, ...partitions.flatMap(({ file }) => [file, columnsPath(file)])]);
    for (const name of files.list(this.catalog.pathOf(id, '')))
      if (!named.has(name) && /\.(parquet|columns|tmp)$/.test(name)) files.remove(this.catalog.pathOf(id, name));
  }
}

/** First row, from one on, whose time is not before `at`. */
function endOf(times: Times, at: number, from: number): number {
  let low = from;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times.at(middle) as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Gaps inside the files of a series and between them. */
export function gapsAcross(id: SeriesId, partitions: readonly Partition[]): TimeRange[] {
  return partitions.flatMap((partition, index) => {
    const before = partitions[index - 1];
    const between =
      before === undefined
        ? undefined
        : gapBetween(id.kind, id.intervalMs, Math.max(before.spacing, partition.spacing), before.last, partition.first);
    return between === undefined ? partition.gaps : [between, ...partition.gaps];
  });
}

/** The finer of two, which must divide the other. */
function finer(before: string | undefined, now: Decimal, what: string): Decimal {
  if (before === undefined) return now;
  const old = new Decimal(before);
  const [fine, coarse] = old.lt(now) ? [old, now] : [now, old];
  if (coarse.mod(fine).isZero()) return fine;
  throw fault(
    'DATA-003',
    `${what} must divide that of the series, ${before}, or be divided by it, was ${now.toString()}.`,
    { fix: 'Name one that fits both, or use another catalog directory.' },
  );
}
