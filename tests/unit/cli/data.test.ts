import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testConfig } from '../../support/config.js';
import { barsCsv, DAY, MINUTE, Rig, tradesCsv } from '../data/catalog/rig.js';
import { FakeHost } from './fake-host.js';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.remove());

const TRADES = tradesCsv([
  [DAY, '100.5', '1', 'buy'],
  [DAY + 1, '100.25', '2', 'sell'],
]);

async function run(...argv: string[]): Promise<{ readonly host: FakeHost; readonly exit: number }> {
  const host = new FakeHost();
  return { host, exit: await host.run('data', ...argv) };
}

describe('data import', () => {
  it('brings a file into the catalog and says what it found, as text and as one envelope', async () => {
    const path = rig.write('trades.csv', TRADES);
    const told = await run('import', '--from', path, '--catalog', rig.directory);
    expect(told.exit).toBe(0);
    expect(told.host.stdout.written).toContain(
      'trades of BTC-PERP: 2 rows, 2 new; now 2 from 2024-08-08T00:00:00.000Z to 2024-08-08T00:00:00.001Z, tick 0.01, 0 gaps',
    );

    const again = await run('import', '--from', path, '--catalog', rig.directory, '--json');
    expect(again.host.envelope()).toMatchObject({
      kind: 'data.import',
      ok: true,
      data: {
        catalog: rig.directory,
        files: [
          {
            file: path,
            layout: 'trades',
            unchanged: true,
            series: [{ kind: 'trades', symbol: 'BTC-PERP', rows: 2, added: 0, duplicates: 2, tick: '0.01', step: '1' }],
          },
        ],
      },
      warnings: [],
      error: null,
    });
  });

  it('warns of gaps and of rows that were there already, with their places', async () => {
    const first = rig.write('a.csv', barsCsv([DAY, DAY + MINUTE, DAY + 3 * MINUTE]));
    const second = rig.write('b.csv', barsCsv([DAY, DAY + MINUTE]));
    await run('import', '--from', first, '--catalog', rig.directory);
    const { host } = await run('import', '--from', second, '--catalog', rig.directory, '--json');
    expect(host.envelope().warnings).toEqual([
      {
        code: 'W-DATA-003',
        message:
          'bars 1m of BTC-PERP: 1 gaps, first 2024-08-08T00:02:00.000Z to 2024-08-08T00:03:00.000Z; they were not filled.',
      },
      {
        code: 'W-DATA-006',
        message: 'bars 1m of BTC-PERP: 2 of 2 rows were there already or stood twice; each is kept once.',
      },
    ]);
  });

  it('takes several files, directories, and the flags that shape an import', async () => {
    rig.write(
      'in/a.csv',
      tradesCsv(
        [
          [DAY + 5, '1', '1', 'buy'],
          [DAY, '1', '1', 'buy'],
        ],
        'x',
      ),
    );
    rig.write('in/b.csv', tradesCsv([[DAY + 9, '1.5', '1', 'buy']], 'x'));
    const { host, exit } = await run(
      'import',
      '--from',
      join(rig.root, 'in'),
      '--catalog',
      rig.directory,
      '--sort',
      '--as',
      'X-PERP',
      '--tick',
      '0.25',
      '--step',
      '0.5',
      '--kind',
      'trades',
      '--format',
      'csv',
      '--json',
    );
    expect([exit, host.stderr.written]).toEqual([0, '']);
    expect(rig.single()).toMatchObject({ symbol: 'X-PERP', rows: 3, tick: '0.25', step: '0.5', disorder: 1 });
  });

  it('keeps the catalog in the state directory unless told otherwise', async () => {
    const host = new FakeHost();
    host.config = {
      config: testConfig({ storage: { driver: 'sqlite', directory: rig.root } }),
      origins: [],
      warnings: [],
    };
    expect(await host.run('data', 'import', '--from', rig.write('trades.csv', TRADES))).toBe(0);
    expect(readdirSync(join(rig.root, 'catalog'))).toEqual(['imports', 'trades']);
    host.config = { config: testConfig({ storage: { driver: 'memory' } }), origins: [], warnings: [] };
    expect(await host.run('data', 'ls')).toBe(2);
    expect(host.stderr.written).toContain('--catalog');
  });

  it('ends with 65 for rows it refuses, 5 for a file that is not there, 2 for wrong usage', async () => {
    const bad = rig.write('bad.csv', barsCsv([DAY + MINUTE, DAY]));
    const { host, exit } = await run('import', '--from', bad, '--catalog', rig.directory, '--json');
    expect([exit, host.envelope().ok]).toEqual([65, false]);
    expect(host.envelope().error).toMatchObject({ code: 'DATA-005', where: `${bad}:3` });
    expect((await run('import', '--from', join(rig.root, 'none'), '--catalog', rig.directory)).exit).toBe(5);
    for (const wrong of [
      ['--kind', 'candles'],
      ['--format', 'xls'],
      ['--tick', '0'],
      ['--where', 'venue'],
      ['--as', ''],
    ])
      expect((await run('import', '--from', bad, '--catalog', rig.directory, ...wrong)).exit).toBe(2);
    expect((await run('import', '--catalog', rig.directory)).exit).toBe(2);
  });
});

