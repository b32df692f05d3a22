import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { allocate, stretchOf } from '#src/data/catalog/kinds.js';
import { encodeParquet } from '#src/data/catalog/parquet-file.js';
import { blockOfRows, seriesOf } from '#src/data/catalog/raw-series.js';
import { readSource } from '#src/data/sources/read-source.js';
import { Skim } from '#src/data/sources/skim.js';
import { PerpsBotError } from '#src/domain/errors.js';
import type { DataFile } from '#src/ports/research/data-files.js';

/** A text in memory, of which a read gives so many bytes at most: blocks end where that has it. */
const fileOf = (text: string, part: number, path = 'trades.csv'): DataFile => {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    size: bytes.length,
    read: (into, position) => {
      const piece = bytes.subarray(position, position + Math.min(part, into.length));
      into.set(piece);
      return piece.length;
    },
    readLater: () => Promise.reject(new Error('must read in order')),
    close: () => undefined,
  };
};

/** All that a file says, or the words in which it is refused. */
async function told(text: string, part = 1 << 20, path?: string): Promise<unknown> {
  try {
    const file = fileOf(text, part, path);
    const source = await readSource(file, {
      format: 'auto',
      where: {},
      duckdb: false,
      ...(/symbol/.test(text) ? {} : { symbol: 'X' }),
    });
    return source.series.map((builder) => {
      const raw = seriesOf(builder, file.path, { sort: true, intervalMs: 60_000 });
      const block = blockOfRows(raw, { from: 0, to: raw.times.length, tick: raw.tick, step: raw.step });
      const { noisy, fine, repeated, missing, missingRanges, disorder, closes, prices, sizes } = builder;
      return {
        rows: block.columns.map((column) => [...column]),
        facts: [raw.symbol, raw.kind, String(raw.tick), String(raw.step), raw.duplicates, raw.outliers, source.times],
        seen: [noisy, fine, repeated, missing, missingRanges, disorder, [...closes], source.incomplete],
        decimals: [prices, sizes].map(({ decimals, length, withDecimals }) => [decimals, length, [...withDecimals]]),
      };
    });
  } catch (error) {
    if (!PerpsBotError.is(error)) throw error;
    return { code: error.code, message: error.message, where: error.where, why: error.why, fix: error.fix };
  }
}

/** The same without the reader of plain rows. */
async function toldWithCare(text: string, path?: string): Promise<unknown> {
  const run = Skim.prototype.run;
  Skim.prototype.run = () => undefined;
  try {
    return await told(text, 1 << 20, path);
  } finally {
    Skim.prototype.run = run;
  }
}

const DAY = Date.UTC(2024, 7, 8);
/** Mostly plain, now and then odd: what is rare in a cell must still occur in a file. */
const mostly = <T>(plain: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 60, arbitrary: plain }, { weight: 1, arbitrary: odd });
const plainNumber = fc
  .tuple(fc.integer({ min: 1, max: 99_999 }), fc.nat(3))
  .map(([value, places]) => (value / 10 ** places).toFixed(places));
const ODD = ['1e3', '1.5E-2', '+7', '007', '0.10', '1.', '.5', '', '-1', '-0', '0', ' 8 ', '"9.5"', 'NaN', 'x', '1\r2'];
const LONG = [
  '0.123456789',
  '1234567890123456',
  '1.1997200000000001',
  '99999999999999.9',
  '900719925474099.3',
  '1e400',
];
const number = mostly(plainNumber, fc.constantFrom(...ODD, ...LONG));
const step = mostly(fc.integer({ min: 0, max: 9 }), fc.constantFrom(-5, 400_000, 1e12));
const side = mostly(fc.constantFrom('buy', 'sell'), fc.constantFrom('', 'unknown', 'BUY', 'b', '-1', 'none', '"sell"'));
const symbol = mostly(fc.constant('X'), fc.constantFrom('Y', '', '"X"', 'XX'));
const end = mostly(fc.constant('\n'), fc.constantFrom('\r\n', '\n\n', '\r', ',z\n', '\r\r\n'));
const mark = fc.constantFrom('', '\uFEFF');
const separator = fc.constantFrom(',', ',', ';', '\t');
const cell = { step, a: number, b: number, c: number, d: number, side, symbol, end };
const rows = fc.array(fc.record(cell), { minLength: 1, maxLength: 40 });
const shape = {
  rows,
  mark,
  separator,
  unit: fc.constantFrom(0.001, 1, 1e3, 1e6),
  last: fc.constantFrom('\n', '', '\r\n'),
};

