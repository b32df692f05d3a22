import { liquidationPriceOf } from '../../../domain/liquidation-price.js';
import type { Decimal } from '../../../domain/decimal.js';
import { signOf, type PositionSide, type Side } from '../../../domain/order.js';
import { exact, lots, units, type Lots, type MarkUnits, type Ticks, type Units } from '../../../domain/units.js';
import { initialMarginOf, type SimulatedAccount } from './simulated-account.js';
import type { Market } from './market.js';
import type { Holding } from './positions.js';

/** An order that is not open yet, as margin sees it. `value` is unsigned. */
export interface ProspectiveOrder {
  readonly side: Side;
  readonly value: Units;
  readonly lots: Lots;
  /** What it loses by opening at its price while the mark is where it is. */
  readonly loss: number;
  /** The position of a hedged account that it belongs to. */
  readonly positionSide?: PositionSide;
}

const SIDES: readonly Side[] = ['buy', 'sell'];

/** Value of a position at mark, signed like it; zero while flat, whether or not there is a mark. */
export const holdingValue = (market: Market, { position }: Holding): Units =>
  units(position.lots === 0 ? 0 : market.instrument.notionalAtMark(market.mark, position.lots));

/** What backs orders and cross positions: cash, and the profit of every position that is not isolated. */
export function equityOf(account: SimulatedAccount, markets: Iterable<Market>): Units {
  let equity: number = account.ledger.cash;
  for (const market of markets) {
    if (market.holdings.mode === 'isolated') continue;
    for (const { position } of market.holdings.all) equity += position.unrealised(market.mark);
  }
  return units(exact(equity, 'Equity'));
}

/** Everything the account is worth at mark, isolated positions included. */
export function totalEquity(account: SimulatedAccount, markets: Iterable<Market>): Units {
  let equity: number = account.ledger.holdings;
  for (const market of markets)
    for (const { position } of market.holdings.all) equity += position.unrealised(market.mark);
  return units(exact(equity, 'Equity'));
}

/**
 * What one instrument binds of `equityOf`: for each position, on the worse side of it, the initial margin of it plus
 * its open orders, and the loss with which those orders would open. Orders that only reduce need none. An isolated
 * position has been given its own margin: only what its orders would add to it is bound. Source: Binance USD-M, "cost
 * = initial margin + open loss", "initial margin = notional / leverage, open orders included".
 */
export function initialMargin(market: Market, leverage: number, extra?: ProspectiveOrder): Units {
  let total = 0;
  const isolated = market.holdings.mode === 'isolated';
  for (const holding of market.holdings.all) {
    const held: number = holdingValue(market, holding);
    let most = 0;
    for (const side of SIDES) {
      const value = valueOn(side, market, holding, held, extra);
      const bound = isolated ? Math.max(0, value - Math.abs(held)) : value;
      const loss = openLossOn(side, market, holding, extra);
      if (bound > 0 || loss > 0) most = Math.max(most, initialMarginOf(bound, leverage) + loss);
    }
    total += most;
  }
  return units(exact(total, 'Margin'));
}

/** What an order at this price loses by opening while the mark is where it is; nothing for spot. */
export function openLoss(market: Market, side: Side, price: Ticks, size: Lots): number {
  const { instrument, mark } = market;
  if (instrument.spec.kind === 'spot' || Number.isNaN(mark)) return 0;
  const signed = lots(signOf(side) * size);
  return Math.max(0, instrument.value(price, signed) - instrument.valueAtMark(mark, signed));
}

/**
 * Open loss of the orders of one side: none while they only close; where they would turn the position, what they lose
 * by closing counts too, as it is gone before anything opens. Source: Binance USD-M, number of contracts of the order
 * times what its price is worse than the mark. Orders that wait for a trigger, for their entry or for the next price
 * have none yet.
 */
function openLossOn(side: Side, market: Market, holding: Holding, extra: ProspectiveOrder | undefined): number {
  let loss = 0;
  let size = 0;
  for (const order of market.book.size === 0 ? [] : market.book.all()) {
    const { request, remaining } = order;
    if (request.side !== side || request.reduceOnly || request.options?.positionSide !== holding.side) continue;
    size += remaining;
    if (request.limit === undefined || order.isStop || order.asleep) continue;
    loss += openLoss(market, side, request.limit, remaining);
  }
  if (extra !== undefined && extra.side === side && extra.positionSide === holding.side) {
    size += extra.lots;
    loss += extra.loss;
  }
  const closes = Math.max(0, -signOf(side) * holding.position.lots);
  return size > closes ? loss : 0;
}

/** Unsigned value of a position when all that is open on one side of it has filled. */
function valueOn(
  side: Side,
  market: Market,
  holding: Holding,
  held: number,
  extra: ProspectiveOrder | undefined,
): number {
  // The long position of a hedged account is closed by sells, and only closed.
  if (holding.side !== undefined && (holding.side === 'long') !== (side === 'buy')) return 0;
  let value = held;
  if (market.book.size > 0) {
    for (const order of market.book.all()) {
      const { request } = order;
      if (request.side !== side || request.reduceOnly || request.options?.positionSide !== holding.side) continue;
      value += signOf(side) * market.instrument.notional(order.marginPrice, order.remaining);
    }
  }
  if (extra !== undefined && extra.side === side && extra.positionSide === holding.side)
    value += signOf(side) * extra.value;
  return exact(Math.abs(value), 'Margin base');
}

