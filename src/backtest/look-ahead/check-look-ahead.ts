import { fault } from '../../domain/errors.js';
import { barCloseAt } from '../../domain/time-spans.js';
import type { BarColumns } from '../../data/bar-columns.js';
import { PartTape } from './part-tape.js';
import type { TapedDecision } from './taped-decision.js';

export interface LookAheadOptions {
  /** Places at which the future is replaced; default 5, spread over the bars. */
  readonly cuts?: number;
  readonly seed?: number;
}

/** The first answer that changed although nothing before it had. */
interface LookAheadFinding {
  /** Close of the last bar that was left as it was. */
  readonly cutAt: number;
  readonly was: TapedDecision | undefined;
  readonly became: TapedDecision | undefined;
}

export interface LookAheadReport {
  /** False too where nothing was tested. */
  readonly passed: boolean;
  readonly cuts: number;
  /** Answers that were compared, over all cuts. */
  readonly compared: number;
  /** Those of them that asked for something; 0: holds alone were compared, and nothing was tested. */
  readonly asked: number;
  readonly finding: LookAheadFinding | undefined;
}

const DEFAULT_CUTS = 5;
const FEWEST_BARS = 4;

/**
 * Runs a strategy over bars, then again with every bar after a cut replaced, at several cuts. What it answered up to a
 * cut must be the same: nothing it may know has changed. `run` must begin from nothing each time, write the answers
 * down in order, and may end once the tape's signal says that no more of them are looked at. A strategy that reads a
 * copy of the data of its own, which no run replaces, is beyond this check. Throws STAT-001 for fewer than four bars.
 */
export async function checkLookAhead(
  columns: BarColumns,
  run: (columns: BarColumns, tape: PartTape) => Promise<void>,
  options: LookAheadOptions = {},
): Promise<LookAheadReport> {
  const { cuts = DEFAULT_CUTS, seed = 1 } = options;
  if (columns.length < FEWEST_BARS)
    throw fault('STAT-001', `A look-ahead check must have at least ${FEWEST_BARS} bars, was ${columns.length}.`);
  const taped = async (over: BarColumns, until: number): Promise<readonly TapedDecision[]> => {
    const tape = new PartTape(until);
    await run(over, tape);
    return tape.answers;
  };
  // Whole: a strategy that fails fails here, wherever it does.
  const truth = await taped(columns, Number.POSITIVE_INFINITY);
  let compared = 0;
  let asked = 0;
  for (let i = 0; i < cuts; i += 1) {
    const cut = Math.max(1, Math.min(columns.length - 2, Math.round(((i + 1) * columns.length) / (cuts + 1)) - 1));
    const cutAt = barCloseAt(columns.openAt[cut] as number, columns.intervalMs);
    const past = truth.filter(({ at }) => at <= cutAt);
    const pastAgain = await taped(withOtherFuture(columns, cut, seed + i), cutAt);
    for (let at = 0; at < Math.max(past.length, pastAgain.length); at += 1) {
      compared += 1;
      const [was, became] = [past[at], pastAgain[at]];
      if (was !== undefined && was.action !== 'hold') asked += 1;
      if (!isSame(was, became)) return { passed: false, cuts, compared, asked, finding: { cutAt, was, became } };
    }
  }
  return { passed: asked > 0, cuts, compared, asked, finding: undefined };
}

/** What is found, as one sentence for people. */
export function lookAheadText({ cuts, compared, asked, finding }: LookAheadReport): string {
  if (finding === undefined)
    return asked === 0
      ? `Look-ahead not tested: the strategy asked for nothing in ${compared} decisions. Give it data in which it trades.`
      : `Look-ahead check passed: ${compared} decisions unchanged by ${cuts} other futures, ${asked} of them no hold.`;
  const { cutAt, was, became } = finding;
  const at = new Date(was?.at ?? became?.at ?? cutAt).toISOString();
  return `Look-ahead: the decision of ${at} was "${said(was)}" and became "${said(became)}" when only bars after ${new Date(cutAt).toISOString()} were replaced.`;
}

const said = (decision: TapedDecision | undefined): string =>
  decision === undefined ? 'nothing' : `${decision.action}: ${decision.reason}`;

const isSame = (a: TapedDecision | undefined, b: TapedDecision | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.at === b.at &&
  a.symbol === b.symbol &&
  a.action === b.action &&
  a.reason === b.reason &&
  a.terms === b.terms;

/**
 * The same bars up to and with `cut`; after it, the same bars in another order, each moved to the price where the one
 * before ended.
 */
export function withOtherFuture(columns: BarColumns, cut: number, seed: number): BarColumns {
  const order = shuffled(columns.length - cut - 1, seed).map((index) => index + cut + 1);
  const copy = {
    open: columns.open.slice(),
    high: columns.high.slice(),
    low: columns.low.slice(),
    close: columns.close.slice(),
    volume: columns.volume.slice(),
  };
  order.forEach((from, offset) => {
    const to = cut + 1 + offset;
    const start = copy.close[to - 1] as number;
    const base = columns.close[from - 1] as number;
    for (const field of ['open', 'high', 'low', 'close'] as const)
      copy[field][to] = Math.max(1, Math.round(((columns[field][from] as number) / base) * start));
    copy.high[to] = Math.max(copy.high[to] as number, copy.open[to] as number, copy.close[to] as number);
    copy.low[to] = Math.min(copy.low[to] as number, copy.open[to] as number, copy.close[to] as number);
    copy.volume[to] = columns.volume[from] as number;
  });
  return { ...columns, ...copy };
}

/** 0 to `size` - 1 in an order that is never the one they came in (where there are two). */
function shuffled(size: number, seed: number): number[] {
  const order = Array.from({ length: size }, (_unused, index) => index);
  let state = (seed * 2_654_435_761) >>> 0;
  for (let i = size - 1; i > 0; i -= 1) {
    // Numerical Recipes' linear congruence: all that is asked of it is another order.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  if (order.every((value, index) => value === index)) order.reverse();
  return order;
}
