import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Decimal } from '#src/domain/decimal.js';
import { PerpsBotError } from '#src/domain/errors.js';
import { digestOf, gapsOf } from '#src/data/bar-columns.js';
import type { DataNote } from '#src/data/data-note.js';
import { inferStep } from '#src/data/tables/tick-inference.js';
import { instrument } from '#src/testing/instruments.js';
import { historyOf, openFiles, type History } from '../../support/recorded-files.js';

const HEADER = 'ts_ms,symbol,open,high,low,close,volume';
const d = (text: string): Decimal => new Decimal(text);
/** Bars of X as a run gets them, in an instrument's ticks and lots; without tick and step, the inferred one. */
async function read(content: string | Uint8Array, tick?: string, step = '1', name = 'bars.csv'): Promise<History> {
  const spec = tick === undefined ? undefined : { ...instrument().spec, symbol: 'X', tick: d(tick), step: d(step) };
  return historyOf(await openFiles({ [name]: content }, { symbol: 'X', instrument: () => spec }));
}
const file = (...rows: string[]): string => [HEADER, ...rows, ''].join('\n');
/** What was said of the file itself. */
const ofData = (notes: readonly DataNote[]): readonly DataNote[] =>
  notes.filter(({ code }) => code.startsWith('W-DATA'));

async function refusal(
  content: string | Uint8Array,
  symbol: string | undefined = 'X',
  name = 'bars.csv',
): Promise<PerpsBotError> {
  try {
    await openFiles({ [name]: content }, symbol === '' ? {} : { symbol });
  } catch (error) {
    if (PerpsBotError.is(error)) return error;
    throw error;
  }
  throw new Error('was not refused');
}

function parquet(
  rows: readonly (readonly [number, string, number, number, number, number, number | null])[],
): Uint8Array {
  const column = (index: number): unknown[] => rows.map((row) => row[index]);
  return new Uint8Array(
    parquetWriteBuffer({
      rowGroupSize: 2,
      columnData: [
        { name: 'ts_ms', data: rows.map((row) => BigInt(row[0])), type: 'INT64' },
        { name: 'symbol', data: column(1), type: 'STRING' },
        ...['open', 'high', 'low', 'close'].map((name, index) => ({
          name,
          data: column(index + 2),
          type: 'DOUBLE' as const,
        })),
        { name: 'volume', data: column(6), type: 'DOUBLE', nullable: true },
      ],
    }),
  );
}

