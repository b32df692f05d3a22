import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ColumnBarView, gapsOf, spanOf } from '#src/data/bar-columns.js';
import {
  barCloseAt,
  barEndAt,
  barIntervalOf,
  barIntervalText,
  barOpenAt,
  DAY_MS,
  MONTH_MS,
  WEEK_MS,
} from '#src/domain/time-spans.js';
import { openFiles } from '../../../support/recorded-files.js';
import { DAY, HOUR, MINUTE, Rig, textOf } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const bars = (times: readonly number[]): string =>
  textOf(['ts_ms,symbol,open,high,low,close,volume', ...times.map((at) => `${at},X,1,1,1,1,1`)]);
const klines = (spans: readonly (readonly [number, number])[]): string =>
  textOf(spans.map(([from, to]) => `${from},1,1,1,1,1,${to - 1},1,1,1,1,0`));
const month = (index: number): number => Date.UTC(2023, index);
const MONTHS = Array.from({ length: 24 }, (_, i) => month(i));
/** Of bars that were brought: their length, how many there are, and which are missing. */
async function brought(name: string, text: string, options: Parameters<Rig['import']>[1] = {}): Promise<unknown[]> {
  const { manifest } = (await rig.bring(name, text, options)).series[0]!;
  return [barIntervalText(manifest.intervalMs), manifest.rows, manifest.gaps.map(({ missing }) => missing)];
}

describe('the length of bars', () => {
  it('is the name’s: months are months, and a day with one bar has a length', async () => {
    const spans = MONTHS.map((from, i) => [from, month(i + 1)] as const);
    expect(await brought('BTCUSDT-1mo-2023-01.csv', klines(spans))).toEqual(['1M', 24, []]);
    expect(await brought('ETHUSDT-1d-2024-08-08.csv', klines([[DAY, DAY + DAY_MS]]))).toEqual(['1d', 1, []]);
    expect(await brought('XRP_USDT_USDT-1w-futures.json', `[[${Date.UTC(2024, 7, 5)},1,1,1,1,1]]`)).toEqual([
      '1w',
      1,
      [],
    ]);
  });

  it('is close less open, of months too, where no name says it', async () => {
    const header = 'open_time,open,high,low,close,volume,close_time,a,b,c,d,e\n';
    const months = MONTHS.slice(0, 3).map((from, i) => [from, month(i + 1)] as const);
    expect(await brought('m.csv', header + klines(months), { symbol: 'X' })).toEqual(['1M', 3, []]);
    const sparse = [0, 7, 19].map((hour) => [DAY + hour * HOUR, DAY + (hour + 1) * HOUR] as const);
    expect(await brought('h.csv', header + klines(sparse), { symbol: 'Y' })).toEqual(['1h', 3, [6, 11]]);
  });

  it('is the commonest distance where half of the bars have it, and is asked for elsewhere', async () => {
    expect(await brought('a.csv', bars([0, 1, 2, 3, 5, 9].map((i) => DAY + i * MINUTE)))).toEqual(['1m', 6, [1, 3]]);
    expect(await brought('firsts.csv', bars(MONTHS.filter((_, i) => i !== 5)), { as: 'Y' })).toEqual(['1M', 23, [1]]);
    const odd = bars([0, 1, 3, 7, 12, 20].map((i) => DAY + i * MINUTE));
    await expect(rig.bring('odd.csv', odd)).rejects.toMatchObject({
      code: 'DATA-003',
      fix: expect.stringContaining('--interval'),
    });
    expect(await brought('odd2.csv', odd, { as: 'Z', intervalMs: MINUTE })).toEqual(['1m', 6, [1, 3, 4, 7]]);
    await expect(rig.bring('one.csv', bars([DAY]))).rejects.toMatchObject({ code: 'DATA-003' });
    expect(await brought('one-1h.csv', bars([DAY]), { as: 'W' })).toEqual(['1h', 1, []]);
  });

  it('is not believed of a name that its rows or its close times deny', async () => {
    const hours = [0, 1, 2, 3].map((i) => [DAY + i * HOUR, DAY + (i + 1) * HOUR] as const);
    await expect(rig.bring('BTCUSDT-1m-2024-08.csv', klines(hours))).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('1m by the name, and of 1h by their close times'),
    });
    const rows = `[${hours.map(([at]) => `[${at},1,1,1,1,1]`).join(',')}]`;
    await expect(rig.bring('XRP_USDT-1m.json', rows)).rejects.toMatchObject({
      message: expect.stringContaining('1m by the name, and lie 1h apart'),
    });
    // One month of hours, called after the month.
    expect(await brought('btc_1m.csv', bars(hours.map(([at]) => at)))).toEqual(['1h', 4, []]);
  });

  it('rows beside the grid are left out, named and counted, or refused', async () => {
    const text = bars([0, 1, 2, 2.5, 3, 4, 5].map((i) => DAY + i * MINUTE));
    await expect(rig.bring('a.csv', text, { strict: true })).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('2024-08-08T00:02:30.000Z do not'),
    });
    const { series, notes } = await rig.bring('a.csv', text);
    expect(series).toMatchObject([{ added: 6, manifest: { intervalMs: MINUTE, gaps: [] } }]);
    expect(notes).toMatchObject([{ code: 'W-DATA-004', message: expect.stringContaining('T00:02:30.000Z') }]);
    await expect(rig.bring('b.csv', text, { intervalMs: HOUR })).rejects.toMatchObject({ code: 'DATA-003' });
  });

  it('bars by the clocks of a place are taken as they are, and said', async () => {
    const report = await rig.bring('hk.csv', bars([0, 1, 2].map((day) => DAY + day * DAY_MS + 16 * HOUR)));
    expect(report.notes).toMatchObject([
      { code: 'W-DATA-015', message: expect.stringContaining('16h after the beginning of their 1d') },
    ]);
  });

  it('of a month ends where the next begins: no bar is shown before it is over', async () => {
    const { bars: columns } = await openFiles({ 'm.csv': bars(MONTHS.slice(0, 4)) });
    const view = new ColumnBarView(columns!);
    expect([0, 1, 2, 3].map((row) => view.moveTo(row).closeAt)).toEqual([1, 2, 3, 4].map(month));
    expect(spanOf(columns!)).toEqual({ from: month(0), to: month(4) });
    expect(gapsOf(columns!)).toEqual([]);
  });
});

