export interface Streaks {
  readonly longestWins: number;
  readonly longestLosses: number;
  /** Positive: wins in a row at the end; negative: losses. */
  readonly current: number;
  /** Runs of equal outcomes; a zero ends a run and belongs to none. */
  readonly runs: number;
}

/** Wins and losses in a row, in the order given. */
export function streaksOf(profits: readonly number[]): Streaks {
  let current = 0;
  let longestWins = 0;
  let longestLosses = 0;
  let runs = 0;
  for (const profit of profits) {
    const sign = Math.sign(profit);
    if (sign === 0) {
      current = 0;
      continue;
    }
    if (Math.sign(current) === sign) current += sign;
    else {
      current = sign;
      runs += 1;
    }
    longestWins = Math.max(longestWins, current);
    longestLosses = Math.max(longestLosses, -current);
  }
  return { longestWins, longestLosses, current, runs };
}
