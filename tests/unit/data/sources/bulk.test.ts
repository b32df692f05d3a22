import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeHost } from '../../cli/fake-host.js';
import { DAY, HOUR, MINUTE, Rig, rowsOf, textOf } from '../catalog/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n';
/** Candles of a minute from an instant on, as Binance writes them. */
const klines = (from: number, rows = 2, unit = 1): string =>
  Array.from({ length: rows }, (_, i) => {
    const at = from + i * MINUTE;
    return `${at * unit},100.5,200,100,${100 + i},3.5,${(at + MINUTE) * unit - 1},350.1,7,1,100,0\n`;
  }).join('');

/** A zip as it lies in the folders of `data.binance.vision`, with its checksum beside it. */
function publish(folder: string, name: string, text: string, spoiled = false): void {
  const zip = zipSync({ [`${name}.csv`]: bytes(text) });
  const sum = createHash('sha256')
    .update(spoiled ? 'another' : zip)
    .digest('hex');
  rig.write(join('data', folder, `${name}.zip`), zip);
  rig.write(join('data', folder, `${name}.zip.CHECKSUM`), `${sum}  ${name}.zip\n`);
}

async function bring(...argv: string[]): Promise<{ readonly host: FakeHost; readonly exit: number }> {
  const host = new FakeHost();
  const from = argv.includes('--from') ? [] : ['--from', join(rig.root, 'data')];
  return { host, exit: await host.run('data', 'import', ...from, '--catalog', rig.directory, ...argv) };
}

interface Told {
  readonly data: {
    readonly files: readonly { readonly file: string; readonly checksum: boolean }[];
    readonly refused: readonly { readonly file: string; readonly code: string; readonly damaged: boolean }[];
  };
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly error: { readonly code: string; readonly message: string; readonly problems: readonly unknown[] } | null;
}
const told = (host: FakeHost): Told => host.envelope() as unknown as Told;
const held = (): string[] =>
  rig.catalog.list().map(({ kind, symbol, intervalMs, rows }) => `${kind} ${symbol} ${intervalMs / MINUTE} ${rows}`);

