import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Catalog } from '#src/data/catalog/catalog.js';
import { DuckDb } from '#src/data/catalog/duckdb.js';
import { digestOfBlock } from '#src/data/catalog/fingerprint.js';
import { verifySeries } from '#src/data/catalog/verify.js';
import { barsCsv, DAY, HOUR, MINUTE, Rig, rowsOf, tradesCsv } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const ROWS = Array.from(
  { length: 500 },
  (_, i) => [DAY + i * 7, `${100 + (i % 13)}.${i % 10}`, `${1 + (i % 7)}`, i % 3 === 0 ? 'buy' : 'sell'] as const,
);
const bring = () => rig.bring('trades.csv', tradesCsv(ROWS));
const file = (suffix: string): string =>
  rig.catalog.pathOf(rig.single(), rig.names().find((name) => name.endsWith(suffix)) ?? '');
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(path, bytes);
};

describe('reading a series', () => {
  it('takes flat columns from beside the Parquet file from the second time on', async () => {
    await bring();
    const first = await rig.catalog.read(rig.single());
    renameSync(file('.parquet'), `${file('.parquet')}.away`);
    expect(rowsOf(await rig.catalog.read(rig.single()))).toEqual(rowsOf(first));
  });

  it('makes the flat columns again when they are damaged, of other rows, or cut off', async () => {
    await bring();
    const whole = rowsOf(await rig.catalog.read(rig.single()));
    const columns = file('.columns');
    const good = readFileSync(columns);
    for (const spoil of [
      () => flip(columns, -20),
      () => flip(columns, 40),
      () => writeFileSync(columns, good.subarray(0, 900)),
      () => writeFileSync(columns, 'nothing'),
    ]) {
      spoil();
      expect(rowsOf(await rig.catalog.read(rig.single()))).toEqual(whole);
      expect(readFileSync(columns)).toEqual(good);
    }
    await rig.bring('more.csv', tradesCsv([[DAY + HOUR, '100', '1', 'buy']]));
    expect(await rig.catalog.read(rig.single())).toMatchObject({ length: 501 });
    expect(rig.names().filter((name) => name.endsWith('.columns'))).toHaveLength(1);
  });

  it('cuts rows by time: the first instant is in, the last is not', async () => {
    await bring();
    const at = async (from: number, to: number) =>
      rowsOf(await rig.catalog.read(rig.single(), { from: DAY + from, to: DAY + to })).map(
        ([time]) => (time ?? 0) - DAY,
      );
    expect(await at(7, 21)).toEqual([7, 14]);
    expect(await at(8, 22)).toEqual([14, 21]);
    expect(await at(-HOUR, 1)).toEqual([0]);
    expect(await at(HOUR, 2 * HOUR)).toEqual([]);
  });

  it('joins the files of several days and reads into shared memory when asked', async () => {
    await rig.bring(
      'two.csv',
      tradesCsv([
        [DAY + 23 * HOUR, '1.5', '1', 'buy'],
        [DAY + 25 * HOUR, '2.5', '3', 'sell'],
      ]),
    );
    for (let pass = 0; pass < 2; pass += 1) {
      const block = await rig.catalog.read(rig.single(), { shared: true });
      expect(block.columns.map(({ buffer }) => buffer instanceof SharedArrayBuffer)).toEqual([true, true, true, true]);
      expect(rowsOf(block)).toEqual([
        [DAY + 23 * HOUR, 15, 1, 1],
        [DAY + 25 * HOUR, 25, 3, -1],
      ]);
    }
  });

  it('is served by a catalog that cannot be written', async () => {
    await bring();
    const readOnly = Object.create(rig.files) as typeof rig.files;
    readOnly.writeAtomic = () => {
      throw new Error('read-only');
    };
    expect(await new Catalog(readOnly, rig.directory).read(rig.single())).toMatchObject({ length: 500 });
  });
});

