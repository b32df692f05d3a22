import type { Instrument } from '../../../domain/instrument.js';
import { signOf, type Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { barCloseAt, barOpenAt } from '../../../domain/time-spans.js';
import type { MarkUnits, Ticks } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import { NO_EXITS } from '../exits/exit-record.js';
import { timeoutOf, type ExitGround } from '../exits/exit-terms.js';
import { heldFrom, heldToJson, type HeldPlan } from '../exits/held-record.js';
import { MovingStop, perPriceOf } from '../exits/moving-stop.js';
import type { TakeProfit, PositionExits } from '../exits/take-profit.js';
import { EntryPlans } from './entries/entry-plans.js';

type Side = 1 | -1;

interface InForce {
  readonly side: Side;
  readonly openedAt: number;
  /** Undefined where no stop holds the position. */
  readonly moving: MovingStop | undefined;
  exits: PositionExits;
  readonly since: number;
  /** Lots that its entries have filled. */
  entered: number;
}

/** The ladder of the position that is open. */
export interface HeldLadder {
  readonly side: Side;
  readonly rungs: readonly TakeProfit[];
  readonly since: number;
  readonly entered: number;
  readonly ground: ExitGround;
}

const NO_RUNGS: readonly TakeProfit[] = [];

/**
 * How one symbol's position is left: planned with the entry, in force from the fill that opens the position, and gone
 * with the fill that ends it. Outlives a restart for the very position it was made for.
 */
export class HeldStop {
  readonly plans: EntryPlans;
  private inForce: InForce | undefined;
  /** Of a position that was open when it was saved. */
  private saved: ReturnType<typeof heldFrom> | undefined;

  constructor(
    private readonly instrument: Instrument,
    /** The rest of an entry of this side is still to be sent. */
    isAwaited: (side: 'buy' | 'sell') => boolean = () => false,
  ) {
    this.plans = new EntryPlans(isAwaited);
  }

  /** Of the open position; undefined without one. Says it before the strategy is first asked, too. */
  levelOf(position: Position): Ticks | undefined {
    this.recall(position);
    return this.inForce?.openedAt === position.openedAt ? this.inForce?.moving?.stop : undefined;
  }

  /** The terms that have moved it last; undefined where it stands as the strategy said. */
  get movedUnder(): string | undefined {
    return this.inForce?.moving?.movedUnder;
  }

  /** Of the entry of that side that is under way. */
  plannedLevel(side: 'buy' | 'sell'): Ticks | undefined {
    return this.plans.of(side)?.stop;
  }

  /** How the open position is to be left is known: what rests for it may be compared with that. */
  isKnown(position: Position): boolean {
    return this.inForce !== undefined && this.inForce.openedAt === position.openedAt;
  }

  /** Of the open position; undefined where it has none. */
  ladderOf(position: Position): HeldLadder | undefined {
    this.recall(position);
    const { inForce } = this;
    if (inForce === undefined || inForce.openedAt !== position.openedAt) return undefined;
    const { takeProfit = NO_RUNGS } = inForce.exits;
    if (takeProfit.length === 0) return undefined;
    const { side, since, entered, moving } = inForce;
    const entry = this.entryOf(position);
    const ground = moving?.ground ?? { entry, risk: Number.NaN, perPrice: perPriceOf(this.instrument) };
    return { side, rungs: takeProfit, since, entered, ground };
  }

  /** The position in force is left by more than a stop that stands. */
  get hasExits(): boolean {
    return this.inForce !== undefined && this.inForce.exits !== NO_EXITS;
  }

  get price(): number | undefined {
    const stop = this.inForce?.moving?.stop;
    return stop === undefined ? undefined : this.instrument.price(stop).toNumber();
  }

  /** Unrealised profit in multiples of the first risk; undefined without a stop. */
  multiple(position: Position, mark: MarkUnits): number | undefined {
    if (position.lots === 0 || this.inForce?.openedAt !== position.openedAt) return undefined;
    return this.inForce?.moving?.multiple(this.inTicks(mark));
  }

  plan(side: 'buy' | 'sell', stop: Ticks | undefined, exits: PositionExits, since: number): void {
    this.plans.add({ side: signOf(side), stop, exits, since });
  }

  /** A change of an entry is not made: what it makes, and what it has made since that was asked, is left as before. */
  fallBack(
    position: Position,
    { stop, exits }: Pick<HeldPlan, 'stop' | 'exits'>,
    entry: OrderTicket,
    since: number,
  ): void {
    const { side } = entry;
    const { lots, openedAt } = position;
    const isMade = this.plans.isUsed(side) && lots !== 0 && lots > 0 === (side === 'buy');
    this.plan(side, stop, exits, since);
    this.plans.bind(side, entry);
    if (!isMade || openedAt === undefined || this.inForce?.openedAt !== openedAt) return;
    const plan = this.plans.filled(side, undefined);
    if (plan !== undefined) this.inForce = this.of(plan, position, openedAt, this.inForce.entered);
  }

  /** What the open position's additions are left by. */
  planMore(side: 'buy' | 'sell', stop: Ticks | undefined, since: number): void {
    this.inForce?.moving?.fix();
    this.plan(side, stop, this.inForce?.exits ?? NO_EXITS, since);
  }

  /** Leaves the open position otherwise: what is absent stays. */
  change(position: Position, stop: Ticks | undefined, exits: PositionExits, since: number): void {
    const { lots, openedAt } = position;
    if (lots === 0 || openedAt === undefined) return;
    this.recall(position);
    const { inForce } = this;
    if (inForce?.openedAt !== openedAt) {
      const side = lots > 0 ? 1 : -1;
      const moving = this.movingOf({ side, stop, exits }, position);
      this.inForce = { side, openedAt, moving, exits, since, entered: Math.abs(lots) };
      return;
    }
    inForce.exits = { ...inForce.exits, ...exits };
    if (inForce.moving === undefined)
      this.inForce = { ...inForce, moving: this.movingOf({ ...inForce, stop }, position) };
    else {
      inForce.moving.exits = inForce.exits;
      if (stop !== undefined) inForce.moving.moveTo(stop);
    }
  }

  onFill(position: Position, fill?: Pick<Fill, 'side' | 'lots'> & Partial<Pick<Fill, 'clientId'>>): void {
    const { lots, openedAt } = position;
    if (lots === 0 || openedAt === undefined) {
      this.inForce = undefined;
      this.plans.flat();
      return;
    }
    this.adopt(position);
    if (this.inForce?.openedAt === openedAt) {
      if (fill !== undefined && signOf(fill.side) === this.inForce.side) this.inForce.entered += fill.lots;
      this.inForce.moving?.filled(this.entryOf(position));
      return;
    }
    const planned = this.plans.filled(lots > 0 ? 'buy' : 'sell', fill);
    this.inForce =
      planned !== undefined && (planned.stop !== undefined || planned.exits !== NO_EXITS)
        ? this.of(planned, position, openedAt, Math.abs(lots))
        : undefined;
  }

  /** True when the mark has reached it (inclusive). */
  reached(position: Position, mark: MarkUnits): boolean {
    this.recall(position);
    const { inForce } = this;
    if (inForce?.moving === undefined || position.openedAt !== inForce.openedAt) return false;
    return (mark - this.instrument.marksOfTicks(inForce.moving.stop)) * inForce.side <= 0;
  }

  describe(mark: MarkUnits): string {
    const stop = this.inForce?.moving?.stop;
    return `Stop ${stop === undefined ? '' : this.instrument.priceText(stop)} reached at ${this.instrument.markPrice(mark).toString()}`;
  }

  /** Follows a mark that was shown. */
  follow(position: Position, mark: MarkUnits): void {
    const { inForce } = this;
    if (inForce?.moving === undefined || position.openedAt !== inForce.openedAt) return;
    inForce.moving.shown(this.inTicks(mark));
  }

  /** The time of the position is over: why, undefined while it is not. */
  overdue(position: Position, now: number, barMs: number): string | undefined {
    const { inForce } = this;
    const timeStop = inForce?.exits.timeStop;
    if (inForce === undefined || timeStop === undefined || position.openedAt !== inForce.openedAt) return undefined;
    const timeout = timeoutOf(timeStop);
    if (now < ('ms' in timeout ? inForce.openedAt + timeout.ms : barsOn(inForce.openedAt, timeout.bars, barMs)))
      return undefined;
    return `Time stop after ${timeStop}`;
  }

  /** The one in force, else those that wait for their entries. */
  snapshot(): Json | undefined {
    const { inForce, instrument, saved, plans } = this;
    if (inForce !== undefined) return heldToJson({ ...inForce, stop: inForce.moving?.stop }, instrument, inForce);
    if (saved !== undefined) return heldToJson(saved, instrument, saved);
    const [first, other] = plans.waiting
      .map(({ plan, tag }) => heldToJson(plan, instrument, { tag }))
      .filter((record) => record !== undefined);
    return other === undefined ? first : { ...first, other };
  }

  /** Throws STORE-001 for what is no stop. */
  restore(state: Json): void {
    const fields = typeof state === 'object' && state !== null ? (state as Readonly<Record<string, Json>>) : {};
    const { other } = fields;
    // The newest comes first.
    for (const record of other === undefined ? [state] : [other, state]) {
      const held = heldFrom(record, this.instrument);
      if (held.openedAt === undefined) this.plans.restore(held, held.tag);
      else this.saved = held;
    }
  }

  /** Nothing of this life is in force: what a life before has said of a position that is there. */
  private recall(position: Position): void {
    const { inForce, saved, plans } = this;
    const { lots, openedAt } = position;
    if (inForce !== undefined || (saved === undefined && !plans.hasRestored)) return;
    this.adopt(position);
    if (this.inForce !== undefined || lots === 0 || openedAt === undefined) return;
    const found = plans.found(lots > 0 ? 'buy' : 'sell');
    if (found !== undefined) this.inForce = this.of(found, position, openedAt, Math.abs(lots));
  }

  /** A saved stop belongs to the position it was saved for. */
  private adopt(position: Position): void {
    const { saved } = this;
    const { lots, openedAt } = position;
    if (saved === undefined || openedAt === undefined) return;
    this.saved = undefined;
    if (lots > 0 !== saved.side > 0 || saved.openedAt !== openedAt) return;
    const { entered = Math.abs(lots), state } = saved;
    this.inForce = this.of(saved, position, openedAt, entered);
    if (state !== undefined) this.inForce.moving?.restore(state);
  }

  private of(plan: HeldPlan, position: Position, openedAt: number, entered: number): InForce {
    const { side, exits, since } = plan;
    return { side, openedAt, moving: this.movingOf(plan, position), exits, since, entered };
  }

  private movingOf(
    { side, stop, exits }: Pick<HeldPlan, 'side' | 'stop' | 'exits'>,
    position: Position,
  ): MovingStop | undefined {
    return stop === undefined ? undefined : new MovingStop(exits, side, this.instrument, stop, this.entryOf(position));
  }

  private entryOf(position: Position): number {
    return (position.entryPrice?.toNumber() ?? Number.NaN) * perPriceOf(this.instrument);
  }

  private inTicks(mark: MarkUnits): number {
    return mark / this.instrument.marksPerTick;
  }
}

/** The close of the nth bar, from the one in which the position was opened. */
function barsOn(openedAt: number, bars: number, barMs: number): number {
  let end = barOpenAt(openedAt, barMs);
  for (let i = 0; i < bars; i += 1) end = barCloseAt(end, barMs);
  return end;
}
