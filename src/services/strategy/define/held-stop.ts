import { parseDecimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import type { MarkUnits, Ticks } from '../../../domain/units.js';
import type { Json } from '../../../ports/storage/event-store.js';

/**
 * The stop of one symbol's position: planned with the entry, in force from the fill that opens the position, and gone
 * with the fill that ends it. Outlives a restart for the very position it was made for.
 */
export class HeldStop {
  private planned: { readonly side: 1 | -1; readonly stop: Ticks | undefined } | undefined;
  private inForce: { readonly side: 1 | -1; readonly openedAt: number; readonly stop: Ticks } | undefined;
  private restored: { readonly side: 1 | -1; readonly stop: Ticks; readonly openedAt: number | undefined } | undefined;

  constructor(private readonly instrument: Instrument) {}

  /** Of the open position; undefined without one. Says it before the strategy is first asked, too. */
  levelOf(position: Position): Ticks | undefined {
    if (this.inForce === undefined && this.restored !== undefined) this.adopt(position);
    return this.inForce?.openedAt === position.openedAt ? this.inForce?.stop : undefined;
  }

  /** Of the entry that was decided on last. */
  get plannedLevel(): Ticks | undefined {
    return this.planned?.stop;
  }

  get price(): number | undefined {
    return this.inForce === undefined ? undefined : this.instrument.price(this.inForce.stop).toNumber();
  }

  plan(side: 'buy' | 'sell', stop: Ticks | undefined): void {
    this.planned = { side: side === 'buy' ? 1 : -1, stop };
  }

  onFill(position: Position): void {
    const { lots, openedAt } = position;
    if (lots === 0 || openedAt === undefined) {
      this.inForce = undefined;
      return;
    }
    this.adopt(position);
    if (this.inForce?.openedAt === openedAt) return;
    const side = lots > 0 ? 1 : -1;
    this.inForce =
      this.planned?.side === side && this.planned.stop !== undefined
        ? { side, openedAt, stop: this.planned.stop }
        : undefined;
  }

  /** True when the mark has reached it (inclusive). */
  reached(position: Position, mark: MarkUnits): boolean {
    if (this.inForce === undefined && this.restored !== undefined) this.adopt(position);
    const { inForce } = this;
    if (inForce === undefined || position.openedAt !== inForce.openedAt) return false;
    return (mark - this.instrument.marksOfTicks(inForce.stop)) * inForce.side <= 0;
  }

  describe(mark: MarkUnits): string {
    return `Stop ${this.inForce === undefined ? '' : this.instrument.priceText(this.inForce.stop)} reached at ${this.instrument.markPrice(mark).toString()}`;
  }

  /** The one in force, else the one that waits for its entry. */
  snapshot(): Json | undefined {
    const kept = this.inForce ?? this.planned ?? this.restored;
    if (kept?.stop === undefined) return undefined;
    const openedAt = kept === this.planned ? null : ((this.inForce ?? this.restored)?.openedAt ?? null);
    return {
      side: kept.side > 0 ? 'long' : 'short',
      stop: this.instrument.price(kept.stop).toString(),
      opened_at: openedAt,
    };
  }

  /** Throws STORE-001 for what is no stop. */
  restore(state: Json): void {
    const {
      side,
      stop,
      opened_at: openedAt,
    } = (typeof state === 'object' && state !== null ? state : {}) as Readonly<Record<string, Json | undefined>>;
    if (
      (side !== 'long' && side !== 'short') ||
      typeof stop !== 'string' ||
      (openedAt !== null && typeof openedAt !== 'number')
    ) {
      throw fault('STORE-001', `Saved stop must have side, stop and opened_at, was ${JSON.stringify(state)}.`);
    }
    const ticks = this.instrument.toTicks(parseDecimal(stop, 'Saved stop'), 'nearest');
    this.restored = { side: side === 'long' ? 1 : -1, stop: ticks, openedAt: openedAt ?? undefined };
  }

  /**
   * A saved stop belongs to the position it was saved for; one saved before its entry filled, to the position that came
   * of it.
   */
  private adopt({ lots, openedAt }: Position): void {
    const { restored } = this;
    if (restored === undefined || openedAt === undefined) return;
    this.restored = undefined;
    if (lots > 0 !== restored.side > 0 || (restored.openedAt !== undefined && restored.openedAt !== openedAt)) return;
    this.inForce = { side: restored.side, openedAt, stop: restored.stop };
  }
}
