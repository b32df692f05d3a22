import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import { lots, ticks, type Lots, type Ticks } from '../../../domain/units.js';
import type { Price } from '../define/price.js';
import { shareOf, type Share } from '../define/share.js';
import { isR, levelOf, type ExitGround, type MovingExits, type R } from './exit-terms.js';

/**
 * One rung of a ladder: a limit that takes off a share of what the entry filled. Rungs without a share split what the
 * others leave; where shares come to 100%, the last rung takes what rounding leaves. A rest below 100% rides on the
 * stop.
 */
export interface TakeProfit {
  readonly at: Price | R;
  readonly share?: Share;
  readonly postOnly?: boolean;
}

/** How a position is left beside its stop, all of it, as it is kept: the ladder is a list. */
export interface PositionExits extends MovingExits {
  readonly takeProfit?: readonly TakeProfit[];
}

const ONE = new Decimal(1);
/** What doubles may be off in a level that is a whole number of ticks. */
const ALMOST_NOTHING = 1e-9;

/** As a list, every word of it read once. Throws STRAT-001 for what cannot be carried out. */
export function ladderOf(takeProfit: TakeProfit | readonly TakeProfit[]): readonly TakeProfit[] {
  const rungs: readonly TakeProfit[] = Array.isArray(takeProfit)
    ? (takeProfit as readonly TakeProfit[])
    : [takeProfit as TakeProfit];
  let sum = new Decimal(0);
  for (const { at, share } of rungs) {
    if (!isR(at) && !isPrice(at))
      throw fault('STRAT-001', `A take-profit must be at a price or r(1), was ${JSON.stringify(at)}.`);
    if (isR(at) && !(Number.isFinite(at.r) && at.r > 0))
      throw fault('STRAT-001', `A take-profit must be at a multiple of the risk above zero, was ${String(at.r)}.`);
    if (share === undefined) continue;
    const part = shareOf(share);
    if (part === undefined || !part.gt(0))
      throw fault('STRAT-001', `A share must be a Decimal or text such as 50%, was ${String(share)}.`);
    sum = sum.plus(part);
  }
  if (sum.gt(ONE))
    throw fault('STRAT-001', `Shares of take-profits must come to at most 100%, was ${sum.times(100).toString()}%.`);
  return rungs;
}

/** Lots of each rung where the entry has filled `base`; one that is too small to be ordered joins the next. */
export function rungLots(base: Lots, rungs: readonly TakeProfit[], { minLots }: Pick<Instrument, 'minLots'>): Lots[] {
  const given = rungs.map(({ share }) => (share === undefined ? undefined : shareOf(share)));
  const said = given.reduce((sum: Decimal, share) => sum.plus(share ?? 0), new Decimal(0));
  const silent = given.filter((share) => share === undefined).length;
  const each = silent === 0 ? new Decimal(0) : ONE.minus(said).div(silent);
  const sizes = given.map((share) => (share ?? each).times(base).floor().toNumber());
  if (silent > 0 || said.eq(ONE)) {
    const last = sizes.length - 1;
    sizes[last] = base - sizes.slice(0, last).reduce((sum, size) => sum + size, 0);
  }
  return joined(sizes, minLots).map((size) => lots(size));
}

/** What is too small goes to the rung after it, of the last one to the one before. */
function joined(sizes: readonly number[], least: number): number[] {
  const whole = [...sizes];
  for (let i = 0; i < whole.length; i += 1) {
    const size = whole[i] ?? 0;
    if (size === 0 || size >= least) continue;
    const other = i + 1 < whole.length ? i + 1 : whole.findLastIndex((each, at) => at < i && each > 0);
    if (other < 0) continue;
    whole[other] = (whole[other] ?? 0) + size;
    whole[i] = 0;
  }
  return whole;
}

/** Where a rung stands: a sell is rounded up, a buy down. Undefined for a price that cannot be. */
export function rungTicks({ at }: TakeProfit, side: 1 | -1, ground: ExitGround): Ticks | undefined {
  const level = levelOf(at, side, ground);
  const whole = side > 0 ? Math.ceil(level - ALMOST_NOTHING) : Math.floor(level + ALMOST_NOTHING);
  return whole > 0 ? ticks(whole) : undefined;
}

/** The first rung at a price that is not ahead of the entry: it would take the position off at once, at a loss. */
export function rungBehind(rungs: readonly TakeProfit[], side: 1 | -1, ground: ExitGround): Ticks | undefined {
  for (const rung of rungs) {
    const at = isR(rung.at) ? undefined : rungTicks(rung, side, ground);
    if (at !== undefined && (at - ground.entry) * side <= 0) return at;
  }
  return undefined;
}

const isPrice = (price: unknown): boolean =>
  (typeof price === 'number' && Number.isFinite(price) && price > 0) || (Decimal.isDecimal(price) && price.gt(0));
