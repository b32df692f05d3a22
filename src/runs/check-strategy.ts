import { checkLookAhead, type LookAheadReport } from '../backtest/look-ahead/check-look-ahead.js';
import { taped, type TapedDecision } from '../backtest/look-ahead/decision-tape.js';
import type { BarColumns } from '../data/bar-columns.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { ConfigRequest } from './config-request.js';
import { configFor, openMarket } from './market-files.js';
import type { MarketRequest } from './market-request.js';
import type { BacktestHost } from './run-host.js';
import { loadStrategy } from './strategy-module.js';

export interface CheckStrategyRequest {
  readonly config: ConfigRequest;
  /** Path of the module. */
  readonly file: string;
  /** What it is run over; absent: form and parameters alone are checked. */
  readonly market?: MarketRequest;
  /** Places at which the future is replaced. */
  readonly cuts?: number;
}

export interface CheckedStrategy {
  readonly definition: StrategyDefinition;
  /** Values it looks back on under these settings. */
  readonly lookback: number;
  readonly lookAhead: LookAheadReport | undefined;
}

/**
 * Checks a strategy's form, its parameters and, over a market, that it does not look ahead. Throws STRAT-*, CFG-*,
 * DATA-*.
 */
export async function checkStrategy(host: BacktestHost, request: CheckStrategyRequest): Promise<CheckedStrategy> {
  const definition = await loadStrategy(host, request.file);
  const asked: ConfigRequest = { ...request.config, world: 'backtest', strategy: definition.name };
  const { config } = host.loadConfig(asked);
  const { lookback } = definition.create(config.strategy, definition.timeframeMs ?? config.updateIntervalMs);
  const { market, cuts } = request;
  return {
    definition,
    lookback,
    lookAhead: market === undefined ? undefined : await lookAhead(host, definition, asked, market, cuts),
  };
}

async function lookAhead(
  host: BacktestHost,
  definition: StrategyDefinition,
  asked: ConfigRequest,
  request: MarketRequest,
  cuts: number | undefined,
): Promise<LookAheadReport> {
  const market = await openMarket(host, asked, request, { barsFor: 'The look-ahead check' });
  return checkLookAhead(
    market.bars as BarColumns,
    async (columns) => {
      const tape: TapedDecision[] = [];
      const { runner, close } = await host.openBacktest({
        config: configFor(asked, market),
        mode: 'fast',
        startAt: columns.openAt[0] ?? 0,
        strategies: [taped(definition, tape)],
      });
      try {
        await runner.run(columns, { parameters: asked.parameters ?? {} });
      } finally {
        await close();
      }
      return tape;
    },
    cuts === undefined ? {} : { cuts },
  );
}
