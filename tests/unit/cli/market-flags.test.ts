import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#config/index.js';
import { Flags } from '#src/cli/command.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import { marketRequestOf, marketWords } from '#src/cli/market-flags.js';

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
    expect(
      marketWords(new Flags({ catalog: 'c', symbol: ['A', 'B'], kind: ['trades'], to: '2024-01-01', other: 'x' })),
    ).toEqual(['--catalog', 'c', '--symbol', 'A', '--symbol', 'B', '--kind', 'trades', '--to', '2024-01-01']);
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