describe('weeks and months', () => {
  it('begin on Monday and on the first, whatever they are called', () => {
    expect(['7d', '1w', '1M', '1m', '3d', '14d'].map(barIntervalOf)).toEqual([
      WEEK_MS,
      WEEK_MS,
      MONTH_MS,
      MINUTE,
      3 * DAY_MS,
      2 * WEEK_MS,
    ]);
    for (const none of ['2w', '3M', '31d', '0m', '1y', 'w', '1.5h', '-1m', ''])
      expect([none, barIntervalOf(none)]).toEqual([none, undefined]);
    expect([WEEK_MS, MONTH_MS, 3 * DAY_MS, MINUTE].map(barIntervalText)).toEqual(['1w', '1M', '3d', '1m']);
    // 2024-08-08 was a Thursday.
    expect(barOpenAt(DAY, WEEK_MS)).toBe(Date.UTC(2024, 7, 5));
    expect(barEndAt(DAY, WEEK_MS)).toBe(Date.UTC(2024, 7, 12));
    expect(barEndAt(Date.UTC(2024, 7, 12), WEEK_MS)).toBe(Date.UTC(2024, 7, 12));
    expect(barOpenAt(DAY, MONTH_MS)).toBe(Date.UTC(2024, 7, 1));
    expect(barCloseAt(Date.UTC(2024, 1), MONTH_MS)).toBe(Date.UTC(2024, 2));
    expect(barOpenAt(DAY + 5, 3 * DAY_MS)).toBe(Math.floor(DAY / (3 * DAY_MS)) * 3 * DAY_MS);
    expect(barOpenAt(-1, WEEK_MS)).toBe(-3 * DAY_MS);
  });
});
