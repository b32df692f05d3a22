import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Catalog } from '#src/data/catalog/catalog.js';
import { barsCsv, DAY, HOUR, MINUTE, Rig, rowsOf, tradesCsv } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const T = (offset: number, price = '61800.3', size = '0.006', side = 'buy') =>
  [DAY + offset, price, size, side] as const;

describe('importing', () => {
  it('keeps prices and sizes as whole multiples of tick and step, and says in a manifest what is there', async () => {
    const csv = tradesCsv([T(0), T(1, '61800.1', '1.25', 'sell'), T(2, '61800', '2', '')]);
    const report = await rig.bring('trades.csv', csv);
    const manifest = rig.single();

    expect(rowsOf(await rig.catalog.read(manifest))).toEqual([
      [DAY, 618_003, 6, 1],
      [DAY + 1, 618_001, 1_250, -1],
      [DAY + 2, 618_000, 2_000, 0],
    ]);
    expect(manifest).toMatchObject({
      kind: 'trades',
      symbol: 'BTC-PERP',
      tick: '0.1',
      step: '0.001',
      rows: 3,
      first: DAY,
      last: DAY + 2,
      gaps: [],
      duplicates: 0,
      disorder: 0,
    });
    expect(manifest.sources).toEqual([
      expect.objectContaining({ file: 'trades.csv', sha256: report.sha256, rows: 3, format: 'trades' }),
    ]);
    expect(manifest.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('writes a file for each day of trades and each month of bars', async () => {
    await rig.bring('trades.csv', tradesCsv([T(0), T(24 * HOUR), T(24 * HOUR + 1)]));
    expect(rig.single().partitions.map(({ key, rows }) => [key, rows])).toEqual([
      ['2024-08-08', 1],
      ['2024-08-09', 2],
    ]);
    await rig.bring('bars.csv', barsCsv([Date.UTC(2024, 6, 31, 23), Date.UTC(2024, 7, 1), Date.UTC(2024, 7, 1, 1)]));
    expect(
      rig.catalog
        .list()
        .find(({ kind }) => kind === 'bars')
        ?.partitions.map(({ key, rows }) => [key, rows]),
    ).toEqual([
      ['2024-07', 1],
      ['2024-08', 2],
    ]);
  });

  it('does nothing for a file that was imported before', async () => {
    const path = rig.write('trades.csv', tradesCsv([T(0), T(1)]));
    await rig.import(path);
    const before = readFileSync(rig.catalog.pathOf(rig.single(), 'manifest.json'));
    const again = await rig.import(path);

    expect(again.unchanged).toBe(true);
    expect(again.series).toMatchObject([{ added: 0, rows: 2 }]);
    expect(readFileSync(rig.catalog.pathOf(rig.single(), 'manifest.json'))).toEqual(before);
  });

  it('merges files that overlap, counts what both have, and keeps two trades alike as two', async () => {
    await rig.bring('first.csv', tradesCsv([T(0), T(5), T(5), T(9)]));
    const second = await rig.bring('second.csv', tradesCsv([T(5), T(5), T(5, '61800.2'), T(9), T(10)]));

    expect(second.series).toMatchObject([{ added: 2, duplicates: 3 }]);
    expect(rowsOf(await rig.catalog.read(rig.single())).map(([at, price]) => [(at ?? 0) - DAY, price])).toEqual([
      [0, 618_003],
      [5, 618_003],
      [5, 618_003],
      [5, 618_002],
      [9, 618_003],
      [10, 618_003],
    ]);
    expect(rig.single()).toMatchObject({ rows: 6, duplicates: 3 });
  });

  it('refuses a bar that another file has with other prices, and leaves the series as it was', async () => {
    await rig.bring('first.csv', barsCsv([DAY, DAY + MINUTE]));
    const before = rig.single();
    await expect(rig.bring('second.csv', barsCsv([DAY + MINUTE, DAY + 2 * MINUTE]))).rejects.toMatchObject({
      code: 'DATA-005',
      message: expect.stringContaining('2024-08-08T00:01:00.000Z'),
    });
    expect(rig.single()).toEqual(before);
  });

  it('refuses rows out of order and names where they stand', async () => {
    const csv = tradesCsv([T(0), T(5_000), T(2_000), T(3_000), T(6_000)]);
    await expect(rig.bring('trades.csv', csv)).rejects.toMatchObject({
      code: 'DATA-005',
      where: expect.stringContaining('trades.csv:4'),
      message: expect.stringContaining('2024-08-08T00:00:02.000Z after 2024-08-08T00:00:05.000Z'),
    });
    await expect(rig.bring('bars.csv', barsCsv([DAY, DAY]))).rejects.toMatchObject({
      code: 'DATA-005',
      message: expect.stringContaining('2024-08-08T00:00:00.000Z'),
    });
    expect(rig.files.list(rig.directory)).toEqual([]);
  });

  it('refuses a file as a whole: no series of it is written when another is refused', async () => {
    const [head, ...rows] = tradesCsv([T(0), T(1)]).split('\n') as [string, ...string[]];
    const bad = tradesCsv([T(9), T(3)], 'ETH-PERP')
      .split('\n')
      .slice(1);
    await expect(rig.bring('both.csv', [head, ...rows, ...bad].join('\n'))).rejects.toMatchObject({ code: 'DATA-005' });
    expect(rig.files.list(rig.directory)).toEqual([]);
  });

  it('rounds sizes of more than eight decimals to eight, says so, and makes nothing of none of them', async () => {
    const report = await rig.bring(
      'trades.csv',
      tradesCsv([T(0, '1', '10138.056093000001'), T(1, '1', '0.000000000001'), T(2, '1', '0')]),
    );
    expect(rowsOf(await rig.catalog.read(rig.single())).map(([, , size]) => size)).toEqual([1_013_805_609_300, 1, 0]);
    expect(report.notes).toContainEqual(
      expect.objectContaining({ code: 'W-DATA-010', message: expect.stringContaining('1 sizes') }),
    );
  });

  it('sorts them when it is asked to, and says how many', async () => {
    const report = await rig.bring(
      'trades.csv',
      tradesCsv([T(0), T(5_000, '5'), T(2_000, '2'), T(3_000, '3'), T(5_000, '6')]),
      { sort: true },
    );
    expect(rowsOf(await rig.catalog.read(rig.single())).map(([at, price]) => [(at ?? 0) - DAY, price])).toEqual([
      [0, 618_003],
      [2_000, 20],
      [3_000, 30],
      [5_000, 50],
      [5_000, 60],
    ]);
    expect(report.series).toMatchObject([{ disorder: { rows: 2, ranges: [{ from: DAY + 2_000, to: DAY + 5_000 }] } }]);
    expect(rig.single().disorder).toBe(2);
  });

  it('drops an equal bar when it sorts, and refuses a different one all the same', async () => {
    const rows = barsCsv([DAY, DAY + MINUTE]).split('\n') as [string, string, string];
    await expect(
      rig.bring('other.csv', [...rows, rows[1].replace(/[^,]*$/, '7')].join('\n'), { sort: true }),
    ).rejects.toMatchObject({ code: 'DATA-005', message: expect.stringContaining('different values') });
    const report = await rig.bring('same.csv', [...rows, rows[1]].join('\n'), { sort: true });
    expect(report.series).toMatchObject([{ added: 2, duplicates: 1 }]);
  });

  it('names gaps and fills none, also between files', async () => {
    await rig.bring('a.csv', barsCsv([DAY, DAY + MINUTE, DAY + 4 * MINUTE]));
    expect(rig.single().gaps).toEqual([{ from: DAY + 2 * MINUTE, to: DAY + 4 * MINUTE, missing: 2 }]);
    expect(rig.single().rows).toBe(3);
    const far = Date.UTC(2024, 8, 1);
    await rig.bring('b.csv', barsCsv([far, far + MINUTE]));
    expect(rig.single().gaps).toEqual([
      { from: DAY + 2 * MINUTE, to: DAY + 4 * MINUTE, missing: 2 },
      { from: DAY + 5 * MINUTE, to: far, missing: (far - DAY) / MINUTE - 5 },
    ]);
  });

  it('names silences of trades, and stamps of funding that were not recorded', async () => {
    await rig.bring('trades.csv', tradesCsv([T(0), T(299_000), T(10 * MINUTE)]));
    expect(rig.single().gaps).toEqual([{ from: DAY + 299_000, to: DAY + 10 * MINUTE, missing: null }]);
    await rig.bring(
      'funding.csv',
      ['ts_ms,symbol,funding_rate', ...[0, 8, 16, 32, 40, 48].map((hours) => `${DAY + hours * HOUR},X,0.0001`)].join(
        '\n',
      ),
    );
    expect(rig.catalog.list().find(({ kind }) => kind === 'funding')?.gaps).toMatchObject([
      { from: DAY + 24 * HOUR, missing: 1 },
    ]);
  });

  it('counts a series in the finer tick when a later file needs it, exactly', async () => {
    await rig.bring('coarse.csv', tradesCsv([T(0, '61800', '1')]));
    expect(rig.single()).toMatchObject({ tick: '1', step: '1' });
    await rig.bring('fine.csv', tradesCsv([T(1, '61800.25', '0.5')]));
    expect(rig.single()).toMatchObject({ tick: '0.01', step: '0.1' });
    expect(rowsOf(await rig.catalog.read(rig.single()))).toEqual([
      [DAY, 6_180_000, 10, 1],
      [DAY + 1, 6_180_025, 5, 1],
    ]);
  });

  it('refuses prices that a given tick does not divide', async () => {
    const path = rig.write('trades.csv', tradesCsv([T(0, '100.5'), T(1, '100.3')]));
    await expect(rig.import(path, { tick: new Decimal('0.5') })).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('0.5 does not divide 1'),
    });
    await rig.import(path, { tick: new Decimal('0.05') });
    expect(rowsOf(await rig.catalog.read(rig.single())).map(([, price]) => price)).toEqual([2_010, 2_006]);
  });

  it('has one fingerprint for the same rows, in whatever pieces and order they came', async () => {
    const rows = [T(0), T(1, '61800.1'), T(25 * HOUR, '61799'), T(26 * HOUR)];
    await rig.bring('whole.csv', tradesCsv(rows));
    const { fingerprint } = rig.single();
    const other = new Rig();
    try {
      await other.bring('b.csv', tradesCsv(rows.slice(2)));
      await other.bring('a.csv', tradesCsv(rows.slice(0, 3)));
      expect(other.single().fingerprint).toBe(fingerprint);
      await other.bring('c.csv', tradesCsv([T(27 * HOUR)]));
      expect(other.single().fingerprint).not.toBe(fingerprint);
    } finally {
      other.remove();
    }
  });

  it('tells symbols by path-safe folders and cannot be led outside', async () => {
    await rig.bring('a.csv', tradesCsv([T(0)], '../../evil'));
    await rig.bring('b.csv', tradesCsv([T(0)], 'XRP/USDT:USDT'));
    expect(rig.files.list(join(rig.directory, 'trades'))).toEqual(['%2E%2E%2F..%2FEVIL', 'XRP%2FUSDT%3AUSDT']);
    expect(
      rig.catalog
        .list()
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(['../../EVIL', 'XRP/USDT:USDT']);
  });
});

describe('an import that is cut off', () => {
  it('leaves the old series, and the next import makes it whole and removes what was left behind', async () => {
    await rig.bring('a.csv', tradesCsv([T(0)]));
    const before = rig.single();
    const failing = Object.create(rig.files) as typeof rig.files;
    failing.writeAtomic = (path, parts) => {
      if (path.endsWith('manifest.json')) throw new Error('power failed');
      rig.files.writeAtomic(path, parts);
    };
    const path = rig.write('b.csv', tradesCsv([T(0), T(1)]));
    const { catalog } = rig;
    rig.catalog = new Catalog(failing, rig.directory);
    await expect(rig.import(path)).rejects.toThrow('power failed');
    rig.catalog = catalog;

    expect(rig.single()).toEqual(before);
    expect(rowsOf(await rig.catalog.read(rig.single()))).toHaveLength(1);
    expect(rig.names().filter((name) => name.endsWith('.parquet'))).toHaveLength(2);
    expect((await rig.import(path)).series).toMatchObject([{ added: 1, duplicates: 1 }]);
    expect(rig.names().filter((name) => name.endsWith('.parquet'))).toEqual([rig.single().partitions[0]?.file]);
  });

  it('refuses a manifest of a newer version, and one that is none', async () => {
    await rig.bring('a.csv', tradesCsv([T(0)]));
    const path = rig.catalog.pathOf(rig.single(), 'manifest.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"version": 2', '"version": 3'));
    expect(() => rig.catalog.list()).toThrow(expect.objectContaining({ code: 'STORE-002' }));
    writeFileSync(path, text.slice(0, 100));
    expect(() => rig.catalog.list()).toThrow(expect.objectContaining({ code: 'DATA-007' }));
  });
});