describe('bars of a file', () => {
  it('turns decimal text into whole ticks exactly', async () => {
    const rows = file('60000,X,1.1,1.25,0.3,1.2,10.5', '120000,X,1.2,1.2,1.1,1.15,0');
    const { columns, notes } = await read(rows, '0.05', '0.5');
    expect([...columns.open]).toEqual([22, 24]);
    expect([...columns.high]).toEqual([25, 24]);
    expect([...columns.low]).toEqual([6, 22]);
    expect([...columns.close]).toEqual([24, 23]);
    expect([...columns.volume]).toEqual([21, 0]);
    expect([...columns.openAt]).toEqual([60_000, 120_000]);
    expect(columns).toMatchObject({ symbol: 'X', intervalMs: 60_000, length: 2 });
    expect(ofData(notes)).toEqual([]);
  });

  it('reads any order of columns, further columns, quoted fields, CRLF, a byte-order mark, blank lines and no last newline', async () => {
    const text =
      '\ufeff"close","ts_ms",note,symbol,low,high,open,volume\r\n2,60000,"a,b","X",1,3,1,5\r\n\r\n2,120000,,X,1,3,2,';
    const { columns } = await read(text, '1');
    expect([...columns.open]).toEqual([1, 2]);
    expect([...columns.high]).toEqual([3, 3]);
    expect(columns.volume[0]).toBe(5);
    expect(columns.volume[1]).toBeNaN();
  });

  it('reads a Parquet file to the same columns as its CSV, row group by row group', async () => {
    const rows = [
      [60_000, 'X', 1.1, 1.25, 0.3, 1.2, 10.5],
      [60_000, 'Y', 9, 9, 9, 9, 1],
      [120_000, 'X', 1.2, 1.2, 1.1, 1.15, 0],
      [180_000, 'X', 1e-7, 2, 1e-7, 1, null],
      [240_000, 'X', 1, 1, 1, 1, 1],
    ] as const;
    const csv = file(...rows.map((row) => row.map((value) => (value === null ? '' : String(value))).join(',')));
    const fromParquet = await read(parquet(rows), '0.0000001', '1', 'bars.parquet');
    const fromCsv = await read(csv, '0.0000001');
    expect(digestOf((await read(gzipSync(csv), '0.0000001', '1', 'bars.csv.gz')).columns)).toBe(
      digestOf(fromCsv.columns),
    );
    expect(fromParquet.columns.length).toBe(4);
    expect(digestOf(fromParquet.columns)).toBe(digestOf(fromCsv.columns));
    expect([...fromParquet.columns.close]).toEqual([12_000_000, 11_500_000, 10_000_000, 10_000_000]);
  });

  it('gives another digest for another bar', async () => {
    const one = (await read(file('60000,X,1,1,1,1,1', '120000,X,1,1,1,1,1'), '1')).columns;
    const other = (await read(file('60000,X,1,1,1,1,1', '120000,X,1,2,1,1,1'), '1')).columns;
    expect(digestOf(one)).not.toBe(digestOf(other));
  });

  it.each([
    ['NaN', '120000,X,1,1,1,NaN,1', /Row 2: close must be a positive decimal number, was "NaN"/],
    ['a zero price', '120000,X,1,1,0,1,1', /Row 2: low must be a positive decimal number, was "0"/],
    ['a negative price', '120000,X,-1,1,1,1,1', /Row 2: open must be a positive decimal number, was "-1"/],
    ['a blank price', '120000,X,1,,1,1,1', /Row 2: high must be a positive decimal number, was ""/],
    [
      'a price with a comma for a point',
      '120000,X,"1,5",2,1,1,1',
      /Row 2: open must be a positive decimal number, was "1,5"/,
    ],
    ['hexadecimal', '120000,X,0x10,20,1,1,1', /Row 2: open must be/],
    ['Infinity', '120000,X,1,Infinity,1,1,1', /Row 2: high must be/],
    ['a high below the close', '120000,X,1,1,1,2,1', /Row 2: low must not exceed open and close/],
    ['a low above the open', '120000,X,1,3,2,2,1', /Row 2: low must not exceed open and close/],
    ['a negative volume', '120000,X,1,1,1,1,-5', /Row 2: volume must be zero or a positive number/],
    ['NaN as volume', '120000,X,1,1,1,1,nan', /Row 2: volume must be/],
    ['a time that is no number', '2022-01-01,X,1,1,1,1,1', /Row 2: ts_ms must be a whole number of milliseconds/],
    ['a fractional time', '120000.5,X,1,1,1,1,1', /Row 2: ts_ms must be a whole number/],
    ['a missing field', '120000,X,1,1,1,1', /Row 2: must have 7 fields, had 6/],
    ['a field too many', '120000,X,1,1,1,1,1,1', /Row 2: must have 7 fields, had 8/],
  ])('refuses %s, naming file, line and row', async (_what, row, message) => {
    const error = await refusal(file('60000,X,1,1,1,1,1', row, '180000,X,1,1,1,1,1'));
    expect(error).toMatchObject({ code: 'DATA-003', exitCode: 65, where: 'bars.csv:3' });
    expect(error.message).toMatch(message);
  });

  it('refuses duplicate and disordered bars, naming file and row', async () => {
    const duplicate = await refusal(file('60000,X,1,1,1,1,1', '60000,Y,1,1,1,1,1', '60000,X,1,1,1,1,1'));
    expect(duplicate).toMatchObject({ code: 'DATA-005', exitCode: 65, where: 'bars.csv:4' });
    expect(duplicate.message).toMatch(/1 rows stand twice: 1970-01-01T00:01:00.000Z/);

    const disordered = await refusal(file('120000,X,1,1,1,1,1', '60000,X,1,1,1,1,1'));
    expect(disordered).toMatchObject({ code: 'DATA-005', where: 'bars.csv:3' });
    expect(disordered.message).toMatch(
      /1 rows stand out of order: 1970-01-01T00:01:00.000Z after 1970-01-01T00:02:00.000Z/,
    );

    const rows = [1, 2, 2].map((at) => [at, 'X', 1, 1, 1, 1, 1] as const);
    const inParquet = await refusal(parquet(rows), 'X', 'bars.parquet');
    expect(inParquet).toMatchObject({ code: 'DATA-005', where: 'bars.parquet row 3' });
  });

  it('refuses NaN and null prices in Parquet, naming the row', async () => {
    expect(
      (
        await refusal(
          parquet([
            [1, 'X', 1, 1, 1, 1, 1],
            [2, 'X', 1, 1, 1, NaN, 1],
          ]),
        )
      ).message,
    ).toMatch(/Row 2: close must be a positive decimal number, was "NaN"/);
  });

  it.each([
    ['seconds', ['1640995200', '1640995260']],
    ['microseconds or finer', ['1640995200000000', '1640995260000000']],
  ])('refuses times in %s instead of reading another year out of them', async (unit, [first = '', second = '']) => {
    const error = await refusal(file(`${first},X,1,1,1,1,1`, `${second},X,1,1,1,1,1`));
    expect(error).toMatchObject({ code: 'DATA-003', where: 'bars.csv:2' });
    expect(error.message).toContain(`: that reads as ${unit}.`);
  });

  it('refuses prices of one file that no common scale holds exactly, naming the row', async () => {
    const error = await refusal(file('60000,X,1,1,1,1,1', '120000,X,1,1,1e-300,1,1'));
    expect(error).toMatchObject({ code: 'DATA-003', exitCode: 65, where: 'bars.csv:3' });
    expect(error.message).toMatch(/^Row 2: .*common exact scale/);
  });

  it.each([
    ['zstd', [0x28, 0xb5, 0x2f, 0xfd], 'DATA-004', /was compressed with zstd/, /unzstd/],
    ['UTF-16', [0xff, 0xfe, 0x74, 0], 'DATA-004', /was text in UTF-16/, /UTF-8/],
    ['cut gzip', [0x1f, 0x8b, 8, 0], 'DATA-003', /must be whole gzip/, /again/],
    ['cut zip', [0x50, 0x4b, 3, 4], 'DATA-003', /must be a whole zip archive/, /again/],
  ])('says what a file of %s is, instead of looking for columns in it', async (_what, bytes, code, message, fix) => {
    const error = await refusal(Uint8Array.from(bytes));
    expect(error).toMatchObject({ code, exitCode: 65 });
    expect(error.message).toMatch(message);
    expect(error.fix).toMatch(fix);
  });

  it('refuses a column that is there twice: nothing says which one is meant', async () => {
    expect((await refusal(`${HEADER},close\n60000,X,1,1,1,1,1,9\n`)).message).toMatch(
      /must have the column close once/,
    );
  });

  it('says in one line how bars are written where nothing of them is there', async () => {
    const error = await refusal('time;symbol\n', '');
    expect(error).toMatchObject({ code: 'DATA-004', fix: expect.stringContaining(HEADER) });
    expect(error.fix?.length).toBeLessThan(150);
  });

  it('does not mind spaces around values', async () => {
    const { columns } = await read(`${HEADER}\n60000, X , 1,2 ,1, 1,1\n120000, X,1,1,1,1,\n`);
    expect([...columns.high]).toEqual([2, 1]);
    expect(columns.volume[1]).toBeNaN();
  });

  it('leaves out bars that do not lie on the grid of the others, and names them', async () => {
    const { columns, notes } = await read(
      file(...[60_000, 120_000, 180_000, 240_017, 300_000].map((at) => `${at},X,1,1,1,1,1`)),
    );
    expect(columns.intervalMs).toBe(60_000);
    expect([...columns.openAt]).toEqual([60_000, 120_000, 180_000, 300_000]);
    expect(ofData(notes)).toEqual([
      {
        code: 'W-DATA-004',
        message: expect.stringMatching(/^1 of 5 bars of X .* grid of 1m .*left out: 1970-01-01T00:04:00.017Z\.$/),
      },
    ]);
  });

  it('names missing columns and those that are there', async () => {
    const error = await refusal('ts_ms,symbol,open,high,low,close\n1,X,1,1,1,1\n');
    expect(error).toMatchObject({ code: 'DATA-004', exitCode: 65 });
    expect(error.message).toMatch(/missing: volume/);
    expect(error.message).toMatch(/ts_ms, symbol, open, high, low, close/);
  });

  it('lists the symbols of a file that does not hold the asked one', async () => {
    const error = await refusal(file('1,B,1,1,1,1,1', '1,A,1,1,1,1,1', '2,B,1,1,1,1,1'), 'XRP');
    expect(error).toMatchObject({ code: 'DATA-006', exitCode: 5 });
    expect(error.message).toMatch(/it holds A, B\./);
    expect((await refusal(`${HEADER}\n`)).message).toMatch(/it holds none at all/);
  });

  it('refuses an empty file, a single bar and a broken Parquet file', async () => {
    expect((await refusal('')).code).toBe('DATA-004');
    expect((await refusal(file('1,X,1,1,1,1,1'))).message).toMatch(/at least two bars/);
    expect((await refusal(parquet([[1, 'X', 1, 1, 1, 1, 1]]).slice(0, 40))).message).toMatch(
      /must be a readable Parquet file/,
    );
  });

  it('checks only the rows of the asked symbol', async () => {
    const { columns } = await read(file('60000,X,1,1,1,1,1', '1,Y,NaN,0,-1,,x', '120000,X,1,1,1,1,1'));
    expect(columns.length).toBe(2);
  });

  it('takes the commonest distance for the interval, and names gaps without filling them', async () => {
    const { columns } = await read(
      file('60000,X,1,1,1,1,1', '120000,X,1,1,1,1,1', '300000,X,1,1,1,1,1', '360000,X,1,1,1,1,1'),
    );
    expect(columns.intervalMs).toBe(60_000);
    expect(columns.length).toBe(4);
    expect(gapsOf(columns)).toEqual([{ from: 180_000, to: 300_000, missing: 2 }]);
  });

  it('rounds prices off the given tick to nearest, and says how many', async () => {
    const rows = file('60000,X,10.04,10.06,10,10.05,1', '120000,X,10,10.1,10,10.1,1');
    const { columns, notes } = await read(rows, '0.1');
    expect([columns.open[0], columns.high[0], columns.close[0]]).toEqual([100, 101, 100]);
    expect(ofData(notes)).toEqual([
      {
        code: 'W-DATA-002',
        message: '3 of 8 prices are no multiple of the tick 0.1; they were rounded to the nearest one.',
      },
    ]);
  });

  it('refuses a tick under which prices vanish', async () => {
    const rows = file('60000,X,0.3,0.3,0.3,0.3,1', '120000,X,0.3,0.3,0.3,0.3,1');
    await expect(read(rows, '1')).rejects.toThrow(/8 of them round to zero/);
  });

  it('mends the noise of binary floats, and says so', async () => {
    const rows = file('60000,X,1.1997200000000001,1.2,1.1,1.15,1', '120000,X,1.1,1.2,1.1,1.15,1');
    const { columns, spec, notes } = await read(rows);
    expect(spec.tick.toString()).toBe('0.00001');
    expect(columns.open[0]).toBe(119_972);
    expect(ofData(notes)).toEqual([
      {
        code: 'W-DATA-001',
        message: expect.stringContaining(
          '1 values of bars of X carry the noise of a binary float (first at bars.csv:2)',
        ),
      },
    ]);
  });
});

