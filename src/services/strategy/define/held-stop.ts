import type { Instrument } from '../../../domain/instrument.js';
import { signOf, type Fill } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { barCloseAt, barOpenAt } from '../../../domain/time-spans.js';
import type { MarkUnits, Ticks } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { NO_EXITS } from '../exits/exit-record.js';
import { timeoutOf, type ExitGround } from '../exits/exit-terms.js';
import { heldFrom, heldToJson } from '../exits/held-record.js';
import { MovingStop, perPriceOf, type MovingState } from '../exits/moving-stop.js';
import type { TakeProfit, PositionExits } from '../exits/take-profit.js';

type Side = 1 | -1;

/** How what an entry makes is to be left. */
interface Planned {
  readonly side: Side;
  readonly stop: Ticks | undefined;
  readonly exits: PositionExits;
  /** When it was planned: orders of it are no older. */
  readonly since: number;
}

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

interface Restored extends Planned {
  readonly openedAt: number | undefined;
  readonly state: MovingState | undefined;
  readonly entered: number | undefined;
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
  /** Of each side: two entries may wait, and one of them fills. */
  private readonly planned = new Map<Side, Planned>();
  private newest: Planned | undefined;
  private inForce: InForce | undefined;
  private restored: readonly Restored[] = [];

  constructor(private readonly instrument: Instrument) {}

  /** Of the open position; undefined without one. Says it before the strategy is first asked, too. */
  levelOf(position: Position): Ticks | undefined {
    if (this.inForce === undefined && this.restored.length > 0) this.adopt(position);
    return this.inForce?.openedAt === position.openedAt ? this.inForce?.moving?.stop : undefined;
  }

  /** Of the entry that was decided on last, or last on that side. */
  plannedLevel(side?: 'buy' | 'sell'): Ticks | undefined {
    return (side === undefined ? this.newest : this.planned.get(sideOf(side)))?.stop;
  }

  /** How the open position is to be left is known: what rests for it may be compared with that. */
  isKnown(position: Position): boolean {
    return this.inForce !== undefined && this.inForce.openedAt === position.openedAt;
  }

  /** Of the open position; undefined where it has none. */
  ladderOf(position: Position): HeldLadder | undefined {
    if (this.inForce === undefined && this.restored.length > 0) this.adopt(position);
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
    const planned = { side: sideOf(side), stop, exits, since };
    this.planned.set(planned.side, planned);
    this.newest = planned;
  }

  /** What was planned for a side came to nothing: it is not what another order makes. */
  unplan(side: 'buy' | 'sell'): void {
    if (this.newest === this.planned.get(sideOf(side))) this.newest = undefined;
    this.planned.delete(sideOf(side));
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
    this.adopt(position);
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

  onFill(position: Position, fill?: Pick<Fill, 'side' | 'lots'>): void {
    const { lots, openedAt } = position;
    if (lots === 0 || openedAt === undefined) {
      this.inForce = undefined;
      return;
    }
    this.adopt(position);
    if (this.inForce?.openedAt === openedAt) {
      if (fill !== undefined && sideOf(fill.side) === this.inForce.side) this.inForce.entered += fill.lots;
      this.inForce.moving?.filled(this.entryOf(position));
      return;
    }
    const side = lots > 0 ? 1 : -1;
    const planned = this.planned.get(side);
    this.inForce =
      planned !== undefined && (planned.stop !== undefined || planned.exits !== NO_EXITS)
        ? {
            ...{ side, openedAt, moving: this.movingOf(planned, position), exits: planned.exits },
            ...{ since: planned.since, entered: Math.abs(lots) },
          }
        : undefined;
  }

  /** True when the mark has reached it (inclusive). */
  reached(position: Position, mark: MarkUnits): boolean {
    if (this.inForce === undefined && this.restored.length > 0) this.adopt(position);
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
    const { inForce, instrument } = this;
    if (inForce !== undefined) return heldToJson({ ...inForce, stop: inForce.moving?.stop }, instrument, inForce);
    const [one, other] = this.planned.size > 0 ? [...this.planned.values()].reverse() : this.restored;
    if (one === undefined) return undefined;
    const first = heldToJson(one, instrument, restoredOf(one));
    const second = other === undefined ? undefined : heldToJson(other, instrument, restoredOf(other));
    if (first === undefined || second === undefined) return first ?? second;
    return { ...first, other: second };
  }

  /** Throws STORE-001 for what is no stop. */
  restore(state: Json): void {
    const fields = typeof state === 'object' && state !== null ? (state as Readonly<Record<string, Json>>) : {};
    const { other } = fields;
    const records = other === undefined ? [state] : [state, other];
    this.restored = records.map((record) => heldFrom(record, this.instrument));
  }

  /**
   * A saved stop belongs to the position it was saved for; one saved before its entry filled, to the position that came
   * of it.
   */
  private adopt(position: Position): void {
    const { restored } = this;
    const { lots, openedAt } = position;
    if (restored.length === 0 || openedAt === undefined) return;
    this.restored = [];
    const saved = restored.find(
      (each) => lots > 0 === each.side > 0 && (each.openedAt === undefined || each.openedAt === openedAt),
    );
    if (saved === undefined) return;
    const moving = this.movingOf(saved, position);
    if (saved.state !== undefined) moving?.restore(saved.state);
    const { side, exits, since, entered = Math.abs(lots) } = saved;
    this.inForce = { side, openedAt, moving, exits, since, entered };
  }

  private movingOf(
    { side, stop, exits }: Pick<Planned, 'side' | 'stop' | 'exits'>,
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

const sideOf = signOf;

/** What is remembered of one of a life before. */
const restoredOf = (plan: Planned | Restored): Partial<Restored> => ('state' in plan ? plan : {});

/** The close of the nth bar, from the one in which the position was opened. */
function barsOn(openedAt: number, bars: number, barMs: number): number {
  let end = barOpenAt(openedAt, barMs);
  for (let i = 0; i < bars; i += 1) end = barCloseAt(end, barMs);
  return end;
}
