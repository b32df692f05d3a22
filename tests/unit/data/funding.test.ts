import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { fundingStamps, medianHours, type KnownRate } from '#src/data/tables/funding-schedule.js';
import type { FundingStamp } from '#src/ports/core-services/simulated-exchange.js';
import { historyOf, openFiles, type FileRequest, type History } from '../../support/recorded-files.js';

const HOUR = 3_600_000;
const rates = (...at: number[]): KnownRate[] => at.map((each) => ({ at: each, rate: new Decimal('0.0001') }));
const stampsOf = (known: KnownRate[], from: number, to: number, fallbackHours = 8): string[] =>
  fundingStamps(known, { from: from * HOUR, to: to * HOUR, fallbackHours }).map(
    (stamp) => `${stamp.at / HOUR}${stamp.rate === undefined ? ' gap' : ''}`,
  );

describe('funding rates beside bars', () => {
  const BARS = `ts_ms,symbol,open,high,low,close,volume\n${[0, 1, 2].map((i) => `${28_800_000 * i + 1},X,1,1,1,1,1`).join('\n')}\n`;
  const read = async (text: string): Promise<readonly FundingStamp[] | undefined> =>
    (await openFiles({ 'b.csv': BARS, 'f.csv': text }, { symbol: 'X' })).funding;

  it('keeps rates as decimals, and stamps at the full hour that they were recorded beside', async () => {
    const known = await read(
      'ts_ms,symbol,funding_rate\n28800017,X,0.00013046\n28800017,Y,1\n57600007,X,-0.00061334\n',
    );
    expect(known?.map(({ at, rate }) => [at, rate?.toString()])).toEqual([
      [28_800_000, '0.00013046'],
      [57_600_000, '-0.00061334'],
      [86_400_000, undefined],
    ]);
  });

  it('refuses rates of one symbol from two venues, which are no series', async () => {
    await expect(
      read('ts_ms,venue,symbol,funding_rate\n28800017,a,X,0.0001\n57600007,b,X,0.0001\n'),
    ).rejects.toMatchObject({ code: 'DATA-004', where: 'f.csv:3', message: expect.stringContaining('of one venue') });
  });

  it('refuses a wrong rate, duplicate and disordered stamps, missing columns and other symbols', async () => {
    const header = 'ts_ms,symbol,funding_rate\n';
    await expect(read(`${header}1,X,NaN\n`)).rejects.toMatchObject({ code: 'DATA-003', where: 'f.csv:2' });
    await expect(read(`${header}1,X,\n`)).rejects.toMatchObject({ code: 'DATA-003' });
    await expect(read(`${header}x,X,0\n`)).rejects.toMatchObject({ code: 'DATA-003' });
    await expect(read(`${header}2,X,0\n2,X,0\n`)).rejects.toMatchObject({ code: 'DATA-005', where: 'f.csv:3' });
    await expect(read(`${header}2,X,0\n1,X,0\n`)).rejects.toMatchObject({ code: 'DATA-005', where: 'f.csv:3' });
    await expect(read('ts_ms,name,funding_rate\n1,X,0\n')).rejects.toMatchObject({
      code: 'DATA-004',
      message: expect.stringContaining('missing: symbol'),
    });
    await expect(read(`${header}1,B,0\n1,A,0\n`)).rejects.toMatchObject({
      code: 'DATA-006',
      message: expect.stringContaining('A, B'),
    });
  });

  it('takes rates in the form of a venue, whose file names no symbol', async () => {
    const stamps = await read('calc_time,funding_interval_hours,last_funding_rate\n1640995200000,8,0.0001\n');
    // The rate is long after the bars; its interval is known.
    expect(stamps?.map(({ at, rate }) => [at, rate])).toEqual([1, 2, 3].map((i) => [i * 28_800_000, undefined]));
  });
});

