/** One value a return; undefined until the window is full, or where nothing varied in it. */
export interface Rolling {
  readonly sharpe: readonly (number | undefined)[];
  readonly volatility: readonly (number | undefined)[];
  readonly beta: readonly (number | undefined)[];
}

/**
 * Sharpe ratio and volatility (both yearly, riskless rate zero) and beta to a market, over the last `window` returns.
 * Beta is covariance over the market's variance (W. F. Sharpe, Journal of Finance 19, 1964).
 */
export function rolling(
  returns: readonly number[],
  market: readonly number[],
  window: number,
  periodsPerYear: number,
): Rolling {
  const sharpe: (number | undefined)[] = [];
  const volatility: (number | undefined)[] = [];
  const beta: (number | undefined)[] = [];
  for (let end = 1; end <= returns.length; end += 1) {
    const full = end >= window;
    const own = full ? spread(returns, returns, end - window, end) : undefined;
    const cross = full ? spread(returns, market, end - window, end) : undefined;
    const market2 = full ? spread(market, market, end - window, end) : undefined;
    const deviation = own === undefined ? 0 : Math.sqrt(own.covariance);
    volatility.push(own === undefined ? undefined : deviation * Math.sqrt(periodsPerYear));
    sharpe.push(own !== undefined && deviation > 0 ? (own.mean / deviation) * Math.sqrt(periodsPerYear) : undefined);
    beta.push(
      cross !== undefined && market2 !== undefined && market2.covariance > 0
        ? cross.covariance / market2.covariance
        : undefined,
    );
  }
  return { sharpe, volatility, beta };
}

/** Beta of returns to a market over the whole time; undefined where the market did not vary. */
export function betaOf(returns: readonly number[], market: readonly number[]): number | undefined {
  if (returns.length < 2) return undefined;
  const variance = spread(market, market, 0, returns.length).covariance;
  return variance > 0 ? spread(returns, market, 0, returns.length).covariance / variance : undefined;
}

/** Mean of the first and sample covariance of both over [from, to). */
function spread(
  first: readonly number[],
  second: readonly number[],
  from: number,
  to: number,
): { readonly mean: number; readonly covariance: number } {
  const n = to - from;
  let a = 0;
  let b = 0;
  for (let i = from; i < to; i += 1) {
    a += first[i] as number;
    b += second[i] as number;
  }
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += ((first[i] as number) - a / n) * ((second[i] as number) - b / n);
  return { mean: a / n, covariance: sum / (n - 1) };
}
