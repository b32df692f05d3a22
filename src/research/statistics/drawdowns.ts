/** One fall from a peak and the way back. Times as given, depths as positive fractions of the peak. */
export interface DrawdownSpell {
  readonly from: number;
  readonly troughAt: number;
  /** Undefined: not recovered by the end. */
  readonly recoveredAt: number | undefined;
  readonly depth: number;
}

export interface EquityPoint {
  readonly at: number;
  /** Lowest and highest within the sample, and its close. */
  readonly low: number;
  readonly high: number;
  readonly close: number;
}

/**
 * Every drawdown, deepest first. Within a sample its low comes before its high when it opens below the peak: a sample
 * that touches a new peak and falls counts the fall from that peak in the next sample.
 */
export function drawdownSpells(points: readonly EquityPoint[], start: number, startAt: number): DrawdownSpell[] {
  const spells: DrawdownSpell[] = [];
  let peak = start;
  let peakAt = startAt;
  let depth = 0;
  let troughAt = startAt;
  for (const { at, low, high, close } of points) {
    const fall = 1 - low / peak;
    if (fall > depth) {
      depth = fall;
      troughAt = at;
    }
    if (high < peak) continue;
    if (depth > 0) spells.push({ from: peakAt, troughAt, recoveredAt: at, depth });
    peak = high;
    peakAt = at;
    depth = Math.max(0, 1 - close / peak);
    troughAt = at;
  }
  if (depth > 0) spells.push({ from: peakAt, troughAt, recoveredAt: undefined, depth });
  return spells.sort((a, b) => b.depth - a.depth);
}

/** Fractions below the running peak, one a value, zero or negative. */
export function underwater(values: readonly number[], start: number): number[] {
  let peak = start;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return value / peak - 1;
  });
}
