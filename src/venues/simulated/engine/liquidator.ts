import { applyRate, rateOf } from '../../../domain/instrument.js';
import { opposite, venueOrderId, type Fill, type Side } from '../../../domain/order.js';
import { lots, marks, ticks, units, type Lots, type Ticks, type Units } from '../../../domain/units.js';
import type { MarginSettings } from '../../../ports/configuration/settings/margin-settings.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import { bankruptcyPrice } from '../core/bankruptcy.js';
import { deleverageQueue } from './deleveraging.js';
import { bestOf, takeBest } from '../core/liquidity.js';
import { equityOf, maintenanceAt, maintenanceOf, marginBalance } from '../core/margin.js';
import { accepts, takerPrice, type Market } from '../core/market.js';
import { isDue, LiquidationTriggers } from './liquidation-triggers.js';
import type { OrderDesk } from './order-desk.js';
import type { Outbox } from '../core/outbox.js';
import type { Holding } from '../core/positions.js';
import { tradeIdOf } from '../core/working-order.js';

const BY_LIQUIDATION = 'liquidation: the margin balance has reached maintenance margin';
const BY_DELEVERAGING = 'adl: the position has been deleveraged';

/**
 * Liquidation. When the margin balance falls to maintenance margin (of one isolated position, or of all cross positions
 * together), open orders are cancelled first (of the symbol; under cross margin all), then the position with the
 * largest maintenance margin is reduced to the bracket below its own, in the lowest bracket to nothing, until
 * maintenance is met. Each reduction takes from the market what that gives at the bankruptcy price or better; the
 * insurance fund takes over the rest at the bankruptcy price, or, when it cannot bear that, the other side is
 * deleveraged at it. The fee goes to the fund and is never more than what is left. Source: Binance, "Liquidation
 * Protocols" (smart liquidation, insurance clearance fee, insurance fund, ADL).
 */
export class Liquidator {
  readonly triggers: LiquidationTriggers;
  private settings: Pick<MarginSettings, 'liquidation' | 'autoDeleveraging'> = {
    liquidation: false,
    autoDeleveraging: false,
  };
  private defaultFee = 0;
  private halfSpread = 0;

  constructor(
    private readonly account: SimulatedAccount,
    private readonly markets: ReadonlyMap<string, Market>,
    private readonly desk: OrderDesk,
    private readonly outbox: Outbox,
  ) {
    this.triggers = new LiquidationTriggers(account, markets);
    account.onChange = () => this.triggers.disarm();
    desk.afterFill = (market, at) => {
      // On a bar's path `dueOnPath` looks, where the path stands.
      if (!market.walking && isDue(market)) this.look(market, at);
    };
  }

  use(settings: MarginSettings, halfSpread: number): void {
    this.settings = settings;
    this.defaultFee = rateOf(settings.liquidationFee);
    this.halfSpread = halfSpread;
    this.triggers.use(settings.liquidation);
  }

  /** Goes by the settings of another one. */
  follow({ settings, defaultFee, halfSpread }: Liquidator): void {
    Object.assign(this, { settings, defaultFee, halfSpread });
    this.triggers.use(settings.liquidation);
  }

  /** The mark is at or beyond a trigger: liquidates what is due, and sets the triggers anew. */
  look(market: Market, at: number): void {
    if (!this.settings.liquidation || !market.hasPrice) return;
    if (market.holdings.mode === 'cross') this.lookAtCross(at);
    else for (const holding of market.holdings.all) this.lookAtIsolated(market, holding, at);
    this.triggers.arm(market);
  }

  /**
   * A bankruptcy takes up to `size` lots of our positions that a fill of `side` reduces, at its price, as long as they
   * have a profit there. Returns how many. Our open orders of the instrument are cancelled first.
   */
  deleverage(market: Market, side: Side, size: Lots, price: Ticks, at: number): Lots {
    let left: number = size;
    for (const holding of deleverageQueue(this.account, this.markets, market, side === 'sell')) {
      if (left === 0) break;
      if (!(holding.position.unrealised(market.instrument.marksOfTicks(price)) > 0)) continue;
      const taken = Math.min(left, Math.abs(holding.position.lots));
      this.cancelOrders(market, BY_DELEVERAGING, at);
      this.book(market, holding, lots(taken), price, 'adl', `adl_autoclose-${this.desk.ids.trade}`, at);
      left -= taken;
    }
    return lots(size - left);
  }