describe('data ls', () => {
  it('lists what is there', async () => {
    await run('import', '--from', rig.write('trades.csv', TRADES), '--catalog', rig.directory);
    const { host } = await run('ls', '--catalog', rig.directory, '--json');
    expect(host.envelope()).toMatchObject({
      kind: 'data.ls',
      data: {
        series: [
          {
            kind: 'trades',
            symbol: 'BTC-PERP',
            intervalMs: null,
            rows: 2,
            first: '2024-08-08T00:00:00.000Z',
            last: '2024-08-08T00:00:00.001Z',
            gaps: [],
            files: 1,
            sources: [{ file: 'trades.csv', rows: 2 }],
            fingerprint: rig.single().fingerprint,
          },
        ],
      },
    });
    expect((await run('ls', '--catalog', rig.directory)).host.stdout.written).toMatch(/trades +BTC-PERP +2 /);
  });

  it('ends with 5 where there is no catalog', async () => {
    expect((await run('ls', '--catalog', join(rig.root, 'none'))).exit).toBe(5);
    expect((await run('verify', '--catalog', join(rig.root, 'none'))).exit).toBe(5);
  });
});

describe('data verify', () => {
  it('names the gaps of a whole catalog', async () => {
    await run(
      'import',
      '--from',
      rig.write('bars.csv', barsCsv([DAY, DAY + MINUTE, DAY + 3 * MINUTE])),
      '--catalog',
      rig.directory,
    );
    const { host, exit } = await run('verify', '--catalog', rig.directory, '--json');
    expect(exit).toBe(0);
    expect(host.envelope()).toMatchObject({
      kind: 'data.verify',
      data: {
        series: [
          {
            kind: 'bars',
            intervalMs: MINUTE,
            duplicates: 0,
            disorder: { rows: 0, ranges: [] },
            gaps: [{ from: '2024-08-08T00:02:00.000Z', to: '2024-08-08T00:03:00.000Z', missing: 1 }],
          },
        ],
      },
    });
    expect((await run('verify', '--catalog', rig.directory)).host.stdout.written).toContain(
      'gap 2024-08-08T00:02:00.000Z to 2024-08-08T00:03:00.000Z, 1 missing',
    );
  });

  it('ends with 65 for a damaged file and names it', async () => {
    await run('import', '--from', rig.write('trades.csv', TRADES), '--catalog', rig.directory);
    const file = rig.catalog.pathOf(rig.single(), rig.single().partitions[0]?.file ?? '');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 4;
    writeFileSync(file, bytes);
    const { host, exit } = await run('verify', '--catalog', rig.directory, '--json');
    expect(exit).toBe(65);
    expect(host.envelope().error).toMatchObject({ code: 'DATA-007', problems: [{ where: file }] });
  });
});
