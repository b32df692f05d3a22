import type { SafetyState } from '../../domain/safety.js';
import type { OrderStatus } from '../../domain/order-state.js';
import type { OrderType, Side } from '../../domain/order.js';
import { token } from '../../injection/token.js';
import type { VenueReach } from '../runtime-state/venue-contact.js';
import type { AccountReview } from './account-review.js';

/** Who asks for something, and why. Both are journaled before it has any effect. */
export interface Operator {
  readonly actor: string;
  readonly reason: string;
}

/** A position as a person is told it: amounts are decimal text. */
export interface HeldPosition {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly size: string;
  readonly entryPrice: string | null;
  readonly markPrice: string | null;
  /** Since when the mark stands, world time; null or absent where it is not known. */
  readonly markAt?: number | null;
  /** How much of it is covered by stops that the venue holds: in HALTED nothing else gets it out. */
  readonly stopSize: string;
}

/** An order that rests or may still be live. */
export interface LiveOrder {
  readonly clientId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly size: string;
  readonly filled: string;
  readonly price: string | null;
  readonly stopPrice: string | null;
  readonly reduceOnly: boolean;
  /** A stop that can only reduce: a halt leaves it where it is. */
  readonly protects: boolean;
  readonly status: OrderStatus;
}

/** Stands among orders that may be live where the venue could not be asked which are. */
export const UNASKED_ORDERS = 'orders the venue could not be asked for';

/** Orders that an operator's command withdraws, until the venue has confirmed each. */
export interface WithdrawalReport {
  /** True once the venue has said that nothing of it is left: never before. */
  readonly done: boolean;
  readonly cancelled: readonly string[];
  /** May still be live; what the venue could not be asked for is among them, in words. */
  readonly mayBeLive: readonly string[];
  /** How often the venue has been asked. */
  readonly rounds: number;
}

/** A strategy that enters no more because of what it did; its exits go on. */
export interface SuspendedStrategy {
  /** `name@SYMBOL`. */
  readonly instance: string;
  /** What it did, as the end of a sentence that begins with its name. */
  readonly reason: string;
  /** World time, epoch milliseconds. */
  readonly at: number;
}

export interface BotStatus {
  readonly state: SafetyState;
  readonly reason: string | null;
  /** Who tightened it; null while it is NORMAL. */
  readonly actor: string | null;
  /** World time, epoch milliseconds. */
  readonly since: number | null;
  readonly account: string | null;
  readonly venue: string;
  readonly world: string;
  readonly profile: string;
  /** False while the venue has not confirmed the positions: what is shown is what this bot believes. */
  readonly positionsKnown: boolean;
  readonly positions: readonly HeldPosition[];
  readonly orders: readonly LiveOrder[];
  /** What an operator's command still withdraws; null when nothing is under way. */
  readonly withdrawing: WithdrawalReport | null;
  /** The newest one of this process. */
  readonly flattening: FlattenReport | null;
  /** Strategies that enter no more until a person resumes (PT-15). */
  readonly disabled?: readonly string[];
  /** Strategies that have been stopped, each until a person resumes that one. */
  readonly suspended?: readonly SuspendedStrategy[];
  /** Whether the venue is heard of. Absent: nobody notes it. */
  readonly reach?: VenueReach;
  /** World time of the answer, epoch milliseconds: a market that is made up has a time of its own. */
  readonly at?: number;
  /** World milliseconds from one cycle to the next: strategies by cycles are asked with the next one. */
  readonly cycleMs?: number;
  /** Answering a resume: the state before it. */
  readonly was?: SafetyState;
}

/** What a command that tightens has done so far. */
export interface TightenReport {
  readonly state: SafetyState;
  /** Before the command: one as tight or tighter stays. */
  readonly was?: SafetyState;
  readonly withdrawal: WithdrawalReport;
  readonly positions: readonly HeldPosition[];
  /** Orders that stay: protection, and with `reduce-only` everything that can only reduce. */
  readonly kept: readonly LiveOrder[];
}