/** Unsigned value of a position when all that is open on its worse side has filled. */
const worstValue = (market: Market, holding: Holding, held: number, extra: ProspectiveOrder | undefined): number =>
  Math.max(valueOn('buy', market, holding, held, extra), valueOn('sell', market, holding, held, extra));

/** Unsigned value of the largest of the instrument's positions once its open orders and `extra` have filled. */
function worstNotional(market: Market, extra?: ProspectiveOrder): number {
  let worst = 0;
  for (const holding of market.holdings.all)
    worst = Math.max(worst, worstValue(market, holding, holdingValue(market, holding), extra));
  return worst;
}

/**
 * Why a position may not grow to the worst that is open, at this leverage; undefined when it may. Source: Binance
 * USD-M, error -2027 "Exceeded the maximum allowable position at current leverage".
 */
export function bracketRefusal(market: Market, leverage: number, extra: ProspectiveOrder): string | undefined {
  const { instrument } = market;
  const { margin, spec } = instrument;
  if (spec.tiers === undefined) return undefined;
  const worst = worstNotional(market, extra);
  const cap = margin.capAt(leverage);
  if (worst <= cap || worst <= worstNotional(market)) return undefined;
  return `A position of ${spec.symbol} must be worth at most ${instrument.money(units(cap)).toString()} ${spec.settle} at leverage ${leverage}, would be ${instrument.money(units(worst)).toString()}.`;
}

/**
 * Why the leverage of a market with an open position may not become this; undefined when it may. An isolated position
 * keeps its margin, so its leverage is never lowered. Source: Binance USD-M, errors -2027 and -4161.
 */
export function leverageRefusal(market: Market, before: number, leverage: number): string | undefined {
  const { symbol, instrument, holdings } = market;
  const cap = instrument.margin.capAt(leverage);
  if (leverage !== before && holdings.all.some((holding) => Math.abs(holdingValue(market, holding)) > cap))
    return `A position of ${symbol} must be worth at most ${instrument.money(units(cap)).toString()} at leverage ${leverage}.`;
  if (leverage < before && holdings.mode === 'isolated' && !holdings.isFlat)
    return `Leverage of ${symbol} must not be lowered from ${before} while an isolated position is open, was ${leverage}.`;
  return undefined;
}

/** Initial margin of every instrument but one. */
export function marginElsewhere(
  account: SimulatedAccount,
  markets: Iterable<Market>,
  except: Market | undefined,
): Units {
  let total = 0;
  for (const market of markets) {
    if (market === except || (market.book.size === 0 && market.holdings.isFlat)) continue;
    total += initialMargin(market, account.leverageOf(market.symbol));
  }
  return units(exact(total, 'Margin'));
}

/** Maintenance margin of a position at a mark, rounded up; zero while flat and for spot. */
export function maintenanceAt(market: Market, { position }: Holding, mark: MarkUnits): number {
  if (position.lots === 0 || market.instrument.spec.kind === 'spot') return 0;
  return market.instrument.margin.maintenance(Math.abs(market.instrument.notionalAtMark(mark, position.lots)));
}

/** What one position of an isolated market is worth, or what all cross positions are worth together with cash. */
export function marginBalance(
  account: SimulatedAccount,
  markets: Iterable<Market>,
  market: Market,
  holding: Holding,
): number {
  return market.holdings.mode === 'isolated'
    ? holding.wallet + holding.position.unrealised(market.mark)
    : equityOf(account, markets);
}

/** Maintenance margin that this balance must exceed. */
export function maintenanceOf(markets: Iterable<Market>, market: Market, holding: Holding): number {
  if (market.holdings.mode === 'isolated') return maintenanceAt(market, holding, market.mark);
  let total = 0;
  for (const other of markets) {
    if (other.holdings.mode === 'isolated') continue;
    for (const each of other.holdings.all) total += maintenanceAt(other, each, other.mark);
  }
  return exact(total, 'Maintenance margin');
}

/**
 * What a market's cross positions may lose besides their own profit: cash, and the profit less the maintenance margin
 * of every other cross market. Source: Binance USD-M, "WB - TMM1 + UPNL1".
 */
function crossBacking(account: SimulatedAccount, markets: Iterable<Market>, of: Market): number {
  let backing: number = account.ledger.cash;
  for (const market of markets) {
    if (market === of || market.holdings.mode === 'isolated') continue;
    for (const each of market.holdings.all)
      backing += each.position.unrealised(market.mark) - maintenanceAt(market, each, market.mark);
  }
  return exact(backing, 'Margin balance');
}

/**
 * Mark at which the position falls to its maintenance margin, all else equal; undefined while flat or when no positive
 * price would do it. Two cross positions of one instrument share it.
 */
export function liquidationPrice(
  account: SimulatedAccount,
  markets: Iterable<Market>,
  of: Market,
  holding: Holding = of.holdings.net,
): Decimal | undefined {
  if (holding.position.lots === 0 || of.instrument.spec.kind === 'spot') return undefined;
  if (of.holdings.mode === 'isolated')
    return liquidationPriceOf(of.instrument, of.instrument.money(holding.wallet), [holding.position]);
  const open = of.holdings.all.filter(({ position }) => position.lots !== 0).map(({ position }) => position);
  return liquidationPriceOf(of.instrument, of.instrument.money(units(crossBacking(account, markets, of))), open);
}