  /** Whatever is left of its margin: orders are cancelled as ever, and every position of the market is closed whole. */
  force(market: Market, at: number): void {
    const isCross = market.holdings.mode === 'cross';
    for (const other of isCross ? this.markets.values() : [market])
      if (other === market || other.holdings.mode === 'cross') this.cancelOrders(other, BY_LIQUIDATION, at);
    for (const holding of market.holdings.all)
      if (holding.position.lots !== 0) this.close(market, holding, Math.abs(holding.position.lots), at);
    this.triggers.arm(market);
  }

  /** The path stands at `price`, where a position is due. */
  lookOnPath(market: Market, price: Ticks, at: number): void {
    const { mark, last } = market;
    market.last = price;
    market.mark = marks(price * market.instrument.marksPerTick);
    this.look(market, at);
    market.last = last;
    market.mark = mark;
  }

  private lookAtCross(at: number): void {
    let warned = false;
    for (;;) {
      const worst = this.largestCross();
      if (worst === undefined) return;
      const { market, holding } = worst;
      if (equityOf(this.account, this.markets.values()) > maintenanceOf(this.markets.values(), market, holding)) return;
      if (!warned)
        for (const other of this.markets.values())
          if (other.holdings.mode === 'cross') this.cancelOrders(other, BY_LIQUIDATION, at);
      warned = true;
      this.reduce(market, holding, at);
    }
  }

  private lookAtIsolated(market: Market, holding: Holding, at: number): void {
    let warned = false;
    while (
      holding.position.lots !== 0 &&
      holding.wallet + holding.position.unrealised(market.mark) <= maintenanceAt(market, holding, market.mark)
    ) {
      if (!warned) this.cancelOrders(market, BY_LIQUIDATION, at);
      warned = true;
      this.reduce(market, holding, at);
    }
  }

  /** The cross position with the largest maintenance margin; of equals the one defined first. */
  private largestCross(): { readonly market: Market; readonly holding: Holding } | undefined {
    let found: { readonly market: Market; readonly holding: Holding } | undefined;
    let most = -1;
    for (const market of this.markets.values()) {
      if (market.holdings.mode !== 'cross' || market.instrument.spec.kind === 'spot') continue;
      for (const holding of market.holdings.all) {
        const maintenance = holding.position.lots === 0 ? -1 : maintenanceAt(market, holding, market.mark);
        if (maintenance > most) {
          most = maintenance;
          found = { market, holding };
        }
      }
    }
    return found;
  }

  /** One step down the brackets. */
  private reduce(market: Market, holding: Holding, at: number): void {
    const { position } = holding;
    const { instrument, mark } = market;
    const size = Math.abs(position.lots);
    const cap = instrument.margin.capBelow(Math.abs(instrument.notionalAtMark(mark, position.lots)));
    const kept = cap === 0 ? 0 : Math.min(size - 1, instrument.lotsFor(units(cap), mark));
    this.close(market, holding, size - kept, at);
  }

  private close(market: Market, holding: Holding, size: number, at: number): void {
    const name = `autoclose-${this.desk.ids.trade}`;
    const left = this.sweep(market, holding, lots(size), name, at);
    if (left === 0) return;
    const price = this.bankruptcy(market, holding) ?? this.plainPrice(market, holding);
    this.takeOver(market, holding, left, price, name, at);
  }

  /**
   * What the market gives at the bankruptcy price or better; returns what is left. Fees move that price from fill to
   * fill.
   */
  private sweep(market: Market, holding: Holding, size: Lots, name: string, at: number): Lots {
    const side = closingSide(holding);
    let left: number = size;
    if (!market.quoted) {
      const price = this.plainPrice(market, holding);
      if (!accepts(side, this.bankruptcy(market, holding), price)) return size;
      this.book(market, holding, size, price, 'liquidation', name, at);
      return lots(0);
    }
    while (left > 0) {
      const price = bestOf(market, side);
      if (!accepts(side, this.bankruptcy(market, holding), price)) break;
      const taken = takeBest(market, side, left);
      if (taken === 0) break;
      this.book(market, holding, lots(taken), price, 'liquidation', name, at);
      left -= taken;
    }
    return lots(left);
  }

