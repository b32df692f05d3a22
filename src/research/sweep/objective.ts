import { momentsOf } from '../statistics/moments.js';
import { dailyReturns, unpackDoubles, type JobResult } from './job-result.js';
import { DAY_MS } from '../../domain/time-spans.js';

const DAYS_A_YEAR = 365;
/** With fewer days the backtest's own ratio stands, which falls back on the bars' returns. */
const LEAST_DAYS = 10;

/** What a trial is judged by. Doubles: they choose, they do not book. */
export interface Figures {
  /** Profit after fees and funding, in settlement currency. */
  readonly net: number;
  /** Fraction of the start equity. */
  readonly return: number;
  /** Yearly; undefined where nothing varied or there is too little of it. */
  readonly sharpe: number | undefined;
  /** Yearly growth over the largest drawdown; undefined without a drawdown. */
  readonly calmar: number | undefined;
  /** Fraction of a peak. */
  readonly maxDrawdown: number;
  /** Round trips that closed. */
  readonly trades: number;
  readonly fills: number;
  readonly liquidations: number;
}

/** What can be searched for by name, and whether more of it is better. */
export const OBJECTIVES = { sharpe: 1, net: 1, return: 1, calmar: 1, trades: 1, maxDrawdown: -1 } as const;
export type ObjectiveName = keyof typeof OBJECTIVES;
export const isObjective = (name: string): name is ObjectiveName => Object.hasOwn(OBJECTIVES, name);

export interface Constraints {
  readonly minTrades?: number;
  /** Fraction of a peak. */
  readonly maxDrawdown?: number;
}

/** How far a trial can be ranked, the best first. Within `ranked` the objective decides. */
export const STANDINGS = ['ranked', 'unscored', 'constraint', 'no_trades', 'liquidated', 'failed'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface Judgement {
  readonly standing: Standing;
  /** The objective, higher is better; undefined where it could not be computed. */
  readonly score: number | undefined;
}

export function figuresOf(job: JobResult): Figures {
  const { result, liquidations } = job;
  const equity = unpackDoubles(job.equity);
  const growth = (equity.at(-1) ?? NaN) / (equity[0] ?? NaN);
  const years = (job.to - job.from) / (DAYS_A_YEAR * DAY_MS);
  const maxDrawdown = Number(result.maxDrawdown);
  const yearly = growth > 0 ? growth ** (1 / years) - 1 : -1;
  return {
    net: Number(result.pnl.net),
    return: growth - 1,
    sharpe: sharpeOf(job),
    calmar: maxDrawdown > 0 && Number.isFinite(yearly) ? yearly / maxDrawdown : undefined,
    maxDrawdown,
    trades: result.trades,
    fills: result.fills,
    liquidations,
  };
}

function sharpeOf(job: JobResult): number | undefined {
  const returns = dailyReturns(job);
  if (returns.length < LEAST_DAYS)
    return job.result.sharpe.value === null ? undefined : Number(job.result.sharpe.value);
  const { mean, deviation } = momentsOf(returns);
  return deviation > 0 ? (mean / deviation) * Math.sqrt(DAYS_A_YEAR) : undefined;
}

/** Nothing that was liquidated, never traded or breaks a constraint stands before a trial that did none of it. */
export function judge(figures: Figures, objective: ObjectiveName, { minTrades, maxDrawdown }: Constraints): Judgement {
  const value = figures[objective];
  const score = value === undefined || !Number.isFinite(value) ? undefined : value * OBJECTIVES[objective];
  if (figures.liquidations > 0) return { standing: 'liquidated', score };
  if (figures.fills === 0) return { standing: 'no_trades', score };
  // Written so that a figure that is no number fails.
  const kept =
    (minTrades === undefined || figures.trades >= minTrades) &&
    (maxDrawdown === undefined || figures.maxDrawdown <= maxDrawdown);
  if (!kept) return { standing: 'constraint', score };
  return { standing: score === undefined ? 'unscored' : 'ranked', score };
}

/** Negative where `a` is better. */
export function compareJudgements(a: Judgement, b: Judgement): number {
  const standing = STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing);
  if (standing !== 0) return standing;
  return (b.score ?? -Infinity) - (a.score ?? -Infinity) || 0;
}
