import type { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { MarginMode, PositionMode, PositionSide } from '../../../domain/order.js';
import { units } from '../../../domain/units.js';
import { initialMarginOf, type SimulatedAccount } from '../core/simulated-account.js';
import {
  equityOf,
  holdingValue,
  initialMargin,
  leverageRefusal,
  maintenanceAt,
  marginElsewhere,
} from '../core/margin.js';
import type { Market } from '../core/market.js';
import { isLeverage } from '../engine/order-validation.js';

const refused = (message: string): Error => fault('VENUE-003', message);

/** How the account is margined, and what may change of it while something is open. Every refusal is VENUE-003. */
export class TermsDesk {
  constructor(
    private readonly account: SimulatedAccount,
    private readonly markets: ReadonlyMap<string, Market>,
  ) {}

  /**
   * An open position must be allowed at it, and it and open orders covered by it; an isolated one keeps its margin,
   * and its leverage is never lowered. Source: Binance USD-M, errors -4028, -2027 and -4161.
   */
  setLeverage(symbol: string, leverage: number): void {
    const market = this.markets.get(symbol);
    if (market === undefined || market.instrument.spec.kind === 'spot' || !isLeverage(leverage, market.instrument)) {
      throw refused(
        `Leverage of ${symbol} must be from 1 to ${market?.instrument.spec.maxLeverage.toString() ?? 'that of a known instrument'}, was ${leverage}.`,
      );
    }
    const before = this.account.leverageOf(symbol);
    const refusal = leverageRefusal(market, before, leverage);
    if (refusal !== undefined) throw refused(refusal);
    if (leverage < before && !(market.holdings.isFlat && market.book.size === 0)) {
      const needed = initialMargin(market, leverage) + marginElsewhere(this.account, this.markets.values(), market);
      if (needed > equityOf(this.account, this.markets.values()))
        throw refused(
          `Leverage of ${symbol} must leave what is open covered, ${leverage} would need ${this.account.unit.of(units(needed)).toString()}.`,
        );
    }
    this.account.leverages.set(symbol, leverage);
  }

  /** Source: Binance USD-M, errors -4047 and -4048. */
  setMarginMode(symbol: string, mode: MarginMode): void {
    const market = this.markets.get(symbol);
    if (market === undefined || market.instrument.spec.kind === 'spot') throw refused(`${symbol} has no margin mode.`);
    if (market.holdings.mode === mode) return;
    if (!market.holdings.isFlat)
      throw refused(`The margin mode of ${symbol} must not change while a position is open.`);
    if (market.book.size > 0) throw refused(`The margin mode of ${symbol} must not change while orders are open.`);
    market.holdings.mode = mode;
  }

  /** Throws where the position mode may not become this. Source: Binance USD-M, errors -4067 and -4068. */
  assertPositionMode(mode: PositionMode): void {
    if (this.account.positionMode === mode) return;
    for (const market of this.markets.values()) {
      if (market.instrument.spec.kind === 'spot') continue;
      if (!market.holdings.isFlat)
        throw refused(`The position mode must not change while a position of ${market.symbol} is open.`);
      if (market.book.size > 0)
        throw refused(`The position mode must not change while orders of ${market.symbol} are open.`);
    }
  }

  /**
   * What is added must be available; what is taken must leave the position its maintenance margin, and together with
   * its profit or loss its initial margin. Source: Binance, "How to Adjust Margin Balance in Isolated Margin Mode",
   * max removable = min(wallet - maintenance, wallet + size × (mark - entry) - mark × |size| × rate), errors -4050 and
   * -4051.
   */
  moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): void {
    const market = this.markets.get(symbol);
    const holding = market?.holdings.of(side);
    if (
      market === undefined ||
      holding === undefined ||
      market.holdings.mode !== 'isolated' ||
      holding.position.lots === 0
    )
      throw refused(`${symbol} has no isolated position to move margin of.`);
    const moved = this.account.unit.units(amount, 'floor');
    if (moved > 0) {
      const free = Math.min(
        this.account.ledger.cash,
        equityOf(this.account, this.markets.values()) - marginElsewhere(this.account, this.markets.values(), undefined),
      );
      if (moved > free)
        throw refused(
          `Margin to add must be at most ${this.account.unit.of(units(Math.max(0, free))).toString()}, was ${amount.toString()}.`,
        );
    } else {
      const needed = initialMarginOf(Math.abs(holdingValue(market, holding)), this.account.leverageOf(symbol));
      const kept = maintenanceAt(market, holding, market.mark);
      const free = Math.min(holding.wallet - kept, holding.wallet + holding.position.unrealised(market.mark) - needed);
      if (0 - moved > free)
        throw refused(
          `Margin to take must leave the position of ${symbol} its maintenance margin of ${this.account.unit.of(units(kept)).toString()}, and with its profit its initial margin of ${this.account.unit.of(needed).toString()}: at most ${this.account.unit.of(units(Math.max(0, free))).toString()}, was ${amount.neg().toString()}.`,
        );
    }
    this.account.moveMargin(holding, moved);
  }
}
