import { cpSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Catalog } from '#src/data/catalog/catalog.js';
import { verifySeries } from '#src/data/catalog/verify.js';
import { DAY, MINUTE, Rig, rowsOf } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

/** What another program sees in the only file of the only series: types by column, and rows as text. */
async function seen(): Promise<{ readonly types: readonly string[]; readonly rows: readonly (readonly string[])[] }> {
  const manifest = rig.single();
  const path = rig.catalog.pathOf(manifest, manifest.partitions[0]?.file ?? '');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const result = await connection.run('SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)', [path]);
  const rows = (await result.getRows()).map((row) => row.map(String));
  const typed = await connection.run('SELECT * FROM read_parquet($1) LIMIT 0', [path]);
  const types = typed.columnNames().map((name, index) => `${name} ${String(typed.columnType(index))}`);
  connection.closeSync();
  return { types, rows };
}

describe('the Parquet of a catalog says what it holds', () => {
  it('bars: decimals of the tick, volume as a double, instants in UTC', async () => {
    const rows = [`${DAY},X,100.25,101,100.25,100.5,3.5`, `${DAY + MINUTE},X,100.5,102.75,99,101,`];
    await rig.bring('b.csv', ['ts_ms,symbol,open,high,low,close,volume', ...rows].join('\n'));
    expect(await seen()).toEqual({
      types: [
        'time TIMESTAMP WITH TIME ZONE',
        'open DECIMAL(18,2)',
        'high DECIMAL(18,2)',
        'low DECIMAL(18,2)',
        'close DECIMAL(18,2)',
        'volume DOUBLE',
      ],
      rows: [
        ['2024-08-08 00:00:00+00', '100.25', '101.00', '100.25', '100.50', '3.5'],
        ['2024-08-08 00:01:00+00', '100.50', '102.75', '99.00', '101.00', 'nan'],
      ],
    });
  });

  it('trades: sizes in decimals of the step, ticks that are no power of ten, microseconds, the largest numbers', async () => {
    const rows = [`${DAY}123,X,61800.75,0.006,buy`, `${DAY}124,X,9007199254740.75,8.5,sell`];
    const csv = ['ts,symbol,price,size,side', ...rows].join('\n');
    await rig.bring('t.csv', csv);
    const { types, rows: shown } = await seen();
    expect(types.slice(1)).toEqual(['price DECIMAL(18,2)', 'size DECIMAL(18,3)', 'side INTEGER']);
    expect(shown).toEqual([
      ['2024-08-08 00:00:00.000123+00', '61800.75', '0.006', '1'],
      ['2024-08-08 00:00:00.000124+00', '9007199254740.75', '8.500', '-1'],
    ]);
    for (const duckdb of [true, false])
      expect(
        rowsOf(
          await new Catalog(rig.files, rig.directory, { duckdb }).decode(rig.single(), rig.single().partitions[0]!),
        ),
      ).toEqual([
        [DAY + 0.123, 6_180_075, 6, 1],
        [DAY + 0.124, 900_719_925_474_075, 8_500, -1],
      ]);
    // The content names the series, and not how it is written down.
    const quarter = new Rig();
    try {
      const again = await quarter.bring('t.csv', csv, { tick: new Decimal('0.25') });
      expect(again.series[0]?.manifest.tick).toBe('0.25');
      expect(rowsOf(await quarter.catalog.read(quarter.single())).map(([, price]) => price)).toEqual([
        247_203, 36_028_797_018_963,
      ]);
    } finally {
      quarter.remove();
    }
  });
});

describe('a catalog of before', () => {
  const BARS = [
    [DAY, 402, 405, 400, 403, 3.5],
    [DAY + MINUTE, 403, 408, 401, 404, NaN],
  ];

  it('is read on, verified, and gone on with: its fingerprints stay', async () => {
    cpSync(new URL('../../../fixtures/catalog-of-before/', import.meta.url), rig.directory, { recursive: true });
    const before = rig.catalog.list().map(({ fingerprint }) => fingerprint);
    for (const duckdb of [true, false]) {
      const catalog = new Catalog(rig.files, rig.directory, { duckdb });
      const [bars, quotes] = catalog.list();
      expect(rowsOf(await catalog.decode(bars!, bars!.partitions[0]!))).toEqual(BARS);
      expect(rowsOf(await catalog.decode(quotes!, quotes!.partitions[0]!))).toEqual([
        [DAY, 401, 125, 402, 3_000],
        [DAY + 1, 402, 1_000, 403, 2_500],
      ]);
      expect((await verifySeries(catalog, bars!, () => undefined)).problems).toEqual([]);
    }
    const text = ['ts_ms,symbol,open,high,low,close,volume', `${DAY},BTC-PERP,100.5,101.25,100,100.75,3.5`];
    const same = await rig.bring('same.csv', [...text, `${DAY + MINUTE},BTC-PERP,100.75,102,100.25,101,`].join('\n'), {
      tick: new Decimal('0.25'),
    });
    expect(same.series).toMatchObject([{ added: 0, duplicates: 2 }]);
    expect(rig.catalog.list().map(({ fingerprint }) => fingerprint)).toEqual(before);
    await rig.bring('more.csv', [...text, `${DAY + 2 * MINUTE},BTC-PERP,101,101.1,101,101,1`].join('\n'), {
      intervalMs: MINUTE,
    });
    const [bars] = rig.catalog.list();
    expect(bars).toMatchObject({ rows: 3, tick: '0.01' });
    expect((await verifySeries(rig.catalog, bars!, () => undefined)).problems).toEqual([]);
  });
});
