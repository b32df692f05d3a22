import { messageOf } from '../../domain/errors.js';
import { isTerminal, protects } from '../../domain/order-state.js';
import type { Position } from '../../domain/position.js';
import { lots } from '../../domain/units.js';
import type {
  FlattenOptions,
  FlattenPlan,
  FlattenReport,
  Operator,
  WithdrawalReport,
} from '../../ports/core-services/operator-control.js';
import type { OrderIntent } from '../../ports/core-services/risk-manager.js';
import { heldReason } from '../../flow/left-alone.js';
import { open, worstPrice } from './flatten-plan.js';
import type { FlatteningPorts } from './flattening-ports.js';
import { Refusals } from './refusals.js';
import { holds } from './said.js';
import { heldPositions, isStanding, liveOrder, takenOff } from './told.js';
import { Withdrawal } from './withdrawal.js';

const DEFAULT_DEADLINE_MS = 60_000;
/** Between two slices: what the first has left is seen by then. */
const PAUSE_MS = 1_000;
/** How long entries and targets may take to be withdrawn before the first slice goes all the same. */
const WITHDRAWN_WITHIN_MS = 5_000;

/**
 * Takes every position off, in slices that can only reduce and reach no further than the worst price of the moment, so
 * that a thin book is not swept. It ends flat, at its deadline, or when it is stopped, and says what is left.
 */
export class Flattening {
  private note: string | null = null;
  private isRunning = true;
  private isFlat = false;
  private round = 0;
  private readonly abort = new AbortController();
  private withdrawal: Withdrawal | undefined;
  private readonly refusals: Refusals;
  private readonly slices: string[] = [];
  private readonly listeners = new Set<(report: FlattenReport) => void>();
  readonly done: Promise<FlattenReport>;

  constructor(
    private readonly ports: FlatteningPorts,
    private readonly plan: FlattenPlan,
    private readonly by: Operator,
    { deadlineMs = DEFAULT_DEADLINE_MS }: FlattenOptions,
    /** Journals the command and tightens, unless it was stopped meanwhile; nothing is sent before. */
    private readonly prepare: (stopped: AbortSignal) => Promise<void>,
  ) {
    this.refusals = new Refusals(ports.log);
    this.done = this.run(ports.hostClock.monotonic() + deadlineMs);
  }

  get hash(): string {
    return this.plan.hash;
  }

  get report(): FlattenReport {
    const { portfolio, log } = this.ports;
    const orders = log.open();
    return {
      hash: this.hash,
      by: this.by,
      flat: this.isFlat,
      running: this.isRunning,
      taken: takenOff(this.slices.flatMap((clientId) => log.find(clientId) ?? [])),
      remaining: heldPositions(portfolio, log),
      mayBeLive: orders.filter((order) => !isStanding(order)).map(({ request }) => request.clientId),
      kept: orders.filter(isStanding).map(liveOrder),
      note: this.note,
    };
  }

  follow(listener: (report: FlattenReport) => void): void {
    this.listeners.add(listener);
  }

  /** Sends nothing more, from this step on. */
  stop(why: string): void {
    if (!this.isRunning || this.abort.signal.aborted) return;
    this.note = why;
    this.abort.abort();
    this.withdrawal?.end();
  }

  private async run(deadline: number): Promise<FlattenReport> {
    const { hostClock, scheduler, portfolio } = this.ports;
    const { signal } = this.abort;
    await this.prepare(signal);
    await this.withdraw('entries and targets', protects);
    while (!signal.aborted && hostClock.monotonic() < deadline) {
      for (const position of open(portfolio)) this.slice(position);
      await scheduler.sleep(PAUSE_MS, signal);
      for (const listener of this.listeners) listener(this.report);
      if (signal.aborted) break;
      const held = open(portfolio);
      const refusal = held.map((position) => this.refusals.whyOf(position)).find((why) => why !== undefined);
      this.note = this.pause ?? refusal ?? this.note;
      if (held.length === 0 ? await this.isConfirmed() : held.every((each) => this.refusals.areLasting(each))) break;
    }
    this.isRunning = false;
    const { note, remaining, mayBeLive } = this.report;
    if (!this.isFlat)
      this.ports.logger.error(`Not flat: ${note ?? 'the deadline is over'}; ${holds(remaining, portfolio.known)}`, {
        plan: this.hash,
        mayBeLive,
      });
    return this.report;
  }

