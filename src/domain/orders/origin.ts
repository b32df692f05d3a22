/** What an order is for. Reports group by it, and rules about protection hang on it. */
export type OrderRole =
  /** Opens or adds. */
  | 'entry'
  /** Closes or reduces, now or at a better price. */
  | 'exit'
  /** Protects: reduces at a worse price. */
  | 'stop'
  /** Reduces at a target. */
  | 'take_profit'
  /** Rests on both sides, by intent on neither. */
  | 'quote'
  /** The second leg of something. */
  | 'hedge'
  /** Brings the position to a target, in whichever direction. */
  | 'target';

/** Numbers that go with a reason: they stand beside it in the journal and never make a new reason of it. */
export type Values = Readonly<Record<string, number>>;

export interface OrderOrigin {
  readonly strategy: string;
  readonly reason: string;
  readonly decidedAt: number;
  /** Of an order that a strategy named itself; absent for one that was made of a decision. */
  readonly asked?: AskedBy;
}

/** Under which name a strategy asked for an order: how it finds the order again. */
export interface AskedBy {
  /** The strategy and what it trades: `name@SYMBOL`. */
  readonly instance: string;
  /** The strategy's own name of the order, unique among its open ones. */
  readonly tag: string;
  /** Which intent of this tag it was, from 1: `instance/tag/nth` is one order for ever. */
  readonly nth: number;
  readonly role: OrderRole;
  readonly values?: Values;
  /** What the bot keeps of its list, where the venue does not. */
  readonly kept?: KeptPlace;
}

/** The place of an order in a list that the bot keeps. Rides on the records of the order, and is found with it. */
export interface KeptPlace {
  /** Orders of one name end each other; those that have slept behind one entry share what that has filled. */
  readonly group?: string;
  /** Of the entry: exits that are sent with its fills, as the host of strategies writes them. */
  readonly asleep?: readonly AsleepRecord[];
}

/** An exit that has not been sent. Prices and sizes as text. */
export interface AsleepRecord extends Readonly<Record<string, string | number | boolean | Values | undefined>> {
  readonly tag: string;
  readonly nth: number;
  readonly role: OrderRole;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly quantity: string;
  readonly why: string;
}