describe("Binance's folders as they lie", () => {
  const um = 'futures/um';
  const day = '2024-08-08';

  it('are read as what folder and name say, checked, and what is something else is named and counted', async () => {
    publish(`${um}/daily/klines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, HEADER + klines(DAY));
    publish(`${um}/monthly/klines/BTCUSDT/1m`, 'BTCUSDT-1m-2024-07', klines(DAY - 2 * MINUTE, 2));
    publish('spot/daily/klines/ETHUSDT/1m', `ETHUSDT-1m-${day}`, klines(DAY, 3, 1_000));
    publish(
      `${um}/daily/klines/BTCUSDT/1d`,
      `BTCUSDT-1d-${day}`,
      `${DAY},1,2,1,2,5,${DAY + 24 * HOUR - 1},1,1,1,1,0\n`,
    );
    publish(`${um}/daily/markPriceKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    publish(`${um}/daily/indexPriceKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    publish(`${um}/daily/premiumIndexKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    publish(`${um}/daily/premiumIndexKlines/BTCUSDT/1m`, 'BTCUSDT-1m-2024-08-09', klines(DAY));
    publish('futures/cm/daily/continuousKlines/BTCUSD/1m', `BTCUSD-1m-${day}`, klines(DAY));
    publish(`${um}/daily/somethingNewKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    publish(`${um}/daily/aggTrades/BTCUSDT`, `BTCUSDT-aggTrades-${day}`, `7,100.5,0.1,1,2,${DAY},true\n`);
    publish(`${um}/daily/trades/ETHUSDT`, `ETHUSDT-trades-${day}`, `7,100.5,0.1,10,${DAY},true\n`);
    publish(`${um}/daily/bookTicker/BTCUSDT`, `BTCUSDT-bookTicker-${day}`, `5,100,1,100.5,2,${DAY},${DAY + 1}\n`);
    publish(
      `${um}/monthly/fundingRate/BTCUSDT`,
      'BTCUSDT-fundingRate-2024-08',
      `calc_time,funding_interval_hours,last_funding_rate\n${DAY},8,0.0001\n`,
    );
    publish(
      `${um}/daily/metrics/BTCUSDT`,
      `BTCUSDT-metrics-${day}`,
      'create_time,symbol,sum_open_interest\n2024-08-08 00:05:00,BTCUSDT,81000.5\n',
    );
    rig.write('data/README.md', '# Notes\n');
    rig.write('data/.DS_Store', 'x');

    const { host, exit } = await bring('--json');
    expect([exit, host.envelope().ok]).toEqual([0, true]);
    expect(held().sort()).toEqual(
      [
        'bars BTCUSDT 1 4',
        'bars BTCUSDT 1440 1',
        'bars ETHUSDT 1 3',
        'funding BTCUSDT 0 1',
        'index BTCUSDT 0 2',
        'mark BTCUSDT 0 2',
        'quotes BTCUSDT 0 1',
        'trades BTCUSDT 0 1',
        'trades ETHUSDT 0 1',
      ].sort(),
    );
    const { data, warnings } = told(host);
    expect(data.files.map(({ checksum }) => checksum)).toEqual(data.files.map(() => true));
    expect(data.refused.map(({ code, damaged }) => [code, damaged])).toEqual(
      data.refused.map(() => ['DATA-004', false]),
    );
    const counted = warnings.filter(({ code }) => code === 'W-DATA-013').map(({ message }) => message);
    expect(counted.map((message) => message.split(' left out')[0]).sort()).toEqual([
      '1 file of another kind',
      '1 file of continuousKlines',
      '1 file of metrics',
      '1 file of somethingNewKlines',
      '2 files of premiumIndexKlines',
    ]);
    expect(counted.find((message) => message.includes('premium'))).toContain(
      'its folder and name say premiumIndexKlines of BTCUSDT',
    );
  });

  it('a file that is not what its checksum says is refused, the others are imported, and the exit code says so', async () => {
    publish(`${um}/daily/klines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    publish(`${um}/daily/klines/BTCUSDT/1m`, 'BTCUSDT-1m-2024-08-09', klines(DAY + 24 * HOUR), true);
    const { host, exit } = await bring('--json');
    expect(exit).toBe(65);
    expect(told(host).data.refused).toEqual([
      expect.objectContaining({ code: 'DATA-003', damaged: true, message: expect.stringContaining('.CHECKSUM') }),
    ]);
    expect(held()).toEqual(['bars BTCUSDT 1 2']);
    const again = await bring();
    expect(again.host.stdout.written).toContain('not imported');
    await expect(
      rig.import(join(rig.root, 'data', um, 'daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-08-09.zip')),
    ).rejects.toMatchObject({ code: 'DATA-003' });
  });

  it('a directory with nothing, or nothing known, in it is an error that says so', async () => {
    rig.write('data/.keep', '');
    expect(await bring('--json').then(({ host, exit }) => [exit, told(host).error?.code])).toEqual([5, 'DATA-002']);
    rig.write('data/deep/er/notes.txt', 'nothing of the kind\n');
    publish(`${um}/daily/premiumIndexKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    const { host, exit } = await bring('--json');
    expect([exit, told(host).error?.code]).toEqual([65, 'DATA-004']);
    expect(told(host).error?.message).toContain('none of its 2 files was imported');
    expect(told(host).error?.problems).toHaveLength(2);
  });

  it('a kind that is asked for is the only one that is read, and never another by its name', async () => {
    publish(`${um}/daily/klines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    publish(`${um}/daily/markPriceKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    expect((await bring('--kind', 'bars')).exit).toBe(0);
    expect(held()).toEqual(['bars BTCUSDT 1 2']);
    const mark = join(rig.root, 'data', um, `daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-${day}.zip`);
    await expect(rig.import(mark, { kind: 'bars' })).rejects.toMatchObject({ code: 'DATA-004' });
  });

  it('folders count that were not typed, and a catalog below is none of the data', async () => {
    publish(`${um}/daily/indexPriceKlines/BTCUSDT/1m`, `BTCUSDT-1m-${day}`, klines(DAY));
    const here = process.cwd();
    process.chdir(join(rig.root, 'data', um, 'daily/indexPriceKlines/BTCUSDT/1m'));
    try {
      await rig.import(`BTCUSDT-1m-${day}.zip`);
    } finally {
      process.chdir(here);
    }
    expect(held()).toEqual(['index BTCUSDT 0 2']);
    const { host } = await bring('--from', rig.root, '--json');
    expect(told(host).data.files).toHaveLength(1);
    expect(told(host).data.refused).toEqual([]);
  });
});

describe('Tardis', () => {
  const head = 'exchange,symbol,timestamp,local_timestamp';
  const us = (offset: number): string => String((DAY + offset) * 1_000);

  it('a day of trades in the order of arrival is put in that of time, and said', async () => {
    const rows = [0, 5, 3, 8, 7].map((at, i) => `x,BTCUSDT,${us(at)},${us(10 + i)},a${i},buy,${100 + i},1`);
    const report = await rig.bring('t.csv.gz', gzipSync(`${head},id,side,price,amount\n${rows.join('\n')}\n`));
    expect(rowsOf(await rig.catalog.read(rig.single())).map(([at = 0, price]) => [at - DAY, price])).toEqual([
      [0, 100],
      [3, 102],
      [5, 101],
      [7, 104],
      [8, 103],
    ]);
    expect(report.series).toMatchObject([{ disorder: { rows: 2 } }]);
  });

  it('changes of a book stand in the order of arrival, whatever their stamps and --sort say', async () => {
    const level = (at: number, local: number, price: string, amount: string): string =>
      `x,BTCUSDT,${us(at)},${us(local)},false,bid,${price},${amount}`;
    const text = textOf([
      `${head},is_snapshot,side,price,amount`,
      level(0, 1, '100', '1'),
      level(9, 10, '101', '1'),
      level(4, 11, '101', '0'),
      level(9, 12, '102', '1'),
    ]);
    for (const sort of [false, true]) {
      const report = await rig.bring(`${sort}/book.csv`, text, { sort, symbol: 'BTCUSDT', as: `BOOK-${sort}` });
      const { manifest } = report.series[0]!;
      expect(
        rowsOf(await rig.catalog.read(manifest)).map(([at = 0, , price, size]) => [at - DAY, price, size]),
      ).toEqual([
        [0, 100, 1],
        [9, 101, 1],
        [9, 101, 0],
        [9, 102, 1],
      ]);
      expect(report.notes).toMatchObject([{ code: 'W-DATA-014', message: expect.stringContaining('by up to 5 ms') }]);
    }
    await expect(rig.bring('far.csv', text.replace(us(4), us(-HOUR)), { sort: true })).rejects.toMatchObject({
      code: 'DATA-005',
      fix: expect.stringContaining('never sorted'),
    });
  });
});

describe('a folder that holds one symbol of several markets', () => {
  const leanDay = (close: number): Uint8Array => zipSync({ 'x.csv': bytes(`20240808 00:00,1,9,1,${close},10\n`) });

  it.each<readonly [string, string, () => void]>([
    [
      'crypto/binance',
      'cryptofuture/bybit',
      () => {
        rig.write(join('data', 'crypto/binance/hour/adausdt_trade.zip'), leanDay(2));
        rig.write(join('data', 'cryptofuture/bybit/hour/adausdt_trade.zip'), leanDay(3));
      },
    ],
    [
      'futures/um',
      'spot',
      () => {
        publish(
          'futures/um/daily/klines/ADAUSDT/1h',
          'ADAUSDT-1h-2024-08-08',
          `${DAY},1,9,1,2,5,${DAY + HOUR - 1},1,1,1,1,0\n`,
        );
        publish(
          'futures/um/monthly/klines/ADAUSDT/1h',
          'ADAUSDT-1h-2024-07',
          `${DAY - 24 * HOUR},1,9,1,2,5,${DAY - 23 * HOUR - 1},1,1,1,1,0\n`,
        );
        publish(
          'spot/daily/klines/ADAUSDT/1h',
          'ADAUSDT-1h-2024-08-09',
          `${DAY + 24 * HOUR},1,9,1,3,5,${DAY + 25 * HOUR - 1},1,1,1,1,0\n`,
        );
      },
    ],
  ])('takes those of %s alone: those of %s are left out, named and counted', async (market, other, write) => {
    write();
    const { host, exit } = await bring('--json');
    expect(exit).toBe(0);
    expect(told(host).data.refused).toMatchObject([{ file: expect.stringContaining(other), code: 'DATA-004' }]);
    expect(told(host).warnings.find(({ code }) => code === 'W-DATA-013')?.message).toMatch(
      new RegExp(`1 file .*must be of the market that bars 1h of ADAUSDT is of, ${market}; its folders say ${other}`),
    );
    const rows = held();
    // Nor where it comes later, and by itself; under a name of its own it is taken.
    const from = ['--from', join(rig.root, 'data', other)];
    expect((await bring(...from)).exit).not.toBe(0);
    expect(held()).toEqual(rows);
    expect((await bring(...from, '--as', 'ADA-OTHER')).exit).toBe(0);
    expect(held().length).toBe(2);
  });
});

describe('LEAN', () => {
  it('zips of hours and of days: symbol and interval from the folders', async () => {
    const zip = (text: string): Uint8Array => zipSync({ 'adausdt.csv': bytes(text) });
    const folder = 'cryptofuture/binance';
    await rig.bring(`${folder}/daily/adausdt_trade.zip`, zip('20240808 00:00,0.3,0.31,0.29,0.3,1000\n'));
    await rig.bring(
      `${folder}/hour/adausdt_trade.zip`,
      zip('20240808 00:00,0.3,0.31,0.29,0.3,10\n20240808 05:00,0.3,0.31,0.29,0.3,20\n'),
    );
    await rig.bring(
      `${folder}/hour/adausdt_quote.zip`,
      zip('20240808 00:00,0.3,0.31,0.29,0.3,10,0.3,0.31,0.29,0.31,20\n'),
    );
    expect(held()).toEqual(['bars ADAUSDT 1440 1', 'bars ADAUSDT 60 2', 'quotes ADAUSDT 0 1']);
    expect(rowsOf(await rig.catalog.read(rig.catalog.list()[2]!))[0]?.[0]).toBe(DAY + HOUR);
  });
});
