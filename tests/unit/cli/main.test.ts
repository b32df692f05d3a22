import 'reflect-metadata';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import { COMMANDS } from '#src/cli/commands/index.js';
import { jsonLine, prettyLine } from '#src/platform/log-line.js';
import type { ResolvedConfig } from '#src/runs/config-request.js';
import { FakeHost } from './fake-host.js';

describe('the command line', () => {
  it('calls a start that failed by what it failed of, as the page of errors does', async () => {
    const host = new FakeHost();
    const cause = fault('CFG-006', 'Nothing must be ordered: no preflight.', { fix: 'Pass perpsbot preflight.' });
    host.createBot = () =>
      Promise.reject(fault('BOT-002', `runtime-coordinator did not start: ${cause.message}`, { cause }));
    expect(await host.run('start')).toBe(78);
    expect(host.stderr.written).toContain('CFG-006  runtime-coordinator did not start');
    expect(host.stderr.written).not.toContain('BOT-002');
    expect(await host.run('start', '--json')).toBe(78);
    expect(host.stdout.written).toContain('"error":{"code":"CFG-006"');
  });

  it('shows an example before anything else in help, for the program and every command', async () => {
    for (const name of ['', ...COMMANDS.map((spec) => spec.name)]) {
      const host = new FakeHost();
      expect(await host.run(...name.split(' ').filter((word) => word !== ''), '--help')).toBe(0);
      expect(host.stdout.written).toMatch(/^Example:\n {2}\$ perpsbot /);
      expect(host.stdout.written.indexOf('Usage:')).toBeGreaterThan(0);
      expect(host.stderr.written).toBe('');
    }
  });

  it('refuses wrong usage with exit 2, the fact, and the nearest right spelling', async () => {
    const cases: [string[], RegExp, RegExp][] = [
      [['strat'], /Unknown command 'strat'/, /Did you mean start\?/],
      [['config', 'chek'], /Unknown command 'chek'/, /Did you mean check\?/],
      [['start', '--cyles', '3'], /Unknown option '--cyles'/, /Did you mean --cycles\?/],
      [['backtest', '--seed', '1'], /A recorded market must be named/, /--data bars\.csv/],
      [['start', 'now'], /Too many arguments/, /--help/],
      [['halt', 'it', 'looks', 'wrong'], /Too many arguments/, /in quotes: perpsbot halt --reason "it looks wrong"/],
      [['resume', '--reason', 'all', 'is', 'well'], /Too many arguments/, /perpsbot resume --reason "/],
      [['journal'], /journal must be followed by one of its commands/, /perpsbot journal tail/],
      [['--debug'], /A command must be named/, /perpsbot start/],
      [['start', '--for', '30'], /--for must be a duration with its unit, was "30"/, /--for 30s/],
      [['start', '--speed', 'fast'], /--speed must be a positive number or max/, /--speed max/],
      [['start', '--cycles', '0'], /--cycles must be a whole number from 1, was "0"/, /--cycles 10/],
      [['graph', '--format', 'png'], /--format must be one of mermaid, dot, json/, /--format dot/],
      [
        ['backtest', '--data', 'a', '--symbol', 'b', '--param', 'short'],
        /--param must be key=value, was "short"/,
        /shortMa=10/,
      ],
      [
        ['backtest', '--data', 'a', '--symbol', 'b', '--param', 'a=1', '--param', 'a=2'],
        /--param a must be given once/,
        /Remove one/,
      ],
    ];
    for (const [argv, fact, fix] of cases) {
      const host = new FakeHost();
      expect([argv, await host.run(...argv)]).toEqual([argv, 2]);
      expect(host.stdout.written).toBe('');
      expect(host.stderr.written).toMatch(/^✗ CLI-001 {2}/);
      expect(host.stderr.written).toMatch(fact);
      expect(host.stderr.written).toMatch(fix);
    }
  });

  it('answers its name alone with its help', async () => {
    const [alone, asked] = [new FakeHost(), new FakeHost()];
    expect([await alone.run(), await asked.run('--help')]).toEqual([0, 0]);
    expect(alone.stdout.written).toBe(asked.stdout.written);
    expect(alone.stdout.written).toContain('perpsbot');
    expect(alone.stderr.written).toBe('');
  });

  it('refuses abbreviations of commands and of flags', async () => {
    for (const argv of [
      ['back', '--data', 'x'],
      ['start', '--cycle', '1'],
      ['conf', 'show'],
      ['start', '--sp', '2'],
    ]) {
      expect([argv, await new FakeHost().run(...argv)]).toEqual([argv, 2]);
    }
  });

  it('prints one envelope on standard output with --json, whether it worked or not', async () => {
    const fine = new FakeHost();
    expect(await fine.run('version', '--json')).toBe(0);
    expect(fine.envelope()).toEqual({
      schemaVersion: 1,
      kind: 'version',
      ok: true,
      generatedAt: '2026-11-22T12:00:00.000Z',
      build: '0.1.0+abc1234',
      data: { version: '0.1.0', commit: 'abc1234', node: '20.20.2' },
      warnings: [],
      error: null,
    });

    const wrong = new FakeHost();
    expect(await wrong.run('strat', '--json')).toBe(2);
    expect(wrong.envelope()).toMatchObject({
      schemaVersion: 1,
      kind: 'usage',
      ok: false,
      data: null,
      error: { code: 'CLI-001', message: "Unknown command 'strat'.", fix: expect.stringContaining('start') },
    });
    expect(wrong.stderr.written).toBe('');
  });

  it('takes common flags before the command and after it', async () => {
    const host = new FakeHost();
    await host.run('--json', '--profile', 'canary', 'config', 'check', '--config', 'bot.yaml', '--state', 'var/x');
    expect(host.envelope().kind).toBe('config.check');
    expect(host.configRequests.length).toBeGreaterThan(0);
    for (const request of host.configRequests)
      expect(request).toEqual({ file: 'bot.yaml', profile: 'canary', fallbackProfile: 'demo', stateDir: 'var/x' });
  });

  it('says what, where, why and fix of an error, and ends with the exit code of its kind', async () => {
    const host = new FakeHost();
    host.config = fault('CFG-001', 'Unknown key "max_leverge".', {
      where: 'bot.yaml:23:5',
      why: 'A misspelt limit would mean no limit.',
      fix: 'Rename it to "maxLeverage".',
    });
    expect(await host.run('config', 'check')).toBe(78);
    expect(host.stderr.written).toBe(
      '✗ CFG-001  Unknown key "max_leverge".\n  Where bot.yaml:23:5\n  Why   A misspelt limit would mean no limit.\n  Fix   Rename it to "maxLeverage".\n',
    );
  });

  it.each(['\u001b[2J', '\r', '\u202e', '\u009b31m', '\u001b[8m', '\u2066', '\u0007', '\u{e0041}'])(
    'writes out what nobody could see, whoever said it: %j',
    async (hidden) => {
      const said = `a${hidden}b`;
      const error = fault('CFG-001', said, { where: said, why: said, fix: said });
      const out: string[] = [];
      for (const flags of [[], ['--json'], ['--debug']]) {
        const host = new FakeHost({ tty: true });
        host.config = error;
        await host.run('config', 'check', ...flags);
        const other = new FakeHost();
        other.config = { ...(other.config as ResolvedConfig), warnings: [said] };
        await other.run('config', 'check', ...flags);
        out.push(host.stderr.written + host.stdout.written, other.stderr.written + other.stdout.written);
        if (flags[0] === '--json') expect(JSON.parse(host.stdout.written)).toMatchObject({ error: { message: said } });
      }
      out.push(prettyLine({ at: 0, level: 'info', message: said, fields: { symbol: said } }));
      out.push(jsonLine({ at: 0, level: 'info', message: said, fields: { symbol: said } }));
      for (const text of out) {
        expect(text).not.toContain(hidden);
        expect(text).toMatch(/a\\[ur].*b/);
      }
    },
  );

  it('writes nothing to the terminal but through that', () => {
    const bare = readdirSync('src/cli', { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readFileSync(`src/cli/${path}`, 'utf8').match(/\.std(?:out|err)\.write\(\s*[^)\s]*/gu) ?? [])
      .filter((call) => !/write\(\s*(?:terminalText\(|'|`\\nStopping)/u.test(call));
    expect(bare).toEqual([]);
  });

  it('names every problem of an error, not only the first', async () => {
    const host = new FakeHost();
    host.config = fault('CFG-001', 'two', {
      problems: [
        { code: 'CFG-001', message: 'Key a is unknown.', where: 'x:1' },
        { code: 'CFG-002', message: 'b must be a number.', where: 'x:2', fix: 'Write a number.' },
      ],
    });
    expect(await host.run('config', 'check')).toBe(78);
    expect(host.stderr.written).toMatch(
      /CFG-001 {2}Key a is unknown\.[\s\S]*x:1[\s\S]*CFG-002 {2}b must be a number\.[\s\S]*x:2[\s\S]*2 problems/,
    );

    const machine = new FakeHost();
    machine.config = host.config;
    await machine.run('config', 'check', '--json');
    expect(machine.envelope().error?.problems).toHaveLength(2);
  });

  it('shows a stack trace with --debug only, and exit 1 for an error nobody expected', async () => {
    const plain = new FakeHost();
    plain.config = new Error('boom');
    expect(await plain.run('config', 'check')).toBe(1);
    expect(plain.stderr.written).toMatch(/UNEXPECTED {2}boom/);
    expect(plain.stderr.written).not.toMatch(/\n\s+at /);

    const debug = new FakeHost();
    debug.config = new Error('boom');
    await debug.run('config', 'check', '--debug');
    expect(debug.stderr.written).toMatch(/\n\s+at /);
  });

  it('colours a terminal, unless NO_COLOR, TERM=dumb, CI or --no-color says otherwise', async () => {
    const coloured = async (env: Record<string, string>, ...flags: string[]): Promise<boolean> => {
      const host = new FakeHost({ tty: true });
      Object.assign(host.env, env);
      await host.run('strat', ...flags);
      return host.stderr.written.includes('\x1b[');
    };
    expect(await coloured({})).toBe(true);
    expect(await coloured({ NO_COLOR: '1' })).toBe(false);
    expect(await coloured({ TERM: 'dumb' })).toBe(false);
    expect(await coloured({ CI: 'true' })).toBe(false);
    expect(await coloured({}, '--no-color')).toBe(false);
  });

  it('describes its configuration with origins and its schema', async () => {
    const show = new FakeHost();
    expect(await show.run('config', 'show')).toBe(0);
    expect(show.stdout.written).toMatch(/key +value +from\nprofile +demo +flag\n/);

    const schema = new FakeHost();
    await schema.run('config', 'schema');
    expect(JSON.parse(schema.stdout.written)).toEqual({ type: 'object' });
  });

  it('prints the graph as text, and inside the envelope with --json', async () => {
    const text = new FakeHost();
    await text.run('graph', '--format', 'dot');
    expect(text.stdout.written).toBe('graph as dot\n');

    const machine = new FakeHost();
    await machine.run('graph', '--format', 'json', '--json');
    expect(machine.envelope().data).toEqual({ format: 'json', graph: { nodes: [] } });
  });

  it('ends verify with exit 3 when a check fails, with the report as the result', async () => {
    const verify = new FakeHost();
    verify.verification = {
      ok: false,
      services: 60,
      problems: [{ code: 'DI-002', message: 'A needs B needs A.', fix: 'Cut it.' }],
    };
    expect(await verify.run('verify', '--json')).toBe(3);
    expect(verify.envelope()).toMatchObject({
      ok: false,
      kind: 'verify.report',
      data: { problems: [{ code: 'DI-002' }] },
      error: null,
    });
  });

  it('asks for a command in one envelope when only flags are given, also after a group', async () => {
    const none = new FakeHost();
    expect(await none.run('--json')).toBe(2);
    expect(none.envelope()).toMatchObject({
      kind: 'usage',
      error: { code: 'CLI-001', message: 'A command must be named.' },
    });

    const group = new FakeHost();
    expect(await group.run('journal', '--json')).toBe(2);
    expect(group.envelope()).toMatchObject({
      kind: 'usage',
      error: { message: 'journal must be followed by one of its commands.' },
    });
  });

  it('shows and checks the configuration that start would take: the demo, unless another is named', async () => {
    for (const command of ['show', 'check']) {
      const host = new FakeHost();
      await host.run('config', command);
      expect(host.configRequests.length).toBeGreaterThan(0);
      for (const request of host.configRequests) expect(request).toEqual({ fallbackProfile: 'demo' });
    }
  });
});
