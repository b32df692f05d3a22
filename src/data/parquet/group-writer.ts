import type { ColumnChunk, Encoding, OffsetIndex, PageHeader, Statistics } from 'hyparquet';
import type { ParquetWriter } from 'hyparquet-writer';
import { DeltaPack, type Stored } from './delta-pack.js';

const PAGE_ROWS = 131_072;
/** Larger pages are looked at before they are compressed: bytes of the look, and what must be left of them. */
const WORTH_A_LOOK = 1 << 16;
const SAMPLE = 1 << 13;
const WORTH_IT = 0.9;

/** A column of a group of rows, and as what it is stored. */
export interface StoredColumn extends Stored {
  readonly name: string;
  readonly type: 'INT32' | 'INT64' | 'DOUBLE';
  readonly values: Float64Array | Int8Array | Uint8Array;
}

type HeaderWriter = (writer: ParquetWriter['writer'], header: PageHeader) => void;

/**
 * Writes groups of rows as hyparquet-writer would, but for the BigInt that it makes of each integer: pages are ours,
 * byte for byte its own; headers, compression, indexes and footer are its own. Long pages that do not shrink stand as
 * they are.
 */
export class GroupWriter {
  private readonly delta = new DeltaPack();

  constructor(
    private readonly parquet: ParquetWriter,
    private readonly header: HeaderWriter,
  ) {}

  /** A column of a group; undefined where numbers are too large, or neighbours too far apart, for our arithmetic. */
  pack(column: StoredColumn): PackedColumn | undefined {
    const { name, type, values } = column;
    const rows = values.length;
    const pages: Page[] = [];
    let squeezed: boolean | undefined;
    for (let from = 0; from < rows; from += PAGE_ROWS) {
      const to = Math.min(rows, from + PAGE_ROWS);
      const plain =
        type === 'DOUBLE'
          ? new Uint8Array(values.buffer, values.byteOffset + from * 8, (to - from) * 8)
          : this.delta.pack(column, from, to);
      if (plain === undefined) return undefined;
      const { least, most } = this.delta;
      squeezed ??= this.shrinks(plain);
      // What is packed lives until the next page is.
      const packed = squeezed ? this.parquet.compressors.SNAPPY(plain) : plain.slice();
      pages.push({ from, rows: to - from, size: plain.length, packed, least, most });
    }
    const statistics = type === 'DOUBLE' ? statisticsOf(values, rows) : rangeOf(type, pages);
    return { name, type, rows, pages, statistics, codec: squeezed === false ? 'UNCOMPRESSED' : 'SNAPPY' };
  }

  /** Writes a group; false, with nothing written, where one of its columns could not be packed. */
  write(columns: readonly (PackedColumn | undefined)[]): boolean {
    const { parquet } = this;
    if (columns.includes(undefined)) return false;
    const start = parquet.writer.offset;
    const chunks = (columns as readonly PackedColumn[]).map((column) => this.chunk(column));
    const rows = BigInt(columns[0]?.rows ?? 0);
    parquet.num_rows += rows;
    parquet.row_groups.push({
      columns: chunks,
      total_byte_size: chunks.reduce((sum, { meta_data: facts }) => sum + (facts?.total_uncompressed_size ?? 0n), 0n),
      num_rows: rows,
      total_compressed_size: BigInt(parquet.writer.offset - start),
    });
    return true;
  }

  /** Distances of prices and sizes are as good as noise: what does not shrink here will not elsewhere. */
  private shrinks(page: Uint8Array): boolean {
    if (page.length < WORTH_A_LOOK) return true;
    const middle = (page.length - SAMPLE) >>> 1;
    return this.parquet.compressors.SNAPPY(page.subarray(middle, middle + SAMPLE)).length < SAMPLE * WORTH_IT;
  }

  private chunk({ name, type, rows, pages, statistics, codec }: PackedColumn): ColumnChunk {
    const { writer, pendingIndexes } = this.parquet;
    const encoding: Encoding = type === 'DOUBLE' ? 'PLAIN' : 'DELTA_BINARY_PACKED';
    const start = writer.offset;
    let size = 0;
    const offsetIndex: OffsetIndex = { page_locations: [] };
    for (const page of pages) {
      const offset = writer.offset;
      this.header(writer, headerOf(page, encoding, codec));
      size += writer.offset - offset + page.size;
      writer.appendBytes(page.packed);
      offsetIndex.page_locations.push({
        offset: BigInt(offset),
        compressed_page_size: writer.offset - offset,
        first_row_index: BigInt(page.from),
      });
    }
    const chunk: ColumnChunk = {
      meta_data: {
        type,
        encodings: [encoding],
        path_in_schema: [name],
        codec,
        num_values: BigInt(rows),
        total_compressed_size: BigInt(writer.offset - start),
        total_uncompressed_size: BigInt(size),
        data_page_offset: BigInt(start),
        statistics,
        encoding_stats: [{ page_type: 'DATA_PAGE_V2', encoding, count: pages.length }],
      },
      file_offset: BigInt(start),
    };
    pendingIndexes.push(pages.length > 1 ? { chunk, offsetIndex } : { chunk });
    return chunk;
  }
}

type Codec = 'SNAPPY' | 'UNCOMPRESSED';

/** A column of a group as it will stand in the file. */
export interface PackedColumn extends Pick<StoredColumn, 'name' | 'type'> {
  readonly rows: number;
  readonly pages: readonly Page[];
  readonly statistics: Statistics;
  readonly codec: Codec;
}

interface Page {
  readonly from: number;
  readonly rows: number;
  /** Before it was packed. */
  readonly size: number;
  readonly packed: Uint8Array;
  /** Of integers: the least and the greatest that are stored. */
  readonly least: number;
  readonly most: number;
}

const headerOf = ({ rows, size, packed }: Page, encoding: Encoding, codec: Codec): PageHeader => ({
  type: 'DATA_PAGE_V2',
  uncompressed_page_size: size,
  compressed_page_size: packed.length,
  data_page_header_v2: {
    num_values: rows,
    num_nulls: 0,
    num_rows: rows,
    encoding,
    definition_levels_byte_length: 0,
    repetition_levels_byte_length: 0,
    is_compressed: codec === 'SNAPPY',
  },
});

function rangeOf(type: 'INT32' | 'INT64', pages: readonly Page[]): Statistics {
  const least = Math.min(...pages.map((page) => page.least));
  const most = Math.max(...pages.map((page) => page.most));
  return type === 'INT64'
    ? { min_value: BigInt(least), max_value: BigInt(most), null_count: 0n }
    : { min_value: least, max_value: most, null_count: 0n };
}

/** Least and greatest of doubles; what is no number is neither, and counted. */
function statisticsOf(values: StoredColumn['values'], rows: number): Statistics & { nan_count?: bigint } {
  let [least, most, missing] = [Infinity, -Infinity, 0];
  for (let i = 0; i < rows; i += 1) {
    const value = values[i] as number;
    if (value < least) least = value;
    if (value > most) most = value;
    if (Number.isNaN(value)) missing += 1;
  }
  // Zero has two signs in Parquet, and the wider range is meant.
  const range = missing === rows ? {} : { min_value: least === 0 ? -0 : least, max_value: most === 0 ? 0 : most };
  return { ...range, null_count: 0n, nan_count: BigInt(missing) };
}
