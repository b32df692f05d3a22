import { Decimal } from '../domain/decimal.js';
import { messageOf } from '../domain/errors.js';
import type { SimulationSettings } from '../ports/configuration/settings/simulation-settings.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import { checkLookAhead, lookAheadText } from '../backtest/look-ahead/check-look-ahead.js';
import { taped } from '../backtest/look-ahead/decision-tape.js';
import type { RunOrigin, StressRun } from '../report/run-record.js';
import type { ConfigRequest } from './config-request.js';
import type { OpenedMarket } from './market-files.js';
import { runFactsOf } from './run-facts.js';
import type { BacktestHost } from './run-host.js';
import type { Notice } from './run-watch.js';
import { withStrategy } from './strategy-module.js';

const COST_FACTOR = 2;

/** A run that was made, and what it needs to be made again under other conditions. */
export interface CheckedRun {
  readonly host: BacktestHost;
  readonly market: OpenedMarket;
  /** With the market's own symbols and instruments. */
  readonly config: ConfigRequest;
  readonly definitions: readonly StrategyDefinition[] | undefined;
  readonly stepMs: number;
  readonly signal: AbortSignal;
}

type Stress = { readonly name: string; readonly what: string } & (
  { readonly settings: Readonly<Record<string, string>> } | { readonly failed: string }
);

/**
 * The same run with orders a step late, and with costs doubled: decisions are made again. A stop leaves out what is not
 * done.
 */
export async function stressRuns(run: CheckedRun): Promise<StressRun[]> {
  const runs: StressRun[] = [];
  for (const stress of stressesOf(run)) {
    if (run.signal.aborted) break;
    const { name, what } = stress;
    if ('failed' in stress) runs.push({ name, what, failed: stress.failed });
    else runs.push({ name, what, ...(await stressed(run, stress.settings)) });
  }
  return runs;
}

async function stressed(
  { host, market, config, definitions, signal }: CheckedRun,
  settings: Readonly<Record<string, string>>,
): Promise<Pick<StressRun, 'failed' | 'result'>> {
  try {
    const under = { ...config, settings: { ...config.settings, ...settings } };
    const { runner, close } = await host.openBacktest({
      config: under,
      mode: 'fast',
      startAt: market.startAt,
      ...(definitions === undefined ? {} : { strategies: definitions }),
    });
    try {
      const { result } = await runner.run(market.data, {
        ...runFactsOf(market, config),
        signal,
      });
      if (result.aborted) return { failed: 'stopped before its end' };
      const { pnl, equity, maxDrawdown, sharpe, fills, traceHash, liquidations } = result;
      return {
        result: {
          net: pnl.net,
          equity: equity.end,
          maxDrawdown,
          sharpe: sharpe.value,
          fills,
          liquidations,
          traceHash,
        },
      };
    } finally {
      await close();
    }
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function stressesOf({ host, market, config, stepMs }: CheckedRun): Stress[] {
  const { simulation, execution } = host.loadConfig(config).config;
  const { orderMs, file } = simulation.latency;
  // An order that is a step late must neither have expired nor count as lost by then.
  const patience = (ms: number): string => `${ms + 2 * stepMs}ms`;
  const delay = { name: 'delay', what: `Orders reach the venue ${stepMs / 1_000} s later` };
  return [
    file === undefined
      ? {
          ...delay,
          settings: {
            'simulation.latency.order': `${orderMs + stepMs}ms`,
            'execution.requestExpiry': patience(execution.requestExpiryMs),
            'execution.requestTimeout': patience(execution.requestTimeoutMs),
          },
        }
      : { ...delay, failed: 'latencies are drawn from a file: there is no constant to add to' },
    { name: 'costs', what: `Fees and half spread times ${COST_FACTOR}`, settings: dearer(market, simulation) },
  ];
}

/** Costs doubled; rebates stay what they are, for a doubled one would be a gift. */
function dearer({ specs }: OpenedMarket, { barHalfSpreadBps, feeTiers }: SimulationSettings): Record<string, string> {
  const fees = (
    path: string,
    { makerFee, takerFee }: { readonly makerFee: Decimal; readonly takerFee: Decimal },
  ): [string, string][] => [
    [`${path}.makerFee`, percent(makerFee)],
    [`${path}.takerFee`, percent(takerFee)],
  ];
  return Object.fromEntries([
    ['simulation.barHalfSpread', `${barHalfSpreadBps.times(COST_FACTOR).toString()}bps`],
    ...specs.flatMap((spec) => fees(`instruments.${spec.symbol}`, spec)),
    ...Object.entries(feeTiers).flatMap(([name, tier]) => fees(`simulation.feeTiers.${name}`, tier)),
  ] as [string, string][]);
}

const percent = (fee: Decimal): string => `${(fee.gt(0) ? fee.times(COST_FACTOR) : fee).times(100).toString()}%`;

export interface LookAheadAnswer {
  readonly lookAhead: RunOrigin['lookAhead'];
  readonly notices: readonly Notice[];
}

/**
 * Runs the strategy over other futures of the same bars. Not run where the market is more than the bars of one
 * instrument.
 */
export async function lookAheadOf({ host, market, config, definitions }: CheckedRun): Promise<LookAheadAnswer> {
  const { bars, data, funding } = market;
  const name = definitions?.[0]?.name ?? config.strategy ?? host.loadConfig(config).config.strategy.name;
  const definition = (definitions ?? host.builtInStrategies()).find((each) => each.name === name);
  if (bars === undefined || data !== bars || definition === undefined) {
    return {
      lookAhead: 'not run',
      notices: [
        {
          code: 'W-LOOK-002',
          message:
            'The look-ahead check was not run: it needs the bars of one instrument, and a strategy it can make anew.',
        },
      ],
    };
  }
  const watched = `${name}-checked`;
  const report = await checkLookAhead(bars, async (columns, tape) => {
    const { runner, close } = await host.openBacktest({
      config: withStrategy(config, watched),
      mode: 'fast',
      startAt: market.startAt,
      strategies: [taped(definition, tape, watched)],
    });
    try {
      await runner.run(columns, {
        ...runFactsOf(market, config),
        signal: tape.signal,
        ...(funding === undefined ? {} : { funding }),
      });
    } finally {
      await close();
    }
  });
  if (report.passed) return { lookAhead: 'passed', notices: [] };
  return report.finding === undefined
    ? { lookAhead: 'not run', notices: [{ code: 'W-LOOK-003', message: lookAheadText(report) }] }
    : { lookAhead: 'failed', notices: [{ code: 'W-LOOK-001', message: lookAheadText(report) }] };
}
