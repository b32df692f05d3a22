import type { OrderRole, PositionSide, Side, TimeInForce, TriggerPrice } from '../../../../domain/order.js';
import type { OrderFilter, Why } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { Distance, Timeout } from '../../exits/exit-terms.js';
import type { Entry } from '../entries/entry-kinds.js';
import type { Exits, Quantity } from '../entries/entry-order.js';
import type { Price } from '../price.js';

/** What every order by itself says. */
export interface PlainOrder extends Why {
  readonly side: Side;
  /** In base currency, or contracts; rounded down to the step. */
  readonly quantity: Quantity;
  /** Unique among the strategy's open orders. Default: the role and a number, `entry/1`. */
  readonly tag?: string;
  /** Default: `entry`; of one that only reduces `exit`, or what its kind is: `stop`, `take_profit`. */
  readonly role?: OrderRole;
  readonly reduceOnly?: boolean;
  readonly positionSide?: PositionSide;
  readonly leverage?: number;
}

/** What a limit is, beside its size. A buy is rounded down, a sell up. */
export interface LimitTerms {
  readonly price: Price;
  readonly postOnly?: boolean;
}
/** What a stop, or a target with a trigger, is: with a limit it rests there once it is triggered. */
export interface TriggerTerms {
  readonly price: Price;
  readonly limit?: Price;
  readonly triggerBy?: TriggerPrice;
}

/** One order of a list. */
export type PlainSpec =
  | (PlainOrder & { readonly type: 'market' })
  | (PlainOrder & LimitTerms & { readonly type: 'limit' })
  | (PlainOrder & TriggerTerms & { readonly type: 'stop' })
  | (PlainOrder & TriggerTerms & { readonly type: 'take_profit' });

/**
 * Orders of one market, by themselves: for what the verbs do not say. The bot keeps nothing for them: one that opens a
 * position has no exits but those that are asked for. A size or a price that cannot be an order is refused on the
 * ticket.
 */
export interface MarketOrders {
  market(order: PlainOrder): OrderTicket;
  /** `timeout` counts from its acceptance, in bars from the newest; then it is cancelled. */
  limit(
    order: PlainOrder & LimitTerms & { readonly timeout?: Timeout; readonly timeInForce?: TimeInForce },
  ): OrderTicket;
  /** A trigger is rounded towards the market. */
  stop(order: PlainOrder & TriggerTerms & { readonly timeout?: Timeout }): OrderTicket;
  takeProfit(order: PlainOrder & TriggerTerms): OrderTicket;
  /** A stop that follows the best price at a distance of whole basis points; begins at `after`, else at once. */
  trailingStop(order: PlainOrder & { readonly by: Distance; readonly after?: Price }): OrderTicket;
  /**
   * An entry and its exits, which sleep until it fills: a stop, a trail and take-profits at prices. The entry's ticket;
   * its exits are its children. Two of them reduce each other by what each executes; more do not. The trail is a
   * trailing stop of the venue, of 10 to 1,000 whole basis points. What the bot would have to keep, break-even, a time
   * stop, steps, what counts in `r`, is that of `long` and `short`: STRAT-001.
   */
  bracket(entry: PlainOrder & { readonly entry?: Entry }, exits: Exits): OrderTicket;
  /** The first execution of one, even a partial one, ends the others. All are sent, or none. */
  oco(orders: readonly PlainSpec[]): readonly OrderTicket[];
  /** Nothing but company: one request where the venue takes several at once. All are sent, or none. */
  batch(orders: readonly PlainSpec[]): readonly OrderTicket[];
  /** Own orders of this market that may still execute, those of the verbs and of the exits among them. */
  readonly open: readonly OrderTicket[];
  /** The open order of a tag, else its newest; undefined where there was none. */
  find(tag: string): OrderTicket | undefined;
  /** How many were asked to end. Protecting orders of an open position stay. */
  cancelAll(why: string, filter?: Omit<OrderFilter, 'symbol'>): number;
}
