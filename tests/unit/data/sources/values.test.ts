import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ImportReport } from '#src/data/catalog/import.js';
import { verifySeries } from '#src/data/catalog/verify.js';
import { FakeHost } from '../../cli/fake-host.js';
import { barsCsv, DAY, MINUTE, Rig } from '../catalog/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const BARS = 'ts_ms,symbol,open,high,low,close,volume';
const bar = (i: number, price: number | string, symbol = 'X', volume: number | string = 1): string =>
  `${DAY + i * MINUTE},${symbol},${price},${price},${price},${price},${volume}`;
const said = ({ notes }: ImportReport): readonly string[] => notes.map(({ code, message }) => `${code} ${message}`);
/** A file ends with the end of its last line. */
const codes = async (text: string): Promise<readonly string[]> => said(await rig.bring('t.csv', `${text}\n`));

describe('values that are hardly those of a market are said', () => {
  it('a bar ten times its neighbours, a trade, a mark', async () => {
    const prices = [100, 101, 1_100, 102, 9, 100];
    expect(await codes([BARS, ...prices.map((price, i) => bar(i, price))].join('\n'))).toEqual([
      expect.stringMatching(/^W-DATA-018 2 bars of X .* first at 2024-08-08T00:02:00.000Z/),
    ]);
    const trades = prices.map((price, i) => `${DAY + i},Y,${price},1,buy`);
    expect(await codes(['ts_ms,symbol,price,size,side', ...trades].join('\n'))).toHaveLength(1);
    // A market that has moved is no outlier, and a wick of one bar is one.
    expect(await codes([BARS, ...[1, 1, 20, 20].map((price, i) => bar(i, price, 'W'))].join('\n'))).toEqual([]);
    const wick = `${DAY + MINUTE},V,100,2000,100,100,1`;
    expect(await codes([BARS, bar(0, 100, 'V'), wick, bar(2, 100, 'V')].join('\n'))).toHaveLength(1);
  });

  it('rates and prices finer than the catalog', async () => {
    const rates = ['ts_ms,symbol,funding_rate', `${DAY},X,0.00000000000012345`].join('\n');
    expect(await codes(rates)).toEqual([expect.stringMatching(/^W-DATA-017 1 funding rates of X/)]);
    const fine = Array.from({ length: 300 }, (_, i) =>
      bar(i, i === 7 ? '1.12345678901' : (1.001 + i / 1_000).toFixed(3)),
    );
    expect(await codes([BARS, ...fine].join('\n'))).toEqual([
      expect.stringMatching(/^W-DATA-020 4 prices of bars of X are finer than the tick 0.001/),
    ]);
  });

  it('a tick that hardly any price needs, and none where a venue trades at it', async () => {
    const bars = (symbol: string, odd: number): string =>
      [
        BARS,
        ...Array.from({ length: 400 }, (_, i) =>
          bar(i, i === odd ? '1.12345' : (1.1 + (i % 9) / 10).toFixed(1), symbol),
        ),
      ].join('\n');
    expect(await codes(bars('X', 7))).toEqual([
      expect.stringMatching(
        /^W-DATA-027 The tick of bars of X was inferred as 0.00001 because of 4 of 1600 prices; all others are multiples of 0.1\./,
      ),
    ]);
    expect(await codes(bars('Y', -1))).toEqual([]);
  });

  it('quotes with a bid above their ask, at the import and by data verify', async () => {
    const quotes = ['ts_ms,symbol,bid,bid_size,ask,ask_size', `${DAY},X,99,1,100,1`, `${DAY + 1},X,101,1,100,1`];
    expect(await codes(quotes.join('\n'))).toEqual([
      expect.stringMatching(/^W-DATA-019 1 quotes of X .* first at 2024-08-08T00:00:00.001Z/),
    ]);
    expect(await verifySeries(rig.catalog, rig.single(), () => undefined)).toMatchObject({ crossed: 1, problems: [] });
  });
});

describe('cells of no sense are refused with their place', () => {
  it.each([
    ['a price of 1e400', bar(1, '1e400'), 'A price must be at most'],
    ['a volume of 1e400', bar(1, 1, 'X', '1e400'), 'A volume must be at most'],
    ['a volume of 23 digits', bar(1, 1, 'X', '12345678901234567890123'), 'A volume must be at most'],
    ['a symbol of 300 characters', bar(1, 1, 'S'.repeat(300)), 'the symbol must be a text of 1 to 80'],
    ['a symbol that no folder can be named after', bar(1, 1, '币'.repeat(79)), 'the symbol must be a text of 1 to 80'],
    ['a symbol of control characters', bar(1, 1, 'A\u0007B'), 'the symbol must be a text of 1 to 80'],
  ])('%s', async (_what, row, message) => {
    await expect(rig.bring('t.csv', [BARS, bar(0, 1), row].join('\n'))).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining(message),
      where: expect.stringContaining('t.csv:3'),
      fix: expect.any(String),
    });
  });

  it('a symbol of 300 characters that is asked for is wrong usage', async () => {
    const path = rig.write('t.csv', barsCsv([DAY, DAY + MINUTE]));
    for (const flag of ['--symbol', '--as'])
      expect(
        await new FakeHost().run('data', 'import', '--from', path, '--catalog', rig.directory, flag, 'S'.repeat(300)),
      ).toBe(2);
  });
});

describe('what unpacks without end is refused before it fills memory', () => {
  const zeros = new Uint8Array(20 << 20);

  it('gzip and zip', async () => {
    const packed = gzipSync(zeros);
    const blank = gzipSync(Buffer.concat([Buffer.from(`${BARS}\n`), Buffer.alloc(zeros.length, '\n')]));
    const zipped = zipSync({ 't.csv': zeros });
    // What it took to make them is not looked at.
    const before = process.memoryUsage().arrayBuffers;
    await expect(rig.bring('t.csv.gz', packed)).rejects.toMatchObject({ code: 'DATA-003' });
    await expect(rig.bring('l.csv.gz', blank)).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('250 times its size'),
    });
    await expect(rig.bring('t.zip', zipped)).rejects.toMatchObject({ code: 'DATA-003' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 << 20);
  });

  it('a line without an end', async () => {
    await expect(rig.bring('t.csv', zeros)).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('must be lines of text'),
    });
  });

  it('Parquet', async () => {
    const rows = 150_000;
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'ts_ms', data: new Array<number>(rows).fill(60_000), type: 'INT32' },
        { name: 'mark_price', data: new Array<number>(rows).fill(1), type: 'INT32' },
      ],
    });
    expect(bytes.byteLength).toBeLessThan(rows / 16);
    for (const duckdb of [true, false])
      await expect(
        rig.bring(`${duckdb}.parquet`, new Uint8Array(bytes), { duckdb, symbol: 'X', kind: 'mark' }),
      ).rejects.toMatchObject({ code: 'DATA-003' });
  });
});
