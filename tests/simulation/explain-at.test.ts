import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '#src/ports/storage/event-store.js';
import { perpsbotNow } from '../support/command-line.js';
import { requireBuild } from './support/lives.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Explained {
  readonly kind: string;
  readonly data: {
    readonly at: string;
    readonly safety: string;
    readonly symbols: readonly {
      readonly symbol: string;
      readonly records: readonly Readonly<Record<string, unknown>>[];
      readonly orders: readonly { readonly id: string; readonly states: readonly { readonly status: string }[] }[];
      readonly exits: readonly { readonly type: string }[];
      readonly cover: { readonly position: string; readonly isCovered?: boolean };
    }[];
  };
}

const directory = mkdtempSync(join(tmpdir(), 'perpsbot-explain-at-'));
const strategy = join(directory, 'turns.mjs');

/** Enters, is turned away, holds, leaves: a bar each. */
const SOURCE = `import { defineStrategy } from ${JSON.stringify(resolve('dist/index.js'))};
let bar = 0;
export default defineStrategy({
  name: 'turns',
  timeframe: '1m',
  onBar({ bar: { close }, long, flat, hold }) {
    bar += 1;
    const order = { fraction: '5%', stop: close * 0.98, why: 'the turn has come', values: { bar } };
    if (bar % 4 === 1 || bar % 4 === 2) long(order);
    else if (bar % 4 === 3) hold('one turn is enough', { bar });
    else flat({ why: 'the turn is over', values: { bar } });
  },
});
`;

/** Killed, where that is asked for, a moment after it has said something. */
function perpsbot(args: readonly string[], end?: { readonly saying: string }): Promise<Ended> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, ['dist/launch.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const read = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        read[name] += chunk.toString();
        if (end !== undefined && read[name].includes(end.saying)) setTimeout(() => child.kill('SIGKILL'), 500);
      });
    child.on('error', reject).on('close', (code) => done({ code, ...read }));
  });
}

async function explained(state: string, at: string, ...more: readonly string[]): Promise<Explained> {
  const { code, stdout, stderr } = await perpsbotNow('explain', '--state', state, '--at', at, '--json', ...more);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Explained;
}

async function recordsOf(state: string): Promise<readonly StoredEvent[]> {
  const { stdout } = await perpsbotNow('journal', 'export', '--state', state);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as StoredEvent);
}

const isoOf = (at: unknown): string => new Date(at as number).toISOString();
const instants = (records: readonly StoredEvent[], type: string, verb?: string): string[] =>
  records
    .filter((record) => record.type === type && (verb === undefined || record.payload['verb'] === verb))
    .map(({ payload }) => isoOf(payload['instant']));

