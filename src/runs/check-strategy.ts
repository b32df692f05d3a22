import { checkLookAhead, type LookAheadReport } from '../backtest/look-ahead/check-look-ahead.js';
import { taped } from '../backtest/look-ahead/decision-tape.js';
import type { BarColumns } from '../data/bar-columns.js';
import { fault } from '../domain/errors.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { ConfigRequest } from './config-request.js';
import { configFor, openMarket } from './market-files.js';
import type { MarketRequest } from './market-request.js';
import { runFactsOf } from './run-facts.js';
import type { BacktestHost } from './run-host.js';
import { chosenStrategy, withStrategy } from './strategy-module.js';

export interface CheckStrategyRequest {
  readonly config: ConfigRequest;
  /** A file, or the name of a registered one; absent: the configuration's. */
  readonly strategy?: string;
  /** What it is run over; absent: form and parameters alone are checked. */
  readonly market?: MarketRequest;
  /** Places at which the future is replaced. */
  readonly cuts?: number;
}

export interface CheckedStrategy {
  readonly definition: StrategyDefinition;
  /** Values it looks back on under these settings. */
  readonly lookback: number;
  /** Bars of each of its timeframes that must be there first; undefined where it looks back on values alone. */
  readonly warmUp: ReturnType<NonNullable<StrategyDefinition['warmUp']>> | undefined;
  readonly lookAhead: LookAheadReport | undefined;
}

/**
 * Checks a strategy's form, its parameters and, over a market, that it does not look ahead. Throws STRAT-*, CFG-*,
 * DATA-*.
 */
export async function checkStrategy(host: BacktestHost, request: CheckStrategyRequest): Promise<CheckedStrategy> {
  const asked = { ...request.config, world: 'backtest' } as const;
  const { config, definitions } = await chosenStrategy(host, asked, request.strategy);
  host.assertStrategy(config, definitions);
  const { strategy, updateIntervalMs } = host.loadConfig(config).config;
  const definition = (definitions ?? host.builtInStrategies()).find(({ name }) => name === strategy.name);
  if (definition === undefined) throw fault('CFG-008', `${strategy.name} must be a strategy that can be checked here.`);
  const { lookback } = definition.create(
    strategy,
    definition.timeframeFor?.(strategy) ?? definition.timeframeMs ?? updateIntervalMs,
  );
  const { market, cuts } = request;
  return {
    definition,
    lookback,
    warmUp: definition.warmUp?.(strategy),
    lookAhead: market === undefined ? undefined : await lookAhead(host, definition, config, market, cuts),
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
  const strategy = `${definition.name}-checked`;
  return checkLookAhead(
    market.bars as BarColumns,
    async (columns, tape) => {
      const { runner, close } = await host.openBacktest({
        config: withStrategy(configFor(asked, market), strategy),
        mode: 'fast',
        startAt: columns.openAt[0] ?? 0,
        strategies: [taped(definition, tape, strategy)],
      });
      try {
        await runner.run(columns, { ...runFactsOf(market, asked), signal: tape.signal });
      } finally {
        await close();
      }
    },
    cuts === undefined ? {} : { cuts },
  );
}
