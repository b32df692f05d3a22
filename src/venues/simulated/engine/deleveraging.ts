import { units } from '../../../domain/units.js';
import type { Market } from '../core/market.js';
import { marginBalance } from '../core/margin.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import type { Holding } from '../core/positions.js';

/** Places of the queue: who stands in the highest is deleveraged first. */
const QUANTILES = 5;

/**
 * Rank in the queue of auto-deleveraging: profit over entry value, times effective leverage (notional over margin
 * balance); a losing position's loss is divided by it instead. 0 while flat.
 * Source: Binance, "What Is Auto-Deleveraging (ADL) and How Does It Work?": PNL percentage × effective leverage.
 */
function deleverageRank(
  account: SimulatedAccount,
  markets: Iterable<Market>,
  market: Market,
  holding: Holding,
): number {
  const { position } = holding;
  if (position.lots === 0) return 0;
  const profit = position.unrealised(market.mark) / Math.abs(position.cost);
  const balance = marginBalance(account, markets, market, holding);
  const leverage = Math.abs(market.instrument.notionalAtMark(market.mark, position.lots)) / Math.max(1, balance);
  return profit > 0 ? profit * leverage : profit / leverage;
}

/** Positions of one side that could take the other side of a bankruptcy, the first to be deleveraged first. */
export function deleverageQueue(
  account: SimulatedAccount,
  markets: ReadonlyMap<string, Market>,
  market: Market,
  long: boolean,
): readonly Holding[] {
  return market.holdings.all
    .filter(({ position }) => position.lots !== 0 && position.lots > 0 === long)
    .map((holding) => ({ holding, rank: deleverageRank(account, markets.values(), market, holding) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ holding }) => holding);
}

/**
 * Place of a position among those this exchange knows on its side, 1 (last) to 5 (next). Positions of others are not
 * known one by one: a profitable position stands in front of its side, a losing one at its end.
 */
export function deleverageQuantile(
  account: SimulatedAccount,
  markets: ReadonlyMap<string, Market>,
  market: Market,
  holding: Holding,
): number {
  const { position } = holding;
  if (!(position.unrealised(market.mark) > units(0))) return 1;
  const queue = deleverageQueue(account, markets, market, position.lots > 0);
  return Math.ceil((QUANTILES * (queue.length - queue.indexOf(holding))) / queue.length);
}
