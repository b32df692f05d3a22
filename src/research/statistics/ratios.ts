import { momentsOf, quantile, sorted } from './moments.js';

/**
 * Downside deviation below `target`: root mean square of the shortfalls over ALL returns.
 * Source: F. A. Sortino and R. van der Meer, "Downside risk", Journal of Portfolio Management 17(4), 1991.
 */
export function downsideDeviation(returns: readonly number[], target = 0): number {
  if (returns.length === 0) return NaN;
  return Math.sqrt(returns.reduce((sum, value) => sum + Math.min(0, value - target) ** 2, 0) / returns.length);
}

/** Mean excess over the downside deviation, of one period; undefined without a shortfall. */
export function sortino(returns: readonly number[], target = 0): number | undefined {
  const deviation = downsideDeviation(returns, target);
  return deviation > 0 ? (momentsOf(returns).mean - target) / deviation : undefined;
}

/**
 * Yearly compound growth over the largest drawdown (a positive fraction); undefined without one.
 * Source: T. W. Young, "Calmar ratio: a smoother tool", Futures, October 1991.
 */
export function calmar(growth: number, years: number, drawdown: number): number | undefined {
  if (!(drawdown > 0 && years > 0 && growth > 0)) return undefined;
  return (growth ** (1 / years) - 1) / drawdown;
}

/**
 * Right tail over left tail: the 95th percentile over the size of the 5th; undefined where the left tail is no loss.
 */
export function tailRatio(returns: readonly number[]): number | undefined {
  const ascending = sorted(returns);
  const left = quantile(ascending, 0.05);
  return left < 0 ? quantile(ascending, 0.95) / -left : undefined;
}

/**
 * Root mean square of the drawdowns from the running peak, as a fraction.
 * Source: P. G. Martin and B. B. McCann, "The investor's guide to Fidelity funds", 1989.
 */
export function ulcerIndex(equity: readonly number[]): number {
  let peak = -Infinity;
  let squares = 0;
  for (const value of equity) {
    peak = Math.max(peak, value);
    squares += (value / peak - 1) ** 2;
  }
  return equity.length === 0 ? NaN : Math.sqrt(squares / equity.length);
}

/**
 * Fraction of capital that would have grown fastest: mean over variance of the returns of a fully invested account.
 * Negative: not betting at all. Undefined where nothing varies. Source: E. O. Thorp, "The Kelly criterion in blackjack,
 * sports betting, and the stock market", 2006, section 7.
 */
export function kellyFraction(returns: readonly number[]): number | undefined {
  const { mean, deviation } = momentsOf(returns);
  return deviation > 0 ? mean / (deviation * deviation) : undefined;
}

/**
 * Fraction for bets that win `payoff` times the stake with probability `p`, else lose it: `p - (1 - p) / payoff`. J. L.
 * Kelly, 1956.
 */
export const kellyOfBets = (p: number, payoff: number): number => p - (1 - p) / payoff;
