import { Decimal } from '../domain/decimal.js';
import { DAY_MS } from '../domain/time-spans.js';
import type { Random } from '../ports/configuration/random.js';
import { betaOf, rolling, type Rolling } from '../research/statistics/rolling.js';
import { drawdownSpells, type DrawdownSpell } from '../research/statistics/drawdowns.js';
import { momentsOf } from '../research/statistics/moments.js';
import { simulateTrades, type TradeSimulation } from '../research/statistics/monte-carlo.js';
import { calmar, kellyFraction, sortino, tailRatio, ulcerIndex } from '../research/statistics/ratios.js';
import {
  confidenceInterval,
  minimumTrackRecord,
  probabilisticSharpe,
  sharpeSample,
  type Interval,
  type SharpeSample,
} from '../research/statistics/sharpe.js';
import { tailRisk, type TailRisk } from '../research/statistics/value-at-risk.js';
import type { RunRecord, SavedRun } from './run-record.js';
import { figure } from './page/format.js';
import { executionFigures, tradeFigures, type ExecutionFigures, type TradeFigures } from './trade-figures.js';

export const DAYS_A_YEAR = 365;
/** As in `EquityStatistics`: fewer daily returns say nothing, and the steps' own are used. */
const LEAST_DAYS = 10;
const LEAST_STEPS = 30;
const MOST_PATHS = 2_000;
const LEAST_PATHS = 200;
/** Trades simulated over all paths: a report of many trades does not take longer, it takes fewer paths. */
const SIMULATED_TRADES = 4_000_000;
const UNITS = 1e8;

interface SharpeFigures {
  readonly sample: SharpeSample;
  readonly periodsPerYear: number;
  /** Yearly. */
  readonly ratio: number;
  readonly interval: Interval;
  /** Probability that the true ratio is above zero. */
  readonly probability: number;
  /** Returns that 95 % confidence would need; infinite for a ratio of zero or less. */
  readonly needed: number;
  readonly basis: string;
}

interface Daily {
  readonly days: readonly string[];
  readonly returns: readonly number[];
  /** Of buying at the start and holding; empty where the marks of the days are not known. */
  readonly market: readonly number[];
  readonly rolling30: Rolling;
  readonly rolling90: Rolling;
}

interface RiskFigures {
  readonly tails: readonly TailRisk[];
  readonly tailRatio: number | undefined;
  readonly ulcer: number;
  readonly kelly: number | undefined;
  readonly sortino: number | undefined;
  readonly calmar: number | undefined;
  readonly beta: number | undefined;
}

/** All that a report says beyond what the run itself says. Computed from the saved run alone. */
export interface Analysis {
  readonly run: SavedRun;
  readonly start: Decimal;
  readonly end: Decimal;
  readonly net: Decimal;
  readonly netFraction: number;
  readonly hold: number | undefined;
  readonly years: number;
  readonly sharpe: SharpeFigures | undefined;
  readonly daily: Daily;
  readonly risk: RiskFigures;
  readonly drawdowns: readonly DrawdownSpell[];
  readonly trades: TradeFigures;
  readonly execution: ExecutionFigures;
  readonly reshuffled: TradeSimulation | undefined;
  readonly redrawn: TradeSimulation | undefined;
}

/** `random` and the run's seed decide the resampling alone: the same run gives the same figures. */
export function analyse(run: SavedRun, random: Random): Analysis {
  const { result, record } = run;
  const start = new Decimal(result.equity.start);
  const end = new Decimal(result.equity.end);
  const net = new Decimal(result.pnl.net);
  const from = Date.parse(result.from);
  const { samples } = record;
  const netFraction = net.div(start).toNumber();
  const daily = dailyOf(record, start.toNumber());
  const years = (Date.parse(result.to) - from) / (DAYS_A_YEAR * DAY_MS);
  const points = samples.at.map((at, i) => ({
    at,
    low: samples.low[i] as number,
    high: samples.high[i] as number,
    close: samples.equity[i] as number,
  }));
  const seed = Number(result['seed'] ?? 0);
  const profits = record.trades.filter((trade) => trade.closedAt !== null).map((trade) => Number(trade.net));
  const paths = Math.round(Math.min(MOST_PATHS, Math.max(LEAST_PATHS, SIMULATED_TRADES / Math.max(1, profits.length))));
  const simulate = (method: 'reshuffle' | 'bootstrap'): TradeSimulation | undefined =>
    profits.length < 2
      ? undefined
      : simulateTrades(profits, start.toNumber(), { method, paths, random: random.stream(`report ${method}`, seed) });
  return {
    run,
    start,
    end,
    net,
    netFraction,
    hold: holdReturn(samples.mark),
    years,
    sharpe: sharpeOf(record, daily.returns),
    daily,
    risk: riskOf(run, daily, 1 + netFraction, years),
    drawdowns: drawdownSpells(points, start.times(UNITS).toNumber(), from),
    trades: tradeFigures(record.trades),
    execution: executionFigures(record.fills),
    reshuffled: simulate('reshuffle'),
    redrawn: simulate('bootstrap'),
  };
}

