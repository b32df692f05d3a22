import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY, HOUR, MINUTE, Rig, rowsOf } from '../catalog/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

/** Its number in Arrow's file format. */
const LZ4_FRAME = 0 as never;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const zipped = (name: string, text: string): Uint8Array => zipSync({ [name]: bytes(text) });
const rows = async () =>
  rowsOf(await rig.catalog.read(rig.single())).map(([at, ...values]) => [(at ?? 0) - DAY, ...values]);
const series = () => rig.catalog.list().map(({ kind, symbol, tick, step }) => ({ kind, symbol, tick, step }));

describe('Binance', () => {
  const KLINES = `${DAY},61000.1,61010.0,60990.5,61005.0,12.345,${DAY + MINUTE - 1},753000.1,321,6.1,372000.2,0\n${DAY + MINUTE},61005.0,61006.0,61000.0,61001.2,0.5,${DAY + 2 * MINUTE - 1},30500.3,12,0.2,12200.1,0\n`;

  it('klines: without a header, with one, and in a zip', async () => {
    const wanted = [
      [0, 610_001, 610_100, 609_905, 610_050, 12.345],
      [MINUTE, 610_050, 610_060, 610_000, 610_012, 0.5],
    ];
    const header =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n';
    await rig.bring('BTCUSDT-1m-2024-08-08.csv', KLINES);
    expect(await rows()).toEqual(wanted);
    expect(series()).toEqual([{ kind: 'bars', symbol: 'BTCUSDT', tick: '0.1', step: '1' }]);
    expect(rig.single().intervalMs).toBe(MINUTE);
    expect((await rig.bring('other/BTCUSDT-1m-2024-08-08.csv', header + KLINES)).series).toMatchObject([
      { added: 0, duplicates: 2 },
    ]);
    expect(
      (await rig.bring('BTCUSDT-1m-2024-08-08.zip', zipped('BTCUSDT-1m-2024-08-08.csv', KLINES))).series,
    ).toMatchObject([{ added: 0, duplicates: 2 }]);
  });

  it('times in microseconds, as spot files have them since 2025', async () => {
    await rig.bring(
      'BTCUSDT-1m-2025-01-01.csv',
      KLINES.replaceAll(new RegExp(`(${String(DAY).slice(0, 6)}\\d{7})`, 'g'), '$1000'),
    );
    expect((await rows()).map(([at]) => at)).toEqual([0, MINUTE]);
    await rig.bring('trades/ETHUSDT-trades-2025-01-01.csv', `1,2500.5,0.1,250.05,${DAY}123,True,True\n`);
    expect(rowsOf(await rig.catalog.read(rig.catalog.list().find(({ kind }) => kind === 'trades')!))).toEqual([
      [DAY + 0.123, 25_005, 1, -1],
    ]);
  });

  it('trades of futures and spot, and aggTrades of both, told apart by their fields', async () => {
    await rig.bring(
      'BTCUSDT-trades-2024-08-08.csv',
      `7,61800.3,0.006,370.8,${DAY},true\n8,61800.2,0.5,30900.1,${DAY},false\n`,
    );
    expect(await rows()).toEqual([
      [0, 618_003, 6, -1],
      [0, 618_002, 500, 1],
    ]);
    await rig.bring('SPOT-trades-2024-08-08.csv', `7,61800.3,0.006,370.8,${DAY},True,True\n`);
    await rig.bring('AGGF-aggTrades-2024-08-08.csv', `7,61800.3,0.006,1,3,${DAY},true\n`);
    await rig.bring('AGGS-aggTrades-2024-08-08.csv', `7,61800.3,0.006,1,3,${DAY},False,True\n`);
    await rig.bring(
      'AGGH-aggTrades-2024-08-08.csv',
      `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n7,61800.3,0.006,1,3,${DAY},true\n`,
    );
    const sides = await Promise.all(
      rig.catalog.list().map(async (manifest) => [manifest.symbol, rowsOf(await rig.catalog.read(manifest))[0]?.[3]]),
    );
    expect(sides).toEqual([
      ['AGGF', -1],
      ['AGGH', -1],
      ['AGGS', 1],
      ['BTCUSDT', -1],
      ['SPOT', -1],
    ]);
  });

  it('a trade that stands twice by its number is kept once, and missing numbers are named', async () => {
    const report = await rig.bring(
      'BTCUSDT-trades-2024-08-08.csv',
      `7,1.5,1,1,${DAY},true\n7,1.5,1,1,${DAY},true\n8,1.5,1,1,${DAY},true\n12,1.5,1,1,${DAY + 9},true\n`,
    );
    expect(report.series).toMatchObject([
      { rows: 4, added: 3, duplicates: 1, missingIds: { count: 3, ranges: [{ from: DAY, to: DAY + 9, missing: 3 }] } },
    ]);
  });

  it('candles of marks and funding rates by their folders and names', async () => {
    await rig.bring('markPriceKlines/BTCUSDT-1m-2024-08-08.csv', KLINES);
    expect(await rows()).toEqual([
      [0, 610_001],
      [MINUTE, 610_050],
    ]);
    await rig.bring(
      'BTCUSDT-fundingRate-2024-08.csv',
      `calc_time,funding_interval_hours,last_funding_rate\n${DAY + 5},8,-0.00012345\n`,
    );
    expect(series()).toEqual([
      { kind: 'funding', symbol: 'BTCUSDT', tick: '1', step: '1' },
      { kind: 'mark', symbol: 'BTCUSDT', tick: '0.1', step: '1' },
    ]);
    expect(rowsOf(await rig.catalog.read(rig.catalog.list()[0]!))).toEqual([[DAY + 5, -123_450_000]]);
  });
});

