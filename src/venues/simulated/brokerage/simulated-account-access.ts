import type { Balance, VenuePosition } from '../../../domain/market.js';
import type { Fill, FundingPayment } from '../../../domain/order.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { AccountTerms } from '../../../ports/venue/account-terms.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { Page } from '../../../ports/venue/page.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import type { Transfer } from '../../../ports/venue/transfer.js';
import type { OrderLookup, VenueOrder } from '../../../ports/venue/venue-order.js';
import { accountSnapshot, balancesOf, openingTransfer, positionsOf, termsOf } from './account-views.js';
import { settled } from './settled.js';
import type { Subscriptions } from './subscriptions.js';
import { opened, type SimulatedVenue } from './venue.js';

const FILLS_PER_PAGE = 500;

/** What the exchange inside keeps of our account; settled when it is returned. */
export class SimulatedAccountAccess implements AccountAccess {
  constructor(
    private readonly venue: SimulatedVenue,
    private readonly config: ConfigController,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** Stable from run to run: the bot has one account here. */
  get accountId(): string {
    return `simulated-${this.config.current.botId}`;
  }

  listBalances(): Promise<readonly Balance[]> {
    return settled(() => balancesOf(opened(this.venue)));
  }

  listPositions(): Promise<readonly VenuePosition[]> {
    return settled(() => positionsOf(opened(this.venue)));
  }

  getOrder(ref: OrderRef): Promise<OrderLookup> {
    return settled(() => {
      const order = opened(this.venue).find(ref);
      return order === undefined ? { found: false } : { found: true, order: order.toVenueOrder() };
    });
  }

  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]> {
    return settled(() =>
      opened(this.venue)
        .openOrders(symbol)
        .map((order) => order.toVenueOrder()),
    );
  }

  /** The cursor is the position in the account's list of fills, which only grows. */
  listFills(since: number, cursor?: string): Promise<Page<Fill>> {
    return settled(() => {
      const { fills } = opened(this.venue);
      const items: Fill[] = [];
      let index = cursor === undefined ? 0 : Number(cursor);
      for (; index < fills.length && items.length < FILLS_PER_PAGE; index += 1) {
        const fill = fills[index];
        if (fill !== undefined && fill.at >= since) items.push(fill);
      }
      return index < fills.length ? { items, next: String(index) } : { items };
    });
  }

  listFundingPayments(since: number): Promise<readonly FundingPayment[]> {
    return settled(() => opened(this.venue).fundings.filter((payment) => payment.at >= since));
  }

  listTransfers(since: number): Promise<readonly Transfer[]> {
    return settled(() => {
      const transfer = openingTransfer(opened(this.venue));
      return transfer !== undefined && transfer.at >= since ? [transfer] : [];
    });
  }

  describeAccount(symbols: readonly string[]): Promise<AccountTerms> {
    return settled(() => termsOf(opened(this.venue), symbols));
  }

  getAccountSnapshot(): Promise<Readonly<Record<string, unknown>>> {
    return settled(() => ({
      account_id: this.accountId,
      ...accountSnapshot(opened(this.venue), this.config.current.simulation.matching.maxOpenOrders),
    }));
  }

  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    return settled(() => {
      const stop = opened(this.venue).onAccount(sink);
      return this.subscriptions.track([stop], signal);
    });
  }
}
