import type { Decision, SizeCut } from '../../domain/decision.js';
import type { Instrument } from '../../domain/instrument.js';
import type { MarketSnapshot } from '../../domain/market.js';
import type { Fill, Order, OrderChange, OrderRequest, OrderTerms } from '../../domain/order.js';
import type { SendingReport, StatusReport } from '../../domain/order-state.js';
import type { Position } from '../../domain/position.js';
import type { Approved } from '../../domain/risk.js';
import type { Lots, MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';
import type { AccountEvent } from '../venue/account-event.js';
import type { NamedIntent } from '../strategy/intent.js';
import type { OrderEffect, OrderIntent } from './risk-manager.js';

/** What became of a decision at once; the order's own fate comes back as events. */
export type Submission =
  | { readonly outcome: 'submitted'; readonly clientId: string; readonly cut?: SizeCut }
  | { readonly outcome: 'refused'; readonly check: string; readonly reason: string }
  | { readonly outcome: 'dry_run' }
  | { readonly outcome: 'nothing'; readonly reason: string };

/** The seed's execution coordinator: decisions in, and the owner of the guard and order-reconciliation tasks. */
export interface ExecutionCoordinator {
  /**
   * Computes side, size, reduce-only and time in force of the order, once; hands it to the engine; counts it. Returns
   * at once. Never throws for an ordinary refusal.
   */
  executeDecision(
    instrument: Instrument,
    decision: Decision,
    mark: MarkUnits,
    position: Position,
    now: number,
    snapshot?: MarketSnapshot,
  ): Submission;
  /**
   * The same way for an order that a strategy has named itself: what it says is sent or refused, and only ever made
   * smaller. Absent: strategies by events cannot place orders.
   */
  executeIntent?(intent: NamedIntent, mark: MarkUnits | undefined, now: number, snapshot?: MarketSnapshot): Submission;
  /** The same for several that belong together: all of them are sent, or none. Absent: lists cannot be placed. */
  executeIntents?(
    list: readonly NamedIntent[],
    mark: MarkUnits | undefined,
    now: number,
    snapshot?: MarketSnapshot,
  ): readonly Submission[];
  /** Changes an order that a strategy has named; see `ExecutionEngine.amend`. Absent: nothing can be changed. */
  amend?(clientId: string, change: OrderChange, now: number): AmendAsk;
  /** Asks for the end of an order that a strategy has named; see `OrderGateway.cancel`. */
  withdraw?(clientId: string): Promise<'cancelled' | 'not_open' | 'unknown'>;
  /** A close of the symbol goes on by itself, until nothing is held. Absent: none does. */
  isClosing?(symbol: string): boolean;
  /** Nothing more is sent of such a close. */
  stopClosing?(symbol: string): void;
  runRuntimeGuards(signal: AbortSignal): Promise<void>;
  runOrderReconciliation(signal: AbortSignal): Promise<void>;
}
export const ExecutionCoordinator = token<ExecutionCoordinator>('ExecutionCoordinator');

/**
 * Rules of the venue, risk and preview in fixed order, then the gateway: the first objection refuses the order. The
 * live engine and the advanced one (stops the venue cannot hold, post-only by a fresh quote, cancel and replace) stand
 * behind this one token.
 */
export interface ExecutionEngine {
  readonly kind: 'live' | 'advanced';
  /** `effect` is risk's answer about this very intent, where the caller has just asked; absent: it is asked here. */
  place(intent: OrderIntent, now: number, effect?: OrderEffect): Submission;
  /**
   * Several orders, in the order given: all of them are sent, or none, and then each answers with the first refusal.
   * Those that belong together say so in `within`. What the venue takes as one parcel leaves as one; each has an
   * outcome of its own. The engine holds no stop of a list itself.
   */
  placeList(intents: readonly OrderIntent[], now: number): readonly Submission[];
  /** Changes an open order of ours, as `OrderGateway.amend`, within the venue's rules and risk's limits. */
  amend(clientId: string, change: OrderChange, now: number): AmendAsk;
  /** Asks for the end of several orders of ours, as `OrderGateway.cancelMany`. */
  cancelMany(clientIds: readonly string[], why?: 'safety'): Promise<readonly CancelOutcome[]>;
  /**
   * Records a refusal that was decided before the engine was asked: journal and log once per symbol, check and minute.
   */
  refuse(intent: OrderIntent, check: string, reason: string, now: number): Submission;
  /**
   * Asks the venue what is open and cancels ours, orders we have forgotten included, and stops that are held here; but
   * none that `spares` says yes to. Waits for no order's answer.
   */
  cancelAll(reason: string, spares?: Spares): Promise<CancelReport>;
  /** Gives the stops that the engine holds itself to the venue, as the nearest kind that it takes. */
  handOverStops?(now: number): void;
  /** No timer is left: the venue is being left. */
  release?(): void;
  metrics(): Readonly<Record<string, number>>;
  /** A new mark, for engines that hold stops themselves. Allocates nothing while no stop of this symbol waits. */
  onMark?(symbol: string, mark: MarkUnits, now: number): void;
}
/** Says of an order by what it can do whether it is left where it is. */
export type Spares = (order: Pick<OrderTerms, 'type' | 'side' | 'reduceOnly'> & { readonly symbol: string }) => boolean;
export interface CancelReport {
  readonly cancelled: readonly string[];
  /** May still be live. */
  readonly unconfirmed: readonly string[];
}
export const ExecutionEngine = token<ExecutionEngine>('ExecutionEngine');

/**
 * What became of the wish to change an order at once; what becomes of the change is told by `OrderGateway.onAmended`.
 * `unchanged`: it stands so, or is becoming so. `queued`: an earlier change of it, or the order itself, is on its way;
 * the newest of those waiting is sent when that is over.
 */
export type AmendAsk =
  | { readonly outcome: 'asked' | 'unchanged' | 'queued' }
  | { readonly outcome: 'refused'; readonly check: string; readonly reason: string };

/**
 * What became of a change. `amended`: the order stands under the new terms. `refused`: it goes on, or has ended, under
 * its old ones, and why. `ended`: the change has ended it. `replaced`: it has ended, and its rest is another order.
 * `unknown`: nobody knows; another of these follows.
 */
export interface AmendNews {
  readonly clientId: string;
  readonly outcome: 'amended' | 'refused' | 'ended' | 'replaced' | 'unknown';
  readonly change: OrderChange;
  readonly check?: string;
  readonly reason?: string;
  /** Client id of what has replaced it. */
  readonly by?: string;
}

/** What the gateway asks about a change, when its turn has come. */
export interface ChangeHands {
  /** The venue's rules and risk, of the order as it stands now; `isSentAnew`: as another order in its place. */
  readonly judge: (order: Order, change: OrderChange, now: number, isSentAnew: boolean) => ChangeVerdict;
  /** Sends the rest of an order that has ended, under its new terms. */
  readonly replace: (order: Order, change: OrderChange, left: Lots, now: number) => Submission;
}
export type ChangeVerdict =
  Approved<OrderChange> | { readonly approved: false; readonly check: string; readonly reason: string };

/** `not_open`: nothing is left to cancel, the order has been looked up. */
export type CancelOutcome = 'cancelled' | 'not_open' | 'unknown';

/**
 * Runs after the intent is durable and before the bytes leave; an answer says why not. Bounds its own time, never
 * rejects.
 */
export type PreSendCheck = (request: OrderRequest) => Promise<string | undefined>;

/**
 * The one writer of orders. Every change passes here once, in order: reserved exposure, orders store, trace, log,
 * listeners. News that arrives late, twice or out of order is tolerated; what no order of events explains is
 * journaled as `order_anomaly` and changes nothing.
 */
export interface OrderLog {
  /** The newest value, whether it is still open or not. */
  find(clientId: string): Order | undefined;
  /** The order a fill belongs to: by client id, else by any of the venue's ids. */
  match(fill: Fill): Order | undefined;
  /** Not proven dead, unknown ones included. */
  open(): readonly Order[];
  all(): IterableIterator<Order>;
  /** Counts a new intent in exposure, at once. */
  reserve(order: Order): void;
  /** Resolves when the intent is on disk. */
  makeDurable(order: Order): Promise<void>;
  /** Applies a status; returns the value that now holds, undefined for an order nobody here knows. */
  report(clientId: string, report: StatusReport | SendingReport): Order | undefined;
  /** Applies one fill to its order, after the portfolio has. */
  fill(order: Order, fill: Fill): void;
  /** A fill that no order explains, after the portfolio has it: counted by the order that turns out to be its. */
  unmatched(fill: Fill): void;
  /** Replaces an order whole: adoption from the venue, recovery, a change, an order thought dead that lives. */
  replace(order: Order): void;
  onChange(listener: (order: Order, previous: Order | undefined) => void): () => void;
}
export const OrderLog = token<OrderLog>('OrderLog');

/**
 * The single door to the venue for orders. Reserves exposure synchronously, makes the intent durable, sends entries of
 * one symbol in order and what reduces at once, and turns the three outcomes into order states. Accepts nothing that
 * risk has not approved.
 */
export interface OrderGateway {
  /** Returns the planned order at once. */
  submit(intent: Approved<OrderIntent>, now: number, checks?: readonly PreSendCheck[]): Order;
  /**
   * Several at once, in the order given: all are reserved before the first leaves, and what they call each other
   * (`within`) becomes their ids. One parcel for a symbol where the venue has batches. Throws, with nothing reserved,
   * as `submit` does.
   */
  submitList(list: readonly Approved<OrderIntent>[], now: number, checks?: readonly PreSendCheck[]): readonly Order[];
  /**
   * Changes an open order: in place where the venue does that for its kind, else it is cancelled, and once its end and
   * all its fills are known its rest is sent as another order (`Order.replaces`). The intent is durable before the
   * bytes leave; until it is known what became of it the larger of old and new is reserved. A cancellation drops what
   * waits.
   */
  amend(clientId: string, change: OrderChange, now: number, hands: ChangeHands): AmendAsk;
  onAmended(listener: (news: AmendNews) => void): () => void;
  /**
   * Why an entry of this symbol waits: for a pause that the venue has asked for, or after refusals in a row. What
   * `reduces` waits for a pause alone that was told in answer to what reduces. Undefined when it need not. Asked again
   * as its bytes leave.
   */
  objection(symbol: string, now: number, reduces?: boolean): string | undefined;
  /**
   * Waits for no order's answer. `not_open`: nothing is left to cancel; the order has been looked up. `safety`: it
   * empties the book, and counts against no budget of messages.
   */
  cancel(clientId: string, why?: 'safety'): Promise<CancelOutcome>;
  /** The same for several, in as few requests as the venue allows; each has its own outcome, in the order given. */
  cancelMany(clientIds: readonly string[], why?: 'safety'): Promise<readonly CancelOutcome[]>;
  /**
   * Looks up orders whose outcome is unknown and moves them to the venue's truth; lost only by proof. Returns how many
   * it settled.
   */
  resolveUnknown(now: number): Promise<number>;
  /** Refuses new submissions but those of orders that protect; what is in flight goes on. */
  close(): void;
}
export const OrderGateway = token<OrderGateway>('OrderGateway');

/** The one place where the venue's account events enter: orders, fills, funding, each applied once. */
export interface AccountStream {
  open(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
  /** Idempotent per trade id and payment id; safe in any order. */
  accept(event: AccountEvent): void;
  /**
   * Replays the journal's fills, payments and transfers into the portfolio, writing nothing. Called once, before
   * `open`.
   */
  restore(): void;
  /**
   * Fetches fills and payments since the last known and applies what is missing; `whole` asks for every fill since the
   * journal began. Rejects when the venue cannot tell.
   */
  backfill(whole?: boolean): Promise<number>;
  /**
   * Called whenever events may have been lost and the fills among them have been fetched: what orders stand is to be
   * asked anew. Absent where nothing is ever lost.
   */
  onRecovered?(listener: () => void): () => void;
}
export const AccountStream = token<AccountStream>('AccountStream');

/** Compares our open orders with the venue's. Failing to ask changes nothing. */
export interface OrderReconciler {
  reconcile(): Promise<OrderReconcileReport>;
}
export interface OrderReconcileReport {
  readonly localOpen: number;
  readonly venueOpen: number;
  readonly resolved: readonly string[];
  /** Orders that are not ours: counted, shown, untouched. */
  readonly quarantined: readonly string[];
  /** Still not explained. */
  readonly unexplained: readonly string[];
}
export const OrderReconciler = token<OrderReconciler>('OrderReconciler');

/** Compares the portfolio's positions with the venue's. Rejects when the venue cannot tell: that is never "flat". */
export interface PositionReconciler {
  /** What the account began with has not been told yet: it is asked for with every comparison, until it has. */
  readonly awaitsBalance?: boolean;
  reconcile(): Promise<PositionReconcileReport>;
}
export interface PositionReconcileReport {
  readonly matched: boolean;
  readonly drift: Readonly<Record<string, { readonly ours: string; readonly venue: string }>>;
}
export const PositionReconciler = token<PositionReconciler>('PositionReconciler');

/** The seven guards, each on its own, then one action. */
export interface RuntimeGuards {
  runAll(now: number): Promise<GuardReport>;
}
export interface GuardReport {
  readonly ran: readonly string[];
  readonly tripped: readonly string[];
  readonly failed: readonly { readonly guard: string; readonly recoverable: boolean; readonly message: string }[];
}
export const RuntimeGuards = token<RuntimeGuards>('RuntimeGuards');