describe('Tardis', () => {
  const us = (offset: number): string => String((DAY + offset) * 1_000);
  const head = 'exchange,symbol,timestamp,local_timestamp';

  it('trades in gzip, with times in microseconds', async () => {
    await rig.bring(
      'trades.csv.gz',
      gzipSync(
        `${head},id,side,price,amount\nbinance-futures,BTCUSDT,${DAY}250,${us(4)},a1,buy,61800.3,0.006\nbinance-futures,BTCUSDT,${us(2)},${us(5)},a2,unknown,61800.1,1\n`,
      ),
    );
    expect(await rows()).toEqual([
      [0.25, 618_003, 6, 1],
      [2, 618_001, 1_000, 0],
    ]);
  });

  it('quotes, without those of an empty side', async () => {
    const report = await rig.bring(
      'quotes.csv',
      `${head},ask_amount,ask_price,bid_price,bid_amount\nx,BTCUSDT,${us(0)},${us(1)},2,100.5,100.0,1\nx,BTCUSDT,${us(2)},${us(3)},,,100.0,1\n`,
    );
    expect(await rows()).toEqual([[0, 1_000, 1, 1_005, 2]]);
    expect(report.notes).toEqual([
      expect.objectContaining({ code: 'W-DATA-005', message: expect.stringContaining('1 quotes') }),
    ]);
  });

  it('incremental_book_L2: where a snapshot begins and where a message ends', async () => {
    const row = (at: number, local: number, snapshot: boolean, side: string, price: string, amount: string) =>
      `x,BTCUSDT,${us(at)},${us(local)},${snapshot},${side},${price},${amount}`;
    await rig.bring(
      'book.csv',
      [
        `${head},is_snapshot,side,price,amount`,
        row(0, 1, true, 'bid', '100', '1'),
        row(0, 1, true, 'ask', '101', '2'),
        row(5, 6, false, 'bid', '100', '0'),
        row(7, 8, false, 'ask', '101', '3'),
        row(7, 8, false, 'ask', '102', '1'),
        row(9, 9, true, 'bid', '99', '1'),
      ].join('\n'),
    );
    expect(await rows()).toEqual([
      [0, 1, 100, 1, 1],
      [0, -1, 101, 2, 2],
      [5, 1, 100, 0, 2],
      [7, -1, 101, 3, 0],
      [7, -1, 102, 1, 2],
      [9, 1, 99, 1, 3],
    ]);
  });

  it('book_snapshot: every row a snapshot and a message of its own', async () => {
    await rig.bring(
      'book.csv',
      `${head},asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,bids[1].amount\nx,B,${us(0)},${us(1)},101,1,100,2,102,3,,\n`,
    );
    expect(await rows()).toEqual([
      [0, -1, 101, 1, 1],
      [0, 1, 100, 2, 0],
      [0, -1, 102, 3, 2],
    ]);
  });

  it('derivative_ticker: marks and index prices where they change, and the rate last named before each stamp', async () => {
    const stamp = us(10 * MINUTE);
    const row = (at: number, next: string, rate: string, index: string, mark: string) =>
      `x,BTCUSDT,${us(at)},${us(at + 1)},${next},${rate},,1,100,${index},${mark}`;
    await rig.bring(
      'ticker.csv',
      [
        `${head},funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price`,
        row(0, stamp, '0.0001', '100.5', '100.25'),
        row(MINUTE, stamp, '0.0003', '100.5', '100.5'),
        row(10 * MINUTE + 1, us(HOUR), '0.0009', '100.7', ''),
      ].join('\n'),
    );
    const told = Object.fromEntries(
      await Promise.all(
        rig.catalog.list().map(async (manifest) => [manifest.kind, rowsOf(await rig.catalog.read(manifest))] as const),
      ),
    );
    expect(told).toEqual({
      mark: [
        [DAY, 10_025],
        [DAY + MINUTE, 10_050],
      ],
      index: [
        [DAY, 1_005],
        [DAY + 10 * MINUTE + 1, 1_007],
      ],
      funding: [[DAY + 10 * MINUTE, 300_000_000]],
    });
  });
});

