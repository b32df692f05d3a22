import { signOf, type OrderRequest } from '../../../domain/order.js';
import { lots, type Lots, type Ticks, type Units } from '../../../domain/units.js';
import { initialMarginOf, type SimulatedAccount } from '../core/simulated-account.js';
import { isSolventAt } from '../core/bankruptcy.js';
import { equityOf } from '../core/margin.js';
import type { Market } from '../core/market.js';
import type { Holding } from '../core/positions.js';

const BANKRUPT = 'bankruptcy: a position is closed at its bankruptcy price or better';
const UNBACKED = 'insufficient_margin: free cash does not cover the margin and fee of its execution';

/**
 * What may execute, so that no order leaves a debt. An order closes a position at its bankruptcy price or better:
 * beyond it the position is the liquidation's. What it adds to an isolated position is given its margin out of free
 * cash, which may have become less since the order was accepted. Where nothing is liquidated the first rule does not
 * hold.
 */
export class ExecutionGuard {
  liquidates = false;

  constructor(
    private readonly account: SimulatedAccount,
    private readonly markets: ReadonlyMap<string, Market>,
  ) {}

  /** Why the order may not execute like this; undefined when it may. */
  refusal(market: Market, { side, options }: OrderRequest, size: Lots, price: Ticks, fee: Units): string | undefined {
    const { instrument, holdings, symbol } = market;
    const isolated = holdings.mode === 'isolated';
    const holding = holdings.of(options?.positionSide);
    const { position, wallet } = holding;
    const closes = position.lots * signOf(side) < 0;
    if (
      closes &&
      this.liquidates &&
      instrument.spec.kind !== 'spot' &&
      !isSolventAt(position, this.backing(market, holding, price, fee), price)
    )
      return BANKRUPT;
    const opened = closes ? size - Math.abs(position.lots) : size;
    if (!isolated || opened <= 0) return undefined;
    const freed = closes ? wallet + position.unrealised(instrument.marksOfTicks(price)) : 0;
    const needed =
      initialMarginOf(Math.abs(instrument.notional(price, lots(opened))), this.account.leverageOf(symbol)) - fee;
    // What cross positions have lost is not free, although it is still in cash.
    const free = Math.min(this.account.ledger.cash, equityOf(this.account, this.markets.values()));
    return needed > free + freed ? UNBACKED : undefined;
  }

  /**
   * What the position may lose besides its own profit, once the fee is paid: out of cash, where an isolated one has
   * any.
   */
  private backing(market: Market, holding: Holding, price: Ticks, fee: Units): number {
    if (market.holdings.mode === 'isolated') return holding.wallet + Math.min(0, this.account.ledger.cash + fee);
    return this.crossBacking(market, holding, price) + Math.min(0, fee);
  }

  /**
   * What a cross position may lose: the account without it. On a bar's path the market's other side stands where the
   * path does.
   */
  private crossBacking(market: Market, closed: Holding, price: Ticks): number {
    const { instrument, mark, hasMarkFeed, walking } = market;
    const now = walking && !hasMarkFeed ? instrument.marksOfTicks(price) : mark;
    let backing: number = equityOf(this.account, this.markets.values());
    for (const holding of market.holdings.all) {
      backing -= holding.position.unrealised(mark);
      if (holding !== closed) backing += holding.position.unrealised(now);
    }
    return backing;
  }
}
