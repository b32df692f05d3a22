import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryCatalog } from '#src/data/catalog/memory-catalog.js';
import { TimeZone, writtenTime } from '#src/data/sources/text-time.js';
import { openFiles } from '../../../support/recorded-files.js';
import { DAY, HOUR, MINUTE, Rig, textOf } from '../catalog/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const TIMES = Array.from({ length: 5 }, (_, i) => DAY + i * MINUTE);
const iso = (at: number): string => new Date(at).toISOString();
const VALUES = TIMES.map((_, i) => [100.5 + i, 102 + i, 100 + i, 101.25 + i, 3 + i] as const);
const NAMES = ['open', 'high', 'low', 'close', 'volume'];

/** A table of bars as somebody writes it. */
function csv(
  time: string,
  written: (at: number) => string | number,
  options: { readonly by?: string; readonly symbol?: boolean; readonly names?: readonly string[] } = {},
): string {
  const { by = ',', symbol = true, names = NAMES } = options;
  const head = [time, ...(symbol ? ['symbol'] : []), ...names];
  const rows = TIMES.map((at, i) => [written(at), ...(symbol ? ['BTC-PERP'] : []), ...(VALUES[i] ?? [])]);
  return textOf([head, ...rows].map((row) => row.join(by)));
}
const PLAIN = csv('ts_ms', (at) => at);

async function fingerprint(name: string, content: string | Uint8Array, symbol?: string): Promise<string | undefined> {
  const { series } = await rig.bring(name, content, { ...(symbol === undefined ? {} : { symbol }) });
  return series[0]?.manifest.fingerprint;
}

