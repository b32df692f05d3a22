import { createHash } from 'node:crypto';
import { barIntervalText } from '../../domain/time-spans.js';
import { fault } from '../../domain/errors.js';
import { readText, type DataFile, type DataFiles } from '../../ports/research/data-files.js';
import type { DataKind } from '../columns.js';
import { DuckDb } from './duckdb.js';
import { digestOfBlock } from './fingerprint.js';
import { encodeColumns, readColumnsInto } from './hot-cache.js';
import { allocate, lowerBound, sliceOf, timesOf, type Block, type ColumnArray } from './kinds.js';
import {
  foldersOf,
  MANIFEST,
  nameOf,
  parseManifest,
  type Manifest,
  type Partition,
  type SeriesId,
} from './manifest.js';
import type { SeriesShelf, ShelfSpan } from './shelf.js';
import { countingIn, damaged, decodeParquet, type ParquetSource } from './parquet-file.js';

const HASH_PART = 1 << 22;

export interface CatalogOptions {
  /** Read Parquet with DuckDB where it is installed. Default true. */
  readonly duckdb?: boolean;
}

/**
 * A directory of market data: a series in each folder, its rows in Parquet files by day or month, described by a
 * manifest.
 */
export class Catalog implements SeriesShelf {
  constructor(
    readonly files: DataFiles,
    readonly directory: string,
    private readonly options: CatalogOptions = {},
  ) {}

  /**
   * Every series, by kind and symbol. Throws DATA-002 where there is no catalog at all, DATA-007 for a manifest that is
   * none.
   */
  list(): readonly Manifest[] {
    const { files, directory } = this;
    if (!files.isDirectory(directory)) {
      throw fault('DATA-002', `The catalog must be a directory that exists, was ${directory}.`, {
        where: directory,
        fix: 'Name it with --catalog, or fill it: perpsbot data import --from FILE.',
      });
    }
    const found: Manifest[] = [];
    for (const kind of files.list(directory)) {
      const folder = files.join(directory, kind);
      if (!files.isDirectory(folder)) continue;
      for (const symbol of files.list(folder)) {
        const path = files.join(folder, symbol, MANIFEST);
        const text = readText(files, path);
        if (text !== undefined) found.push(parseManifest(text, path));
      }
    }
    return found;
  }

  /** Undefined for a series that is not here. */
  manifest(id: SeriesId): Manifest | undefined {
    const path = this.pathOf(id, MANIFEST);
    const text = readText(this.files, path);
    return text === undefined ? undefined : parseManifest(text, path);
  }

  pathOf(id: SeriesId, file: string): string {
    return this.files.join(this.directory, ...foldersOf(id), file);
  }

  /**
   * The rows of a series that begin at `from` or later and before `to`, in one piece of memory, shared between threads
   * when asked. Files that were read before come from flat columns beside them.
   */
  async read(manifest: Manifest, span: ShelfSpan = {}): Promise<Block> {
    const { from = -Infinity, to = Infinity, shared = false } = span;
    const wanted = manifest.partitions.filter(({ first, last }) => last >= from && first < to);
    const whole = allocate(
      manifest.kind,
      wanted.reduce((sum, { rows }) => sum + rows, 0),
      shared,
    );
    let offset = 0;
    for (const partition of wanted) {
      await this.readInto(manifest, partition, whole, offset);
      offset += partition.rows;
    }
    const times = timesOf(whole);
    return sliceOf(whole, lowerBound(times, from), lowerBound(times, to));
  }

  /** The rows of one file, decoded and compared with its digest. Throws DATA-007. */
  async decode(id: SeriesId, partition: Partition): Promise<Block> {
    const path = this.pathOf(id, partition.file);
    const duckdb = this.options.duckdb === false ? undefined : await DuckDb.load();
    const file = this.open(path);
    let block: Block;
    try {
      block =
        duckdb === undefined
          ? await decodeParquet(id.kind, sourceOf(file), path)
          : await duckdb.read(id.kind, path, partition.rows, await countingIn(sourceOf(file), path));
    } finally {
      file.close();
    }
    const digest = digestOfBlock(block);
    if (block.length !== partition.rows || digest !== partition.digest)
      throw damaged(
        path,
        `its ${partition.rows} rows must have the digest ${partition.digest.slice(0, 12)}, have ${digest.slice(0, 12)}`,
      );
    return block;
  }

  /** SHA-256 of a file's bytes; undefined when there is none. */
  hashFile(path: string, onProgress: (bytes: number) => void = () => undefined): string | undefined {
    const file = this.files.open(path);
    if (file === undefined) return undefined;
    try {
      return hashOf(file, onProgress);
    } finally {
      file.close();
    }
  }

  private async readInto(id: SeriesId, partition: Partition, whole: Block, offset: number): Promise<void> {
    const path = columnsPath(this.pathOf(id, partition.file));
    const cached = this.files.open(path);
    if (cached !== undefined) {
      try {
        if (await readColumnsInto(cached, partition.digest, whole, offset, partition.rows)) return;
      } finally {
        cached.close();
      }
    }
    const block = await this.decode(id, partition);
    block.columns.forEach((column, index) => (whole.columns[index] as ColumnArray).set(column, offset));
    this.keepColumns(path, block, partition.digest);
  }

  /** A catalog that may only be read, or a full disk, costs speed and nothing else. */
  private keepColumns(path: string, block: Block, digest: string): void {
    try {
      this.files.writeAtomic(path, encodeColumns(block, digest));
    } catch {
      // The Parquet file has been read and checked: the caller has its rows.
    }
  }

  private open(path: string): DataFile {
    const file = this.files.open(path);
    if (file === undefined) throw damaged(path, 'it is missing');
    return file;
  }
}

export const columnsPath = (parquet: string): string => parquet.replace(/\.parquet$/, '.columns');

/** A file as Parquet readers want it. */
export const sourceOf = (file: DataFile): ParquetSource => ({
  byteLength: file.size,
  slice: (start, end = file.size) => {
    const bytes = new Uint8Array(Math.max(0, end - start));
    const read = file.read(bytes, start);
    return read === bytes.length ? bytes.buffer : bytes.buffer.slice(0, read);
  },
});

export function hashOf(file: DataFile, onProgress: (bytes: number) => void = () => undefined): string {
  const hash = createHash('sha256');
  const part = new Uint8Array(HASH_PART);
  for (let at = 0; at < file.size; at += part.length) {
    hash.update(part.subarray(0, file.read(part, at)));
    onProgress(Math.min(file.size, at + part.length));
  }
  return hash.digest('hex');
}

/** Throws DATA-006 naming what the catalog holds instead. */
export function seriesMissing(
  wanted: { readonly kind: DataKind; readonly symbol: string; readonly intervalMs?: number | undefined },
  held: readonly SeriesId[],
): Error {
  return fault(
    'DATA-006',
    `The catalog must hold ${wanted.kind}${wanted.intervalMs === undefined ? '' : ` ${barIntervalText(wanted.intervalMs)}`} of ${wanted.symbol}; it holds ${held.length === 0 ? 'nothing' : held.map((manifest) => nameOf(manifest)).join(', ')}.`,
    {
      ...(wanted.symbol === wanted.symbol.toUpperCase() ? {} : { why: 'Symbols are in capitals in the catalog.' }),
      fix: 'perpsbot data ls shows what is there; perpsbot data import brings more.',
    },
  );
}
