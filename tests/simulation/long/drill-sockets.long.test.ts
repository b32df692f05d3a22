import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { serveVenue } from '#di/wire/serve-venue.js';
import { parseFrame } from '#src/data/session/frames.js';
import { sessionLines } from '#src/data/session/session-lines.js';
import { verifySession } from '#src/data/session/verify-session.js';
import { WIRE_FAULTS } from '#src/ports/venue/serving/wire-faults.js';
import { Running } from '../support/processes.js';
import { sessionBytes } from '../wire/recorded-lines.js';

const folder = mkdtempSync(join(tmpdir(), 'perpsbot-drill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STRATEGY = readFileSync('tests/simulation/wire/in-and-out.ts', 'utf8').replace(
  'export const inAndOut =',
  'export default',
);

interface Told {
  readonly data: { readonly fills: number; readonly cycles: number; readonly record: { readonly endedEarly: unknown } };
}

/** The command line in a process of its own, over sockets of the host, at the pace of the session: some minutes. */
describe.each([
  ['where all is well', 0],
  ['on a bad way', 0.000_5],
])('perpsbot paper over sockets, %s', (_name, chance) => {
  it('trades the whole session and records it', async () => {
    const [file, strategy, record] = ['session.ndjson', 'in-and-out.mjs', `record-${chance}.ndjson`].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    writeFileSync(file, sessionBytes());
    writeFileSync(strategy, STRATEGY);
    const served = await serveVenue({
      protocol: 'binance-usdm',
      market: { from: 'session', file },
      port: 0,
      ...(chance > 0 ? { faults: { names: WIRE_FAULTS, chance, seed: 1 } } : {}),
    });
    const address = `${served.host}:${served.port}`;
    const paper = new Running([
      'dist/launch.js',
      ...[
        'paper',
        '--venue',
        'binance-usdm',
        '--symbol',
        'BTCUSDT',
        '--state',
        join(folder, `state-${chance}`),
        '--json',
      ],
      ...[
        '--strategy',
        strategy,
        '--record',
        record,
        '--set',
        'updateInterval=5s',
        '--set',
        'strategy.enableShorts=true',
      ],
      ...['--set', `venue.restUrl=http://${address}`, '--set', `venue.streamUrl=ws://${address}`],
    ]);
    try {
      await Promise.race([served.ended, paper.exited]);
      paper.send('SIGINT');
      const { code } = await paper.exited;
      expect([code, code === 0 ? '' : (paper.stdout + paper.stderr).slice(-2_000)]).toEqual([0, '']);
    } finally {
      paper.send('SIGKILL');
      await served.close();
    }
    const { data } = JSON.parse(paper.stdout) as Told;
    expect(data.record.endedEarly).toBeNull();
    expect(data.fills).toBeGreaterThan(2);
    const bytes = readFileSync(record);
    const report = verifySession(bytes, record);
    expect([report.isCut, report.endedEarly, report.diffs > 100]).toEqual([false, null, true]);
    if (chance > 0) {
      // Each outage is said where people look.
      expect(paper.stderr).toMatch(/not heard|not to be trusted/);
      return;
    }
    expect(report).toMatchObject({ gaps: 0, untrusted: 0, unread: 0, mismatches: [] });
    const numbers = [...sessionLines(bytes, record)]
      .flatMap((line) => /"e":"aggTrade".*?"a":(\d+)/.exec(line)?.[1] ?? [])
      .map(Number);
    expect(numbers.filter((id, i) => i > 0 && id !== (numbers[i - 1] as number) + 1)).toEqual([]);
    expect(numbers.length).toBeGreaterThan(100);
    expect(parseFrame([...sessionLines(bytes, record)].at(-1) ?? '', record).kind).toBe('ended');
  }, 900_000);
});
