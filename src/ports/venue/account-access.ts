import type { Balance, VenuePosition } from '../../domain/market.js';
import type { Fill, FundingPayment } from '../../domain/order.js';
import { token } from '../../injection/token.js';
import type { AccountEvent } from './account-event.js';
import type { AccountTerms } from './account-terms.js';
import type { OrderRef } from './order-ref.js';
import type { Page } from './page.js';
import type { Subscription } from './subscription.js';
import type { Transfer } from './transfer.js';
import type { OrderLookup, VenueOrder } from './venue-order.js';

/**
 * What the venue knows of our account: as it stands, as it became so, and as it changes. Changes nothing itself. An
 * error may carry `retryAfterMs`, how long the venue wants to be left alone: nothing is asked again before that.
 */
export interface AccountAccess {
  listBalances(): Promise<readonly Balance[]>;
  listPositions(): Promise<readonly VenuePosition[]>;
  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]>;
  getOrder(ref: OrderRef): Promise<OrderLookup>;
  /** Fills at or after `since`, oldest first. */
  listFills(since: number, cursor?: string): Promise<Page<Fill>>;
  /** Where `capabilities.fundingPayments`. */
  listFundingPayments(since: number): Promise<readonly FundingPayment[]>;
  /** Where `capabilities.transfers`. */
  listTransfers(since: number): Promise<readonly Transfer[]>;
  /** How the account trades these symbols. Where `capabilities.accountTerms`. */
  describeAccount(symbols: readonly string[]): Promise<AccountTerms>;
  /** Where `capabilities.accountSnapshots`. */
  getAccountSnapshot(): Promise<Readonly<Record<string, unknown>>>;
  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription>;
}
export const AccountAccess = token<AccountAccess>('AccountAccess');
