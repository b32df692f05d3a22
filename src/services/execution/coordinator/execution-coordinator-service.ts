import { injectable } from 'inversify';
import type { Action, Decision } from '../../../domain/decision.js';
import { messageOf } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import { hasLimit, type OrderRole, type Side } from '../../../domain/order.js';
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
  ExecutionCoordinator,
  ExecutionEngine,
  OrderGateway,
  OrderLog,
  OrderReconciler,
  RuntimeGuards,
  type Submission,
} from '../../../ports/core-services/execution.js';
import { Protection } from '../../../ports/core-services/protection.js';
import { RiskManager, type OrderIntent, type SizingAdvice } from '../../../ports/core-services/risk-manager.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { NamedIntent } from '../../../ports/strategy/intent.js';
import { OrderStats } from '../../../ports/runtime-state/runtime-state.js';
import { signalIdOf } from '../orders/signal-id.js';
import { intentDraft, type IntentDraft } from './intent-draft.js';
import { UnfinishedCloses } from './unfinished-closes.js';
import { OrderCounter } from './order-counter.js';

/** What the size of an order is advised on. */
type Ground = Pick<Decision, 'basis' | 'leverage'>;

const HOLD: Submission = Object.freeze({ outcome: 'nothing', reason: 'hold' });

/**
 * Makes an order of a decision: side, size, reduce-only and time in force are computed here and nowhere else. Keeps the
 * guards and the order reconciliation running.
 */
@injectable()
export class ExecutionCoordinatorService implements ExecutionCoordinator {
  private readonly counter: OrderCounter;
  private readonly closes: UnfinishedCloses;
  private readonly guardTask: RepeatedTask;
  private readonly reconciliation: RepeatedTask;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(Protection) private readonly protection: Protection,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(OrderLog) log: OrderLog,
    @inject(OrderStats) stats: OrderStats,
    @inject(RuntimeGuards) guards: RuntimeGuards,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(OrderReconciler) reconciler: OrderReconciler,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.counter = new OrderCounter(stats, log);
    const place = (intent: OrderIntent, now: number): Submission => this.counter.count(engine.place(intent, now));
    this.closes = new UnfinishedCloses({ log, portfolio, clock, scheduler, budget, place });
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
    this.reconciliation = new RepeatedTask(
      'order-reconciliation',
      () => config.current.tasks.orderReconcileMs,
      async () => {
        if (budget.heldUntil(clock.now()) !== undefined) return;
        await gateway.resolveUnknown(clock.now());
        await reconciler.reconcile();
      },
      scheduler,
      says('Order reconciliation failed'),
    );
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

  /** The one way on from here, for decisions and intents. */
  private send(
    intent: IntentDraft,
    what: Action | OrderRole,
    ground: Ground,
    mark: MarkUnits | undefined,
    now: number,
  ): Submission {
    const { instrument } = intent;
    if (what !== 'close') this.closes.drop(instrument.symbol);
    const effect = this.risk.effectOf(intent);
    if (intent.reduceOnly && effect.opposes) {
      if (!(effect.size > 0)) {
        const already = what === 'close' ? 'closed' : 'reduced';
        return this.nothing(instrument, what, `the position is being ${already} already`);
      }
      intent.lots = effect.size;
    }
    this.counter.attempted();
    const reduces = intent.reduceOnly || effect.shrinks;
    const naked = reduces ? undefined : this.protection.objection(instrument.symbol);
    if (naked !== undefined) return this.counter.count(this.engine.refuse(intent, 'unprotected', naked, now));
    const waits = this.gateway.objection(instrument.symbol, now, reduces);
    if (waits !== undefined) return this.counter.count({ outcome: 'refused', check: 'cool_down', reason: waits });
    if (!reduces && this.isSizing()) return this.counter.count(this.open(intent, ground, mark, now));
    const placed = this.counter.count(this.engine.place(intent, now, effect));
    if (what === 'close' && intent.type === 'market' && placed.outcome === 'submitted')
      this.closes.begin(intent, placed.clientId);
    return placed;
  }

  withdraw(clientId: string): Promise<'cancelled' | 'not_open' | 'unknown'> {
    return this.gateway.cancel(clientId);
  }

  runRuntimeGuards(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.closes.dropAll(), { once: true });
    return this.guardTask.run(signal);
  }

  runOrderReconciliation(signal: AbortSignal): Promise<void> {
    return this.reconciliation.run(signal);
  }

  private dryRun({ symbol }: Instrument, action: Action | OrderRole, reason: string): Submission {
    this.logger.info('Dry run: the decision is not executed', { symbol, action, reason });
    return { outcome: 'dry_run' };
  }

  /** A size is advised on, or the market's impact limits it. */
  private isSizing(): boolean {
    const { dynamicPositionSizing, marketImpactGuard } = this.config.current.risk;
    return dynamicPositionSizing || marketImpactGuard;
  }

  /** The smaller of what was decided and what risk advises on the same ground. Advice never makes an order larger. */
  private open(intent: IntentDraft, ground: Ground, mark: MarkUnits | undefined, now: number): Submission {
    if (mark === undefined || !(mark > 0)) {
      const reason = `${intent.instrument.symbol} has no mark to size the order at.`;
      return this.engine.refuse(intent, 'mark_unknown', reason, now);
    }
    const decided = intent.lots;
    const advice = this.advice(intent, ground, mark);
    if (advice.reduceOnly || !(advice.lots > 0))
      return this.engine.refuse(intent, advice.check ?? 'position_sizing', advice.reason, now);
    const isCut = advice.lots < decided;
    if (isCut) intent.lots = advice.lots;
    if (isCut || this.config.current.risk.dynamicPositionSizing) {
      const which = isCut ? `size as advised: ${advice.reason}` : 'size as decided';
      intent.origin = { ...intent.origin, reason: `${intent.origin.reason}; ${which}` };
    }
    const placed = this.engine.place(intent, now);
    if (!isCut || placed.outcome !== 'submitted') return placed;
    const { instrument, lots: left } = intent;
    const detail = `wanted ${instrument.sizeText(decided)} ${instrument.spec.base}, left ${instrument.sizeText(left)}`;
    return { ...placed, cut: { limit: `position sizing (${advice.reason})`, detail } };
  }

  private advice(
    { instrument, side, lots: decided, limit, snapshot }: IntentDraft,
    { basis, leverage }: Ground,
    mark: MarkUnits,
  ): SizingAdvice {
    return this.risk.sizePosition({
      instrument,
      side,
      mark,
      decided,
      equity: basis?.equity ?? this.portfolio.equity,
      leverage: basis?.leverage ?? leverage ?? 1,
      ...(basis === undefined ? {} : { fraction: basis.fraction }),
      ...(basis?.stop === undefined ? {} : { stop: basis.stop }),
      ...(limit === undefined ? {} : { limit }),
      ...(snapshot === undefined ? {} : { snapshot }),
    });
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

const sideOf = (decision: Decision, position: Position): Side =>
  decision.action === 'close' ? (position.lots > 0 ? 'sell' : 'buy') : decision.action === 'sell' ? 'sell' : 'buy';

/** Lots that were decided, or why there is nothing to trade. A notional becomes lots at the mark, rounded down. */
function decidedLots(instrument: Instrument, decision: Decision, mark: MarkUnits, position: Position): Lots | string {
  if (decision.action === 'close') return position.isFlat ? 'no position to close' : lots(Math.abs(position.lots));
  if (decision.notional !== undefined)
    return mark > 0 ? instrument.lotsFor(decision.notional, mark) : 'no mark to size the order at';
  return decision.quantity ?? 'the decision names neither notional nor quantity';
}
