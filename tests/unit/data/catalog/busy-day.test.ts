import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { DuckDb } from '#src/data/catalog/duckdb.js';
import { digestOfBlock } from '#src/data/catalog/fingerprint.js';
import { allocate, PIECE_ROWS, type Block } from '#src/data/catalog/kinds.js';
import { DAY, MINUTE, Rig, textOf } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const ROWS = PIECE_ROWS + 7;
/** Where a piece ends, nothing came for ten minutes. */
const SILENT = 10 * MINUTE;

/** Trades of one day, more than lie in memory at once while they are written. */
function trades(): Block {
  const block = allocate('trades', ROWS);
  const [at, price, size, side] = block.columns;
  for (let i = 0; i < ROWS; i += 1) {
    at![i] = DAY + 20 * i + (i < PIECE_ROWS ? 0 : SILENT);
    const mixed = Math.imul(i ^ (i >>> 7), 0x9e3779b1);
    price![i] = 1 + (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 2);
    size![i] = 1 + (i % 1_009);
    side![i] = i % 3 === 0 ? -1 : 1;
  }
  return block;
}

it('a day of more rows than lie in memory at once is written as one that lies there whole', async () => {
  const expected = trades();
  const [at, price, size, side] = expected.columns;
  const lines = Array.from(
    { length: ROWS },
    (_, i) => `${at![i]!},X,${price![i]!},${size![i]!},${side![i]! > 0 ? 'buy' : 'sell'}`,
  );
  await rig.bring('t.csv', textOf(['ts_ms,symbol,price,size,side', ...lines]));
  const manifest = rig.single();
  const [partition, ...more] = manifest.partitions;
  expect(more).toEqual([]);
  const before = DAY + 20 * (PIECE_ROWS - 1);
  expect(partition).toMatchObject({
    rows: ROWS,
    first: DAY,
    last: at![ROWS - 1],
    spacing: 20,
    digest: digestOfBlock(expected),
    gaps: [{ from: before, to: before + 20 + SILENT, missing: null }],
  });
  const file = readFileSync(rig.catalog.pathOf(manifest, partition!.file));
  // More than one part: the first was put aside while it grew.
  expect(file.length).toBeGreaterThan(1 << 19);
  expect(createHash('sha256').update(file).digest('hex')).toBe(partition!.sha256);
  expect(digestOfBlock(await rig.catalog.read(manifest))).toBe(digestOfBlock(expected));
  // What does not shrink stands as it is, which other programs read like the rest.
  const { row_groups: groups } = parquetMetadata(new Uint8Array(file).buffer);
  expect(groups[0]?.columns.map((column) => column.meta_data?.codec)).toEqual([
    'SNAPPY',
    'UNCOMPRESSED',
    'SNAPPY',
    'SNAPPY',
  ]);
  expect(groups[1]?.columns.map((column) => column.meta_data?.codec)).toEqual(Array(4).fill('SNAPPY'));
  const duckdb = await DuckDb.load();
  const path = rig.catalog.pathOf(manifest, partition!.file);
  const counting = { price: { digits: 0, factor: 1 }, size: { digits: 0, factor: 1 } };
  expect(digestOfBlock(await duckdb!.read('trades', path, ROWS, counting))).toBe(digestOfBlock(expected));
});
