import type { BarColumns } from '#src/data/bar-columns.js';
import { fusedTerms, OracleView, runFusedLoop, type FusedTerms } from '../support/oracle/fused-loop.js';
import { hashOfCommand, sameAsDecimal, sameAsFused, type DecimalCheck } from './checks.js';
import { runEngine, type EngineRun } from './engine-run.js';
import { measureGarbage } from './garbage.js';
import { L2_GOAL, l2Bench } from './l2.js';
import { benchMarket, CONFIG_FILE, tile, type BenchMarket } from './market.js';
import { collect, machine, rounded, spreadOf, timeOf, type Spread } from './method.js';
import { measureScaling } from './scaling.js';
import { TRADES_GOAL, tradesBench } from './trades.js';

const BARS = 1_000_000;
/** The compiler is done with the engine after five runs or six. */
const WARMING = 8;
const ROUNDS = 9;
/**
 * A pass of the yardstick takes some ten milliseconds; it is repeated for at most this long on each side of the engine.
 */
const MOST_YARDSTICK_MS = 400;

const BARS_GOAL = 0.05;
/**
 * Shares of the yardsticks' speed, the engine's speed over the Decimal engine's, and bytes per event without a fill.
 */
const GOALS = { bars: BARS_GOAL, trades: TRADES_GOAL, l2: L2_GOAL, decimal: 20, garbage: 64 } as const;
/** A ratio moves by some ten parts in a hundred with what else the machine does. */
const SLACK = 0.9;

interface Trade {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Least ratio. The goal is one of bars; where more bars bring orders, their way is what is measured, and may not
   * become longer.
   */
  readonly least: number;
}

/** What is traded, from few orders to many. The first, one order in a thousand bars, is the headline. */
const WORKLOADS: readonly Trade[] = [
  { name: 'cross of 400 and 2000', parameters: { shortMa: '400', longMa: '2000' }, least: BARS_GOAL },
  { name: 'cross of 50 and 200', parameters: { shortMa: '50', longMa: '200' }, least: 0.022 },
  { name: 'cross of 5 and 20, the default', parameters: {}, least: 0.007 },
];

interface Workload extends Trade {
  readonly ratio: Spread;
  readonly engineBarsPerSecond: number;
  readonly yardstickBarsPerSecond: number;
  readonly orders: number;
  readonly fills: number;
  readonly ordersPerThousandBars: number;
  readonly fillsPerThousandBars: number;
  readonly equity: string;
  readonly held: FirstRun['held'];
  readonly traceHash: string;
  readonly decimal: DecimalCheck;
  readonly checks: {
    readonly fusedLoop: boolean;
    readonly decimalEngine: boolean;
    readonly sameTrace: boolean;
    readonly noLatch: boolean;
  };
}

/** The whole container over a million bars and more, beside one fused loop over the same integers, in turns. */
export async function engineBench(): Promise<Record<string, unknown>> {
  const before = machine();
  const market = await benchMarket();
  const columns = tile(market.history.columns, BARS);
  const workloads: Workload[] = [];
  for (const trade of WORKLOADS) workloads.push(await measure(trade, market, columns));
  const garbage = measureGarbage();
  const scaling = await measureScaling();
  const trades = await tradesBench();
  const l2 = await l2Bench();
  const [own, command] = [
    (await runEngine(market.config({}), market.history.columns, {})).result.traceHash,
    hashOfCommand(market),
  ];
  const [headline] = workloads as [Workload];
  const checks = workloads.every(({ checks }) => Object.values(checks).every(Boolean)) && own === command;
  const decimal = {
    rate: headline.engineBarsPerSecond,
    reference: headline.decimal.barsPerSecond,
    ratio: rounded(headline.engineBarsPerSecond / headline.decimal.barsPerSecond, 1),
    bars: headline.decimal.bars,
    trades: trades.decimal.ratio,
    l2: l2.decimal.ratio,
  };
  const reached = {
    bars: workloads.every(({ least, ratio }) => ratio.median >= least * SLACK),
    trades: trades.ok,
    l2: l2.ok,
    decimal: decimal.ratio >= GOALS.decimal * SLACK,
    garbage: Math.max(garbage.bytesFlat, garbage.bytesHolding) <= GOALS.garbage,
  };
  return {
    ok: checks && Object.values(reached).every(Boolean),
    bars: {
      workload: headline.name,
      rate: headline.engineBarsPerSecond,
      reference: headline.yardstickBarsPerSecond,
      ratio: headline.ratio.median,
      spread: headline.ratio,
      ordersPerThousand: headline.ordersPerThousandBars,
      orders: headline.orders,
      fills: headline.fills,
    },
    trades: { ...trades, ratio: trades.ratio.median, spread: trades.ratio },
    l2: { ...l2, ratio: l2.ratio.median, spread: l2.ratio },
    decimal,
    garbage,
    scaling,
    reached,
    goals: GOALS,
    checks: { workloads: checks, traceEqualsBacktest: own === command },
    trace: { untiled: own, backtest: command },
    data: {
      file: market.file,
      generated: market.generated,
      bars: columns.length,
      tiles: columns.length / market.history.columns.length,
    },
    config: CONFIG_FILE,
    method: `${ROUNDS} rounds yardstick, engine, yardstick after ${WARMING} of warming; median of the rounds' ratios`,
    machine: { ...before, loadAfter: machine().load },
    workloads,
  };
}

