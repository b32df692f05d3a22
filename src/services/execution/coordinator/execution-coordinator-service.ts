import { injectable } from 'inversify';
import type { Action, Decision } from '../../../domain/decision.js';
import { messageOf } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import { closesPosition, hasLimit, type OrderChange, type OrderRole, type Side } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { lots, type Lots, type MarkUnits } from '../../../domain/units.js';
import { RepeatedTask } from '../../../flow/repeated-task.js';
import { inject } from '../../../injection/inject.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import {
  AccountStream,
  ExecutionCoordinator,
  ExecutionEngine,
  OrderGateway,
  OrderLog,
  OrderReconciler,
  RuntimeGuards,
  type AmendAsk,
  type Submission,
} from '../../../ports/core-services/execution.js';
import { Protection } from '../../../ports/core-services/protection.js';
import { RiskManager, type OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { NamedIntent } from '../../../ports/strategy/intent.js';
import { OrderStats, PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { signalIdOf } from '../orders/signal-id.js';
import { intentDraft, type IntentDraft } from './intent-draft.js';
import { OrderSizing, type Ground, type Sized } from './order-sizing.js';
import { UnfinishedCloses } from './unfinished-closes.js';
import { OrderCounter } from './order-counter.js';
import { OrderRounds } from './order-rounds.js';

/** What of a decision or an intent is no term of its order. */
type Wanted = Ground & Pick<NamedIntent, 'isWhole'>;

const HOLD: Submission = Object.freeze({ outcome: 'nothing', reason: 'hold' });

/**
 * Makes an order of a decision: side, size, reduce-only and time in force are computed here and nowhere else. Keeps the
 * guards and the order reconciliation running.
 */
@injectable()
export class ExecutionCoordinatorService implements ExecutionCoordinator {
  private readonly counter: OrderCounter;
  private readonly closes: UnfinishedCloses;
  private readonly sizing: OrderSizing;
  private readonly guardTask: RepeatedTask;
  private readonly rounds: OrderRounds;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(Protection) private readonly protection: Protection,
    @inject(Portfolio) portfolio: Portfolio,
    @inject(OrderLog) log: OrderLog,
    @inject(OrderStats) stats: OrderStats,
    @inject(RuntimeGuards) guards: RuntimeGuards,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(OrderReconciler) reconciler: OrderReconciler,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(PendingWork) pending: PendingWork,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
    @inject(SafetyLadder) ladder: Pick<SafetyLadder, 'state'> = { state: 'NORMAL' },
    @inject(AccountStream) stream: Pick<AccountStream, 'onRecovered'> = {},
  ) {
    this.counter = new OrderCounter(stats, log);
    this.sizing = new OrderSizing(config, risk, portfolio);
    const place = (intent: OrderIntent, now: number): Submission => {
      // Whoever flattens takes off by a plan that a person has seen: nothing goes on beside it, and no further.
      if (ladder.state === 'FLATTENING')
        return {
          outcome: 'refused',
          check: 'flattening',
          reason: 'A person flattens: what is open is left to the plan.',
        };
      const reason = gateway.objection(intent.instrument.symbol, now, true);
      return this.counter.count(
        reason === undefined ? engine.place(intent, now) : { outcome: 'refused', check: 'cool_down', reason },
      );
    };
    const room = (intent: OrderIntent): Lots => risk.effectOf(intent).size;
    this.closes = new UnfinishedCloses({ log, portfolio, clock, scheduler, budget, pending, room, place });
    const says = (what: string) => (error: unknown) => logger.error(what, { error: messageOf(error) });
    this.guardTask = new RepeatedTask(
      'runtime-guards',
      () => config.current.tasks.guardsMs,
      async () => {
        await guards.runAll(clock.now());
      },
      scheduler,
      says('Runtime guards failed'),
    );
    this.rounds = new OrderRounds({
      look: async () => {
        if (budget.heldUntil(clock.now()) !== undefined) return;
        await gateway.resolveUnknown(clock.now());
        await reconciler.reconcile();
      },
      intervalMs: () => config.current.tasks.orderReconcileMs,
      failed: says('Order reconciliation failed'),
      ...{ stream, scheduler, clock },
    });
  }

  executeDecision(
    instrument: Instrument,
    decision: Decision,
    mark: MarkUnits,
    position: Position,
    now: number,
    snapshot?: MarketSnapshot,
  ): Submission {
    const { action, reason } = decision;
    if (action === 'hold') return HOLD;
    if (this.config.current.dryRun) return this.dryRun(instrument, action, reason);
    const decided = decidedLots(instrument, decision, mark, position);
    if (typeof decided === 'string') return this.nothing(instrument, action, decided);
    return this.send(this.draft(instrument, decision, position, decided, now, snapshot), action, decision, mark, now);
  }

  executeIntent(wanted: NamedIntent, mark: MarkUnits | undefined, now: number, snapshot?: MarketSnapshot): Submission {
    const { instrument, role, why } = wanted;
    if (this.config.current.dryRun) return this.dryRun(instrument, role, why);
    const intent = intentDraft(wanted, now, this.config.current.execution, this.risk.mayOnlyReduce(instrument.symbol));
    if (snapshot !== undefined) intent.snapshot = snapshot;
    return this.send(intent, role, wanted, mark, now);
  }

  executeIntents(
    list: readonly NamedIntent[],
    mark: MarkUnits | undefined,
    now: number,
    snapshot?: MarketSnapshot,
  ): readonly Submission[] {
    const { execution, dryRun } = this.config.current;
    if (dryRun) return list.map(({ instrument, role, why }) => this.dryRun(instrument, role, why));
    const drafts = list.map((wanted) => ({
      ...intentDraft(wanted, now, execution, this.risk.mayOnlyReduce(wanted.instrument.symbol)),
      ...(snapshot === undefined ? {} : { snapshot }),
    }));
    this.counter.attempted(drafts.length);
    return this.sendList(drafts, list, mark, now).map((submission) => this.counter.count(submission));
  }

  amend(clientId: string, change: OrderChange, now: number): AmendAsk {
    const asked = this.engine.amend(clientId, change, now);
    // What is on its way is followed when it has arrived.
    if (asked.outcome === 'unchanged') this.protection.replanned?.(clientId);
    return asked;
  }

  /** The first that may not leave refuses all of them. */
  private sendList(
    drafts: readonly IntentDraft[],
    grounds: readonly Ground[],
    mark: MarkUnits | undefined,
    now: number,
  ): readonly Submission[] {
    const all = (check: string, reason: string): readonly Submission[] =>
      drafts.map((intent) => this.engine.refuse(intent, check, reason, now));
    const cuts: Sized[] = [];
    for (const [index, intent] of drafts.entries()) {
      const { symbol } = intent.instrument;
      const reduces = intent.reduceOnly || this.risk.effectOf(intent).shrinks;
      if (!reduces) this.closes.drop(symbol);
      const naked = reduces ? undefined : this.nakedness(intent, drafts);
      if (naked !== undefined) return all('unprotected', naked);
      const waits = this.gateway.objection(symbol, now, reduces);
      if (waits !== undefined) return drafts.map(() => ({ outcome: 'refused', check: 'cool_down', reason: waits }));
      if (reduces) continue;
      if (!this.sizing.isAsked) continue;
      const sized = this.sizing.sized(intent, grounds[index] ?? {}, mark);
      if (sized?.outcome === 'refused') return all(sized.check, sized.reason);
      if (sized !== undefined) cuts[index] = sized;
    }
    return this.engine.placeList(drafts, now).map((placed, index) => withCut(placed, cuts[index]));
  }

  /** The one way on from here, for decisions and intents. */
  private send(
    intent: IntentDraft,
    what: Action | OrderRole,
    ground: Wanted,
    mark: MarkUnits | undefined,
    now: number,
  ): Submission {
    const { instrument } = intent;
    const effect = this.risk.effectOf(intent);
    // One that closes the position has no size to be cut.
    if (intent.reduceOnly && effect.opposes && !closesPosition(intent)) {
      if (!(effect.size > 0)) {
        const already = what === 'close' ? 'closed' : 'reduced';
        if (ground.isWhole === true) this.closes.wait(intent);
        return this.nothing(instrument, what, `the position is being ${already} already`);
      }
      intent.lots = effect.size;
    }
    this.counter.attempted();
    const reduces = intent.reduceOnly || effect.shrinks;
    // What may add is wanted: a close of before must not take it away again.
    if (!reduces) this.closes.drop(instrument.symbol);
    const naked = reduces ? undefined : this.nakedness(intent);
    if (naked !== undefined) return this.counter.count(this.engine.refuse(intent, 'unprotected', naked, now));
    const waits = this.gateway.objection(instrument.symbol, now, reduces);
    if (waits !== undefined) return this.counter.count({ outcome: 'refused', check: 'cool_down', reason: waits });
    if (!reduces && this.sizing.isAsked) return this.counter.count(this.open(intent, ground, mark, now));
    const placed = this.counter.count(this.engine.place(intent, now, effect));
    if (intent.reduceOnly && (what === 'close' || what === 'exit')) this.leave(intent, placed, what, ground);
    return placed;
  }

  /** Why what this order fills would have no cover. */
  private nakedness(intent: OrderIntent, list?: readonly OrderIntent[]): string | undefined {
    return this.protection.objection(intent.instrument.symbol) ?? this.protection.entryObjection?.(intent, list);
  }

  /** What the collar leaves of a way out at market is followed; any other takes the place of a part that was. */
  private leave(intent: IntentDraft, placed: Submission, what: 'close' | 'exit', { isWhole }: Wanted): void {
    const extent = what === 'close' || isWhole === true ? 'position' : 'order';
    if (intent.type !== 'market') this.closes.dropPart(intent.instrument.symbol);
    else if (placed.outcome === 'submitted') this.closes.begin(intent, placed.clientId, extent);
  }

  withdraw(clientId: string): Promise<'cancelled' | 'not_open' | 'unknown'> {
    return this.gateway.cancel(clientId);
  }

  isClosing(symbol: string): boolean {
    return this.closes.isUnderWay(symbol);
  }

  stopClosing(symbol: string): void {
    this.closes.drop(symbol);
  }

  runRuntimeGuards(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.closes.dropAll(), { once: true });
    return this.guardTask.run(signal);
  }

  runOrderReconciliation(signal: AbortSignal): Promise<void> {
    return this.rounds.run(signal);
  }

  private dryRun({ symbol }: Instrument, action: Action | OrderRole, reason: string): Submission {
    this.logger.info('Dry run: the decision is not executed', { symbol, action, reason });
    return { outcome: 'dry_run' };
  }

  /** The smaller of what was decided and what risk advises on the same ground. Advice never makes an order larger. */
  private open(intent: IntentDraft, ground: Ground, mark: MarkUnits | undefined, now: number): Submission {
    const sized = this.sizing.sized(intent, ground, mark);
    if (sized?.outcome === 'refused') return this.engine.refuse(intent, sized.check, sized.reason, now);
    return withCut(this.engine.place(intent, now), sized);
  }

  private draft(
    instrument: Instrument,
    decision: Decision,
    position: Position,
    size: Lots,
    now: number,
    snapshot: MarketSnapshot | undefined,
  ): IntentDraft {
    const { strategy, execution } = this.config.current;
    const type = decision.orderType ?? 'market';
    const intent: IntentDraft = {
      instrument,
      side: sideOf(decision, position),
      type,
      lots: size,
      timeInForce: decision.timeInForce ?? execution.timeInForce,
      postOnly: decision.postOnly ?? (execution.postOnly && hasLimit(type)),
      reduceOnly:
        decision.reduceOnly === true || decision.action === 'close' || this.risk.mayOnlyReduce(instrument.symbol),
      signalId: signalIdOf(instrument.symbol, strategy.name, now, decision.action),
      origin: { strategy: strategy.name, reason: decision.reason, decidedAt: now },
    };
    if (decision.limit !== undefined) intent.limit = decision.limit;
    if (decision.stopTrigger !== undefined) intent.stop = decision.stopTrigger;
    if (decision.leverage !== undefined) intent.leverage = decision.leverage;
    if (snapshot !== undefined) intent.snapshot = snapshot;
    return intent;
  }

  private nothing({ symbol }: Instrument, action: Action | OrderRole, reason: string): Submission {
    this.logger.warn('The decision names nothing to trade', { symbol, action, reason });
    return { outcome: 'nothing', reason };
  }
}

const withCut = (placed: Submission, sized: Sized | undefined): Submission =>
  sized?.outcome === 'cut' && placed.outcome === 'submitted' ? { ...placed, cut: sized.cut } : placed;

const sideOf = (decision: Decision, position: Position): Side =>
  decision.action === 'close' ? (position.lots > 0 ? 'sell' : 'buy') : decision.action === 'sell' ? 'sell' : 'buy';

/** Lots that were decided, or why there is nothing to trade. A notional becomes lots at the mark, rounded down. */
function decidedLots(instrument: Instrument, decision: Decision, mark: MarkUnits, position: Position): Lots | string {
  if (decision.action === 'close') return position.isFlat ? 'no position to close' : lots(Math.abs(position.lots));
  if (decision.notional !== undefined)
    return mark > 0 ? instrument.lotsFor(decision.notional, mark) : 'no mark to size the order at';
  return decision.quantity ?? 'the decision names neither notional nor quantity';
}