describe('tables as strangers write them', () => {
  const space = (at: number): string => iso(at).slice(0, 19).replace('T', ' ');
  it.each<[string, string | Uint8Array]>([
    ['semicolons', csv('ts_ms', (at) => at, { by: ';' })],
    ['tabs', csv('ts_ms', (at) => at, { by: '\t' })],
    ['a mark before the text, CRLF and no last newline', `\ufeff${PLAIN.replaceAll('\n', '\r\n')}`],
    ['values with spaces and tabs around them', csv('ts_ms', (at) => ` ${at}\t`, { by: ' , ' })],
    [
      'names in capitals, quoted',
      csv('"Open Time"', (at) => at, { names: NAMES.map((name) => ` "${name.toUpperCase()}"`) }),
    ],
    ['seconds, as TradingView exports them', csv('time', (at) => at / 1_000)],
    ['seconds with a fraction', csv('Timestamp', (at) => `${at / 1_000}.0`)],
    ['microseconds', csv('ts', (at) => at * 1_000)],
    ['nanoseconds', csv('datetime', (at) => `${at}000000`)],
    ['ISO text', csv('date', iso)],
    ['text with an offset', csv('datetime', (at) => `${space(at + 2 * HOUR)}+02:00`)],
    ['text with a short offset, as DuckDB writes it', csv('timestamp', (at) => `${space(at)}+00`)],
    ['text without an offset', csv('Date', space)],
    ['an index without a name, as pandas writes it', csv('', (at) => `${space(at)}+00:00`)],
  ])('%s: the same bars', async (_what, content) => {
    const wanted = await fingerprint('plain.csv', PLAIN);
    const { series } = await rig.bring('theirs.csv', content);
    expect(series).toMatchObject([{ added: 0, duplicates: 5, manifest: { fingerprint: wanted } }]);
  });

  it('a symbol that stands nowhere is the one of --symbol, and asked for', async () => {
    const theirs = csv('Date', space, { symbol: false, names: ['Open', 'High', 'Low', 'Close', 'Volume'] });
    const wanted = await fingerprint('plain.csv', PLAIN);
    expect(await fingerprint('yahoo.csv', theirs, 'BTC-PERP')).toBe(wanted);
    await expect(rig.bring('yahoo2.csv', theirs)).rejects.toMatchObject({
      code: 'DATA-006',
      fix: expect.stringContaining('--symbol BTC-PERP'),
    });
    // Whatever holds symbols under another name is not of one symbol.
    await expect(
      rig.bring('more.csv', theirs.replace('Volume', 'Volume,Ticker'), { symbol: 'X' }),
    ).rejects.toMatchObject({ code: 'DATA-004', message: expect.stringContaining('missing: symbol') });
  });

  it('Parquet: times as instants, in text, and in an index that nobody named', async () => {
    const wanted = await fingerprint('plain.csv', PLAIN);
    const write = (time: string, data: unknown[], type: 'TIMESTAMP' | 'STRING' | 'INT64'): Uint8Array =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            ...NAMES.map((name, column) => ({
              name: name.toUpperCase(),
              data: VALUES.map((row) => row[column]),
              type: 'DOUBLE' as const,
            })),
            { name: time, data, type },
          ],
        }),
      );
    for (const [name, file] of Object.entries({
      instants: write(
        '__index_level_0__',
        TIMES.map((at) => new Date(at)),
        'TIMESTAMP',
      ),
      text: write(
        'Date',
        TIMES.map((at) => ` ${space(at)}`),
        'STRING',
      ),
      nanoseconds: write(
        'time',
        TIMES.map((at) => BigInt(at) * 1_000_000n),
        'INT64',
      ),
    }))
      for (const duckdb of [false, true]) {
        const { series } = await rig.bring(`${name}-${duckdb}.parquet`, file, { symbol: 'BTC-PERP', duckdb });
        expect([name, series[0]?.manifest.fingerprint]).toEqual([name, wanted]);
      }
  });

  it('says how times were read, and --data reads what data import reads', async () => {
    const report = await rig.bring(
      't.csv',
      csv('time', (at) => at / 1_000),
    );
    expect(report.times).toEqual(['time in seconds']);
    const naive = csv('date', space);
    expect((await rig.bring('n.csv', naive)).times).toEqual(['date as text, taken for UTC']);
    for (const content of [csv('time', iso, { by: ';' }), csv('ts', (at) => at * 1_000)]) {
      const { bars } = await openFiles({ 'bars.csv.gz': gzipSync(content) });
      expect([...(bars?.openAt ?? [])]).toEqual(TIMES);
    }
  });

  it.each([
    [
      'a row of another unit',
      csv('ts', (at) => (at === TIMES[3] ? at / 1_000 : at)),
      /Row 4: ts must be an epoch in mill/,
    ],
    ['a row of text after numbers', csv('ts', (at) => (at === TIMES[3] ? iso(at) : at)), /Row 4: ts must be an epoch/],
    [
      'a row without its offset',
      csv('date', (at) => (at === TIMES[2] ? space(at) : iso(at))),
      /Row 3: date .* with its/,
    ],
    ['dates in digits', csv('date', (at) => iso(at).slice(0, 10).replaceAll('-', '')), /between 1973 and 2100/],
    ['dates and times in digits', csv('time', (at) => iso(at).replaceAll(/\D/g, '').slice(0, 14)), /between 1973 and/],
    ['a day that is none', csv('date', () => '2023-02-29'), /Row 1: date must be an epoch, or a date like/],
    ['another order of day and month', csv('date', () => '08/08/2024'), /was "08\/08\/2024"/],
    ['decimal commas', csv('ts', (at) => at, { by: ';' }).replace('100.5', '100,5'), /open must be .*was "100,5"/],
    ['no column of times', csv('when', (at) => at), /None of them is a column of times by its name: ts_ms, ts, /],
    ['no close', csv('ts', (at) => at).replace('close', 'clsoe'), /It comes close to bars .*missing: close\.$/],
  ])('%s is refused with the one cause', async (_what, content, message) => {
    await expect(rig.bring('theirs.csv', content)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('text of times', () => {
  it('is read to the microsecond, or not at all', () => {
    expect(writtenTime('2024-08-08')).toEqual({ wall: DAY, offsetMs: undefined });
    expect(writtenTime('2024-08-08T00:00:01.2500017Z')).toEqual({ wall: DAY + 1_250.002, offsetMs: 0 });
    expect(writtenTime('2024-08-08 00:01 UTC')).toEqual({ wall: DAY + MINUTE, offsetMs: 0 });
    expect(writtenTime('2024-08-08 00:00:00-0530')).toEqual({ wall: DAY, offsetMs: -5.5 * HOUR });
    for (const none of ['2024-8-8', '2024-13-01', '2024-08-08 24:00:00', '2024-08-08T', '20240808', 'now', ''])
      expect([none, writtenTime(none)]).toEqual([none, undefined]);
  });

  it('of a zone: clocks set forward skip times, clocks set back show them twice', async () => {
    const berlin = new TimeZone('Europe/Berlin');
    expect(iso(berlin.instantOf(Date.UTC(2024, 6, 1, 12), -Infinity)!)).toBe('2024-07-01T10:00:00.000Z');
    expect(berlin.instantOf(Date.UTC(2024, 2, 31, 2, 30), -Infinity)).toBeUndefined();
    const twice = Date.UTC(2024, 9, 27, 2, 30);
    expect(iso(berlin.instantOf(twice, -Infinity)!)).toBe('2024-10-27T00:30:00.000Z');
    expect(iso(berlin.instantOf(twice, Date.UTC(2024, 9, 27, 0, 59))!)).toBe('2024-10-27T01:30:00.000Z');
    expect(berlin.twice).toBe(2);

    // A night of hourly bars by the clocks of New York: every hour is there once in UTC.
    const walls = ['00:00', '01:00', '01:00', '02:00', '03:00'].map((hour) => `2024-11-03 ${hour}`);
    const text = csv('date', (at) => walls[TIMES.indexOf(at)] ?? '');
    const { series, notes } = await rig.bring('ny.csv', text, { zone: 'America/New_York' });
    expect(series[0]?.manifest).toMatchObject({ intervalMs: HOUR, gaps: [], first: Date.UTC(2024, 10, 3, 4) });
    expect(notes).toMatchObject([{ code: 'W-DATA-016', message: expect.stringMatching(/^2 times were shown twice/) }]);
  });

  it.each([true, false])(
    'of Parquet without a zone are what a clock on the wall showed (DuckDB: %s)',
    async (duckdb) => {
      const path = join(rig.root, 'wall.parquet');
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      const bars = "SELECT (TIMESTAMP '2024-07-01 12:00:00' + INTERVAL (i) HOUR)::TIMESTAMP AS datetime, 'X' AS symbol";
      await connection.run(
        `COPY (${bars}, 10.5 AS open, 11.0 AS high, 10.0 AS low, 10.5 AS close, 1.0 AS volume FROM range(4) t(i)) TO '${path}' (FORMAT parquet)`,
      );
      connection.closeSync();
      const { series, times } = await rig.import(path, { duckdb, zone: 'Europe/Berlin' });
      expect(times).toEqual(['datetime without a zone, taken for Europe/Berlin']);
      expect(series[0]?.manifest).toMatchObject({ intervalMs: HOUR, rows: 4, first: Date.UTC(2024, 6, 1, 10) });
      const other = new Rig();
      const plain = await other.import(path, { duckdb });
      other.remove();
      expect(plain.times).toEqual(['datetime without a zone, taken for UTC']);
      expect(plain.series[0]?.manifest.first).toBe(Date.UTC(2024, 6, 1, 12));
    },
  );

  it('are read in a run over a file as an import reads them, the length of its bars too, and said where UTC was taken', async () => {
    const memory = (): MemoryCatalog => new MemoryCatalog(rig.files);
    const path = rig.write('b.csv', 'date,open,high,low,close,volume\n2024-07-01 12:00:00,10,11,9,10,1\n');
    const named = { path, flag: '--data', symbol: 'X', intervalMs: HOUR };
    const [berlin, utc] = [await memory().bring({ ...named, zone: 'Europe/Berlin' }), await memory().bring(named)];
    expect(berlin.series).toMatchObject([{ intervalMs: HOUR, first: Date.UTC(2024, 6, 1, 10) }]);
    expect(berlin.notes).toEqual([]);
    expect(utc.series).toMatchObject([{ first: Date.UTC(2024, 6, 1, 12) }]);
    expect(utc.notes).toMatchObject([
      { code: 'W-DATA-021', message: expect.stringMatching(/date as text, taken for UTC/) },
    ]);
  });
});
