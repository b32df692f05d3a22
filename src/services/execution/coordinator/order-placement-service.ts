import { injectable } from 'inversify';
import type { Decision } from '../../../domain/decision.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import type { Order, Side } from '../../../domain/order.js';
import { isSettled } from '../../../domain/order-state.js';
import type { Position } from '../../../domain/position.js';
import { lots, type Lots, type MarkUnits } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { ExecutionEngine, OrderLog, OrderPlacement, type Submission } from '../../../ports/core-services/execution.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import { RiskManager, type OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { OrderStats } from '../../../ports/runtime-state/runtime-state.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { hasLimit } from '../engine/exchange-rules.js';
import { FewIds } from '../orders/few-ids.js';
import { signalIdOf } from '../orders/signal-id.js';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Derives quantity, side and flags from a decision, and counts it once: attempted now, its fate when the venue answers. */
@injectable()
export class OrderPlacementService implements OrderPlacement {
  /** Orders whose fate is not known yet. */
  private readonly awaited = new FewIds();

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(OpenOrders) private readonly openOrders: OpenOrders,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(OrderStats) private readonly stats: OrderStats,
    @inject(Logger) private readonly logger: Logger,
  ) {
    log.onChange((order) => this.observe(order));
  }

  place(
    instrument: Instrument,
    decision: Decision,
    mark: MarkUnits,
    position: Position,
    now: number,
    snapshot?: MarketSnapshot,
  ): Submission {
    if (decision.action === 'hold') return { outcome: 'nothing', reason: 'hold' };
    if (this.config.current.dryRun) {
      this.logger.info('Dry run: the decision is not executed', {
        symbol: instrument.symbol,
        action: decision.action,
        reason: decision.reason,
      });
      return { outcome: 'dry_run' };
    }
    const reduceOnly = this.isReduceOnly(instrument, decision);
    const side = sideOf(decision, position);
    const size = this.sizeOf(instrument, decision, mark, position, side, reduceOnly);
    if (typeof size === 'string') {
      this.logger.warn('The decision names nothing to trade', {
        symbol: instrument.symbol,
        action: decision.action,
        reason: size,
      });
      return { outcome: 'nothing', reason: size };
    }
    const intent = this.intent(instrument, decision, side, size, reduceOnly, now, snapshot);
    this.stats.attempted += 1;
    return this.count(this.engine.place(intent, now));
  }

  /** Also where the symbol left the configuration: what it holds may be closed, nothing may be added. */
  private isReduceOnly({ symbol }: Instrument, decision: Decision): boolean {
    if (decision.reduceOnly === true || decision.action === 'close') return true;
    return (
      this.risk.isReduceOnly() || this.risk.isSymbolReduceOnly(symbol) || !this.config.current.symbols.includes(symbol)
    );
  }

  /** Lots to trade, or why there is nothing to trade. Orders that reduce never exceed what is left to reduce. */
  private sizeOf(
    instrument: Instrument,
    decision: Decision,
    mark: MarkUnits,
    position: Position,
    side: Side,
    reduceOnly: boolean,
  ): Lots | string {
    const reducible = lots(Math.max(0, Math.abs(position.lots) - this.openOrders.reducing(instrument.symbol)));
    if (decision.action === 'close') {
      if (position.isFlat) return 'no position to close';
      return reducible > 0 ? reducible : 'the position is being closed already';
    }
    const wanted = wantedLots(instrument, decision, mark);
    if (typeof wanted === 'string') return wanted;
    const opposes = !position.isFlat && position.lots > 0 === (side === 'sell');
    if (!reduceOnly || !opposes) return wanted;
    return reducible > 0 ? lots(Math.min(wanted, reducible)) : 'the position is being reduced already';
  }

  private intent(
    instrument: Instrument,
    decision: Decision,
    side: Side,
    size: Lots,
    reduceOnly: boolean,
    now: number,
    snapshot: MarketSnapshot | undefined,
  ): OrderIntent {
    const { strategy, execution } = this.config.current;
    const type = decision.orderType ?? 'market';
    const intent: Draft<OrderIntent> = {
      instrument,
      side,
      type,
      lots: size,
      timeInForce: decision.timeInForce ?? execution.timeInForce,
      postOnly: decision.postOnly ?? (execution.postOnly && hasLimit(type)),
      reduceOnly,
      signalId: signalIdOf(instrument.symbol, strategy.name, now, decision.action),
      origin: { strategy: strategy.name, reason: decision.reason, decidedAt: now },
    };
    if (decision.limit !== undefined) intent.limit = decision.limit;
    if (decision.stopTrigger !== undefined) intent.stop = decision.stopTrigger;
    if (decision.leverage !== undefined) intent.leverage = decision.leverage;
    if (snapshot !== undefined) intent.snapshot = snapshot;
    return intent;
  }

  private count(submission: Submission): Submission {
    if (submission.outcome === 'submitted') this.follow(submission.clientId);
    else if (submission.outcome === 'refused') this.stats.failed += 1;
    else this.stats.successful += 1;
    return submission;
  }

  /** An engine that keeps the order to itself (a stop it holds) has accepted it. */
  private follow(clientId: string): void {
    const order = this.log.find(clientId);
    if (order === undefined) {
      this.stats.successful += 1;
      return;
    }
    this.awaited.add(clientId);
    this.observe(order);
  }

  private observe(order: Order): void {
    const { clientId } = order.request;
    if (!isSettled(order) || !this.awaited.delete(clientId)) return;
    if (order.status === 'rejected' || order.status === 'lost') this.stats.failed += 1;
    else this.stats.successful += 1;
  }
}

const sideOf = (decision: Decision, position: Position): Side =>
  decision.action === 'close' ? (position.lots > 0 ? 'sell' : 'buy') : decision.action === 'sell' ? 'sell' : 'buy';

/** A notional becomes lots at the mark, rounded down. */
function wantedLots(instrument: Instrument, decision: Decision, mark: MarkUnits): Lots | string {
  if (decision.notional !== undefined)
    return mark > 0 ? instrument.lotsFor(decision.notional, mark) : 'no mark to size the order at';
  return decision.quantity ?? 'the decision names neither notional nor quantity';
}