beforeAll(() => {
  requireBuild();
  writeFileSync(strategy, SOURCE);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('perpsbot explain --at', () => {
  it('tells of a paper run what was shown, asked, refused, and what came of it', async () => {
    const state = join(directory, 'paper');
    const run = ['start', '--cycles', '76', '--speed', 'max', '--strategy', strategy, '--state', state];
    expect(await perpsbot(run)).toMatchObject({ code: 0 });
    const records = await recordsOf(state);
    const [entered] = instants(records, 'strategy_intent', 'decide');
    const [refused] = instants(records, 'strategy_refusal');
    const held = records.find(
      ({ type, payload }) => type === 'strategy_hold' && payload['why'] === 'one turn is enough',
    );

    const { kind, data } = await explained(state, entered ?? '');
    expect([kind, data.at, data.safety, data.symbols.length]).toEqual(['explain.moment', entered, 'NORMAL', 1]);
    expect(data.symbols[0]).toMatchObject({
      records: [
        {
          ...{ kind: 'intent', instance: 'turns@BTC-PERP', handler: 'onBar', why: 'the turn has come' },
          ...{ values: { bar: 1 }, position: '0', asked: { role: 'entry', side: 'buy', tag: 'entry.long' } },
        },
      ],
      cover: { position: '0', stops: [] },
    });
    const [order] = data.symbols[0]?.orders ?? [];
    expect(order?.states.map(({ status }) => status)).toEqual(['planned', 'sending', 'open', 'filled']);
    expect(data.symbols[0]?.exits.map(({ type }) => type)).toContain('stop_market');

    const turnedAway = await explained(state, refused ?? '', '--symbol', 'BTC-PERP');
    expect(turnedAway.data.symbols[0]?.records[0]).toMatchObject({
      ...{ kind: 'refusal', refusal: { check: 'already', reason: 'Already long: the turn has come' } },
      values: { bar: 2 },
    });
    expect(turnedAway.data.symbols[0]?.cover).toMatchObject({ isCovered: true });

    const still = await explained(state, isoOf(held?.payload['instant']));
    expect(still.data.symbols[0]?.records).toMatchObject([{ kind: 'hold', values: { bar: 3 } }]);

    const text = await perpsbotNow('explain', '--state', state, '--at', refused ?? '');
    expect(text.stdout).toMatch(
      /was refused in onBar: place entry buy market tag entry\.long: the turn has come \(bar 2\)/,
    );
    expect(text.stdout).toMatch(/already: Already long: the turn has come\n {2}cover: [\d.]+ was covered by /);
    expect(text.stdout).not.toMatch(/held still/);
  }, 60_000);

  it('refuses an instant of which nothing is known with the nearest, and words that are none', async () => {
    const state = join(directory, 'paper');
    const records = await recordsOf(state);
    const known = [...new Set([...instants(records, 'strategy_intent'), ...instants(records, 'strategy_hold')])].sort();
    const between = isoOf(Date.parse(known[0] ?? '') + 1);
    const wrong = await perpsbotNow('explain', '--state', state, '--at', between);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain(`The nearest: ${known[0] ?? ''}, ${known[1] ?? ''}.`);
    for (const at of ['yesterday', '2024-13-01', '12:00', '6h', ''])
      expect(await perpsbotNow('explain', '--state', state, '--at', at)).toMatchObject({ code: 2, stdout: '' });
    const both = ['explain', '--state', state, '--at', known[0] ?? '', '--since', '1h'];
    expect(await perpsbotNow(...both)).toMatchObject({ code: 2, stdout: '' });
    const other = ['explain', '--state', state, '--at', known[0] ?? '', '--symbol', 'ETH-PERP'];
    expect((await perpsbotNow(...other)).stderr).toContain('Nothing of a strategy stands there.');
  }, 60_000);

  it('tells of a bot that was killed', async () => {
    const state = join(directory, 'dead');
    const run = ['start', '--speed', '300', '--strategy', strategy, '--state', state];
    expect((await perpsbot(run, { saying: 'the turn has come' })).code).toBe(null);
    const [entered] = instants(await recordsOf(state), 'strategy_intent', 'decide');
    const { data } = await explained(state, entered ?? '');
    expect(data.symbols[0]?.records[0]).toMatchObject({ kind: 'intent', why: 'the turn has come' });
  }, 60_000);

  it('tells of a backtest the same', async () => {
    const bars = join(directory, 'bars.csv');
    const rows = Array.from({ length: 12 }, (_, index) => {
      const close = (100 + index / 10).toFixed(2);
      return `${Date.UTC(2024, 2, 1) + index * 60_000},BTC-PERP,${close},${close},${close},${close},100`;
    });
    writeFileSync(bars, ['ts_ms,symbol,open,high,low,close,volume', ...rows, ''].join('\n'));
    const of = ['explain', '--data', bars, '--strategy', strategy];
    const first = await perpsbot([...of, '--at', '2024-03-01T00:01Z', '--json']);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const { data } = JSON.parse(first.stdout) as Explained;
    expect(data.symbols[0]?.records).toMatchObject([{ kind: 'intent', values: { bar: 1 }, mark: '100' }]);
    expect(data.symbols[0]?.orders[0]?.states.at(-1)?.status).toBe('filled');
    const none = await perpsbot([...of, '--at', '2024-03-01T00:01:30Z']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('The nearest: 2024-03-01T00:01:00.000Z, 2024-03-01T00:02:00.000Z.');
  }, 60_000);
});
