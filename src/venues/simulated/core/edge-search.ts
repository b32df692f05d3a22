/**
 * Largest whole number in [low, high] for which `holds`, which holds up to some point and not beyond; `low - 1` when
 * for none. Any guess finds it, the nearer the sooner: it gallops from the guess until the edge lies behind it, then
 * halves.
 */
export function lastHolding(low: number, high: number, guess: number, holds: (value: number) => boolean): number {
  let below = low - 1;
  let above = high + 1;
  let at = Math.min(Math.max(Number.isNaN(guess) ? low : Math.round(guess), low), high);
  const rises = holds(at);
  if (rises) below = at;
  else above = at;
  for (let step = 1; above - below > 1 && (rises ? above > high : below < low); step *= 2) {
    at = rises ? Math.min(high, at + step) : Math.max(low, at - step);
    if (holds(at)) below = at;
    else above = at;
  }
  while (above - below > 1) {
    const middle = below + Math.floor((above - below) / 2);
    if (holds(middle)) below = middle;
    else above = middle;
  }
  return below;
}

/**
 * Where a quantity that is `now` at `x0` and `then` at `x1` would be zero if it went on in a straight line; NaN where
 * it does not move.
 */
export const zeroOfLine = (x0: number, now: number, x1: number, then: number): number =>
  now === then ? Number.NaN : x0 - (now * (x1 - x0)) / (then - now);
