import { describe, expect, it } from '@jest/globals';
import { FakeHost } from './fake-host.js';

const NOW = Date.UTC(2026, 10, 22, 12);
const beat = (over: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    ok: true,
    running: true,
    timestamp: '2024-01-01T00:00:00.000Z',
    written_at: new Date(NOW - 5_000).toISOString(),
    fresh_until: new Date(NOW + 55_000).toISOString(),
    message: '',
    error: '',
    safety: 'NORMAL',
    ...over,
  });

async function asked(text: string | undefined, ...flags: readonly string[]) {
  const host = new FakeHost();
  if (text !== undefined) host.writtenFiles.set('/state/health.json', text);
  const exit = await host.run('health', '--state', '/state', '--json', ...flags);
  return { exit, ...(host.envelope() as { readonly data: object | null; readonly error: { code: string } | null }) };
}

describe('perpsbot health', () => {
  it('knows a bot that lives from one that fell silent, one that stopped and none at all', async () => {
    const silent = beat({ fresh_until: new Date(NOW - 1).toISOString() });

    expect(await asked(beat())).toMatchObject({ exit: 0, data: { alive: true, ok: true, ageSeconds: 5 } });
    expect(await asked(silent)).toMatchObject({ exit: 3, data: { alive: false, running: true } });
    expect(await asked(beat({ running: false }))).toMatchObject({ exit: 3, data: { alive: false, running: false } });
    expect(await asked(undefined)).toMatchObject({ exit: 3, data: { alive: false, ageSeconds: null } });
  });

  it('knows by its lock a bot that was killed and could not say so', async () => {
    for (const [held, said, exit] of [
      [true, 'alive', 0],
      [undefined, 'alive', 0],
      [false, 'killed', 3],
    ] as const) {
      const host = new FakeHost();
      host.held = held;
      host.writtenFiles.set('/state/health.json', beat());
      expect(await host.run('health', '--state', '/state')).toBe(exit);
      expect(host.stdout.written).toBe(`${said}, last heard of 5 s ago, NORMAL\n`);
    }
  });

  it('names the strategies that are suspended', async () => {
    const host = new FakeHost();
    host.writtenFiles.set('/state/health.json', beat({ ok: false, suspended: ['x@BTC-PERP'] }));
    expect(await host.run('health', '--state', '/state', '--well')).toBe(3);
    expect(host.stdout.written).toBe('alive, last heard of 5 s ago, NORMAL, x@BTC-PERP suspended\n');
  });

  it('holds a halted bot for alive, and for not well where that is asked', async () => {
    const halted = beat({ ok: false, safety: 'HALTED' });

    expect(await asked(halted)).toMatchObject({ exit: 0, data: { alive: true, ok: false, safety: 'HALTED' } });
    expect(await asked(halted, '--well')).toMatchObject({ exit: 3, data: { alive: true, ok: false } });
    expect(await asked(beat(), '--well')).toMatchObject({ exit: 0 });
  });

  it.each(['', '{}', 'null', '"x"', '{"written_at":"2026-01-01T00:00:00Z"}', beat({ fresh_until: 'soon' })])(
    'refuses what is no heartbeat: %s',
    async (text) => {
      expect(await asked(text)).toMatchObject({ error: { code: 'STORE-001' } });
    },
  );

  it('says it to people in a line, and must be told whose health it is', async () => {
    const host = new FakeHost();
    host.writtenFiles.set('/state/health.json', beat({ message: 'cycle 12' }));
    await host.run('health', '--state', '/state');

    expect(host.stdout.written).toBe('alive, last heard of 5 s ago, NORMAL, cycle 12\n');
    expect(await new FakeHost().run('health')).toBe(2);
  });
});
