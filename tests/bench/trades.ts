import { openBacktest } from '#di/backtest.js';
import type { Instrument } from '#src/domain/instrument.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { TradeColumns } from '#src/data/columns.js';
import { runDecimalTrades } from '../support/oracle/decimal-trades.js';
import { fusedTerms } from '../support/oracle/fused-loop.js';
import { runFusedTrades } from '../support/oracle/fused-trades.js';
import { hashOfDecimals, hashOfFills, termsOf } from '../support/oracle/from-engine.js';
import type { OracleTerms } from '../support/oracle/terms.js';
import { benchMarket } from './market.js';
import { collect, rounded, spreadOf, timeOf, type Spread } from './method.js';
import { unitsOf } from '../support/finest.js';

const TRADES = 2_000_000;
const STEP_MS = 1_000;
/** Milliseconds between two trades, at most: some hundred a step. */
const MOST_APART_MS = 10;
const WARMING = 2;
const ROUNDS = 7;
const MOST_YARDSTICK_MS = 300;
const PARAMETERS: Readonly<Record<string, string>> = { shortMa: '50', longMa: '200' };
export const TRADES_GOAL = 0.05;
export const DECIMAL_GOAL = 20;
/** Trades that the Decimal engine is asked to repeat. */
const PREFIX = 100_000;

/**
 * What a benchmark of events says: events a second of both, and the share of the yardstick's speed that was reached.
 */
export interface TickBench {
  readonly [key: string]: unknown;
  readonly ok: boolean;
  readonly rate: number;
  readonly reference: number;
  readonly ratio: Spread;
  readonly ordersPerThousand: number;
  /**
   * Events a second of the Decimal engine over the first of them, how many times as fast ours is, and whether both end
   * alike.
   */
  readonly decimal: { readonly rate: number; readonly ratio: number; readonly same: boolean };
  readonly checks: Readonly<Record<string, boolean>>;
}

interface Run {
  readonly ms: number;
  readonly fills: number;
  readonly hash: number;
  readonly equity: number;
  readonly instrument: Instrument;
  readonly terms: OracleTerms;
  readonly traceHash: string;
  readonly held: readonly string[];
}

/** The whole container over public trades, every trade an event, beside one fused loop over the same integers. */
export async function tradesBench(): Promise<TickBench> {
  const market = await benchMarket();
  const config: BotConfig = { ...market.config(PARAMETERS), updateIntervalMs: STEP_MS };
  const trades = generatedTrades(market.history.columns.symbol, TRADES);
  const first = await runTrades(config, trades);
  for (let i = 1; i < WARMING; i += 1) await runTrades(config, trades);
  const terms = fusedTerms(first.terms);
  const yardstick = (): unknown => runFusedTrades(trades, terms, STEP_MS);
  timeOf(yardstick, MOST_YARDSTICK_MS);
  const rounds: { readonly engine: number; readonly reference: number; readonly traceHash: string }[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    collect();
    const before = timeOf(yardstick, MOST_YARDSTICK_MS);
    const run = await runTrades(config, trades);
    const after = timeOf(yardstick, MOST_YARDSTICK_MS);
    rounds.push({ engine: run.ms, reference: (before + after) / 2, traceHash: run.traceHash });
  }
  const fused = runFusedTrades(trades, terms, STEP_MS);
  const ratio = spreadOf(
    rounds.map(({ engine, reference }) => reference / engine),
    4,
  );
  const perSecond = (ms: readonly number[]): number => Math.round((trades.length / spreadOf(ms, 6).median) * 1_000);
  const rate = perSecond(rounds.map(({ engine }) => engine));
  const decimal = await besideDecimals(config, head(trades, PREFIX), rate);
  const checks = {
    fills: fused.fills === first.fills && fused.hash === first.hash && first.fills > 0,
    equity: fused.equity === first.equity,
    sameTrace: rounds.every(({ traceHash }) => traceHash === first.traceHash),
    noLatch: first.held.every((gate) => gate === 'warm_up'),
  };
  return {
    ok:
      Object.values(checks).every(Boolean) &&
      decimal.same &&
      decimal.ratio >= DECIMAL_GOAL * 0.9 &&
      ratio.median >= TRADES_GOAL * 0.9,
    rate,
    reference: perSecond(rounds.map(({ reference }) => reference)),
    ratio,
    ordersPerThousand: rounded((first.fills / trades.length) * 1_000, 4),
    decimal,
    checks,
    events: trades.length,
    fills: first.fills,
    stepMs: STEP_MS,
    goal: TRADES_GOAL,
  };
}

/** One run by the whole container. Composing, starting and stopping it are not part of the time. */
async function runTrades(config: BotConfig, trades: TradeColumns): Promise<Run> {
  const session = await openBacktest(config, { mode: 'fast', startAt: trades.at[0] ?? 0 });
  try {
    const { runner } = session;
    const begin = performance.now();
    const { result } = await runner.run([{ kind: 'trades', columns: trades }], { parameters: PARAMETERS });
    const ms = performance.now() - begin;
    const { exchange, portfolio } = runner.watched;
    const { fills } = exchange;
    const instrument = runner.instrument(trades.symbol);
    return {
      ms,
      fills: fills.length,
      hash: hashOfFills(fills),
      equity: portfolio.equity,
      instrument,
      terms: termsOf(config, instrument),
      traceHash: result.traceHash,
      held: result.held.map(({ gate }) => gate),
    };
  } finally {
    await session.close();
  }
}

async function besideDecimals(config: BotConfig, trades: TradeColumns, rate: number): Promise<TickBench['decimal']> {
  const run = await runTrades(config, trades);
  const { tick, step } = run.instrument.spec;
  const given = Array.from({ length: trades.length }, (_, i) => ({
    at: trades.at[i] as number,
    price: tick.times(trades.price[i] as number),
    size: step.times(trades.size[i] as number),
  }));
  const begin = performance.now();
  const told = runDecimalTrades(given, run.terms, STEP_MS);
  const decimalRate = Math.round((trades.length / (performance.now() - begin)) * 1_000);
  const { lowest } = runFusedTrades(trades, fusedTerms(run.terms), STEP_MS);
  const sameEquity = unitsOf(told.equity, 'nearest') === run.equity && unitsOf(told.lowest, 'nearest') === lowest;
  const same =
    sameEquity &&
    run.fills > 0 &&
    told.fills.length === run.fills &&
    hashOfDecimals(told.fills, run.instrument) === run.hash;
  return { rate: decimalRate, ratio: rounded(rate / decimalRate, 1), same };
}

const head = ({ symbol, at, price, size, side }: TradeColumns, length: number): TradeColumns => ({
  symbol,
  length,
  at: at.slice(0, length),
  price: price.slice(0, length),
  size: size.slice(0, length),
  side: side.slice(0, length),
});

/** A random walk of a few ticks a trade, the same on every machine; every trade is larger than any order. */
function generatedTrades(symbol: string, length: number): TradeColumns {
  const [at, price, size, side] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
    new Int8Array(length),
  ];
  let state = 0x9e3779b9;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let now = 1_640_995_200_000;
  let value = 460_000;
  for (let i = 0; i < length; i += 1) {
    now += Math.floor(random() * (MOST_APART_MS + 1));
    value = Math.max(100_000, value + Math.round((random() - 0.5) * 40));
    at[i] = now;
    price[i] = value;
    size[i] = 1_000_000 + Math.floor(random() * 1_000);
    side[i] = random() < 0.5 ? 1 : -1;
  }
  return { symbol, length, at, price, size, side };
}
