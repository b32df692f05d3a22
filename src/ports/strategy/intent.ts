import type { Instrument } from '../../domain/instrument.js';
import type {
  OrderRole,
  OrderType,
  PositionSide,
  Side,
  TimeInForce,
  TriggerPrice,
  Values,
} from '../../domain/order.js';
import type { KeptPlace } from '../../domain/orders/origin.js';
import type { Lots, Ticks } from '../../domain/units.js';
import type { ListPlace } from '../core-services/risk-manager.js';

/** Every intent says why. `why` is one of few sentences; what differs from time to time goes into `values`. */
export interface Why {
  readonly why: string;
  readonly values?: Values;
}

/** One order as a strategy asks for it. In integers; whoever holds decimals converts by `instrument`. */
export interface Intent extends Why {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly type: OrderType;
  readonly lots: Lots;
  readonly limit?: Ticks;
  readonly stop?: Ticks;
  readonly triggerBy?: TriggerPrice;
  /** Default: GTC for what rests, the configured one for market orders. */
  readonly timeInForce?: TimeInForce;
  /** Epoch milliseconds; with GTD. */
  readonly goodTill?: number;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly closePosition?: true;
  readonly positionSide?: PositionSide;
  readonly leverage?: number;
  readonly trailBps?: number;
  readonly activation?: Ticks;
  readonly role: OrderRole;
  /**
   * Letters, digits and `-_.:/`, at most 40. Unique among this strategy's open orders: a second one of the same tag is
   * refused (`duplicate_tag`).
   */
  readonly tag: string;
}

/** Orders that belong together. Either all pass every check, in the order given, or none is sent. */
export type IntentList =
  /** Nothing but company: one request where the venue takes several at once. */
  | { readonly kind: 'batch'; readonly intents: readonly Intent[] }
  /** The first execution of one, even a partial one, ends the others. */
  | { readonly kind: 'oco'; readonly intents: readonly Intent[] }
  /** Exits sleep until the entry fills, and each takes off its own size of what that has filled. */
  | { readonly kind: 'followers'; readonly entry: Intent; readonly exits: readonly Intent[] }
  /** The same, and they share what has filled: they reduce each other by what each executes. */
  | { readonly kind: 'bracket'; readonly entry: Intent; readonly exits: readonly Intent[] };

/** An intent under the name by which it is found for ever. */
export interface NamedIntent extends Intent {
  /** Of an intent of a list: which others of it it belongs to. */
  readonly within?: ListPlace;
  /** With an exit at market: it goes on, whatever its size, until the position is gone. */
  readonly isWhole?: true;
  /** Strategy that reports group by. */
  readonly strategy: string;
  readonly instance: string;
  readonly nth: number;
  /** Of a list that the bot keeps. */
  readonly kept?: KeptPlace;
}

/** Which orders: all that are named must hold. */
export interface OrderFilter {
  readonly symbol?: string;
  readonly side?: Side;
  readonly role?: OrderRole;
  /** The tag, or what a tag begins with when it ends in `*`. */
  readonly tag?: string;
}