  /** Nothing is held, nothing rests, and the venue says the same. */
  private async isConfirmed(): Promise<boolean> {
    const { done } = await this.withdraw('nothing is left to protect', () => false);
    const differences = await this.ports.differences();
    // Whoever stopped it meanwhile has said why.
    if (this.abort.signal.aborted) return false;
    this.note = differences[0] ?? (done ? null : 'orders may be live');
    this.isFlat = done && differences.length === 0 && open(this.ports.portfolio).length === 0;
    return this.isFlat;
  }

  private async withdraw(why: string, spares: Withdrawal['spares']): Promise<WithdrawalReport> {
    const { engine, log, scheduler, logger } = this.ports;
    const withdrawal = new Withdrawal({ engine, log, scheduler, logger }, `operator: flatten, ${why}`, spares);
    if (this.abort.signal.aborted) return withdrawal.report;
    this.withdrawal = withdrawal.begin();
    return withdrawal.settled(WITHDRAWN_WITHIN_MS).finally(() => withdrawal.end());
  }

  private slice(position: Position): void {
    const { engine, clock, log } = this.ports;
    const { symbol } = position.instrument;
    const isUnderWay = log
      .open()
      .some(
        ({ request, origin, status }) =>
          request.symbol === symbol && origin?.reason === this.reason && !isTerminal(status) && status !== 'unknown',
      );
    if (isUnderWay || this.refusals.areLasting(position) || this.pause !== undefined) return;
    const unknown = this.unknownExit(position);
    if (unknown !== undefined) {
      this.note = `${symbol}: what became of ${unknown} is not known yet; it may take off what is open`;
      if (!this.isHeldToPosition(position)) return;
    }
    this.round += 1;
    try {
      const submission = engine.place(this.intentOf(position), clock.now());
      this.refusals.hear(position, submission);
      if (submission.outcome === 'submitted') this.slices.push(submission.clientId);
    } catch (error) {
      this.note = `${symbol}: ${messageOf(error)}`;
    }
  }

  /**
   * The venue lets no order of ours open anything: beside an exit that may have been lost with its answer, the position
   * stands uncovered until somebody knows; the worst that comes of sending all the same is a refusal.
   */
  private isHeldToPosition({ instrument }: Position): boolean {
    return instrument.spec.kind !== 'spot' && this.ports.session.capabilities.reduceOnly === 'native';
  }

  /** An exit whose outcome nobody knows: beside it another may open, where nobody forbids it. */
  private unknownExit({ instrument: { symbol }, lots: held }: Position): string | undefined {
    const side = held > 0 ? 'sell' : 'buy';
    return this.ports.log
      .open()
      .find(
        ({ request, status, filled }) =>
          status === 'unknown' &&
          request.symbol === symbol &&
          request.side === side &&
          request.reduceOnly &&
          !protects(request) &&
          request.lots > filled,
      )?.request.clientId;
  }

  /** The venue has answered what reduces with a pause: nothing is sent before that is over. */
  private get pause(): string | undefined {
    const { budget, clock } = this.ports;
    const until = budget.heldUntil(clock.now(), 'protection');
    return until === undefined ? undefined : heldReason(until);
  }

  private get reason(): string {
    return `flatten ${this.hash} by ${this.by.actor}: ${this.by.reason}`;
  }

  /** Without a mark there is no worst price: then it is a market order, as the plan has said. */
  private intentOf(position: Position): OrderIntent {
    const { instrument, lots: held } = position;
    const { session, config, clock } = this.ports;
    const { orderTypes, timeInForce } = session.capabilities;
    const now = clock.now();
    const { portfolio, permit } = this.ports;
    const worst = worstPrice(position, { portfolio, permit, slippageBps: this.plan.maxSlippageBps, now });
    const isLimited = worst !== undefined && orderTypes.includes('limit') && timeInForce.includes('IOC');
    return {
      instrument,
      side: held > 0 ? 'sell' : 'buy',
      type: isLimited ? 'limit' : 'market',
      ...(isLimited ? { limit: worst } : {}),
      lots: lots(Math.min(Math.abs(held), instrument.maxLots)),
      timeInForce: isLimited ? 'IOC' : config.current.execution.timeInForce,
      postOnly: false,
      reduceOnly: true,
      ...(this.isHeldToPosition(position) ? { pastUnknown: true } : {}),
      signalId: `flatten|${this.hash}|${instrument.symbol}|${now}|${this.round}`,
      origin: { strategy: config.current.strategy.name, reason: this.reason, decidedAt: now },
      urgent: true,
    };
  }
}
