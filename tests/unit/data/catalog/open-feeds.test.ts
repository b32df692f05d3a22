import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import { digestOf } from '#src/data/bar-columns.js';
import { damaged } from '#src/data/catalog/parquet-file.js';
import { fingerprintOf } from '#src/data/catalog/fingerprint.js';
import { openFeeds, type FeedRequest } from '#src/data/catalog/open-feeds.js';
import { openFileMarket } from '#src/runs/market-files.js';
import { historyOf } from '../../../support/recorded-files.js';
import { instrument } from '#src/testing/instruments.js';
import { barsCsv, DAY, HOUR, MINUTE, Rig, tradesCsv } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const defaults = { settle: 'USDT', maxLeverage: new Decimal(20), maintenanceRate: new Decimal('0.005') };
const open = (request: Partial<FeedRequest> = {}) =>
  openFeeds(rig.catalog, {
    symbols: ['BTC-PERP'],
    kinds: ['trades'],
    instrument: () => undefined,
    defaults,
    ...request,
  });
const spec = (parts: Partial<InstrumentSpec>): InstrumentSpec => ({ ...instrument().spec, ...parts });
const TRADES = tradesCsv([
  [DAY, '61800.3', '0.006', 'buy'],
  [DAY + MINUTE, '61800', '1.5', 'sell'],
  [DAY + HOUR, '61799.9', '0.001', 'buy'],
]);

