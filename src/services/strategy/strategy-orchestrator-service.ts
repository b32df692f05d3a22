import { injectable } from 'inversify';
import { hold, type Decision } from '../../domain/decision.js';
import { messageOf } from '../../domain/errors.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import { marks } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import { EventStore } from '../../ports/storage/event-store.js';
import { ExecutionCoordinator, type Submission } from '../../ports/core-services/execution.js';
import { IndicatorData } from '../../ports/core-services/indicator-data.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { RiskManager } from '../../ports/core-services/risk-manager.js';
import { GateLedger, LastDecisions } from '../../ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { SeriesStore } from '../../ports/runtime-state/series.js';
import { ConfigController, type ConfigChange } from '../../ports/configuration/settings/config-controller.js';
import { StrategyRegistry, type StrategyOrchestrator } from '../../ports/core-services/strategy.js';
import { Trace } from '../../ports/runtime-state/trace.js';
import type { StrategyGate } from '../../ports/strategy/strategy-desk.js';
import { StrategyHost } from '../../ports/strategy/strategy-host.js';
import { DecisionRecorder } from './decision-recorder.js';
import { StepContext, SymbolSlot, type Gate } from './step-context.js';
import { NO_INSTRUMENT, NO_MARKS, TradingGates } from './trading-gates.js';

const FAILED = hold('Strategy failed');
const TRADING: StrategyGate = Object.freeze({ mode: 'trading', name: undefined });
const REDUCE_ONLY: StrategyGate = Object.freeze({ mode: 'reduce_only', name: 'reduce_only' });
/** Risk refuses entries until the next day; who is told of events hears of it, and what rests is withdrawn. */
const DAILY_LOSS: StrategyGate = Object.freeze({ mode: 'reduce_only', name: 'daily_loss' });

/**
 * One step of one symbol: gates in fixed order, strategy, filters of entries, records, hand-over. Every step
 * leaves a decision, holds included. The only writer of the newest decisions.
 */