function holdReturn(marks: readonly (number | null)[]): number | undefined {
  const first = marks.find((mark) => mark !== null);
  const last = marks.findLast((mark) => mark !== null);
  return typeof first === 'number' && typeof last === 'number' ? last / first - 1 : undefined;
}

function dailyOf({ days }: RunRecord, start: number): Daily {
  const returns: number[] = [];
  const market: number[] = [];
  let equity = start;
  let mark: number | undefined;
  for (const day of days) {
    const close = Number(day.close);
    returns.push(equity > 0 ? close / equity - 1 : 0);
    equity = close;
    const next = day.mark === null ? undefined : Number(day.mark);
    // The first day's market return is from its own first mark, which the day table does not hold: it is left at zero.
    market.push(mark === undefined || next === undefined ? 0 : next / mark - 1);
    mark = next ?? mark;
  }
  const over = (window: number): Rolling => rolling(returns, market, window, DAYS_A_YEAR);
  return { days: days.map((day) => day.day), returns, market, rolling30: over(30), rolling90: over(90) };
}

function sharpeOf({ returns, stepMs }: RunRecord, daily: readonly number[]): SharpeFigures | undefined {
  const isDaily = daily.length >= LEAST_DAYS;
  if (!isDaily && returns.count < LEAST_STEPS) return undefined;
  const moments = isDaily
    ? momentsOf(daily)
    : {
        count: returns.count,
        mean: returns.mean ?? NaN,
        deviation: returns.deviation ?? NaN,
        skewness: returns.skewness ?? NaN,
        kurtosis: returns.kurtosis ?? NaN,
      };
  const sample = sharpeSample(moments);
  if (sample === undefined) return undefined;
  const periodsPerYear = isDaily ? DAYS_A_YEAR : (DAYS_A_YEAR * DAY_MS) / stepMs;
  const scale = Math.sqrt(periodsPerYear);
  const { low, high } = confidenceInterval(sample);
  return {
    sample,
    periodsPerYear,
    ratio: sample.ratio * scale,
    interval: { low: low * scale, high: high * scale },
    probability: probabilisticSharpe(sample),
    needed: minimumTrackRecord(sample),
    basis: isDaily ? `${sample.count} daily returns` : `${figure(sample.count, 0)} returns from bar to bar`,
  };
}

function riskOf({ result, record }: SavedRun, { returns, market }: Daily, growth: number, years: number): RiskFigures {
  const enough = returns.length >= LEAST_DAYS;
  const tails = enough
    ? ([0.95, 0.99] as const).flatMap((confidence) =>
        (['historical', 'normal', 'cornish-fisher'] as const).flatMap(
          (method) => tailRisk(returns, confidence, method) ?? [],
        ),
      )
    : [];
  const yearly = sortino(returns);
  return {
    tails,
    tailRatio: enough ? tailRatio(returns) : undefined,
    ulcer: ulcerIndex(record.samples.equity),
    kelly: enough ? kellyFraction(returns) : undefined,
    sortino: enough && yearly !== undefined ? yearly * Math.sqrt(DAYS_A_YEAR) : undefined,
    calmar: years * DAYS_A_YEAR >= LEAST_DAYS ? calmar(growth, years, Number(result.maxDrawdown)) : undefined,
    beta: enough ? betaOf(returns.slice(1), market.slice(1)) : undefined,
  };
}