describe('opening feeds for a run', () => {
  it("gives trades in ticks and lots of an instrument whose tick and step are the data's", async () => {
    await rig.bring('trades.csv', TRADES);
    const { feeds, specs, notes } = await open();
    expect(specs).toMatchObject([
      {
        symbol: 'BTC-PERP',
        kind: 'perpetual',
        settle: 'USDT',
        tick: new Decimal('0.1'),
        step: new Decimal('0.001'),
        fundingIntervalHours: 0,
      },
    ]);
    expect(notes.map(({ code }) => code)).toContain('W-INSTR-001');
    expect(feeds).toEqual([
      {
        kind: 'trades',
        columns: {
          symbol: 'BTC-PERP',
          length: 3,
          at: Float64Array.of(DAY, DAY + MINUTE, DAY + HOUR),
          price: Float64Array.of(618_003, 618_000, 617_999),
          size: Float64Array.of(6, 1_500, 1),
          side: Int8Array.of(1, -1, 1),
        },
      },
    ]);
  });

  it('names the option that chooses between bars of two intervals', async () => {
    await rig.bring('minutes.csv', barsCsv([DAY, DAY + MINUTE, DAY + 2 * MINUTE]));
    await rig.bring('hours.csv', barsCsv([DAY, DAY + HOUR, DAY + 2 * HOUR]));
    await expect(open({ kinds: ['bars'] })).rejects.toMatchObject({
      code: 'DATA-006',
      fix: 'Name the interval of the bars: --interval 1h.',
    });
    expect((await open({ kinds: ['bars'], intervalMs: MINUTE })).feeds).toHaveLength(1);
  });

  it('names a damaged file in one sentence, without the query that met it', () => {
    expect(damaged('a.parquet', 'No magic bytes found\n\nLINE 1: SELECT * FROM read_parquet($1)').message).toBe(
      'a.parquet must be as it was written: No magic bytes found.',
    );
  });

  it('gives the very bars that the file itself gives', async () => {
    const path = rig.write('bars.csv', barsCsv([DAY, DAY + MINUTE, DAY + 4 * MINUTE]));
    await rig.import(path);
    const terms = { instrument: () => undefined, defaults };
    const history = historyOf(await openFileMarket(rig.files, { from: 'file', data: path }, terms));
    const { feeds, specs } = await open({ kinds: ['bars'] });
    const [feed] = feeds;
    expect(feed?.kind === 'bars' && digestOf(feed.columns)).toBe(digestOf(history.columns));
    expect(specs).toEqual([history.spec]);
  });

  it("counts in the configured instrument's tick and step, cuts sizes down and says so, and refuses prices between its ticks", async () => {
    await rig.bring('trades.csv', TRADES);
    const { feeds, notes } = await open({
      instrument: () => spec({ tick: new Decimal('0.05'), step: new Decimal('0.01') }),
    });
    expect(feeds[0]?.columns).toMatchObject({
      price: Float64Array.of(1_236_006, 1_236_000, 1_235_998),
      size: Float64Array.of(0, 150, 0),
    });
    expect(notes).toEqual([
      expect.objectContaining({ code: 'W-DATA-009', message: expect.stringContaining('2 sizes') }),
      expect.objectContaining({
        code: 'W-DATA-011',
        message: expect.stringContaining(
          'a silence in the run, the first from 2024-08-08T00:01:00.000Z to 2024-08-08T01:00:00.000Z',
        ),
      }),
    ]);
    await expect(open({ instrument: () => spec({ tick: new Decimal('0.5') }) })).rejects.toMatchObject({
      code: 'DATA-003',
      message: expect.stringContaining('2 of them'),
    });
  });

  it('counts quotes at which nobody trades, and those of which a bot makes no mark', async () => {
    const prices = [
      [99, 100],
      [100, 100],
      [101, 100],
      [100, 100],
    ];
    const rows = prices.map(([bid, ask], i) => `${DAY + i * MINUTE},BTC-PERP,${bid},1,${ask},1`);
    await rig.bring('quotes.csv', ['ts_ms,symbol,bid,bid_size,ask,ask_size', ...rows].join('\n'));
    const { notes } = await open({ kinds: ['quotes'] });
    expect(notes.map(({ code, message }) => `${code} ${message}`)).toEqual(
      expect.arrayContaining([
        'W-DATA-019 quotes of BTC-PERP: 1 of 4 have a bid above their ask; nothing is traded at them.',
        'W-DATA-022 quotes of BTC-PERP: 2 of 4 have a bid that is their ask; the bot sees no new mark in them.',
      ]),
    );
  });

  it('gives marks in mark units of the instrument', async () => {
    await rig.bring('mark.csv', `ts_ms,symbol,mark_price\n${DAY},BTC-PERP,61800.123\n${DAY + 1},BTC-PERP,61800.5`);
    const { feeds } = await open({
      kinds: ['mark'],
      instrument: () => spec({ tick: new Decimal('0.1'), step: new Decimal('0.001') }),
    });
    expect(feeds).toEqual([
      {
        kind: 'mark',
        columns: {
          symbol: 'BTC-PERP',
          length: 2,
          at: Float64Array.of(DAY, DAY + 1),
          price: Float64Array.of(61_800_123, 61_800_500),
        },
      },
    ]);
  });

  it('gives funding with NaN at stamps that nobody recorded', async () => {
    await rig.bring(
      'trades.csv',
      tradesCsv([
        [DAY, '1', '1', 'buy'],
        [DAY + 25 * HOUR, '1', '1', 'buy'],
      ]),
    );
    await rig.bring(
      'funding.csv',
      [
        'ts_ms,symbol,funding_rate',
        ...[-16, -8, 0, 16, 24].map((hours) => `${DAY + hours * HOUR + 3},BTC-PERP,-0.0001`),
      ].join('\n'),
    );
    const { feeds, specs } = await open({ also: ['funding'] });
    const funding = feeds.find(({ kind }) => kind === 'funding');
    expect(funding?.columns).toEqual({
      symbol: 'BTC-PERP',
      length: 4,
      at: Float64Array.of(DAY, DAY + 8 * HOUR, DAY + 16 * HOUR, DAY + 24 * HOUR),
      rate: Float64Array.of(-1e8, NaN, -1e8, -1e8),
    });
    expect(specs).toMatchObject([{ fundingIntervalHours: 8 }]);
  });

  it('takes the rows from one instant to another, and kinds that need not be there only where they are', async () => {
    await rig.bring('trades.csv', TRADES);
    const { feeds } = await open({ also: ['mark', 'funding'], from: DAY + 1, to: DAY + HOUR });
    expect(feeds.map(({ kind, columns }) => [kind, columns.length])).toEqual([['trades', 1]]);
    await expect(open({ from: DAY + 2 * HOUR })).rejects.toMatchObject({
      code: 'DATA-006',
      message: expect.stringContaining('2024-08-08T00:00:00.000Z to 2024-08-08T01:00:00.000Z'),
    });
    await expect(open({ kinds: ['quotes'] })).rejects.toMatchObject({
      code: 'DATA-006',
      message: expect.stringContaining('it holds trades of BTC-PERP'),
    });
    await expect(open({ symbols: ['ETH-PERP'] })).rejects.toMatchObject({ code: 'DATA-006' });
  });

  it('asks which bars, where there are several', async () => {
    await rig.bring('minutes.csv', barsCsv([DAY, DAY + MINUTE]));
    await rig.bring('hours.csv', barsCsv([DAY, DAY + HOUR, DAY + 2 * HOUR]));
    await expect(open({ kinds: ['bars'] })).rejects.toMatchObject({
      code: 'DATA-006',
      message: expect.stringContaining('bars 1h of BTC-PERP, bars 1m of BTC-PERP'),
    });
    expect((await open({ kinds: ['bars'], intervalMs: HOUR })).feeds[0]?.columns).toMatchObject({
      length: 3,
      intervalMs: HOUR,
    });
    await expect(open({ kinds: ['bars'], intervalMs: 5 * MINUTE })).rejects.toMatchObject({
      message: expect.stringMatching(/must hold bars 5m of BTC-PERP; it holds bars 1h/),
      why: expect.not.stringContaining('capitals'),
    });
  });

  it('names what the run rests on by one fingerprint, whatever the order and the pieces', async () => {
    await rig.bring('trades.csv', TRADES);
    await rig.bring('eth.csv', tradesCsv([[DAY, '2500', '1', 'buy']], 'ETH-PERP'));
    const both = await open({ symbols: ['BTC-PERP', 'ETH-PERP'] });
    expect(both.data.source).toContain('trades of BTC-PERP');
    expect(fingerprintOf([...both.feeds].reverse(), both.specs)).toBe(both.data.fingerprint);
    expect((await open({ symbols: ['BTC-PERP', 'ETH-PERP'], shared: true })).data.fingerprint).toBe(
      both.data.fingerprint,
    );
    expect((await open()).data.fingerprint).not.toBe(both.data.fingerprint);
    expect((await open({ to: DAY + HOUR })).data.fingerprint).not.toBe((await open()).data.fingerprint);
  });

  it('gives columns over shared memory when asked', async () => {
    await rig.bring('trades.csv', TRADES);
    const { feeds } = await open({ shared: true });
    expect(feeds[0]?.columns).toMatchObject({ length: 3 });
    expect((feeds[0] as { columns: { price: Float64Array } }).columns.price.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});