@injectable()
export class StrategyOrchestratorService implements StrategyOrchestrator {
  private readonly slots = new SymbolMap<SymbolSlot>();
  private readonly gates: TradingGates;
  private readonly recorder: DecisionRecorder;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(StrategyRegistry) private readonly registry: StrategyRegistry,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(SeriesStore) private readonly seriesStore: SeriesStore,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(SafetyLadder) safety: SafetyLadder,
    @inject(IndicatorData) private readonly indicators: IndicatorData,
    @inject(ExecutionCoordinator) private readonly coordinator: ExecutionCoordinator,
    @inject(LastDecisions) private readonly decisions: LastDecisions,
    @inject(GateLedger) private readonly ledger: GateLedger,
    @inject(EventStore) events: EventStore,
    @inject(Trace) trace: Trace,
    @inject(Logger) private readonly logger: Logger,
    @inject(StrategyHost) private readonly host: StrategyHost,
  ) {
    this.gates = new TradingGates(portfolio, risk, safety, ledger, logger);
    this.recorder = new DecisionRecorder(decisions, trace, events, logger);
    config.onChange((change) => this.follow(change));
    portfolio.onFill((fill, position) => {
      const { symbol } = fill.instrument;
      try {
        registry.strategyFor(symbol).onFill(fill, position);
      } catch (error) {
        logger.error('Strategy could not take a fill', { symbol, error });
        ledger.hold('strategy_error', symbol, fill.at, 0, messageOf(error));
        ledger.failed?.(error, symbol, fill.at);
      }
    });
  }

  processSymbol(symbol: string, now: number): Decision | undefined {
    let slot = this.slots.get(symbol);
    if (slot === undefined) this.slots.set(symbol, (slot = this.slotOf(symbol)));
    try {
      return this.step(slot, now);
    } catch (error) {
      this.fail(slot, now, error);
      return undefined;
    }
  }

  private slotOf(symbol: string): SymbolSlot {
    const { updateIntervalMs, symbols } = this.config.current;
    return new SymbolSlot(symbol, updateIntervalMs, symbols.includes(symbol));
  }

  private step(slot: SymbolSlot, now: number): Decision {
    const { context } = slot;
    if (context?.watch !== undefined && this.gates.isQuiet(slot, context, context.watch, now))
      return this.ask(slot, context, TRADING, now);
    return this.throughGates(slot, now);
  }

  private throughGates(slot: SymbolSlot, now: number): Decision {
    const shut = this.gates.ofAccount();
    if (shut !== undefined) return this.held(slot, shut, now, 'halted');
    const context = slot.context !== undefined && slot.context.series.length > 0 ? slot.context : this.resolve(slot);
    if (context === undefined)
      return this.held(slot, this.catalogue.find(slot.symbol) === undefined ? NO_INSTRUMENT : NO_MARKS, now);
    const gate = this.gates.ofSymbol(slot, context, now);
    if (gate !== undefined) return this.held(slot, gate, now, 'reduce_only');
    return this.ask(slot, context, this.narrowed(slot, now), now);
  }

  /** What may be asked where no gate is shut. */
  private narrowed(slot: SymbolSlot, now: number): StrategyGate {
    if (this.gates.isReduceOnly(slot, now)) return REDUCE_ONLY;
    return this.gates.isLossDay(now) ? DAILY_LOSS : TRADING;
  }

  /** Every gate is open. */
  private ask(slot: SymbolSlot, context: StepContext, gate: StrategyGate, now: number): Decision {
    const { series, strategy } = context;
    slot.gate = undefined;
    this.show(context, gate === REDUCE_ONLY, now);
    context.snapshot = strategy.needsSnapshot ? this.indicators.snapshot(slot.symbol, now) : undefined;
    if (series.length < strategy.lookback) this.ledger.hold('warm_up', slot.symbol, now, slot.intervalMs);
    return this.decide(slot, context, gate, now);
  }

  private decide(slot: SymbolSlot, context: StepContext, gate: StrategyGate, now: number): Decision {
    const wanted = isTold(context) ? this.host.step(context, gate) : context.strategy.decide(context);
    const decision = wanted.action === 'buy' || wanted.action === 'sell' ? this.entry(slot, context, wanted) : wanted;
    if (decision !== wanted)
      this.answer(context, { outcome: 'refused', check: 'entry_filter', reason: decision.reason });
    // A hold made once and returned at every step is the same object: it is journaled once.
    if (decision !== slot.decision) this.recorder.journal(slot, decision, context);
    this.recorder.record(slot, decision, context.mark, now);
    this.ledger.decided?.(slot.symbol, decision, context.mark, now);
    if (decision.action === 'hold' || decision.isPlaced === true) return decision;
    if (decision.cut !== undefined) this.ledger.cut?.(decision.cut, slot.symbol, now);
    this.execute(slot, context, decision, now);
    return decision;
  }

  private show(context: StepContext, reduceOnly: boolean, now: number): void {
    context.now = now;
    context.mark = context.series.at(0);
    context.equity = this.portfolio.equity;
    context.reduceOnly = reduceOnly;
  }

  /** An entry after the symbol's filters, which may hold it back. */
  private entry(slot: SymbolSlot, context: StepContext, decision: Decision): Decision {
    if (decision.action !== 'buy' || context.position.lots !== 0 || decision.isPlaced === true) return decision;
    return this.indicators.entryBlock(slot.symbol, context.now) ?? decision;
  }

  private execute(slot: SymbolSlot, context: StepContext, decision: Decision, now: number): void {
    const { mark, position } = context;
    const snapshot = context.snapshot ?? this.indicators.snapshot(slot.symbol, now);
    // The venue may have refined the product since the slot was made; only an order needs to know.
    const instrument = this.catalogue.find(slot.symbol) ?? context.instrument;
    if (instrument !== context.instrument) slot.context = undefined;
    this.host.decides?.(context, context.strategy.name, decision);
    const submission = this.coordinator.executeDecision(instrument, decision, mark, position, now, snapshot);
    this.answer(context, submission);
    if (submission.outcome === 'refused')
      this.ledger.hold(`refused:${submission.check}`, slot.symbol, now, slot.intervalMs, submission.reason);
    else if (submission.outcome === 'submitted' && submission.cut !== undefined)
      this.ledger.cut?.(submission.cut, slot.symbol, now);
    else if (submission.outcome === 'nothing')
      this.ledger.hold('nothing_to_do', slot.symbol, now, slot.intervalMs, submission.reason);
  }

  /** A strategy that is told has a ticket of what it decided. */
  private answer(context: StepContext, submission: Submission): void {
    this.host.answered?.(context.instrument.symbol, submission);
  }

  private held(slot: SymbolSlot, gate: Gate, now: number, mode: StrategyGate['mode'] = 'halted'): Decision {
    const { context } = slot;
    // What happens is told all the same; what may be asked is the gate's.
    if (context !== undefined && isTold(context) && context.series.length > 0) {
      this.show(context, true, now);
      this.host.step(context, { mode, name: gate.name }, false);
    }
    let detail: string | undefined;
    if (gate !== slot.gate) {
      detail = `${gate.decision.reason}; equity ${this.portfolio.unit.of(this.portfolio.equity).toString()}, mark ${this.markText(slot)}`;
      slot.gate = gate;
      this.logger.warn(`${slot.symbol} is held back: ${gate.decision.reason}`, {
        symbol: slot.symbol,
        gate: gate.name,
      });
    }
    this.ledger.hold(gate.name, slot.symbol, now, slot.intervalMs, detail);
    this.recorder.record(slot, gate.decision, this.portfolio.lastMark(slot.symbol) ?? marks(0), now);
    return gate.decision;
  }

  private markText({ symbol }: SymbolSlot): string {
    const instrument = this.catalogue.find(symbol);
    const mark = this.portfolio.lastMark(symbol);
    return instrument === undefined || mark === undefined ? 'not known' : instrument.markPrice(mark).toString();
  }

  /** Undefined until the product is confirmed and has a mark. */
  private resolve(slot: SymbolSlot): StepContext | undefined {
    const instrument = this.catalogue.find(slot.symbol);
    const series = this.seriesStore.find(slot.symbol);
    if (instrument === undefined || series === undefined || series.length === 0) return undefined;
    const strategy = this.registry.strategyFor(slot.symbol);
    this.host.take(slot.symbol, strategy);
    slot.context = new StepContext(instrument, series, this.portfolio.position(instrument), strategy, this.risk);
    return slot.context;
  }

  private fail(slot: SymbolSlot, now: number, error: unknown): void {
    this.ledger.hold('strategy_error', slot.symbol, now, slot.intervalMs, messageOf(error));
    this.ledger.failed?.(error, slot.symbol, now);
    // A failure after the decision was recorded belongs to execution; the step has its record.
    if (slot.decidedAt !== now)
      this.recorder.record(slot, FAILED, this.portfolio.lastMark(slot.symbol) ?? marks(0), now);
    if (slot.complaints.pass(now) === undefined) return;
    this.logger.error('Symbol could not be processed', { symbol: slot.symbol, error });
  }

  /** Everything a slot remembers may have changed; the next step finds it anew. */
  private follow({ updated }: ConfigChange): void {
    for (const symbol of this.slots.keys()) if (!updated.symbols.includes(symbol)) this.decisions.forget(symbol);
    this.slots.clear();
  }
}

const isTold = ({ strategy }: StepContext): boolean => strategy.events !== undefined;
