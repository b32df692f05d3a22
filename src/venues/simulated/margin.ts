import { Decimal } from '../../domain/decimal.js';
import { moneyOf } from '../../domain/instrument.js';
import type { Side } from '../../domain/order.js';
import { exact, lots, mulDiv, units, type Units } from '../../domain/units.js';
import type { SimulatedAccount } from './account.js';
import type { Market } from './market.js';

/** Leverage is honoured to a hundredth. */
const LEVERAGE_SCALE = 100;

/** An order that is not open yet: its side and its unsigned value. */
export interface ProspectiveOrder {
  readonly side: Side;
  readonly value: Units;
}

/** Value of the position at mark; zero while flat, whether or not there is a mark. */
export const positionValue = (market: Market): Units =>
  units(market.position.lots === 0 ? 0 : market.instrument.notionalAtMark(market.mark, market.position.lots));

/** Cash and the profit of open positions at mark. */
export function equityOf(account: SimulatedAccount, markets: Iterable<Market>): Units {
  let equity: number = account.ledger.holdings;
  for (const market of markets) equity += market.position.unrealised(market.mark);
  return units(exact(equity, 'Equity'));
}

/**
 * Initial margin of one instrument: the worst side of position plus open orders, over leverage, rounded up.
 * Orders that only reduce need none. Source: Binance USD-M, "initial margin = notional / leverage, open orders included".
 */
export function initialMargin(market: Market, leverage: number, extra?: ProspectiveOrder): Units {
  const held = positionValue(market);
  let long: number = held;
  let short: number = held;
  for (const order of market.book.all()) {
    if (order.request.reduceOnly) continue;
    const value = market.instrument.notional(order.marginPrice, order.remaining);
    if (order.request.side === 'buy') long += value;
    else short -= value;
  }
  if (extra?.side === 'buy') long += extra.value;
  else if (extra !== undefined) short -= extra.value;
  const worst = exact(Math.max(Math.abs(long), Math.abs(short)), 'Margin base');
  return units(mulDiv(worst, LEVERAGE_SCALE, Math.round(leverage * LEVERAGE_SCALE), 'ceil'));
}

/** Initial margin of every instrument but one. */
export function marginElsewhere(account: SimulatedAccount, markets: Iterable<Market>, except: Market | undefined): Units {
  let total = 0;
  for (const market of markets) {
    if (market === except || (market.position.lots === 0 && market.book.size === 0)) continue;
    total += initialMargin(market, account.leverageOf(market.symbol));
  }
  return units(exact(total, 'Margin'));
}

/**
 * Mark at which the account's equity falls to its maintenance margin, all else equal; undefined while flat or when no
 * positive price would do it. Cross margin: `(WB + other profit - other maintenance - side·|q|·EP) / (|q|·(MMR - side))`.
 */
export function liquidationPrice(account: SimulatedAccount, markets: Iterable<Market>, of: Market): Decimal | undefined {
  const entry = of.position.entryPrice;
  if (entry === undefined || of.instrument.spec.kind === 'spot') return undefined;
  let wallet = moneyOf(account.ledger.holdings);
  for (const market of markets) {
    if (market === of || market.position.lots === 0) continue;
    const maintenance = moneyOf(positionValue(market)).abs().times(market.instrument.spec.maintenanceRate);
    wallet = wallet.plus(moneyOf(market.position.unrealised(market.mark))).minus(maintenance);
  }
  const side = of.position.lots > 0 ? 1 : -1;
  const size = of.instrument.size(lots(Math.abs(of.position.lots)));
  const price = wallet.minus(size.times(entry).times(side)).div(size.times(of.instrument.spec.maintenanceRate.minus(side)));
  return price.gt(0) ? price : undefined;
}