describe('the two readers of Parquet', () => {
  it('give equal columns: DuckDB, an optional dependency that is installed here, and hyparquet', async () => {
    const duckdb = await DuckDb.load();
    expect(duckdb?.version).toMatch(/^v\d/);
    await bring();
    await rig.bring('bars.csv', barsCsv([DAY, DAY + MINUTE, DAY + 5 * MINUTE]).replace(/0\.25$/m, ''));
    await rig.bring(
      'huge.csv',
      tradesCsv(
        [
          [DAY, '90071992547.4', '1', 'buy'],
          [DAY + 1, '0.1', '9007199254740', 'sell'],
        ],
        'HUGE',
      ),
    );
    const other = new Catalog(rig.files, rig.directory, { duckdb: false });
    for (const manifest of rig.catalog.list()) {
      for (const partition of manifest.partitions) {
        const [fast, plain] = [await rig.catalog.decode(manifest, partition), await other.decode(manifest, partition)];
        expect(rowsOf(fast)).toEqual(rowsOf(plain));
        expect(digestOfBlock(fast)).toBe(partition.digest);
        expect(digestOfBlock(plain)).toBe(partition.digest);
      }
    }
  });

  it('import a foreign Parquet file to the same rows', async () => {
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const count = 3_000;
    const numbers = (make: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => make(i));
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'ts_ms', data: BigInt64Array.from({ length: count }, (_, i) => BigInt(DAY + i)), type: 'INT64' },
        { name: 'symbol', data: Array.from({ length: count }, () => 'BTC-PERP'), type: 'STRING' },
        { name: 'price', data: numbers((i) => 61_800.3 + Math.round(i / 10) / 10), type: 'DOUBLE' },
        { name: 'size', data: numbers((i) => (1 + (i % 900)) / 1_000), type: 'DOUBLE' },
        { name: 'side', data: Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'buy' : 'sell')), type: 'STRING' },
      ],
      rowGroupSize: 1_000,
    });
    const path = rig.write('trades.parquet', new Uint8Array(buffer));
    await rig.import(path, { duckdb: false });
    const { fingerprint, rows } = rig.single();
    const other = new Rig();
    try {
      await other.import(path, { duckdb: true });
      expect(other.single()).toMatchObject({ fingerprint, rows: count });
      const text = tradesCsv(
        numbers((i) => i).map(
          (i) =>
            [
              DAY + i,
              (61_800.3 + Math.round(i / 10) / 10).toFixed(1),
              ((1 + (i % 900)) / 1_000).toFixed(3),
              i % 2 === 0 ? 'buy' : 'sell',
            ] as const,
        ),
      );
      const csv = new Rig();
      await csv.bring('trades.csv', text).finally(() => undefined);
      expect(csv.single().fingerprint).toBe(fingerprint);
      csv.remove();
    } finally {
      other.remove();
    }
    expect(rows).toBe(count);
  });
});

describe('verifying a series', () => {
  const problems = async () => (await verifySeries(rig.catalog, rig.single(), () => undefined)).problems;

  it('finds nothing in what was imported', async () => {
    await bring();
    expect(await problems()).toEqual([]);
  });

  it('names a damaged and a missing file', async () => {
    await bring();
    const parquet = file('.parquet');
    flip(parquet, 100);
    expect(await problems()).toEqual([
      expect.objectContaining({ code: 'DATA-007', where: parquet, message: expect.stringContaining('SHA-256') }),
    ]);
    rmSync(parquet);
    expect(await problems()).toEqual([
      expect.objectContaining({ message: expect.stringContaining('missing'), where: parquet }),
    ]);
  });

  it('names a manifest that tells of other rows than its files', async () => {
    await bring();
    const path = rig.catalog.pathOf(rig.single(), 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"tick": "0.1"', '"tick": "0.01"'));
    expect(await problems()).toEqual([expect.objectContaining({ message: expect.stringContaining('fingerprint') })]);
  });

  it('refuses to read damaged rows, whatever their file claims', async () => {
    await bring();
    const manifest = rig.single();
    const [partition] = manifest.partitions as [(typeof manifest.partitions)[number]];
    for (const duckdb of [true, false]) {
      await expect(
        new Catalog(rig.files, rig.directory, { duckdb }).decode(manifest, { ...partition, digest: 'f'.repeat(64) }),
      ).rejects.toMatchObject({ code: 'DATA-007' });
    }
    const parquet = file('.parquet');
    const whole = rowsOf(await new Catalog(rig.files, rig.directory, { duckdb: false }).decode(manifest, partition));
    let refused = 0;
    for (let at = 4; at < readFileSync(parquet).length; at += 53) {
      flip(parquet, at);
      const outcome = await new Catalog(rig.files, rig.directory, { duckdb: false })
        .decode(manifest, partition)
        .then(rowsOf, (error: unknown) => (error as { code: string }).code);
      if (outcome === 'DATA-007') refused += 1;
      else expect(outcome).toEqual(whole);
      flip(parquet, at);
    }
    expect(refused).toBeGreaterThan(5);
  });
});
