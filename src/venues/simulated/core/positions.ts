import type { Instrument } from '../../../domain/instrument.js';
import type { MarginMode, PositionSide } from '../../../domain/order.js';
import { Position } from '../../../domain/position.js';
import { units, type Units } from '../../../domain/units.js';

/** One position of the account, and the margin that it alone may lose. */
export class Holding {
  readonly position: Position;
  /** Margin set aside for it under isolated margin; zero under cross margin and while flat. */
  wallet: Units = units(0);

  constructor(
    instrument: Instrument,
    /** Undefined: the one net position of a one-way account. */
    readonly side: PositionSide | undefined,
  ) {
    this.position = new Position(instrument);
  }
}

/**
 * The positions of one instrument and how they are margined. The net one is used by a one-way account, the long and the
 * short one by a hedged account; the others stay flat.
 */
export class Holdings {
  readonly net: Holding;
  readonly long: Holding;
  readonly short: Holding;
  readonly all: readonly Holding[];
  mode: MarginMode = 'cross';

  constructor(readonly instrument: Instrument) {
    this.net = new Holding(instrument, undefined);
    this.long = new Holding(instrument, 'long');
    this.short = new Holding(instrument, 'short');
    this.all = [this.net, this.long, this.short];
  }

  of(side: PositionSide | undefined): Holding {
    return side === undefined ? this.net : side === 'long' ? this.long : this.short;
  }

  get isFlat(): boolean {
    return this.net.position.lots === 0 && this.long.position.lots === 0 && this.short.position.lots === 0;
  }

  /** The same positions beside these: what happens there moves nothing here. */
  copy(): Holdings {
    const made = new Holdings(this.instrument);
    made.mode = this.mode;
    made.all.forEach((holding, index) => {
      const { position, wallet } = this.all[index] as Holding;
      Object.assign(holding.position, position);
      holding.wallet = wallet;
    });
    return made;
  }

  /** Nothing was ever booked: the instrument may still be defined anew. */
  get isUnused(): boolean {
    return this.all.every(({ position }) => position.lots === 0 && position.realised === 0);
  }
}
