import { ticks, marks, type MarkUnits, type Ticks } from '../../../domain/units.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import { triggerMark } from '../core/bankruptcy.js';
import { equityOf, maintenanceAt } from '../core/margin.js';
import type { Market } from '../core/market.js';

/**
 * At which marks a market is to be looked at for liquidation: kept in the market itself, so that a mark in between
 * costs two comparisons.
 */
export class LiquidationTriggers {
  private enabled = false;

  constructor(
    private readonly account: SimulatedAccount,
    private readonly markets: ReadonlyMap<string, Market>,
  ) {}

  use(enabled: boolean): void {
    this.enabled = enabled;
    this.disarm();
  }

  /** Positions, money or terms have changed: the next mark of any open position is looked at. */
  disarm(): void {
    for (const market of this.markets.values()) {
      market.liquidateAbove = Number.NaN;
      market.liquidateBelow = this.enabled && !market.holdings.isFlat ? Number.POSITIVE_INFINITY : Number.NaN;
    }
  }

  /**
   * Triggers where nothing but the market's own mark can make a position due. Several markets on one wallet move each
   * other's: then every mark is looked at.
   */
  arm(market: Market): void {
    this.armOwn(market);
    if (market.holdings.mode === 'isolated' || market.holdings.isFlat) return;
    for (const other of this.markets.values()) {
      if (other !== market && other.holdings.mode === 'cross' && !other.holdings.isFlat)
        market.liquidateBelow = Number.POSITIVE_INFINITY;
    }
  }

  /**
   * The first tick on the way from `now` to `to` at which a position is due, where the mark goes with a path of last
   * prices; NaN when there is none.
   */
  dueOnPath(market: Market, now: Ticks, to: Ticks): Ticks {
    if (market.hasMarkFeed || !this.enabled || market.holdings.isFlat) return ticks(Number.NaN);
    const { marksPerTick } = market.instrument;
    if (market.liquidateBelow === Number.POSITIVE_INFINITY) {
      const { mark } = market;
      market.mark = marks(now * marksPerTick);
      this.armOwn(market);
      market.mark = mark;
    }
    const falling = to < now;
    const trigger = falling
      ? Math.min(now, Math.floor(market.liquidateBelow / marksPerTick))
      : Math.max(now, Math.ceil(market.liquidateAbove / marksPerTick));
    return ticks((falling ? trigger >= to : trigger <= to) ? trigger : Number.NaN);
  }

  /** Triggers of the market's own mark, all else equal. */
  private armOwn(market: Market): void {
    market.liquidateBelow = Number.NaN;
    market.liquidateAbove = Number.NaN;
    const { holdings, instrument } = market;
    if (holdings.isFlat || instrument.spec.kind === 'spot') return;
    let largest = 0;
    for (const { position } of holdings.all) largest = Math.max(largest, Math.abs(position.lots));
    const base = holdings.mode === 'cross' ? this.crossBase(market) : 0;
    for (const holding of holdings.all) {
      const { lots: size } = holding.position;
      if (size === 0) continue;
      const room =
        holdings.mode === 'cross'
          ? (mark: MarkUnits) => base + profitAt(market, mark) - maintenanceOfAll(market, mark)
          : (mark: MarkUnits) =>
              holding.wallet + holding.position.unrealised(mark) - maintenanceAt(market, holding, mark);
      const trigger = triggerMark(instrument, largest, market.mark, size > 0, room);
      if (size > 0) market.liquidateBelow = trigger;
      else market.liquidateAbove = trigger;
    }
  }

  /** What the market's own positions may lose together before they are due. */
  private crossBase(market: Market): number {
    let base = equityOf(this.account, this.markets.values()) - profitAt(market, market.mark);
    for (const other of this.markets.values())
      if (other !== market && other.holdings.mode === 'cross') base -= maintenanceOfAll(other, other.mark);
    return base;
  }
}

/** The position is to be looked at when the mark is at or beyond either. */
export const isDue = (market: Market, mark: MarkUnits = market.mark): boolean =>
  mark <= market.liquidateBelow || mark >= market.liquidateAbove;

function profitAt({ holdings }: Market, mark: MarkUnits): number {
  let sum = 0;
  for (const { position } of holdings.all) sum += position.unrealised(mark);
  return sum;
}

function maintenanceOfAll(market: Market, mark: MarkUnits): number {
  let sum = 0;
  for (const holding of market.holdings.all) sum += maintenanceAt(market, holding, mark);
  return sum;
}
