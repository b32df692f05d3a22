import { Decimal } from '../../../../domain/decimal.js';
import type { Instrument } from '../../../../domain/instrument.js';
import type { Fill } from '../../../../domain/order.js';
import type { Position } from '../../../../domain/position.js';
import { barCloseAt, barEndAt, MONTH_MS } from '../../../../domain/time-spans.js';
import type { MarkUnits, Units } from '../../../../domain/units.js';
import { refusing } from '../../refusing.js';
import type { BuiltBar } from '../bar-builder.js';
import { showBar } from '../bar-fields.js';
import type { FillView, PortfolioView } from './contexts.js';
import type { StrategyBar, StrategyPosition } from './market.js';

const NOTHING = new Decimal(0);
const UNKNOWN = new Decimal(Number.NaN);

/** A bar as a handler sees it, filled in anew. */
export class ShownBar implements StrategyBar {
  at = 0;
  open = NaN;
  high = NaN;
  low = NaN;
  close = NaN;
  volume: number | undefined = undefined;
  madeOf: 'bars' | 'marks' = 'marks';

  show(bar: BuiltBar): void {
    showBar(this, bar);
    this.volume = Number.isNaN(bar.volume) ? undefined : bar.volume;
  }
}

/** The position as a handler sees it. */
export class PositionView implements StrategyPosition {
  of: Position | undefined;
  stop: number | undefined;
  r: number | undefined;
  /** What it is valued at; undefined where that is not known. */
  mark: MarkUnits | undefined;
  /** Close of the newest bar, and how long a bar is. */
  barAt = 0;
  barMs = Number.NaN;
  filledEntries = 0;

  get isFlat(): boolean {
    return this.lots === 0;
  }

  get isLong(): boolean {
    return this.lots > 0;
  }

  get isShort(): boolean {
    return this.lots < 0;
  }

  get entry(): number | undefined {
    return this.of?.entryPrice?.toNumber();
  }

  get size(): Decimal {
    return this.of?.size ?? NOTHING;
  }

  get quantity(): number {
    return this.size.toNumber();
  }

  get notional(): number {
    const { of, mark } = this;
    if (of === undefined || of.lots === 0) return 0;
    if (mark === undefined) return Number.NaN;
    return Math.sign(of.lots) * Math.abs(moneyOf(of.instrument, of.instrument.valueAtMark(mark, of.lots)).toNumber());
  }

  get unrealised(): Decimal {
    const { of, mark } = this;
    if (of === undefined || of.lots === 0) return NOTHING;
    return mark === undefined ? UNKNOWN : moneyOf(of.instrument, of.unrealised(mark));
  }

  get openedAt(): number | undefined {
    return this.of?.openedAt;
  }

  get bars(): number {
    const { openedAt, barAt, barMs } = this;
    if (openedAt === undefined || !(barMs > 0)) return 0;
    const first = barEndAt(openedAt + 1, barMs);
    if (barAt < first) return 0;
    if (barMs !== MONTH_MS) return Math.round((barAt - first) / barMs) + 1;
    let count = 1;
    for (let end = first; end < barAt; end = barCloseAt(end, barMs)) count += 1;
    return count;
  }

  get entries(): number {
    return this.lots === 0 ? 0 : this.filledEntries;
  }

  private get lots(): number {
    return this.of?.lots ?? 0;
  }
}

export const portfolioView = (
  instrument: Instrument,
  position: Pick<StrategyPosition, 'notional'>,
  equity: Units,
  available: Units,
  result: Units | undefined,
): PortfolioView => {
  const exact = {
    ...{ equity: moneyOf(instrument, equity), available: moneyOf(instrument, available) },
    result: result === undefined ? UNKNOWN : moneyOf(instrument, result),
  };
  return {
    result: exact.result.toNumber(),
    ...{ equity: exact.equity.toNumber(), available: exact.available.toNumber(), exact },
    ...{ gross: Math.abs(position.notional), net: position.notional },
  };
};

export const fillView = (fill: Fill): FillView => {
  const { instrument, side, liquidity, at } = fill;
  return {
    ...{ price: instrument.price(fill.price).toNumber(), quantity: instrument.size(fill.lots) },
    ...{ fee: moneyOf(instrument, fill.fee), side, liquidity, at, raw: fill },
  };
};

const moneyOf = (instrument: Instrument, value: Units): Decimal => instrument.unit.of(value);

// What is asked for and not there is no silent undefined.
Object.setPrototypeOf(ShownBar.prototype, refusing('bar'));
Object.setPrototypeOf(PositionView.prototype, refusing('position'));
