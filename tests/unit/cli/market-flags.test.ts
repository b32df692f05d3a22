import 'reflect-metadata';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { composeBot } from '#di/create-bot.js';
import { loadConfig } from '#config/index.js';
import { Flags } from '#src/cli/command.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import { COMMANDS } from '#src/cli/commands/index.js';
import { marketRequestOf } from '#src/cli/market-flags.js';
import { RUN_FLAGS, runFlags, runWords } from '#src/cli/run-flags.js';
import emaCross from '../../../docs/examples/ema-cross.js';
import { FakeHost } from './fake-host.js';

const asked = (values: Readonly<Record<string, unknown>>): ReturnType<typeof marketRequestOf> =>
  marketRequestOf(new Flags(values));

describe('the flags of a recorded market', () => {
  it('name a file, or series of a catalog with all that drives them', () => {
    expect(asked({ data: 'bars.csv', symbol: ['btc'], funding: 'f.csv' })).toEqual({
      from: 'file',
      data: 'bars.csv',
      symbol: 'btc',
      funding: 'f.csv',
    });
    expect(asked({ data: 'bars.csv', interval: '1M', zone: 'europe/berlin' })).toEqual({
      from: 'file',
      data: 'bars.csv',
      intervalMs: 31 * 86_400_000,
      zone: 'Europe/Berlin',
    });
    expect(asked({ catalog: 'c' })).toEqual({ from: 'catalog', catalog: 'c', symbols: [], kinds: ['bars'] });
    expect(
      asked({
        catalog: 'c',
        symbol: ['btc', 'ETH', 'BTC'],
        kind: ['trades', 'depth'],
        interval: '5m',
        from: '2024-08-08',
        to: '2024-08-08T12:00',
      }),
    ).toEqual({
      from: 'catalog',
      catalog: 'c',
      symbols: ['BTC', 'ETH'],
      kinds: ['trades', 'depth'],
      intervalMs: 300_000,
      since: Date.UTC(2024, 7, 8),
      until: Date.UTC(2024, 7, 8, 12),
    });
  });

  it.each([
    [{}, /A recorded market must be named/],
    [{ data: 'b', catalog: 'c' }, /--data and --catalog must not be given together/],
    [{ data: 'b', kind: ['trades'] }, /--kind must come with --catalog/],
    [{ data: 'b', from: '2024-01-01' }, /--from must come with --catalog/],
    [{ data: 'b', symbol: ['A', 'B'] }, /--symbol must be given once with --data/],
    [{ data: 'b', zone: 'Mars/Olympus' }, /--zone must be a name of the time zone database/],
    [{ catalog: 'c', zone: 'UTC' }, /--zone must come with --data/],
    [{ catalog: 'c', funding: 'f' }, /--funding must come with --data/],
    [{ catalog: 'c', kind: ['candles'] }, /--kind must be one of bars, trades/],
    [{ catalog: 'c', kind: ['mark', 'funding'] }, /--kind must name what moves the market/],
    [{ catalog: 'c', interval: '5' }, /--interval must be a duration/],
    [{ catalog: 'c', from: 'yesterday' }, /--from must be an instant in ISO-8601/],
    [{ catalog: 'c', to: '2024-02-30T99:00' }, /--to must be an instant/],
    [{ catalog: 'c', from: '2024-02-02', to: '2024-02-02' }, /--from must be before --to/],
  ])('are refused with the reason: %j', (values, said) => {
    expect(() => asked(values)).toThrow(said);
  });

  it('are given again as they were given', () => {
    const given = { catalog: 'c', symbol: ['A', 'B'], kind: ['trades'], to: '2024-01-01', other: 'x' };
    expect(runWords(new Flags({ ...given, strategy: './x.js', param: ['a=1'], set: ['b=2'], seed: '3' }))).toEqual([
      ...['--catalog', 'c', '--symbol', 'A', '--symbol', 'B', '--kind', 'trades', '--to', '2024-01-01'],
      ...['--strategy', './x.js', '--param', 'a=1', '--set', 'b=2', '--seed', '3'],
    ]);
  });
});

