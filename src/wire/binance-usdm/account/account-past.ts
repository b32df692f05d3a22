import type { Decimal } from '../../../domain/decimal.js';
import { Past } from './past.js';
import { MONEY_MS } from './retention.js';
import type { WireFill } from './user-events.js';
import type { WireOrder } from './wire-order.js';

/** Where the venue's numbers begin. */
const FIRST_TRADE = 500_000_000;
const FIRST_TRANSACTION = 9_689_322_000_000;

/** Source: Binance, "Get Income History". Those that a server has reason to tell of. */
export type IncomeType =
  'TRANSFER' | 'WELCOME_BONUS' | 'AUTO_EXCHANGE' | 'REALIZED_PNL' | 'COMMISSION' | 'FUNDING_FEE' | 'INSURANCE_CLEAR';

/** Money that came or went, as `GET /fapi/v1/income` tells it. */
export interface Income {
  readonly type: IncomeType;
  readonly symbol: string;
  readonly amount: Decimal;
  readonly asset: string;
  readonly at: number;
  readonly id: number;
  readonly tradeId: string;
}

/** A fill as `GET /fapi/v1/userTrades` tells it. */
export interface UserTrade extends WireFill {
  readonly symbol: string;
  readonly order: WireOrder;
  readonly at: number;
}

/** What an account has traded, and what that and the rest has brought it. */
export class AccountPast {
  readonly trades = new Past<UserTrade>(MONEY_MS);
  readonly incomes = new Past<Income>(MONEY_MS);
  private lastTrade = FIRST_TRADE - 1;
  private lastTransaction = FIRST_TRANSACTION;

  nextTradeId(): number {
    return (this.lastTrade += 1);
  }

  income(row: Omit<Income, 'id' | 'tradeId'>, tradeId = ''): void {
    if (!row.amount.isZero()) this.incomes.add({ ...row, id: (this.lastTransaction += 1), tradeId });
  }

  /** A fill, and what it has realised and cost. */
  traded(trade: UserTrade): void {
    this.trades.add(trade);
    const { symbol, feeAsset: asset, at } = trade;
    const tradeId = String(trade.tradeId);
    this.income({ type: 'REALIZED_PNL', symbol, amount: trade.profit, asset, at }, tradeId);
    this.income({ type: 'COMMISSION', symbol, amount: trade.fee.negated(), asset, at }, tradeId);
  }
}