type Cells = { readonly [K in keyof typeof cell]: (typeof cell)[K] extends fc.Arbitrary<infer T> ? T : never };
interface File {
  readonly header: string;
  readonly row: (cells: Cells, at: number, index: number) => readonly (string | number)[];
  readonly path?: string;
}
const KINDS: Readonly<Record<string, File>> = {
  trades: {
    header: 'ts,symbol,price,size,side',
    row: ({ symbol, a, b, side }, at) => [at, symbol, a, b, side],
  },
  quotes: {
    header: 'venue,timestamp,bid,bid_size,ask,ask_size,symbol',
    row: ({ symbol, a, b, c, d }, at) => [symbol === 'Y' ? 'v' : 'w', at, a, b, c, d, 'X'],
  },
  bars: {
    header: 'time,open,high,low,close,volume,close_time',
    row: ({ a, b, c, side }, at) => [at, a, side === 'buy' ? a : b, a, a, c, side],
  },
  aggTrades: {
    header: 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker',
    row: ({ a, b, c, side, step }, at, index) => [
      step < 0 ? c : index + (step > 99 ? 3 : 0),
      a,
      b,
      1,
      c,
      at,
      String(side === 'buy'),
    ],
    path: 'BTCUSDT-aggTrades-2024-08-08.csv',
  },
};

describe('the reader of plain rows', () => {
  it.each(Object.entries(KINDS))(
    'reads and refuses %s as the reader with care does, wherever a block ends',
    async (_, kind) => {
      await fc.assert(
        fc.asyncProperty(
          fc.record(shape),
          fc.nat(),
          async ({ rows: cells, mark: bom, separator: by, unit, last }, cut) => {
            let at = DAY;
            const lines = cells.map((each, index) => {
              at += kind.header.startsWith('time') ? each.step * 60_000 : each.step;
              const time = unit < 1 ? Math.floor(at / 1e3) : at * unit;
              return kind.row(each, time, index).join(by) + (index === cells.length - 1 ? last : each.end);
            });
            const text = `${bom}${kind.header.replaceAll(',', by)}\n${lines.join('')}`;
            const expected = await toldWithCare(text, kind.path);
            expect(await told(text, 1 << 20, kind.path)).toEqual(expected);
            // A read of few bytes: blocks end within rows, numbers and line ends.
            expect(await told(text, 1 + (cut % 97), kind.path)).toEqual(expected);
          },
        ),
        { numRuns: 120 },
      );
    },
  );

  it('takes nearly all rows of a plain file, in blocks that end at each byte', async () => {
    const text = `ts_ms,symbol,price,size,side\n${Array.from({ length: 12 }, (_, i) => `${DAY + i},X,${i + 1}.5,0.${i + 1},${i % 2 === 0 ? 'buy' : 'sell'}\r\n`).join('')}`;
    const expected = await toldWithCare(text);
    for (let part = 1; part <= text.length; part += 1) expect(await told(text, part)).toEqual(expected);
    let taken = 0;
    const run = Skim.prototype.run;
    Skim.prototype.run = function (this: Skim, plain, builder) {
      const before = builder.length;
      run.call(this, plain, builder);
      taken += builder.length - before;
    };
    try {
      await told(text);
    } finally {
      Skim.prototype.run = run;
    }
    // The first has a decimal to settle, and some later ones have more decimals than those before.
    expect(taken).toBeGreaterThanOrEqual(10);
  });
});

describe('pages of Parquet', () => {
  it('are those of hyparquet-writer, byte for byte, for any distances of neighbours', async () => {
    const far = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
      fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
    );
    const row = fc.tuple(fc.integer({ min: 0, max: 4e12 }), far, far, fc.constantFrom(-1, 0, 1));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 300 }), async (cells) => {
        const block = allocate('trades', cells.length);
        cells.forEach((values, i) => values.forEach((value, column) => (block.columns[column]![i] = value)));
        const [own] = await encodeParquet(stretchOf(block), { kind: 'trades', tick: '1', step: '1' });
        const names = ['time', 'price', 'size', 'side'] as const;
        const writer = new ByteWriter();
        const types = ['INT64', 'INT64', 'INT64', 'INT32'] as const;
        const schema = names.map((name, i) => ({ name, type: types[i]!, repetition_type: 'REQUIRED' as const }));
        const library = new ParquetWriter({ writer, schema: [{ name: 'root', num_children: 4 }, ...schema] });
        const wide = (column: number, factor: bigint) =>
          BigInt64Array.from([...(block.columns[column] as Float64Array)], (value) => BigInt(value) * factor);
        const data = [wide(0, 1_000n), wide(1, 1n), wide(2, 1n), Int32Array.from(block.columns[3] as Int8Array)];
        const columnData = names.map((name, i) => ({
          name,
          data: data[i]!,
          type: types[i]!,
          encoding: 'DELTA_BINARY_PACKED' as const,
        }));
        await library.write({ columnData, rowGroupSize: cells.length });
        // Up to where the footer begins, which says what the numbers mean.
        expect(Buffer.compare(own!.subarray(0, writer.offset), writer.getBytes())).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
