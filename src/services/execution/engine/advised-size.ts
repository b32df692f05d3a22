import { lots } from '../../../domain/units.js';
import type { BotConfig } from '../../../ports/configuration/settings/bot-config.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { OrderIntent, RiskManager } from '../../../ports/core-services/risk-manager.js';
import { valueOf, type Objection } from './exchange-rules.js';
import { impactAwareSize } from './impact-sizing.js';

/**
 * An opening order, cut down to what dynamic sizing advises and to what the market takes within the impact limit; or
 * why nothing is left of it. Never larger than what was decided.
 */
export function advisedSize(
  intent: OrderIntent,
  config: BotConfig,
  risk: RiskManager,
  portfolio: Portfolio,
): OrderIntent | Objection {
  const advised = config.risk.dynamicPositionSizing ? byAdvice(intent, config, risk, portfolio) : intent;
  return 'check' in advised || advised.snapshot === undefined ? advised : byImpact(advised, config, portfolio);
}

function byAdvice(
  intent: OrderIntent,
  config: BotConfig,
  risk: RiskManager,
  portfolio: Portfolio,
): OrderIntent | Objection {
  const mark = portfolio.lastMark(intent.instrument.symbol);
  if (mark === undefined)
    return { check: 'mark_unknown', reason: `${intent.instrument.symbol} has no mark to size the order at.` };
  const advice = risk.sizePosition({
    instrument: intent.instrument,
    side: intent.side,
    equity: portfolio.equity,
    mark,
    fraction: config.strategy.positionFraction,
    leverage: intent.leverage ?? config.strategy.targetLeverage,
    ...(intent.snapshot === undefined ? {} : { snapshot: intent.snapshot }),
  });
  if (!advice.dynamic && !advice.reduceOnly) return intent;
  if (!(advice.lots > 0)) return { check: 'position_sizing', reason: advice.reason };
  return {
    ...intent,
    lots: lots(Math.min(intent.lots, advice.lots)),
    reduceOnly: intent.reduceOnly || advice.reduceOnly,
  };
}

function byImpact(intent: OrderIntent, config: BotConfig, portfolio: Portfolio): OrderIntent | Objection {
  const { instrument, snapshot } = intent;
  const value = valueOf(intent, portfolio.lastMark(instrument.symbol));
  if (snapshot === undefined || value === undefined) return intent;
  const { execution } = config;
  const target = instrument.money(value);
  const size = impactAwareSize(
    target,
    snapshot,
    execution.maxImpactBps,
    execution.sizingMode,
    execution.slippageMultipliers[instrument.symbol],
  );
  if (size.notional.gte(target)) return intent;
  // In proportion, rounded down: the impact was computed for this share of the order's value.
  const fitting = instrument.toLots(instrument.size(intent.lots).times(size.notional).div(target), 'floor');
  if (fitting > 0) return { ...intent, lots: fitting };
  return {
    check: 'market_impact',
    reason: `Expected impact must be at most ${execution.maxImpactBps.toString()} bps for ${target.toString()} ${instrument.spec.settle}.`,
  };
}
