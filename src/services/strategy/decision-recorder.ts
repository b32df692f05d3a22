import type { Decision } from '../../domain/decision.js';
import type { MarkUnits } from '../../domain/units.js';
import type { EventStore } from '../../ports/storage/event-store.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { LastDecisions } from '../../ports/runtime-state/runtime-state.js';
import type { Trace } from '../../ports/runtime-state/trace.js';
import { BETWEEN_BARS } from './define/short-holds.js';
import type { StepContext, SymbolSlot } from './step-context.js';

/** Keeps what was decided: trace and newest decision at every step; journal and log when there is news. */
export class DecisionRecorder {
  constructor(
    private readonly decisions: LastDecisions,
    private readonly trace: Trace,
    private readonly events: EventStore,
    private readonly logger: Logger,
  ) {}

  record(slot: SymbolSlot, decision: Decision, mark: MarkUnits, now: number): void {
    this.trace.decision(slot.symbol, decision.action, mark, now);
    this.decisions.record(slot.symbol, decision, now);
    if (decision.action !== 'hold' && this.logger.infoEnabled !== false)
      this.logger.info(line(slot, decision), { symbol: slot.symbol, action: decision.action, reason: decision.reason });
    else if (decision.action === 'hold' && this.logger.debugEnabled) this.logger.debug(line(slot, decision));
    slot.decision = decision;
    slot.decidedAt = now;
    if (decision.action === 'hold' && decision !== BETWEEN_BARS && this.events.discards !== true)
      this.held(slot, decision, mark, now);
  }

  /** Once a minute of each reason, with how often it was given between. */
  private held(slot: SymbolSlot, { reason, values }: Decision, mark: MarkUnits, now: number): void {
    const { symbol, context, gate, holds } = slot;
    if (!holds.take(reason, now)) return;
    const { instrument, position, strategy } = context ?? {};
    this.events.append('strategy_hold', {
      symbol,
      ...(strategy === undefined ? {} : { instance: `${strategy.name}@${symbol}` }),
      instant: now,
      ...(instrument === undefined || mark === 0 ? {} : { mark: instrument.markPrice(mark).toString() }),
      ...(instrument === undefined || position === undefined ? {} : { position: instrument.sizeText(position.lots) }),
      ...(gate === undefined ? {} : { gate: gate.name }),
      why: reason,
      ...(values === undefined ? {} : { values: { ...values } }),
      suppressed: holds.suppressed,
    });
  }

  /** Entries made and entries turned away. Exits and ordinary holds have nothing to tell here. */
  journal({ symbol }: SymbolSlot, decision: Decision, { strategy, now }: StepContext): void {
    if (this.events.discards === true) return;
    const rejected = decision.filterRejected === true || decision.guardRejected === true;
    if (decision.action === 'close' || (decision.action === 'hold' && !rejected)) return;
    this.events.append(rejected ? 'strategy_rejection' : 'strategy_acceptance', {
      symbol,
      strategy: strategy.name,
      action: decision.action,
      reason: decision.reason,
      decided_at: now,
      ...(rejected
        ? { rejection_type: decision.rejectionType, rejected_by: decision.guardRejected === true ? 'guard' : 'filter' }
        : {}),
    });
  }
}

const line = (slot: SymbolSlot, decision: Decision): string =>
  `${slot.symbol} Decision: ${decision.action} - ${decision.reason}`;
