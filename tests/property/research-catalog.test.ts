import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate, sliceOf, stretchOf, type Block } from '#src/data/catalog/kinds.js';
import { ChunkedColumn, DecimalScale, PlainRoom } from '#src/data/catalog/chunked-column.js';
import { DecimalScanner } from '#src/data/tables/decimal-scanner.js';
import { digestOfBlock } from '#src/data/catalog/fingerprint.js';
import { merge } from '#src/data/catalog/merge.js';
import { decodeParquet, encodeParquet } from '#src/data/catalog/parquet-file.js';

const START = Date.UTC(2024, 7, 8);

/** Trades of few times and prices, so that instants and whole rows repeat. */
const trades = fc
  .array(
    fc.record({
      step: fc.integer({ min: 0, max: 2 }),
      price: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 0, max: 2 }),
      side: fc.constantFrom(-1, 0, 1),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows) => {
    const block = allocate('trades', rows.length);
    let at = START;
    rows.forEach(({ step, price, size, side }, i) => {
      at += step;
      [at, price, size, side].forEach((value, column) => (block.columns[column]![i] = value));
    });
    return block;
  });

/** Rows as sorted text: order within an instant is not kept when files overlap. */
const bag = (block: Block): string[] =>
  Array.from({ length: block.length }, (_, i) => block.columns.map((column) => column[i]).join(' ')).sort();

describe('merging', () => {
  it('makes of any two overlapping pieces cut between instants the whole again, and counts the overlap', () => {
    fc.assert(
      fc.property(trades, fc.nat(), fc.nat(), (whole, a, b) => {
        const times = whole.columns[0] as Float64Array;
        const cut = (n: number): number => {
          let at = n % (whole.length + 1);
          while (at > 0 && at < whole.length && times[at] === times[at - 1]) at += 1;
          return at;
        };
        const [low, high] = [cut(a), cut(b)].sort((x, y) => x - y) as [number, number];
        const { block, duplicates } = merge(sliceOf(whole, 0, high), sliceOf(whole, low, whole.length), 'here');
        expect(digestOfBlock(block)).toBe(digestOfBlock(whole));
        expect(duplicates).toBe(high - low);
      }),
    );
  });

  it('loses no row and makes none up, wherever the pieces are cut, and is in order', () => {
    fc.assert(
      fc.property(trades, trades, (one, other) => {
        const { block, duplicates } = merge(one, other, 'here');
        expect(block.length).toBe(one.length + other.length - duplicates);
        const count = (rows: readonly string[], row: string): number => rows.filter((each) => each === row).length;
        for (const row of new Set([...bag(one), ...bag(other)]))
          expect(count(bag(block), row)).toBe(Math.max(count(bag(one), row), count(bag(other), row)));
        const times = block.columns[0] as Float64Array;
        expect(times.every((at, i) => i === 0 || at >= (times[i - 1] as number))).toBe(true);
      }),
    );
  });
});

describe('Parquet of the catalog', () => {
  it('gives back any whole numbers and any microseconds, exactly', async () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 4e15 }),
      fc.maxSafeInteger(),
      fc.maxSafeNat(),
      fc.constantFrom(-1, 0, 1),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const block = allocate('trades', rows.length);
        rows.forEach(([micros, ...values], i) =>
          [micros / 1_000, ...values].forEach((value, column) => (block.columns[column]![i] = value)),
        );
        const [bytes] = (await encodeParquet(stretchOf(block), {})) as [Uint8Array];
        const buffer = bytes.slice().buffer;
        const decoded = await decodeParquet(
          'trades',
          { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
          'here',
        );
        expect(digestOfBlock(decoded)).toBe(digestOfBlock(block));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a double read as a decimal', () => {
  it('is its shortest text, whatever way it is taken', () => {
    const scanner = new DecimalScanner();
    const decimal = fc
      .tuple(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 14 }))
      .map(([mantissa, places]) => Number(`${mantissa}e-${places}`));
    fc.assert(
      fc.property(
        fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })),
        (value) => {
          expect(scanner.scanNumber(value)).toBe(true);
          const fast = [scanner.mantissa, scanner.decimals, scanner.rounded];
          expect(scanner.scanText(String(value))).toBe(true);
          expect(fast).toEqual([scanner.mantissa, scanner.decimals, scanner.rounded]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('columns in pieces', () => {
  it('give back what was pushed, whole, in part and in another order, however narrow a full piece is kept', () => {
    const CHUNK = 65_536;
    const makers: readonly ((i: number) => number)[] = [
      (i) => 7 + (i % 200),
      (i) => 400_000 - (i % 60_000),
      (i) => START + i * 80,
      (i) => (START * 1_000 + i * 37) / 1_000,
      (i) => i * 2 ** 33,
      (i) => i / 7,
      (i) => (i % 5 === 0 ? NaN : i),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...makers),
        fc.integer({ min: 1, max: 2 * CHUNK + 9 }),
        fc.nat(),
        fc.integer({ min: 0, max: 2 }),
        (make, length, seed, plain) => {
          const column = new ChunkedColumn(false, new PlainRoom(plain));
          const expected = Float64Array.from({ length }, (_, i) => make(i));
          expected.forEach((value) => column.push(value));
          const from = seed % length;
          const part = new Float64Array(length - from);
          column.copy(from, part);
          expect(Buffer.compare(Buffer.from(part.buffer), Buffer.from(expected.slice(from).buffer))).toBe(0);
          const order = Uint32Array.from({ length: Math.min(length, 50) }, (_, i) => (i * 7_919 + seed) % length);
          const picked = new Float64Array(order.length);
          column.gather(order, 0, picked);
          expect([...picked]).toEqual([...order].map((row) => expected[row]));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([0, 1])(
    'are rescaled exactly, full pieces too, %d of them plain, and refuse what no double holds',
    (plain) => {
      const column = new ChunkedColumn(false, new PlainRoom(plain));
      const scale = new DecimalScale([column], 'prices');
      for (let i = 1; i <= 70_000; i += 1) column.push(scale.scaled(i * 3, 0));
      column.push(scale.scaled(12_345, 3));
      expect([column.at(0), column.at(65_535), column.at(65_536), column.at(70_000)]).toEqual([
        3_000, 196_608_000, 196_611_000, 12_345,
      ]);
      expect(() => scale.scaled(1, 12)).toThrow('must fit a common exact scale');
    },
  );
});