describe('freqtrade and ccxt', () => {
  const CANDLES = `[[${DAY},1.1893,1.1954,1.1891,1.1941,9289043.5],\n [${DAY + 5 * MINUTE}, 1.1941, 1.1993, 1.1934, 1.1972, 0]]`;

  it('JSON candles, their symbol from the name or from the flag', async () => {
    await rig.bring('XRP_USDT_USDT-5m-futures.json', CANDLES);
    await rig.bring('ohlcv.json', CANDLES, { symbol: 'BTC/USDT' });
    expect(series().map(({ symbol }) => symbol)).toEqual(['BTC/USDT', 'XRP/USDT:USDT']);
    expect(rowsOf(await rig.catalog.read(rig.catalog.list()[0]!))[1]).toEqual([
      DAY + 5 * MINUTE,
      11_941,
      11_993,
      11_934,
      11_972,
      0,
    ]);
    await expect(rig.bring('nameless.json', CANDLES)).rejects.toMatchObject({
      code: 'DATA-006',
      fix: expect.stringContaining('--symbol'),
    });
    await expect(rig.bring('cut.json', CANDLES.slice(0, -20), { symbol: 'X' })).rejects.toMatchObject({
      code: 'DATA-003',
    });
  });

  it('feather candles, plain and packed with LZ4, and funding rates by the name', async () => {
    const arrow = await import('apache-arrow');
    const { compress } = await import('lz4js');
    const table = arrow.tableFromArrays({
      date: [new Date(DAY), new Date(DAY + 8 * HOUR)],
      open: Float64Array.of(0.0001, -0.00025),
      high: Float64Array.of(1, 1),
      low: Float64Array.of(0, 0),
      close: Float64Array.of(1, 1),
      volume: Float64Array.of(0, 0),
    });
    await rig.bring('XRP_USDT_USDT-8h-funding_rate.feather', arrow.tableToIPC(table, 'file'));
    expect(series()).toEqual([{ kind: 'funding', symbol: 'XRP/USDT:USDT', tick: '1', step: '1' }]);
    expect(await rows()).toEqual([
      [0, 100_000_000],
      [8 * HOUR, -250_000_000],
    ]);
    arrow.compressionRegistry.set(LZ4_FRAME, { encode: (plain) => compress(plain) });
    const writer = new arrow.RecordBatchFileWriter({ compressionType: LZ4_FRAME });
    const packed = writer.writeAll(table).toUint8Array(true);
    const report = await rig.bring('packed/XRP_USDT_USDT-8h-funding_rate.feather', packed);
    expect(report.series).toMatchObject([{ added: 0, duplicates: 2 }]);
  });
});

describe('LEAN', () => {
  it('zips of minute bars: the day and the symbol from the name', async () => {
    await rig.bring(
      'cryptofuture/binance/minute/adausdt/20240808_trade.zip',
      zipped(
        '20240808_adausdt_minute_trade.csv',
        '0,0.3067,0.3068,0.3066,0.3068,274004\n60000,0.3068,0.3072,0.3067,0.3071,1031647\n',
      ),
    );
    expect(series()).toEqual([{ kind: 'bars', symbol: 'ADAUSDT', tick: '0.0001', step: '1' }]);
    expect(await rows()).toEqual([
      [0, 3_067, 3_068, 3_066, 3_068, 274_004],
      [MINUTE, 3_068, 3_072, 3_067, 3_071, 1_031_647],
    ]);
    await expect(
      rig.bring('minutes.csv', '0,0.3067,0.3068,0.3066,0.3068,274004\n', { symbol: 'X' }),
    ).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('20221213_btcusdt_minute_trade.csv'),
    });
  });

  it('quote bars become the quote that stood at their end', async () => {
    await rig.bring(
      '20240808_quote.zip',
      zipped(
        '20240808_adausdt_minute_quote.csv',
        '0,0.3066,0.3067,0.3066,0.3067,88126,0.3067,0.3068,0.3067,0.3068,236586\n',
      ),
    );
    expect(await rows()).toEqual([[MINUTE, 3_067, 88_126, 3_068, 236_586]]);
  });

  it('margin interest becomes funding', async () => {
    await rig.bring('margin_interest/btcusdt.csv', '20240808 00:00:00,0.0001\n20240808 08:00:00,-0.00005\n');
    expect(series()).toMatchObject([{ kind: 'funding', symbol: 'BTCUSDT' }]);
    expect(await rows()).toEqual([
      [0, 100_000_000],
      [8 * HOUR, -50_000_000],
    ]);
  });
});