describe('the funding schedule', () => {
  it('keeps every stamp of the file within the bars, and drops those outside', () => {
    expect(stampsOf(rates(0, 8 * HOUR + 17, 16 * HOUR, 24 * HOUR), 8, 24)).toEqual(['8', '16']);
  });

  it('includes a stamp at the first open and excludes one at the last close', () => {
    expect(stampsOf(rates(0, 8 * HOUR, 16 * HOUR), 0, 16)).toEqual(['0', '8']);
  });

  it('names stamps that the interval demands and the file lacks: between, before and after', () => {
    expect(stampsOf(rates(16 * HOUR + 5, 24 * HOUR, 48 * HOUR + 3, 56 * HOUR), 0, 80)).toEqual([
      '0 gap',
      '8 gap',
      '16',
      '24',
      '32 gap',
      '40 gap',
      '48',
      '56',
      '64 gap',
      '72 gap',
    ]);
  });

  it('takes the interval from the median distance, in whole hours, and from the instrument for a single rate', () => {
    expect(medianHours(rates(0, 8 * HOUR + 12, 16 * HOUR, 32 * HOUR), 1)).toBe(8);
    expect(medianHours(rates(0), 4)).toBe(4);
    expect(stampsOf(rates(8 * HOUR), 0, 24, 8)).toEqual(['0 gap', '8', '16 gap']);
    expect(stampsOf(rates(8 * HOUR), 0, 24, 0)).toEqual(['8']);
  });

  it('follows a venue that changes its interval', () => {
    const known = rates(...[0, 8, 16, 24, 32, 33, 34, 35, 36, 38].map((hour) => hour * HOUR));
    expect(stampsOf(known, 0, 40)).toEqual([
      '0',
      '8',
      '16',
      '24',
      '32',
      '33',
      '34',
      '35',
      '36',
      '37 gap',
      '38',
      '39 gap',
    ]);
  });

  it('takes a stamp up to a minute early or late for the expected one', () => {
    expect(stampsOf(rates(0, 8 * HOUR - 30_000, 16 * HOUR + 30_000, 24 * HOUR), 0, 25)).toEqual(['0', '8', '16', '24']);
    // What lies further off stands for itself, and so does a second one beside the same hour.
    expect(stampsOf(rates(8 * HOUR, 8 * HOUR + 17, 16 * HOUR + 90_000), 8, 17)).toEqual([
      '8',
      `${8 + 17 / HOUR}`,
      '16 gap',
      `${16 + 90_000 / HOUR}`,
    ]);
  });
});

describe('a recorded market', () => {
  const bars =
    'ts_ms,symbol,open,high,low,close,volume\n0000001,XRP/USDT:USDT,1,1,1,1,1\n3600001,XRP/USDT:USDT,1.5,2,1,2,1\n7200001,XRP/USDT:USDT,1.5,2,1,2,1\n';
  const load = async (funding?: string, request: FileRequest = {}): Promise<History> =>
    historyOf(await openFiles({ 'b.csv': bars, ...(funding === undefined ? {} : { 'f.csv': funding }) }, request));

  it('announces every default of an instrument that nobody described', async () => {
    const { spec, notes } = await load();
    expect(spec).toMatchObject({ base: 'XRP', settle: 'USDT', kind: 'perpetual', fundingIntervalHours: 0 });
    expect([spec.tick, spec.step, spec.makerFee, spec.takerFee].map(String)).toEqual([
      '0.1',
      '0.001',
      '0.0002',
      '0.0005',
    ]);
    expect(notes.map((note) => note.code)).toEqual([
      'W-INSTR-001',
      'W-INSTR-002',
      'W-INSTR-003',
      'W-INSTR-004',
      'W-FUND-001',
    ]);
    expect(notes.at(-1)?.message).toMatch(/Funding not simulated/);
  });

  it("uses a described instrument without a word, and the funding file's own interval otherwise", async () => {
    const { spec } = await load();
    const rates = 'ts_ms,symbol,funding_rate\n3600017,XRP/USDT:USDT,0.1\n7200003,XRP/USDT:USDT,0.1\n';
    const described = await load(rates, { instrument: () => ({ ...spec, tick: new Decimal('0.5') }) });
    // The rates end before the bars do, and that is all there is to say.
    expect(described.notes).toMatchObject([{ code: 'W-FUND-002', message: expect.stringContaining('T03:00:00.000Z') }]);
    expect([...described.columns.close]).toEqual([2, 4, 4]);
    expect(described.funding?.map((stamp) => stamp.at)).toEqual([3_600_000, 7_200_000, 10_800_000]);

    const inferred = await load(rates);
    expect(inferred.spec.fundingIntervalHours).toBe(1);
  });

  it('says when no stamp lies within the bars', async () => {
    const { spec } = await load();
    const late = await load(`ts_ms,symbol,funding_rate\n${1_000 * HOUR},XRP/USDT:USDT,0.1\n`, {
      instrument: () => ({ ...spec, fundingIntervalHours: 0 }),
    });
    expect(late.notes.map((note) => note.code)).toEqual(['W-FUND-003']);
    // Rates were given: that none is paid is not that funding is not simulated.
    expect(late.funding).toEqual([]);
  });
});
