import { parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { barCloseAt, barOpenAt } from '../../../domain/time-spans.js';
import type { MarkUnits, Ticks } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { exitsFrom, exitsToJson, NO_EXITS } from '../exits/exit-record.js';
import { timeoutOf, type MovingExits } from '../exits/exit-terms.js';
import { MovingStop, perPriceOf, type MovingState } from '../exits/moving-stop.js';

type Side = 1 | -1;

/** An entry's stop, and how it moves. */
interface Planned {
  readonly side: Side;
  readonly stop: Ticks | undefined;
  readonly exits: MovingExits;
}

interface InForce {
  readonly side: Side;
  readonly openedAt: number;
  /** Undefined where only a time ends the position. */
  readonly moving: MovingStop | undefined;
  readonly exits: MovingExits;
}

interface Restored {
  readonly side: Side;
  readonly stop: Ticks | undefined;
  readonly openedAt: number | undefined;
  readonly exits: MovingExits;
  readonly state: MovingState | undefined;
}

/**
 * How one symbol's position is left: planned with the entry, in force from the fill that opens the position, and gone
 * with the fill that ends it. Outlives a restart for the very position it was made for.
 */
export class HeldStop {
  private planned: Planned | undefined;
  private inForce: InForce | undefined;
  private restored: Restored | undefined;

  constructor(private readonly instrument: Instrument) {}

  /** Of the open position; undefined without one. Says it before the strategy is first asked, too. */
  levelOf(position: Position): Ticks | undefined {
    if (this.inForce === undefined && this.restored !== undefined) this.adopt(position);
    return this.inForce?.openedAt === position.openedAt ? this.inForce?.moving?.stop : undefined;
  }

  /** Of the entry that was decided on last. */
  get plannedLevel(): Ticks | undefined {
    return this.planned?.stop;
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

  plan(side: 'buy' | 'sell', stop: Ticks | undefined, exits: MovingExits = NO_EXITS): void {
    this.planned = { side: side === 'buy' ? 1 : -1, stop, exits };
  }

  onFill(position: Position): void {
    const { lots, openedAt } = position;
    if (lots === 0 || openedAt === undefined) {
      this.inForce = undefined;
      return;
    }
    this.adopt(position);
    if (this.inForce?.openedAt === openedAt) {
      this.inForce.moving?.filled(this.entryOf(position));
      return;
    }
    const { planned } = this;
    const side = lots > 0 ? 1 : -1;
    this.inForce =
      planned?.side === side && (planned.stop !== undefined || planned.exits.timeStop !== undefined)
        ? { side, openedAt, moving: this.movingOf(planned, position), exits: planned.exits }
        : undefined;
  }

  /** True when the mark has reached it (inclusive). */
  reached(position: Position, mark: MarkUnits): boolean {
    if (this.inForce === undefined && this.restored !== undefined) this.adopt(position);
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

  /** The one in force, else the one that waits for its entry. */
  snapshot(): Json | undefined {
    const { inForce, planned, restored } = this;
    const kept = inForce ?? planned ?? restored;
    if (kept === undefined) return undefined;
    const stop = 'moving' in kept ? kept.moving?.stop : kept.stop;
    const exits = exitsToJson(
      kept.exits,
      inForce?.moving?.state() ?? (kept === restored ? restored?.state : undefined),
    );
    if (stop === undefined && exits === undefined) return undefined;
    const openedAt = kept === planned ? null : ((inForce ?? restored)?.openedAt ?? null);
    return {
      side: kept.side > 0 ? 'long' : 'short',
      ...(stop === undefined ? {} : { stop: this.instrument.price(stop).toString() }),
      opened_at: openedAt,
      ...(exits === undefined ? {} : { exits }),
    };
  }

  /** Throws STORE-001 for what is no stop. */
  restore(state: Json): void {
    const {
      side,
      stop,
      opened_at: openedAt,
      exits,
    } = (typeof state === 'object' && state !== null ? state : {}) as Readonly<Record<string, Json | undefined>>;
    if (
      (side !== 'long' && side !== 'short') ||
      (typeof stop !== 'string' && (stop !== undefined || exits === undefined)) ||
      (openedAt !== null && typeof openedAt !== 'number')
    ) {
      throw fault('STORE-001', `Saved stop must have side, stop and opened_at, was ${JSON.stringify(state)}.`);
    }
    const level = stop === undefined ? undefined : this.instrument.toTicks(parseDecimal(stop, 'Saved stop'), 'nearest');
    this.restored = {
      side: side === 'long' ? 1 : -1,
      stop: level,
      openedAt: openedAt ?? undefined,
      ...exitsFrom(exits),
    };
  }

  /**
   * A saved stop belongs to the position it was saved for; one saved before its entry filled, to the position that came
   * of it.
   */
  private adopt(position: Position): void {
    const { restored } = this;
    const { lots, openedAt } = position;
    if (restored === undefined || openedAt === undefined) return;
    this.restored = undefined;
    if (lots > 0 !== restored.side > 0 || (restored.openedAt !== undefined && restored.openedAt !== openedAt)) return;
    const moving = this.movingOf(restored, position);
    if (restored.state !== undefined) moving?.restore(restored.state);
    this.inForce = { side: restored.side, openedAt, moving, exits: restored.exits };
  }

  private movingOf({ side, stop, exits }: Planned, position: Position): MovingStop | undefined {
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
