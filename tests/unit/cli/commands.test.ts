import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RequestsFolder } from '#src/storage/requests-folder.js';
import type { OrderStatus } from '#src/domain/order-state.js';
import { fault } from '#src/domain/errors.js';
import type { JournalAccess } from '#src/cli/host.js';
import { testConfig } from '../../support/config.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import type { Payload } from '#src/ports/storage/event-store.js';
import { FakeHost } from './fake-host.js';

const journalOf = (problems: readonly string[] = []): JournalAccess => {
  const store = new FakeEventStore(() => Date.UTC(2026, 0, 1));
  store.append('order', { client_id: 'PB-1' });
  store.append('fill', { trade_id: 't1' });
  return {
    path: '/state/journal.db',
    query: (query) => store.query(query),
    types: () => [...new Set(store.events.map(({ type }) => type))].sort(),
    exportLines: (write) => {
      for (const event of store.events) write(JSON.stringify(event));
      return store.events.length;
    },
    verify: () => ({ ok: problems.length === 0, records: 2, problems }),
  };
};

describe('perpsbot journal', () => {
  it('shows the newest records, of the asked types only', async () => {
    const host = new FakeHost();
    host.journal = journalOf();
    await host.run('journal', 'tail', '--type', 'fill');
    expect(host.stdout.written).toBe('     2  2026-01-01T00:00:00.000Z  fill                 {"trade_id":"t1"}\n');

    const machine = new FakeHost();
    machine.journal = journalOf();
    await machine.run('journal', 'tail', '--last', '1', '--json');
    expect(machine.envelope()).toMatchObject({
      kind: 'journal.tail',
      data: { path: '/state/journal.db', records: [{ seq: 2, type: 'fill', at: '2026-01-01T00:00:00.000Z' }] },
    });
  });

  it('has nothing of a type that has not come about yet, and that is no mistake', async () => {
    const host = new FakeHost();
    host.journal = journalOf();
    expect(await host.run('journal', 'tail', '--type', 'external_fill')).toBe(0);
    expect(host.stdout.written).toContain('No record of external_fill yet.');
    expect(await host.run('journal', 'tail', '--type', 'order_unknown', '--json')).toBe(0);
    expect(host.stdout.written).toContain('"records":[]');
  });

  it('names a type that the journal does not hold, and those it holds', async () => {
    const host = new FakeHost();
    host.journal = journalOf();
    expect(await host.run('journal', 'tail', '--type', 'fil', '--type', 'order')).toBe(2);
    expect(host.stderr.written).toContain('was fil.');
    expect(host.stderr.written).toContain('It holds: fill, order.');
  });

  it('exports JSON lines to standard output or to a file', async () => {
    const out = new FakeHost();
    out.journal = journalOf();
    await out.run('journal', 'export');
    expect(
      out.stdout.written
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(['order', 'fill']);

    const file = new FakeHost();
    file.journal = journalOf();
    await file.run('journal', 'export', '--out', 'j.jsonl', '--json');
    expect(file.writtenFiles.get('j.jsonl')).toBe(out.stdout.written);
    expect(file.envelope().data).toEqual({ path: '/state/journal.db', count: 2, out: 'j.jsonl' });
  });

  it('verifies the whole store: damage ends with exit 65 and its place', async () => {
    const fine = new FakeHost();
    fine.journal = journalOf();
    expect(await fine.run('journal', 'verify')).toBe(0);
    expect(fine.stdout.written).toMatch(/Whole: 2 records in \/state\/journal\.db/);

    const damaged = new FakeHost();
    damaged.journal = journalOf(['Page 7 is damaged.']);
    expect(await damaged.run('journal', 'verify', '--json')).toBe(65);
    expect(damaged.envelope()).toMatchObject({
      ok: false,
      error: { code: 'STORE-001', message: 'Page 7 is damaged.', where: '/state/journal.db' },
    });
  });

  it('says that there is none yet, and how to get one', async () => {
    const host = new FakeHost();
    expect(await host.run('journal', 'tail')).toBe(73);
    expect(host.stderr.written).toMatch(/there is none yet[\s\S]*\/state[\s\S]*perpsbot start/);
  });
});

describe('perpsbot doctor', () => {
  it('passes on a sound machine', async () => {
    const host = new FakeHost();
    host.journal = journalOf();
    expect(await host.run('doctor', '--json')).toBe(0);
    const { checks } = host.envelope().data as unknown as { checks: { name: string; state: string }[] };
    expect(checks.map((check) => check.name)).toEqual([
      'node',
      'sqlite',
      'clock',
      'configuration',
      'strategy',
      'state',
      'disk',
      'journal',
    ]);
    expect(checks.every((check) => check.state === 'ok')).toBe(true);
  });

  it.each<[string, (host: FakeHost) => void]>([
    ['node', (host) => Object.assign(host.build, { node: '18.20.0' })],
    [
      'sqlite',
      (host) =>
        (host.probes.sqlite = () => {
          throw fault('STORE-006', 'No driver.', { fix: 'Install one.' });
        }),
    ],
    ['clock', (host) => (host.wall = 0)],
    ['configuration', (host) => (host.assertFiles = () => Promise.reject(fault('CFG-005', 'No such file.')))],
    ['configuration', (host) => (host.config = fault('CFG-001', 'Unknown key.'))],
    [
      'strategy',
      (host) =>
        (host.assertStrategy = () => {
          throw fault('CFG-008', 'strategy.name must be a registered strategy.');
        }),
    ],
    [
      'state',
      (host) =>
        (host.probes.writable = () => {
          throw fault('STORE-003', 'Read-only.');
        }),
    ],
    ['disk', (host) => (host.probes.freeBytes = () => 50 * 1_048_576)],
    ['disk', (host) => (host.probes.freeBytes = () => NaN)],
    ['journal', (host) => (host.journal = journalOf(['Damaged.']))],
    ['journal', (host) => (host.journal = fault('STORE-002', 'Newer.'))],
  ])('ends with exit 3 when the check of %s fails', async (name, breakIt) => {
    const host = new FakeHost();
    breakIt(host);
    expect(await host.run('doctor', '--json')).toBe(3);
    const { checks } = host.envelope().data as unknown as { checks: { name: string; state: string }[] };
    expect(checks.filter((check) => check.state === 'fail').map((check) => check.name)).toEqual([name]);
  });

  it('warns of little space, and says how to mend what failed', async () => {
    const host = new FakeHost();
    host.probes.freeBytes = () => 500 * 1_048_576;
    host.probes.sqlite = () => {
      throw fault('STORE-006', 'No driver.', { fix: 'Install one.' });
    };
    await host.run('doctor');
    expect(host.stdout.written).toMatch(/! +disk +500 MiB free/);
    expect(host.stdout.written).toMatch(/✗ +sqlite +No driver\./);
    expect(host.stdout.written).toMatch(/Fix {3}sqlite: Install one\./);
  });

  it('asks nothing of a disk that a bot in memory does not use', async () => {
    const host = new FakeHost();
    host.config = { config: testConfig(), origins: [], warnings: [] };
    host.probes.writable = () => {
      throw new Error('must not be asked');
    };
    expect(await host.run('doctor')).toBe(0);
  });
});

describe('a command whose venue does not answer', () => {
  const GONE = fault('VENUE-002', 'http://venue (testnet) must answer, and has not within 20 s: no answer.', {
    fix: 'Look whether the venue is up.',
  });

  it.each([
    [['reconcile'], 8, 'No bot runs: the venue is asked from here'],
    [['flatten', '--direct'], 9, ''],
  ] as const)('%j says which host, and what to do, and ends with its own code: %d', async (words, code, first) => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-gone-'));
    try {
      const host = new FakeHost();
      host.control.journalOf = () => new FakeEventStore();
      const fails = (error: Error): void => {
        host.compareBeside = () => Promise.reject(error);
        host.flattenBeside = () => Promise.reject(error);
      };
      fails(GONE);
      expect(await host.run(...words, '--state', directory)).toBe(code);
      expect(host.stderr.written).toContain(first);
      expect(host.stdout.written).toMatch(
        /VENUE-002 .*http:\/\/venue \(testnet\)[^]*Fix +Look whether the venue is up/,
      );
      expect(await host.run(...words, '--state', directory, '--json')).toBe(code);
      expect(host.stdout.written).toContain('"unanswered":{"code":"VENUE-002"');
      // Whatever else is wrong is an error, with a code of its own.
      fails(fault('VENUE-004', 'The key is refused.'));
      expect(await host.run(...words, '--state', directory)).toBe(77);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('perpsbot halt --direct', () => {
  const DONE = { done: true, cancelled: ['PB1'], mayBeLive: [], kept: [], foreign: [], problem: null };

  it('ends orders though the disk takes no word, and does not say that all is well', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-direct-'));
    try {
      const host = new FakeHost();
      host.control.journalOf = () => new FakeEventStore();
      host.haltBeside = () => Promise.resolve(DONE);
      expect(await host.run('halt', '--direct', '--state', directory)).toBe(0);
      host.control.writeAtomic = () => {
        throw new Error('no space left');
      };
      expect(await host.run('halt', '--direct', '--state', directory)).toBe(9);
      expect(host.stdout.written).toContain('THE BOT IS NOT TOLD');
      host.control.journalOf = () => undefined;
      expect(await host.run('halt', '--direct', '--state', directory)).toBe(73);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('perpsbot status of a bot that does not run', () => {
  type Waiting = 'halt' | 'reduce-only' | 'resume';
  const CASES: readonly (readonly [string | null, readonly Waiting[], number])[] = [
    ['NORMAL', [], 0],
    ['REDUCE_ONLY', [], 0],
    ['HALTED', [], 6],
    ['LOCKED', [], 6],
    ['NORMAL', ['reduce-only'], 0],
    ['NORMAL', ['halt'], 6],
    ['REDUCE_ONLY', ['reduce-only', 'halt'], 6],
    ['NORMAL', ['halt', 'resume'], 6],
    ['HALTED', ['resume'], 6],
    [null, [], 9],
    [null, ['halt'], 9],
  ];

  it.each(CASES)(
    'whose journal says %s and for which %j waits ends as the next start would begin: %d',
    async (...row) => {
      const [state, waiting, exit] = row;
      const directory = mkdtempSync(join(tmpdir(), 'perpsbot-status-'));
      try {
        const requests = new RequestsFolder(directory);
        for (const [at, command] of waiting.entries())
          requests.leave({ command, actor: 'cli:ada', reason: 'x', at }, (path, text) => writeFileSync(path, text));
        const journal = new FakeEventStore();
        if (state !== 'NORMAL') journal.append('safety_state', { to: state ?? '', reason: 'x' });
        if (state === null)
          journal.query = () => {
            throw new Error('damaged');
          };
        const host = new FakeHost();
        host.control.journalOf = () => journal;
        expect(await host.run('status', '--state', directory)).toBe(exit);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );
});

describe('perpsbot status of a bot that does not run and holds something', () => {
  it.each([
    ['no stop', false, 9],
    ['a stop at the venue', true, 0],
  ])('ends, with %s, as exposure is looked after or not', async (_what, isCovered, exit) => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-status-'));
    try {
      const journal = new FakeEventStore();
      journal.append('fill', { symbol: 'BTC-PERP', side: 'buy', quantity: '2', client_order_id: 'a' });
      const stop = { client_order_id: 's', symbol: 'BTC-PERP', side: 'sell', quantity: '2', filled_quantity: '0' };
      if (isCovered)
        journal.append('order', {
          ...stop,
          order_type: 'stop_market',
          reduce_only: true,
          status: 'open',
          role: 'stop',
        });
      const host = new FakeHost();
      host.control.journalOf = () => journal;
      expect(await host.run('status', '--state', directory)).toBe(exit);
      expect(host.stdout.written).toMatch(/Orders? +.*as the journal last knew/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('perpsbot strategy resume of a bot that does not run', () => {
  it('leaves a request, which takes back no other and is none to resume the bot', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-strategy-'));
    try {
      const journal = new FakeEventStore();
      journal.append('strategy_suspended', { instance: 'x@BTC-PERP', reason: 'failed 3 times in 10 of its events' });
      journal.append('safety_state', { to: 'HALTED', reason: 'x' });
      const host = new FakeHost();
      host.control.journalOf = () => journal;
      host.control.writeAtomic = (path, text) => writeFileSync(path, text);
      expect(await host.run('resume', '--state', directory, '--reason', 'looked')).toBe(0);
      expect(await host.run('strategy', 'resume', 'x@BTC-PERP', '--state', directory)).toBe(2);
      expect(await host.run('strategy', 'resume', 'x@BTC-PERP', '--state', directory, '--reason', 'mended')).toBe(0);
      expect(host.stdout.written).toMatch(/the next start within 24 h lets x@BTC-PERP go on, before anything trades/);
      expect(host.stdout.written).toMatch(
        /Suspended +x@BTC-PERP since .*: it failed 3 times in 10 of its events\. .*strategy resume x@BTC-PERP --state /,
      );
      const left = new RequestsFolder(directory).list();
      expect(left.map(({ command, strategy, reason }) => `${command} ${strategy} ${reason}`).sort()).toEqual([
        'resume undefined looked',
        'strategy resume x@BTC-PERP mended',
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('perpsbot halt and reduce-only of a bot that does not run', () => {
  const STATUSES: Readonly<Record<OrderStatus, number>> = {
    ...{ planned: 9, sending: 9, unknown: 9, open: 9, partially_filled: 9 },
    ...{ filled: 0, cancelled: 0, rejected: 0, rejected_late: 0, expired: 0, lost: 0, liquidated: 0 },
  };
  const order = (status: string) => ['order', { client_id: 'c', symbol: 'BTC-PERP', status, quantity: '1' }] as const;
  const fill = (side: string) => ['fill', { symbol: 'BTC-PERP', trade_id: side, side, quantity: '8' }] as const;
  type Row = readonly [what: string, records: readonly (readonly [string, Payload])[], exit: number];
  const CASES: readonly Row[] = [
    ['nothing', [], 0],
    ['a position', [fill('buy')], 9],
    ['a position that was closed', [fill('buy'), fill('sell')], 0],
    ...Object.entries(STATUSES).map(([status, exit]): Row => [`one ${status}`, [order('open'), order(status)], exit]),
  ];

  it.each(CASES)('whose journal knew of %s says whether any may be live', async (_what, records, exit) => {
    for (const command of ['halt', 'reduce-only']) {
      const directory = mkdtempSync(join(tmpdir(), 'perpsbot-halt-'));
      try {
        const journal = new FakeEventStore();
        for (const [type, payload] of records) journal.append(type, payload);
        const host = new FakeHost();
        host.control.journalOf = () => journal;
        expect([command, await host.run(command, '--state', directory)]).toEqual([command, exit]);
        expect(host.stdout.written).toMatch(/Sent +nothing, to no venue/);
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
  });
});
