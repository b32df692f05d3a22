import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Float64, Int64, Table, tableToIPC, Utf8, vectorFromArray, type Vector } from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ImportReport } from '#src/data/catalog/import.js';
import { MemoryCatalog } from '#src/data/catalog/memory-catalog.js';
import { DAY, MINUTE, Rig } from '../catalog/rig.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const BARS = 'ts_ms,symbol,open,high,low,close,volume';
const TRADES = 'ts_ms,symbol,price,size,side';
const VOLUMES = [3, null, 5, null, 7];
const said = ({ notes }: Pick<ImportReport, 'notes'>): readonly string[] =>
  notes.map(({ code, message }) => `${code} ${message}`);
const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const bars = (volumes: readonly (number | string | null)[]): string =>
  text(BARS, ...volumes.map((volume, i) => `${DAY + i * MINUTE},X,100,100,100,100,${volume ?? ''}`));
const trades = (values: readonly (readonly [size: number | string, side: string])[]): string =>
  text(TRADES, ...values.map(([size, side], i) => `${DAY + i},X,100,${size},${side}`));

/** The same bars in every format that can be without a volume. */
const FORMATS: readonly (readonly [string, () => string | Uint8Array])[] = [
  ['bars.csv', () => bars(VOLUMES)],
  ['blanks.csv', () => bars(VOLUMES.map((volume) => volume ?? '  '))],
  ['bars.csv.gz', () => gzipSync(bars(VOLUMES))],
  ['bars.zip', () => zipSync({ 'bars.csv': Buffer.from(bars(VOLUMES)) })],
  [
    'bars.parquet',
    () => {
      const price = { data: VOLUMES.map(() => 100), type: 'DOUBLE' as const };
      return new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'ts_ms', data: VOLUMES.map((_, i) => BigInt(DAY + i * MINUTE)), type: 'INT64' },
            { name: 'symbol', data: VOLUMES.map(() => 'X'), type: 'STRING' },
            ...['open', 'high', 'low', 'close'].map((name) => ({ name, ...price })),
            { name: 'volume', data: VOLUMES, type: 'DOUBLE', nullable: true },
          ],
        }),
      );
    },
  ],
  ['bars.feather', () => feather()],
];

/** Each column has a vector of its own: written from one for several, the file has other numbers in them. */
function feather(): Uint8Array {
  const price = (): Vector =>
    vectorFromArray(
      VOLUMES.map(() => 100),
      new Float64(),
    );
  const columns: Record<string, Vector> = {
    ts_ms: vectorFromArray(
      VOLUMES.map((_, i) => BigInt(DAY + i * MINUTE)),
      new Int64(),
    ),
    symbol: vectorFromArray(
      VOLUMES.map(() => 'X'),
      new Utf8(),
    ),
    open: price(),
    high: price(),
    low: price(),
    close: price(),
    volume: vectorFromArray(VOLUMES, new Float64()),
  };
  return tableToIPC(new Table(columns), 'file');
}

describe('what a row does not tell is said', () => {
  it.each(FORMATS)('a volume that is not there, in %s', async (name, content) => {
    expect(said(await rig.bring(name, content()))).toEqual([
      expect.stringMatching(/^W-DATA-023 2 bars of X have no volume, first at .*(:3| row 2); it is not known/),
    ]);
  });

  it('a volume that is not there, to the run over the file', async () => {
    const path = rig.write('bars.csv', bars(VOLUMES));
    expect(said(await new MemoryCatalog(rig.files).bring({ path, flag: '--data' }))).toEqual([
      expect.stringMatching(/^W-DATA-023 2 bars of X have no volume/),
    ]);
  });

  it('who took, of trades', async () => {
    const rows = [
      [1, 'buy'],
      [1, ''],
      [1, 'unknown'],
      [1, 'sell'],
    ] as const;
    expect(said(await rig.bring('t.csv', trades(rows)))).toEqual([
      expect.stringMatching(/^W-DATA-023 2 trades of X have no side, first at .*:3; it is not known/),
    ]);
  });

  it.each(['', 'unknown'])('a level of a book is of a side, and not of %j', async (side) => {
    const head = 'txn_ts_ms,final_update_id,side,price,qty';
    await expect(
      rig.bring('d.csv', text(head, `${DAY},1,bid,99,1`, `${DAY + 1},2,${side},98,1`), { symbol: 'X' }),
    ).rejects.toMatchObject({ code: 'DATA-003', where: expect.stringContaining('d.csv:3') });
  });
});

describe('what is a thousand times all others is said', () => {
  it.each([
    ['a volume', bars([3, 4, 5e6, 4, 0]), 'One of the bars of X has a volume of more than a thousand times'],
    [
      'a size',
      trades([
        [1, 'buy'],
        [9_000, 'buy'],
        [2, 'sell'],
      ]),
      'One of the trades of X has a size of more than a thousand times',
    ],
  ])('%s', async (_what, content, message) => {
    expect(said(await rig.bring('t.csv', content))).toEqual([
      expect.stringMatching(new RegExp(`^W-DATA-024 ${message}`)),
    ]);
  });

  it.each([
    ['volumes of a market', bars([3, 2_900, 5, 0, 7])],
    ['volumes of which one alone is known to be more than nothing', bars([0, 0, 5, 0])],
    ['two rows', bars([1, 1_000_000])],
  ])('%s are not', async (_what, content) => {
    expect(said(await rig.bring('t.csv', content))).toEqual([]);
  });
});

/** Nothing tells `8.00` from a `8.001` that lost its end. */
describe('a last line without an end is said', () => {
  const cut = bars([3, 4, 5]).slice(0, -1);
  const note = /^W-DATA-025 The last line of .* has no end/;

  it.each([
    ['t.csv', () => cut],
    ['t.csv.gz', () => gzipSync(cut)],
    ['t.zip', () => zipSync({ 'bars.csv': Buffer.from(cut) })],
  ])('in %s', async (name, content) => {
    const path = rig.write(name, content());
    expect(said(await rig.import(path))).toEqual([expect.stringMatching(note)]);
    expect(said(await new MemoryCatalog(rig.files).bring({ path, flag: '--data' }))).toEqual([
      expect.stringMatching(note),
    ]);
  });

  it('but where its publisher says that it is whole', async () => {
    const path = rig.write('t.csv', cut);
    rig.write('t.csv.CHECKSUM', `${createHash('sha256').update(cut).digest('hex')}  t.csv\n`);
    expect(said(await rig.import(path))).toEqual([]);
    expect(said(await new MemoryCatalog(rig.files).bring({ path, flag: '--data' }))).toEqual([]);
  });

  it.each([4, 40, 400])('and what has an end of its own is refused without it: the last %i bytes', async (bytes) => {
    for (const [name, content] of FORMATS.slice(2)) {
      const whole = content();
      await expect(rig.bring(name, whole.slice(0, -bytes))).rejects.toMatchObject({
        code: expect.stringMatching(/^DATA-00/),
      });
    }
  });
});