/** Every command that runs a strategy. */
const RUNNING = ['start', 'paper', 'backtest', 'optimize', 'walk-forward', 'monte-carlo', 'explain', 'strategy check'];
const VALUES: Readonly<Record<string, string>> = {
  strategy: './ema-cross.js',
  param: 'fast=4',
  set: 'risk.maxLeverage=2',
  seed: '7',
  symbol: 'BTC-PERP',
  data: 'bars.csv',
  funding: 'rates.csv',
  catalog: 'c',
  kind: 'bars',
  interval: '1m',
  zone: 'Europe/Berlin',
  from: '2024-01-01',
  to: '2024-01-02',
};

describe('the flags of a run', () => {
  const spelled = (flags: string): string => flags.split(' ', 1)[0] ?? '';
  const names = RUN_FLAGS.map((name) => `--${name}`);

  it('are told a value each in this table', () => {
    expect(Object.keys(VALUES).sort()).toEqual([...RUN_FLAGS].sort());
    expect(runFlags().map(({ flags }) => spelled(flags))).toEqual(names);
  });

  it.each(RUNNING.flatMap((name) => names.map((flag) => [name, flag] as const)))(
    'mean the same in %s, or are refused by name: %s',
    async (name, flag) => {
      const spec = COMMANDS.find((each) => each.name === name);
      const own = spec?.flags.filter(({ flags }) => spelled(flags) === flag) ?? [];
      expect(own).toHaveLength(1);
      const shared = runFlags().find(({ flags }) => spelled(flags) === flag);
      expect(own[0]?.repeated).toBe(shared?.repeated);
      const value = VALUES[flag.slice(2)] ?? '';
      const host = new FakeHost();
      if (own[0]?.idle !== undefined) {
        expect(await host.run(...name.split(' '), flag, value)).toBe(2);
        expect(host.stderr.written).toContain(`${flag} must be left away: it has no meaning in ${name}.`);
        expect(host.configRequests).toEqual([]);
      } else if (shared?.repeated !== true) {
        const required = own[0]?.required === true ? [] : ['--param', 'fast=4'];
        await host.run(...name.split(' '), ...required, flag, value, flag, value);
        expect(host.stderr.written).toContain(`${flag} must be given once, was given twice.`);
      }
    },
  );

  it.each(RUNNING.filter((name) => name !== 'paper'))(
    'choose the strategy of %s by file, name or setting',
    async (name) => {
      const more: Readonly<Record<string, readonly string[]>> = {
        start: ['--cycles', '1'],
        optimize: ['--param', 'fast=4'],
        'walk-forward': ['--param', 'fast=4', '--train', '2', '--test', '1'],
      };
      const chosen = async (...words: readonly string[]): Promise<object> => {
        const host = new FakeHost();
        host.modules.set('./ema-cross.js', emaCross);
        const market = name === 'start' || name === 'strategy check' ? [] : ['--data', 'bars.csv'];
        await host.run(...name.split(' '), ...market, ...(more[name] ?? []), ...words);
        const { strategy, strategyFile, strategyNames, settings } =
          host.configRequests.at(-1) ?? host.botRequests[0]?.config ?? {};
        return { strategy, strategyFile, strategyNames, settings };
      };
      const byFile = {
        strategy: undefined,
        strategyFile: './ema-cross.js',
        strategyNames: { './ema-cross.js': 'ema-cross' },
      };
      expect(await chosen('--strategy', './ema-cross.js')).toEqual({ ...byFile, settings: undefined });
      expect(await chosen('--set', 'strategy.file=./ema-cross.js')).toEqual({ ...byFile, settings: {} });
      expect(await chosen('--strategy', 'enhanced')).toEqual({
        strategy: 'enhanced',
        strategyFile: undefined,
        strategyNames: undefined,
        settings: undefined,
      });
    },
  );

  it.each([
    [['explain', '--strategy', 'baseline'], '--strategy must come with --data or --catalog'],
    [['explain', '--symbol', 'BTC-PERP'], '--symbol must come with --data or --catalog'],
    [['explain', '--data', 'bars.csv', '--since', '6h'], '--since must be left away'],
    [['strategy', 'check', '--kind', 'bars'], '--kind must come with --data or --catalog'],
    [['strategy', 'check', '--cuts', '3'], '--cuts must come with --data or --catalog'],
    [['strategy', 'check', './a.js', '--strategy', './b.js'], 'A strategy must be named once'],
    [['monte-carlo', '--data', 'bars.csv', '--block', '4h'], '--block must come with --method bars'],
    [['monte-carlo', '--data', 'bars.csv', '--jobs', '2'], '--jobs must come with --method bars'],
    [['paper', '--speed', '1'], 'A recorded market must be named'],
  ])('are refused where nothing would hear them: %j', async (words, said) => {
    const host = new FakeHost();
    expect(await host.run(...words)).toBe(2);
    expect(host.stderr.written).toContain(said);
  });
});

