import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ImportRequest } from '#src/data/catalog/import.js';
import { Rig } from '../catalog/rig.js';

/*
 * Recorded data that lies beside the checkout, where it does: too large to be part of it. Each file has the rows that
 * the page beside it names.
 */
const DATA = '../shared/data';
const whereThere = existsSync(DATA) ? describe : describe.skip;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

type Options = Partial<ImportRequest>;

/** What came of a file: rows by kind and symbol. */
async function rowsOf(file: string, options: Options = {}): Promise<Record<string, number>> {
  const { series } = await rig.import(join(DATA, file), options);
  return Object.fromEntries(series.map(({ manifest: { kind, symbol }, rows }) => [`${kind} ${symbol}`, rows]));
}

whereThere('recorded files', () => {
  it.each<[string, string, number, Options]>([
    ['bars/btc_perp_1m_202201.csv', 'bars BTC-PERP', 45_031, {}],
    ['bars/btc_perp_1m_202201.parquet', 'bars BTC-PERP', 45_031, {}],
    ['perp/xrpusdt_perp_klines_5m.csv', 'bars XRP/USDT:USDT', 1_999, {}],
    ['perp/xrpusdt_perp_klines_1h.csv', 'bars XRP/USDT:USDT', 100, {}],
    ['perp/xrpusdt_perp_mark_1h.csv', 'mark XRP/USDT:USDT', 100, {}],
    ['perp/xrpusdt_perp_funding_8h.csv', 'funding XRP/USDT:USDT', 91, {}],
    ['perp/xrpusdt_perp_mark_8h.csv', 'bars XRP/USDT:USDT', 91, {}],
    ['perp/hyperliquid_funding_1h_2023.csv', 'funding BTC', 1_038, {}],
    ['ticks/binance_usdm_BTCUSDT_bookticker.parquet', 'quotes BTCUSDT', 66_089, { symbol: 'BTCUSDT' }],
    ['ticks/binance_usdm_BTCUSDT_depth_diff.parquet', 'depth BTCUSDT', 443_521, { symbol: 'BTCUSDT' }],
  ])('%s: %s, %i rows', async (file, series, rows, options) => {
    expect(await rowsOf(file, options)).toEqual({ [series]: rows });
  });

  it('the same month is the same content, as text and as Parquet', async () => {
    await rig.import(join(DATA, 'bars/btc_perp_1m_202201.csv'));
    const { fingerprint, rows } = rig.single();
    await rig.import(join(DATA, 'bars/btc_perp_1m_202201.parquet'));
    expect(rig.single()).toMatchObject({ fingerprint, rows });
  });

  it('trades of several markets are refused together, and come whole one by one', async () => {
    const file = 'ticks/binance_trades_20240808.parquet';
    await expect(rowsOf(file)).rejects.toMatchObject({ code: 'DATA-004' });
    let rows = 0;
    for (const market of ['usdm', 'coinm', 'spot'])
      rows += Object.values(await rowsOf(file, { where: { market } })).reduce((sum, each) => sum + each, 0);
    expect(rows).toBe(78_638);
  });

  it.each(['bars/lean_trade_bars_1m.parquet', 'bars/lean_quote_bars_1m.parquet', 'bars/lean_funding_rates.csv'])(
    '%s is refused, for its rows are of several venues',
    async (file) => {
      await expect(rowsOf(file)).rejects.toMatchObject({
        code: 'DATA-004',
        message: expect.stringContaining('of one venue'),
      });
    },
  );
});

/** Files of the tables whose content is not that of the others, and what is to be said of them. */
const OTHERWISE = new Set(['polars_nullclose', 'polars_nullvol', 'polars_f32vol', 'polars_int', 'fastparquet']);
const UNNAMED = /_nosymbol|^yahoo/;

whereThere('tables as strangers write them', () => {
  const tables = existsSync(DATA) ? readdirSync(join(DATA, 'tables')).filter((name) => !name.endsWith('.md')) : [];

  it('are the same five hundred bars, whoever wrote them', async () => {
    const prints: Record<string, string> = {};
    for (const name of tables) {
      const [stem = ''] = name.split('.');
      if (stem === 'polars_nullclose') continue;
      const own = new Rig();
      try {
        const options = UNNAMED.test(name) ? { symbol: 'BTC-PERP' } : {};
        const { series } = await own.import(join(DATA, 'tables', name), options);
        expect([name, series.map(({ manifest, rows }) => [manifest.kind, manifest.symbol, rows])]).toEqual([
          name,
          [['bars', 'BTC-PERP', 500]],
        ]);
        prints[name] = OTHERWISE.has(stem) ? 'otherwise' : own.single().fingerprint;
      } finally {
        own.remove();
      }
    }
    const shared = prints['duck.parquet'];
    expect(shared).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.entries(prints).filter(([, print]) => print !== shared && print !== 'otherwise')).toEqual([]);
  });

  it('are refused where a price is missing, or nothing names the symbol', async () => {
    const nullclose = rig.import(join(DATA, 'tables/polars_nullclose.parquet'));
    await expect(nullclose).rejects.toMatchObject({ code: 'DATA-003', message: expect.stringContaining('101') });
    for (const name of tables.filter((each) => UNNAMED.test(each)))
      await expect(rig.import(join(DATA, 'tables', name))).rejects.toMatchObject({
        code: 'DATA-006',
        fix: expect.stringContaining('--symbol'),
      });
  });
});