async function measure(trade: Trade, market: BenchMarket, columns: BarColumns): Promise<Workload> {
  const { parameters } = trade;
  const config = market.config(parameters);
  const view = new OracleView(columns);
  const first = examine(await runEngine(config, columns, parameters), view);
  for (let i = 1; i < WARMING; i += 1) await runEngine(config, columns, parameters);
  timeOf(() => runFusedLoop(view, first.terms), WARMING * MOST_YARDSTICK_MS);
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i += 1)
    rounds.push(await round(() => runEngine(config, columns, parameters), view, first));
  const decimal = await sameAsDecimal(market, columns, parameters);
  const perSecond = (ms: readonly number[]): number => Math.round((columns.length / spreadOf(ms, 6).median) * 1_000);
  const perThousand = (count: number): number => rounded((count / columns.length) * 1_000, 3);
  return {
    ...trade,
    ratio: spreadOf(
      rounds.map(({ engineMs, yardstickMs }) => yardstickMs / engineMs),
      5,
    ),
    engineBarsPerSecond: perSecond(rounds.map(({ engineMs }) => engineMs)),
    yardstickBarsPerSecond: perSecond(rounds.map(({ yardstickMs }) => yardstickMs)),
    orders: first.orders,
    fills: first.fills,
    ordersPerThousandBars: perThousand(first.orders),
    fillsPerThousandBars: perThousand(first.fills),
    equity: first.equity,
    held: first.held,
    traceHash: first.traceHash,
    decimal,
    checks: {
      fusedLoop: first.fusedLoop,
      decimalEngine: decimal.same,
      sameTrace: rounds.every(({ traceHash }) => traceHash === first.traceHash),
      noLatch: first.held.every(({ gate }) => gate === 'warm_up'),
    },
  };
}

interface FirstRun {
  readonly ms: number;
  readonly terms: FusedTerms;
  readonly orders: number;
  readonly fills: number;
  readonly equity: string;
  readonly held: readonly { readonly gate: string }[];
  readonly traceHash: string;
  readonly fusedLoop: boolean;
}

/** What is needed of the first run, without the run: its fills keep its whole container in memory. */
function examine(run: EngineRun, view: OracleView): FirstRun {
  const { ms, orders, fills, result } = run;
  const terms = fusedTerms(run.terms);
  const held = result['held'] as FirstRun['held'];
  return {
    ms,
    terms,
    orders,
    fills,
    equity: result.equity.end,
    held,
    traceHash: result.traceHash,
    fusedLoop: sameAsFused(run, runFusedLoop(view, terms)),
  };
}

interface Round {
  readonly engineMs: number;
  readonly yardstickMs: number;
  readonly traceHash: string;
}

/**
 * The yardstick is run about as long as the engine, half before and half after it, so that both meet the same
 * neighbours.
 */
async function round(engine: () => Promise<EngineRun>, view: OracleView, { terms, ms }: FirstRun): Promise<Round> {
  const each = Math.min(ms / 2, MOST_YARDSTICK_MS);
  collect();
  const before = timeOf(() => runFusedLoop(view, terms), each);
  const { ms: engineMs, result } = await engine();
  const after = timeOf(() => runFusedLoop(view, terms), each);
  return { engineMs, yardstickMs: (before + after) / 2, traceHash: result.traceHash };
}