describe('tick inference', () => {
  const tickOf = async (...prices: string[]): Promise<string> => {
    const rows = prices.map((price, index) => `${60_000 * (index + 1)},X,${price},${price},${price},${price},1`);
    return (await read(file(...rows))).spec.tick.toString();
  };

  it('takes the finest decimal that occurs, trailing zeros not counted', async () => {
    expect(await tickOf('46319.0', '46320.0')).toBe('1');
    expect(await tickOf('46319.0', '46319.50')).toBe('0.1');
    expect(await tickOf('1.08', '1.0801', '2')).toBe('0.0001');
  });

  it('does not let a few leavings of arithmetic decide, but believes a file that is that fine', async () => {
    const many = Array.from({ length: 300 }, (_, index) => (1 + index / 1_000).toFixed(3));
    expect(await tickOf(...many, '1.12345678901')).toBe('0.001');
    expect(await tickOf('0.0000012345', '0.0000012346')).toBe('0.0000000001');
  });

  it('chooses a step with which the instrument is exact', () => {
    for (const [tick, step] of [
      ['1', '0.001'],
      ['0.1', '0.001'],
      ['0.0001', '0.001'],
      ['0.00001', '0.01'],
      ['0.00000001', '10'],
      ['0.0000000001', '1000'],
    ] as const) {
      expect(inferStep(d(tick)).toString()).toBe(step);
      expect(d(tick).times(step).times(1e8).isInteger()).toBe(true);
    }
  });
});
