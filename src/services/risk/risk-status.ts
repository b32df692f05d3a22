import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import type { StatusSource } from '../../ports/market-services/lifecycle.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { RiskManager } from '../../ports/core-services/risk-manager.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { amount } from './amount-text.js';
import { units } from '../../domain/units.js';

/** What holds trading back, for the status file. */
@injectable()
export class RiskStatus implements StatusSource {
  readonly name = 'risk';

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(Portfolio) private readonly portfolio: Portfolio,
  ) {}

  status(): Record<string, unknown> {
    const { ladder, portfolio, risk } = this;
    const { dayStartEquity, equity, equityPeak, unit } = portfolio;
    const { current } = this.config;
    return {
      safety_state: ladder.state,
      safety_reason: ladder.reason ?? null,
      safety_since: ladder.since ?? null,
      reduce_only: risk.isReduceOnly(),
      kill_switch: risk.killSwitch,
      reduce_only_symbols: current.symbols.filter((symbol) => risk.isSymbolReduceOnly(symbol)),
      disabled_strategies: risk.disabledStrategies ?? [],
      positions_known: portfolio.known,
      equity: amount(unit, equity),
      equity_peak: amount(unit, equityPeak),
      gross_notional: amount(unit, portfolio.grossNotional),
      daily_pnl: dayStartEquity === undefined ? null : amount(unit, units(equity - dayStartEquity)),
      daily_loss_limit: current.risk.dailyLossLimit?.toString() ?? null,
    };
  }
}