  private bankruptcy(market: Market, holding: Holding): Ticks | undefined {
    return bankruptcyPrice(holding.position, this.backing(market, holding));
  }

  /** Without a quote: the last price, else the mark, moved against the position by half a spread. */
  private plainPrice(market: Market, holding: Holding): Ticks {
    const side = closingSide(holding);
    const mark = market.mark / market.instrument.marksPerTick;
    const price = Number.isNaN(market.last)
      ? ticks(Math.max(1, side === 'sell' ? Math.floor(mark) : Math.ceil(mark)))
      : market.last;
    return takerPrice(side, price, this.halfSpread);
  }

  /**
   * The insurance fund takes the lots over at the bankruptcy price and closes them at the mark; it never goes below
   * zero where others can be deleveraged.
   */
  private takeOver(market: Market, holding: Holding, size: Lots, price: Ticks, name: string, at: number): void {
    const { instrument, mark } = market;
    const taken = lots(Math.sign(holding.position.lots) * size);
    const result = units(instrument.valueAtMark(mark, taken) - instrument.value(price, taken));
    const side = opposite(closingSide(holding));
    this.book(market, holding, size, price, 'liquidation', name, at);
    if (!(this.account.books.fund + result < 0 && this.settings.autoDeleveraging))
      this.account.books.settleTakeover(result);
    // Under cross margin our other side has backed the position: the other side is the market's alone.
    else if (market.holdings.mode === 'isolated') this.deleverage(market, side, size, price, at);
  }

  private book(
    market: Market,
    holding: Holding,
    size: Lots,
    price: Ticks,
    cause: 'liquidation' | 'adl',
    clientId: string,
    at: number,
  ): void {
    const fee = cause === 'adl' ? units(0) : this.feeOf(market, holding, size, price);
    const { ids } = this.desk;
    const fill: Fill = {
      tradeId: tradeIdOf(ids.trade),
      clientId,
      venueId: venueOrderId(`sim-${clientId}`),
      instrument: market.instrument,
      side: closingSide(holding),
      lots: size,
      price,
      fee,
      liquidity: 'taker',
      at,
      cause,
      ...(holding.side === undefined ? {} : { positionSide: holding.side }),
    };
    ids.trade += 1;
    this.account.apply(fill);
    this.outbox.fill(fill);
  }

  /** Rounded up, but no more than what is left of the margin balance after the fill, the rest at mark. */
  private feeOf(market: Market, holding: Holding, size: Lots, price: Ticks): Units {
    const { instrument, mark } = market;
    const { liquidationFee } = instrument.spec;
    const rate = liquidationFee === undefined ? this.defaultFee : rateOf(liquidationFee);
    const filled = lots(Math.sign(holding.position.lots) * size);
    const better =
      instrument.valueAtMark(instrument.marksOfTicks(price), filled) - instrument.valueAtMark(mark, filled);
    const room = marginBalance(this.account, this.markets.values(), market, holding) + better;
    const fee = Math.min(applyRate(instrument.notional(price, size), rate, 'ceil'), Math.max(0, room));
    return units(fee === 0 ? 0 : -fee);
  }

  /**
   * What the position may lose besides its own profit: the maintenance margin of others does not count in a bankruptcy.
   */
  private backing(market: Market, holding: Holding): number {
    return (
      marginBalance(this.account, this.markets.values(), market, holding) - holding.position.unrealised(market.mark)
    );
  }

  private cancelOrders(market: Market, reason: string, at: number): void {
    for (const order of [...market.book.all()]) if (order.isOpen) this.desk.end(market, order, 'cancelled', reason, at);
  }
}

const closingSide = ({ position }: Holding): Side => (position.lots > 0 ? 'sell' : 'buy');
