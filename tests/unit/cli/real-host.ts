import { openBacktest } from '#di/backtest.js';
import { composeBot } from '#di/create-bot.js';
import { loadConfig } from '#config/index.js';
import { StrategyRegistry } from '#src/ports/core-services/strategy.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import emaCross from '../../../docs/examples/ema-cross.js';
import { FakeHost } from './fake-host.js';

const rows = Array.from({ length: 200 }, (_unused, i) => {
  const close = (100 + 10 * Math.sin(i / 12)).toFixed(2);
  return `${(i + 1) * 900_000},BTC-PERP,${close},${close},${close},${close},3`;
});
const BARS = ['ts_ms,symbol,open,high,low,close,volume', ...rows, ''].join('\n');

/** A host whose backtests and configuration are the real ones, over bars of its own or these. */
export function hosted(bars = BARS): FakeHost {
  const host = new FakeHost();
  host.files.set('bars.csv', new TextEncoder().encode(bars));
  host.modules.set('./ema-cross.js', emaCross);
  const load = (request: Parameters<FakeHost['loadConfig']>[0]): ReturnType<typeof loadConfig> =>
    loadConfig({
      ...(request.fallbackProfile === undefined ? {} : { profile: request.fallbackProfile }),
      overrides: overridesOf(request),
      strategies: request.strategyNames,
      env: {},
      cwd: '.',
    });
  host.assertStrategy = (request, strategies = []) =>
    void composeBot({ config: load(request).config, strategies }).container.get(StrategyRegistry);
  host.loadConfig = (request) => ({ config: load(request).config, origins: [], warnings: [] });
  host.onBacktest = ({ config, ...request }) => openBacktest(load(config).config, request);
  return host;
}
