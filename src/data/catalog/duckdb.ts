import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import { optionalPackage } from '../../flow/optional-package.js';
import type { DataKind } from '../columns.js';
import { refuseEndless } from '../tables/parquet-table.js';
import { allocate, SHAPES, type Block } from './kinds.js';
import { columnSql, damaged, type Counting } from './parquet-file.js';

type Module = typeof import('@duckdb/node-api');
type Instance = Awaited<ReturnType<Module['DuckDBInstance']['create']>>;
type Result = Awaited<ReturnType<Connection['run']>>;
type Chunk = NonNullable<Awaited<ReturnType<Awaited<ReturnType<Connection['stream']>>['fetchChunk']>>>;
type Connection = Awaited<ReturnType<Instance['connect']>>;

/** Part of a foreign Parquet file: columns of plain values, decimals with their scale kept apart. */
export interface ValuePart {
  readonly length: number;
  readonly values: readonly (readonly unknown[])[];
}

/** DuckDB as a reader of Parquet. It is an optional package: whoever has it installed reads several times faster. */
export class DuckDb {
  private constructor(
    private readonly instance: Instance,
    readonly version: string,
  ) {}

  private static opened: Promise<DuckDb | undefined> | undefined;

  /** Undefined where it is not installed or does not load. One instance serves the process. */
  static async load(): Promise<DuckDb | undefined> {
    DuckDb.opened ??= open();
    return DuckDb.opened;
  }

  static over(instance: Instance, version: string): DuckDb {
    return new DuckDb(instance, version);
  }

  /** The rows of a file of the catalog, whose footer says what they are counted in. Throws DATA-007. */
  async read(kind: DataKind, path: string, rows: number, counting?: Counting): Promise<Block> {
    const shapes = SHAPES[kind];
    const list = shapes.map((shape) => columnSql(shape, counting)).join(', ');
    const block = allocate(kind, rows);
    let offset = 0;
    try {
      for await (const chunk of this.chunks(`SELECT ${list} FROM read_parquet($1)`, path)) {
        if (offset + chunk.rowCount > rows) throw new Error(`it must have ${rows} rows, has more`);
        for (let index = 0; index < shapes.length; index += 1)
          block.columns[index]?.set(doublesOf(chunk.getColumnVector(index), chunk.rowCount), offset);
        offset += chunk.rowCount;
      }
    } catch (cause) {
      throw damaged(path, messageOf(cause), cause);
    }
    if (offset !== rows) throw damaged(path, `it must have ${rows} rows, has ${offset}`);
    return block;
  }

  /** Names of the columns of any Parquet file, and whether their instants have no zone. Throws DATA-003. */
  async columnsOf(path: string): Promise<{ readonly names: readonly string[]; readonly wall: readonly boolean[] }> {
    try {
      return await this.ask('SELECT * FROM read_parquet($1) LIMIT 0', path, (result) => ({
        names: result.columnNames(),
        // Coarser and finer ones, and dates, come as text.
        wall: result.columnTypes().map((type) => String(type) === 'TIMESTAMP'),
      }));
    } catch (cause) {
      throw unreadable(path, messageOf(cause), cause);
    }
  }

  /**
   * Rows of any Parquet file, some thousands at a time, as plain values: bigint for integers, text for decimals. Throws
   * DATA-003.
   */
  async *parts(path: string, bytes: number): AsyncGenerator<ValuePart> {
    let rows = 0;
    let expected: number;
    try {
      expected = await this.ask('SELECT count(*) FROM read_parquet($1)', path, async (result) =>
        Number((await result.getRows())[0]?.[0]),
      );
      refuseEndless(path, expected, bytes);
      for await (const chunk of this.chunks('SELECT * FROM read_parquet($1)', path)) {
        rows += chunk.rowCount;
        yield { length: chunk.rowCount, values: chunk.getColumns().map((column) => column.map(plainOf)) };
      }
    } catch (cause) {
      throw PerpsBotError.is(cause) ? cause : unreadable(path, messageOf(cause), cause);
    }
    if (rows !== expected) throw unreadable(path, `it must have ${expected} rows, has ${rows}`);
  }

  private async ask<T>(sql: string, path: string, answer: (result: Result) => T | Promise<T>): Promise<T> {
    const connection: Connection = await this.instance.connect();
    try {
      return await answer(await connection.run(sql, [path]));
    } finally {
      connection.closeSync();
    }
  }

  /** A query has a connection of its own: a second one on the same would end its stream without a word. */
  private async *chunks(sql: string, path: string): AsyncGenerator<Chunk> {
    const connection: Connection = await this.instance.connect();
    try {
      const result = await connection.stream(sql, [path]);
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      )
        yield chunk;
    } finally {
      connection.closeSync();
    }
  }
}

const unreadable = (path: string, message: string, cause?: unknown): Error =>
  fault('DATA-003', `${path} must be a readable Parquet file: ${message.split('\n', 1)[0] ?? ''}`, {
    where: path,
    cause,
    fix: 'Write the file again; a download may have been cut off.',
  });

async function open(): Promise<DuckDb | undefined> {
  let module: Module;
  try {
    module = await optionalPackage('@duckdb/node-api', 'Fast readers of Parquet', () => import('@duckdb/node-api'));
  } catch {
    // Another reader gives the same rows.
    return undefined;
  }
  const instance = await module.DuckDBInstance.create(':memory:');
  return DuckDb.over(instance, module.version());
}

/** The doubles of a vector, without a call for each of them where the library keeps them in one array. */
function doublesOf(vector: { getItem(index: number): unknown }, length: number): Float64Array {
  const { items } = vector as unknown as { readonly items?: unknown };
  if (items instanceof Float64Array) return items.length === length ? items : items.subarray(0, length);
  return Float64Array.from({ length }, (_, index) => vector.getItem(index) as number);
}

/** Timestamps become Dates, as the other reader has them; decimals their exact text. */
function plainOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('micros' in value && typeof value.micros === 'bigint') return new Date(Number(value.micros / 1_000n));
  return (value as { toString(): string }).toString();
}
