import { describe, expect, it } from '@jest/globals';
import { errorOf, loadEnv, loadProfile, loadYaml } from './support.js';

describe('symbols', () => {
  it('are trimmed, upper-cased and named once, in the order of first mention', () => {
    const { config } = loadYaml('profile: spot\nsymbols: [" eth-usd ", BTC-USD, eth-usd]\n');

    expect(config.symbols).toEqual(['ETH-USD', 'BTC-USD']);
  });

  it('may mix perpetual and spot', () => {
    expect(
      loadProfile('demo', { overrides: { symbols: 'btc-perp,eth-usd', strategy: { targetLeverage: '1' } } }).config
        .symbols,
    ).toEqual(['BTC-PERP', 'ETH-USD']);
  });

  it('are never replaced: an unknown one stops the start', () => {
    const error = errorOf(() => loadProfile('demo', { overrides: { symbols: 'btc-perp,doge-perp,eth-usd' } }));

    expect(error.problems.map((problem) => [problem.code, problem.message])).toEqual([
      ['CFG-007', 'symbols: unknown instrument DOGE-PERP; did you mean DOGE-USD?'],
    ]);
  });

  it('are never completed with a quote currency', () => {
    expect(errorOf(() => loadEnv({ TRADING_SYMBOLS: 'BTC' })).code).toBe('CFG-007');
  });

  it('must not be blank', () => {
    expect(errorOf(() => loadYaml('profile: demo\nsymbols: [BTC-PERP, ""]\n')).where).toBe('bot.yaml:2:21');
    expect(errorOf(() => loadEnv({ TRADING_SYMBOLS: 'BTC-PERP,' })).code).toBe('CFG-002');
  });

  it('keep their kind: a perpetual without derivatives is treated as spot, with a warning', () => {
    const { config, warnings } = loadYaml('profile: spot\nsymbols: [BTC-PERP]\n');

    expect(config.symbols).toEqual(['BTC-PERP']);
    expect(warnings).toEqual([
      'bot.yaml:2:1: BTC-PERP is a perpetual and is treated as spot, because derivatives is false.',
    ]);
  });

  it('may be described in the file', () => {
    const yaml =
      'profile: demo\nsymbols: [DOGE-PERP]\ninstruments:\n  doge-perp: { base: DOGE, quote: USDT, settle: USDT, kind: perpetual, tick: 0.00001, step: 1, minSize: 1, minNotional: 5, maxLeverage: 10, makerFee: -1bps, takerFee: 0.04%, maintenanceRate: 1%, fundingIntervalHours: 8 }\nsimulation: { startPrices: { DOGE-PERP: 0.12 } }\n';
    const { config, warnings } = loadYaml(yaml);
    const spec = config.instruments['DOGE-PERP'];

    expect(warnings).toEqual([]);
    expect(spec).toMatchObject({ symbol: 'DOGE-PERP', kind: 'perpetual', fundingIntervalHours: 8 });
    expect([spec?.makerFee, spec?.takerFee, spec?.maintenanceRate].map(String)).toEqual(['-0.0001', '0.0004', '0.01']);
  });

  it('need no more leverage than their venue grants', () => {
    const error = errorOf(() =>
      loadYaml('profile: demo\nsymbols: [SOL-PERP]\nrisk: { maxLeverage: 15 }\nstrategy: { targetLeverage: 12 }\n'),
    );

    expect(error.message).toContain("strategy.targetLeverage must be at most SOL-PERP's 10, was 12.");
  });
});