describe('a file that is something else', () => {
  it('is refused with what was expected', async () => {
    await expect(rig.bring('a.csv', 'time,bid,offer\n1,2,3\n')).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('time, bid, offer'),
      fix: expect.stringContaining('ts_ms,symbol,open,high,low,close,volume'),
    });
    await expect(rig.bring('b.csv', '1,2,3\n')).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('header line'),
    });
    await expect(rig.bring('c.json', '{"a":1}')).rejects.toMatchObject({ code: 'DATA-004' });
    await expect(rig.bring('d.feather', bytes('FEA1xxxx'))).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('version 1'),
    });
    const csv = `ts_ms,symbol,price,size,side\n${DAY},X,1,1,buy\n`;
    await expect(rig.bring('e.csv', csv, { format: 'tardis' })).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('format tardis'),
      fix: expect.stringContaining('Tardis trades'),
    });
    await expect(rig.bring('f.csv', csv, { kind: 'quotes' })).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('hold quotes'),
    });
    await expect(rig.bring('g.csv', csv, { symbol: 'Y' })).rejects.toMatchObject({
      code: 'DATA-006',
      message: expect.stringContaining('it holds X'),
    });
    await expect(rig.import('nowhere.csv')).rejects.toMatchObject({ code: 'DATA-002' });
  });

  it('is refused where its candles could be marks or index prices', async () => {
    const csv = `ts_ms,symbol,open,high,low,close\n${DAY},X,1,1,1,1\n`;
    await expect(rig.bring('a.csv', csv)).rejects.toMatchObject({
      code: 'DATA-004',
      fix: expect.stringContaining('--kind index'),
    });
    expect((await rig.bring('b.csv', csv, { kind: 'index' })).series).toMatchObject([{ manifest: { kind: 'index' } }]);
  });

  it('is refused when a row has no number, a wrong side or a time of another unit, with its place', async () => {
    const csv = (row: string): string => `ts_ms,symbol,price,size,side\n${DAY},X,1,1,buy\n${row}\n`;
    for (const row of [
      `${DAY},X,nan,1,buy`,
      `${DAY},X,0,1,buy`,
      `${DAY},X,1,-1,buy`,
      `${DAY},X,1,1,long`,
      `x,X,1,1,buy`,
    ]) {
      await expect(rig.bring('a.csv', csv(row))).rejects.toMatchObject({
        code: 'DATA-003',
        where: expect.stringContaining('a.csv:3'),
      });
    }
    await expect(
      rig.bring('BTCUSDT-trades-2024-08-08.csv', `1,1,1,1,${DAY},true\n2,1,1,1,${DAY}000,true\n`),
    ).rejects.toMatchObject({ code: 'DATA-003', message: expect.stringContaining('milliseconds') });
  });

  it('is refused when two venues share a symbol, until one is chosen', async () => {
    const csv = `ts_ms,venue,symbol,open,high,low,close,volume\n${[0, 1].map((i) => `${DAY + i * MINUTE},a,X,1,1,1,1,1`).join('\n')}\n${DAY},b,X,2,2,2,2,2\n`;
    await expect(rig.bring('a.csv', csv)).rejects.toMatchObject({
      code: 'DATA-004',
      fix: expect.stringContaining('--where venue=a'),
    });
    expect((await rig.bring('b.csv', csv, { where: { venue: 'a' }, as: 'X-PERP' })).series).toMatchObject([
      { added: 2, manifest: { symbol: 'X-PERP' } },
    ]);
  });

  it('is refused when an archive or its packing is damaged', async () => {
    const whole = zipped('BTCUSDT-trades-2024-08-08.csv', `1,1,1,1,${DAY},true\n`);
    const stored = zipSync({ 'BTCUSDT-trades-2024-08-08.csv': [bytes(`1,1,1,1,${DAY},true\n`), { level: 0 }] });
    const spoiled = stored.slice();
    spoiled[30 + 'BTCUSDT-trades-2024-08-08.csv'.length + 2]! += 1;
    await expect(rig.bring('cut.zip', whole.subarray(0, whole.length - 30))).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('cut off'),
    });
    await expect(rig.bring('spoiled.zip', spoiled)).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('checksum'),
    });
    for (const duckdb of [true, false])
      await expect(rig.bring('cut.parquet', 'PAR1 and nothing more', { duckdb })).rejects.toMatchObject({
        code: 'DATA-003',
        message: expect.stringContaining('Parquet'),
      });
    await expect(
      rig.bring('cut.csv.gz', gzipSync('ts_ms,symbol,price,size,side\n'.repeat(500)).subarray(0, 40)),
    ).rejects.toMatchObject({ code: 'DATA-003', message: expect.stringContaining('gzip') });
  });
});
