import { Decimal, ZERO } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { coinsCharged } from '../../domain/fees.js';
import type { Instrument } from '../../domain/instrument.js';
import type { Fill } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import { marks, units, type MarkUnits, type Units } from '../../domain/units.js';

const ONE = new Decimal(1);

/** What the book holds for one symbol. A mark may come before the first fill names the instrument. */
export class PortfolioSlot {
  position: Position | undefined = undefined;
  /**
   * NaN before the first: a number always, so that V8 updates the field in place instead of boxing a new one per mark.
   */
  mark: MarkUnits = marks(Number.NaN);
  /** Another description of the instrument that was found to have the position's scale: a venue has its own. */
  alike: Instrument | undefined = undefined;
  unrealised: Units = units(0);
  /** Price profit, fees and funding that have been booked for it. */
  result: Units = units(0);
  margin: Units = units(0);

  /** Trades that have been booked. Some venues number them per market, and both sides of one trade may be ours. */
  private readonly bought = new Set<string>();
  private readonly sold = new Set<string>();

  /** Notes the trade; false when it was noted before. */
  isFirst({ side, tradeId }: Fill): boolean {
    const trades = side === 'buy' ? this.bought : this.sold;
    const { size } = trades;
    return trades.add(tradeId).size > size;
  }

  /** Fees that were paid in the coins of a spot market, and the lots that have left the position for them. */
  private coins = ZERO;
  private coinLots = 0;

  /**
   * Lots that leave the position (negative: come back) for what has been charged in its own coins: what is held of a
   * step that was begun cannot be sold. At most `held`.
   */
  chargeCoins(fill: Fill, held: number): number {
    this.coins = this.coins.plus(coinsCharged(fill));
    const whole = this.coins.div(fill.instrument.spec.step).ceil().toNumber();
    const leaving = Math.min(whole - this.coinLots, Math.max(0, held));
    this.coinLots += leaving;
    return leaving;
  }

  get isMarked(): boolean {
    return this.mark > 0;
  }
}

/** The slot of an instrument that a fill or a reader has named. */
export interface OccupiedSlot extends PortfolioSlot {
  position: Position;
}

/** Lots, ticks and marks of one are those of the other. */
export const isSameScale = (a: Instrument, b: Instrument): boolean =>
  a.spec.tick.eq(b.spec.tick) && a.spec.step.eq(b.spec.step) && a.marksPerTick === b.marksPerTick;

/** A venue may change an instrument's limits while we hold it, but not what a lot of it is worth. */
export function assertSameContract(held: Instrument, given: Instrument): void {
  const isSame =
    (held.spec.contract ?? 'linear') === (given.spec.contract ?? 'linear') &&
    (held.spec.multiplier ?? ONE).eq(given.spec.multiplier ?? ONE);
  if (isSame) return;
  throw fault('NUM-002', `${held.symbol} must stay the contract that is held: its kind or multiplier is another.`, {
    why: 'The position is worth what its contract says.',
    fix: 'Close what is held, then begin a new journal in another --state directory.',
  });
}

/** Nor is it counted in two scales at once: whoever describes it does so in the one that is held. */
export function assertSameScale(held: Instrument, given: Instrument): void {
  assertSameContract(held, given);
  if (isSameScale(held, given)) return;
  throw fault(
    'NUM-002',
    `${held.symbol}: tick and step must stay ${held.spec.tick.toString()} and ${held.spec.step.toString()}, was ${given.spec.tick.toString()} and ${given.spec.step.toString()}.`,
    {
      why: 'The position is counted in the scale it was opened in.',
      fix: 'Describe the instrument as the catalogue does; fills may be on a grid of their own.',
    },
  );
}