describe('the strategy of a configuration', () => {
  const load = (config: string, overrides: object = {}, strategies = {}): ReturnType<typeof loadConfig> => {
    const file = join(tmpdir(), `perpsbot-strategy-${process.pid}.yaml`);
    writeFileSync(file, config);
    try {
      return loadConfig({ file, overrides, strategies, env: {}, cwd: '/' });
    } finally {
      rmSync(file);
    }
  };

  it('is a file or a name, and the later word holds', () => {
    const byFile = 'profile: demo\nstrategy: { file: ./mine.js }\n';
    expect(load(byFile, {}, { './mine.js': 'mine' }).config.strategy).toMatchObject({
      file: './mine.js',
      name: 'mine',
    });
    const { strategy } = load(byFile, { strategy: { name: 'enhanced' } }).config;
    expect([strategy.name, strategy.file]).toEqual(['enhanced', undefined]);
    const other = load(
      'profile: demo\nstrategy: { name: enhanced }\n',
      { strategy: { file: './x.js' } },
      { './x.js': 'x' },
    );
    expect(other.config.strategy).toMatchObject({ file: './x.js', name: 'x' });
    expect(() => load('profile: demo\nstrategy: { name: baseline, file: ./x.js }\n')).toThrow(
      expect.objectContaining({ code: 'CFG-006' }),
    );
  });

  it('must be loaded by whoever makes the bot: another would trade in its place', () => {
    expect(() => composeBot({ config: { profile: 'demo', strategy: { file: './x.js' } } })).toThrow(
      expect.objectContaining({
        code: 'CFG-008',
        message: expect.stringContaining('strategy.file ./x.js must be loaded'),
      }),
    );
  });
});

describe('a setting of one run', () => {
  const load = (settings: Readonly<Record<string, string>>, extra: object = {}): ReturnType<typeof loadConfig> =>
    loadConfig({
      profile: 'demo',
      overrides: overridesOf({ world: 'backtest', ...extra, settings }),
      env: {},
      cwd: '/',
    });

  it('reaches the configuration in the grammar of its files, lists and instruments included', () => {
    const { config } = load({
      'simulation.matching.queue': 'probabilistic',
      'simulation.latency.order': '20ms',
      'instruments.BTC-PERP.takerFee': '0.01%',
      'risk.maxLeverage': '3',
      'execution.collateral': 'USDC,USDT',
    });
    expect(config.simulation.matching.queue).toBe('probabilistic');
    expect(config.simulation.latency.orderMs).toBe(20);
    expect(config.instruments['BTC-PERP']?.takerFee.toString()).toBe('0.0001');
    expect(config.instruments['BTC-PERP']?.makerFee.toString()).toBe(
      load({}).config.instruments['BTC-PERP']?.makerFee.toString(),
    );
    expect(config.execution.collateral).toEqual(['USDC', 'USDT']);
  });

  it('is refused like a line of a file that is wrong, with the likely spelling', () => {
    expect(() => load({ 'simulation.matching.queu': 'probabilistic' })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('did you mean "queue"?') }),
    );
    expect(() => load({ 'simulation.matching.queue': 'random' })).toThrow(
      expect.objectContaining({ where: 'override simulation.matching.queue' }),
    );
    expect(() => load(JSON.parse('{"__proto__.x":"1"}') as never)).toThrow(/not allowed|Unknown key/);
  });

  it('does not overrule what the command decides itself, in either order', () => {
    for (const settings of [
      { world: 'live' },
      { 'streaming.enabled': 'true' },
      { 'simulation.seed': '9' },
      { profile: 'prod' },
      { symbols: 'ETH-PERP' },
      { 'symbols.x': '1' },
    ]) {
      expect(() => load(settings, { seed: 3, symbols: ['BTC-PERP'] })).toThrow(/must be left away/);
    }
    expect(load({ 'simulation.seed': '9' }).config.simulation.seed).toBe(9);
  });
});
