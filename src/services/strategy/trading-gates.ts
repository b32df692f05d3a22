import { hold } from '../../domain/decision.js';
import type { SafetyState } from '../../domain/safety.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { RiskManager, RiskWatch } from '../../ports/core-services/risk-manager.js';
import type { GateLedger } from '../../ports/runtime-state/runtime-state.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import type { Series } from '../../ports/runtime-state/series.js';
import type { Gate, StepContext, SymbolSlot } from './step-context.js';

const gate = (name: string, reason: string): Gate => ({ name, decision: hold(reason) });

export const NO_INSTRUMENT = gate('unconfirmed_product', 'Product is not confirmed by the venue');
export const NO_MARKS = gate('no_marks', 'No marks yet');
const HALTED = gate('kill_switch', 'Halted: only protection is sent until perpsbot resume; perpsbot status says why');
const POSITIONS_UNKNOWN = gate('positions_unknown', 'Positions are not confirmed with the venue');
const EQUITY = gate('equity', 'Equity must be positive');
const VOLATILITY = gate('volatility', 'Volatility breaker tripped');
const STALE_MARK = gate('stale_mark', 'Mark is stale');
const RISK_GATE_ERROR = gate('risk_gate_error', 'A risk check failed to run');
/** Under the one name of the switch, in the words of the commands. */
const STOPPED: Readonly<Partial<Record<SafetyState, Gate>>> = {
  FLATTENING: gate(
    'kill_switch',
    'Flattening: only perpsbot flatten takes anything off, and nothing is opened, until perpsbot resume',
  ),
  LOCKED: gate('kill_switch', 'Locked: nothing is sent until perpsbot resume; perpsbot status says why'),
};
/** States in which no strategy is asked. */
const SHUT: Readonly<Partial<Record<SafetyState, Gate>>> = {
  HALTED: gate('safety:HALTED', 'Safety state is HALTED'),
  FLATTENING: gate('safety:FLATTENING', 'Safety state is FLATTENING'),
  LOCKED: gate('safety:LOCKED', 'Safety state is LOCKED'),
};

/**
 * Asks, in fixed order, what may keep a symbol from being decided on. A check that throws holds trading back: what
 * cannot be evaluated has not been passed.
 */
export class TradingGates {
  constructor(
    private readonly portfolio: Portfolio,
    private readonly risk: RiskManager,
    private readonly safety: SafetyLadder,
    private readonly ledger: GateLedger,
    private readonly logger: Logger,
  ) {}

  /** Those that concern the whole account. */
  ofAccount(): Gate | undefined {
    const { state } = this.safety;
    if (this.risk.killSwitch) return STOPPED[state] ?? HALTED;
    const shut = state === 'NORMAL' ? undefined : SHUT[state];
    return shut ?? (this.portfolio.known ? undefined : POSITIONS_UNKNOWN);
  }

  /** All of them in one pass, when nothing keeps the symbol from being decided on and nothing is to be counted. */
  isQuiet(slot: SymbolSlot, { series }: StepContext, watch: RiskWatch, now: number): boolean {
    const { portfolio } = this;
    if (!slot.isTraded || !portfolio.known || series.length === 0 || !(portfolio.equity > 0) || this.risk.killSwitch)
      return false;
    try {
      return watch.isQuiet(now);
    } catch {
      // Asked one by one, the check that fails is named.
      return false;
    }
  }

  /** Those that need the symbol's series. */
  ofSymbol(slot: SymbolSlot, context: StepContext, now: number): Gate | undefined {
    if (!(this.portfolio.equity > 0)) return EQUITY;
    try {
      return this.ofRisk(slot, context.series, now);
    } catch (error) {
      this.complain(slot, now, error);
      return RISK_GATE_ERROR;
    }
  }

  /** Reduce-only is no gate: positions are still looked after. It is counted, because entries wait on it. */
  isReduceOnly(slot: SymbolSlot, now: number): boolean {
    if (this.safety.state === 'REDUCE_ONLY') this.ledger.hold('safety:REDUCE_ONLY', slot.symbol, now, slot.intervalMs);
    else if (this.risk.isReduceOnly() || this.risk.isSymbolReduceOnly(slot.symbol))
      this.ledger.hold('reduce_only', slot.symbol, now, slot.intervalMs);
    else if (!slot.isTraded) this.ledger.hold('not_configured', slot.symbol, now, slot.intervalMs);
    else return false;
    return true;
  }

  /** The day has lost as much as it may: what it closes does not open before the next one. */
  isLossDay(now: number): boolean {
    return this.risk.checkDailyLoss(now);
  }

  /** A loss or drawdown limit holds back entries alone, and risk refuses those; here they are counted. */
  private ofRisk(slot: SymbolSlot, series: Series, now: number): Gate | undefined {
    if (this.risk.checkVolatility(series, now).action === 'kill_switch') return VOLATILITY;
    if (this.risk.checkMarkStaleness(slot.symbol, now)) return STALE_MARK;
    if (this.risk.checkDailyLoss(now)) this.ledger.hold('daily_loss', slot.symbol, now, slot.intervalMs);
    if (this.risk.checkDrawdown(now)) this.ledger.hold('drawdown', slot.symbol, now, slot.intervalMs);
    return undefined;
  }

  private complain(slot: SymbolSlot, now: number, error: unknown): void {
    if (slot.complaints.pass(now) === undefined) return;
    this.logger.error('Risk check failed; trading is held back', { symbol: slot.symbol, error });
  }
}
