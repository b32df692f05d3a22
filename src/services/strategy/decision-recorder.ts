import type { Decision } from '../../domain/decision.js';
import type { MarkUnits } from '../../domain/units.js';
import type { EventStore } from '../../ports/storage/event-store.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { LastDecisions } from '../../ports/runtime-state/runtime-state.js';
import type { Trace } from '../../ports/runtime-state/trace.js';
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