export interface FlattenStep {
  readonly symbol: string;
  readonly side: Side;
  readonly size: string;
  readonly markPrice: string | null;
  /** The worst price at which it will be sent; null where there is no mark to measure from. */
  readonly worstPrice: string | null;
}

export interface FlattenPlan {
  /** Names exactly this plan: positions, account and the worst slippage. Empty plans have one too. */
  readonly hash: string;
  readonly steps: readonly FlattenStep[];
  readonly maxSlippageBps: number;
}

/** What a flattening has taken off so far, of one symbol. */
export interface TakenOff {
  readonly symbol: string;
  readonly side: Side;
  /** Base units that have filled, at `averagePrice` on the average. */
  readonly size: string;
  readonly averagePrice: string;
}

export interface FlattenReport {
  readonly hash: string;
  /** Who began it: the same plan given again joins it. */
  readonly by: Operator;
  /** Nothing above dust is left, says the venue. */
  readonly flat: boolean;
  readonly running: boolean;
  /** Fees are in the journal's fills: venues tell them later than the fill. */
  readonly taken: readonly TakenOff[];
  readonly remaining: readonly HeldPosition[];
  readonly mayBeLive: readonly string[];
  /** Stops that stand at the venue as they should: they leave when nothing is held. */
  readonly kept: readonly LiveOrder[];
  /** Why it does not go on, or what the newest refusal was. */
  readonly note: string | null;
  /** False where nothing was held any more: the safety state is as it was, and there is nothing to resume from. */
  readonly hasTightened?: false;
}

export interface FlattenOptions {
  /** In basis points of the mark; default 100, or the collar where that is narrower. */
  readonly maxSlippageBps?: number;
  /** Host milliseconds after which it gives up; default 60 s. */
  readonly deadlineMs?: number;
}

/**
 * What a person may do to a bot that runs, whatever he does it with: the command line, a dashboard, a host's own code.
 * Every command is in the journal, with actor and reason, before it has an effect; one that tightens holds all the same
 * when the journal cannot take it.
 */
export interface OperatorControl {
  /** What bot and venue tell differently, and taking foreign orders over. Absent: it cannot be asked for. */
  readonly review?: AccountReview;
  status(): BotStatus;
  /**
   * No order is sent any more but protection, at once; a flattening is stopped; what rests is withdrawn, protection
   * stays. Resolves when the
   * venue has confirmed, or after `withinMs` of the host's time; the bot goes on asking until it is confirmed.
   */
  halt(by: Operator, withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<TightenReport>;
  /** As `halt`, for orders that can increase a position; those that reduce are still sent. */
  reduceOnly(by: Operator, withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<TightenReport>;
  /** Rejects with RISK-003, or with RISK-004 naming what differs. */
  resume(by: Operator): Promise<BotStatus>;
  /**
   * Lets a suspended strategy go on, named by its instance or by its strategy. Rejects with CTRL-002 where `id` names
   * none, with RISK-003 without an operator or a reason.
   */
  resumeStrategy(id: string, by: Operator): Promise<BotStatus>;
  /** What `flatten` would do now; changes nothing. */
  planFlatten(options?: FlattenOptions): FlattenPlan;
  /**
   * Carries out the plan of this name, until it is flat, its deadline is over, or somebody halts. Rejects with RISK-005
   * when the positions are not those of the plan any more. A second call with the same name joins the first.
   */
  flatten(
    hash: string,
    by: Operator,
    options?: FlattenOptions,
    progress?: (report: FlattenReport) => void,
  ): Promise<FlattenReport>;
  /**
   * Takes what waits beside the journal into it, and does what tightens. Called before anything trades, and again and
   * again while the bot runs.
   */
  takeUp(): void;
  /** The venue can be asked now: a request to resume that waits is honoured if nothing differs, once. */
  honour(): void;
  /** Ends what is under way; nothing is sent afterwards. */
  close(): void;
}
export const OperatorControl = token<OperatorControl>('OperatorControl');
