import { units } from '../../domain/units.js';
import type { Payload } from '../../ports/storage/event-store.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { LimitBook } from './risk-limits.js';
import type { RiskJournal } from './risk-journal.js';
import { PPM } from './parts-per-million.js';
import { amount } from './amount-text.js';

/**
 * Concentration over the open positions: the Herfindahl index of their shares of gross value, normalised to 0 for equal
 * positions and 1 for all value in one: `(H - 1/n) / (1 - 1/n)`. A single position is a choice, not a concentration.
 */
export class Concentration {
  private concentrated = false;

  constructor(
    private readonly limits: LimitBook,
    private readonly portfolio: Portfolio,
    private readonly journal: RiskJournal,
  ) {}

  check(): boolean {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (const { instrument, lots } of this.portfolio.positions()) {
      if (lots === 0) continue;
      const value = Math.abs(instrument.worth(this.portfolio.lastMark(instrument.symbol) ?? NaN, lots));
      count += 1;
      sum += value;
      squares += value * value;
    }
    if (count < 2) return this.settle(false, 0, 0, count);
    const index = squares / (sum * sum);
    const normalised = (index - 1 / count) / (1 - 1 / count);
    return this.settle(
      !(normalised <= this.limits.current.risk.concentrationLimit.toNumber()),
      index,
      normalised,
      count,
    );
  }

  private settle(concentrated: boolean, index: number, normalised: number, positions: number): boolean {
    if (concentrated && !this.concentrated) {
      const known = Number.isFinite(normalised);
      this.journal.record('concentration_risk', {
        hhi: known ? index : null,
        normalised_hhi: known ? normalised : null,
        positions,
        limit: this.limits.current.risk.concentrationLimit.toNumber(),
      });
    }
    this.concentrated = concentrated;
    return concentrated;
  }
}

/** The `risk_snapshot` record: money as decimal text, ratios as numbers, flags as booleans. */
export function riskSnapshot(
  portfolio: Portfolio,
  limits: LimitBook,
  reduceOnly: boolean,
  killSwitch: boolean,
  now: number,
): Payload {
  const { equity, grossNotional, dayStartEquity, unit } = portfolio;
  const daily = dayStartEquity === undefined ? undefined : units(equity - dayStartEquity);
  return {
    timestamp: now,
    equity: amount(unit, equity),
    total_notional: amount(unit, grossNotional),
    exposure_pct: equity > 0 ? grossNotional / equity : null,
    max_leverage: limits.current.maxLeverage / PPM,
    daily_pnl: daily === undefined ? null : amount(unit, daily),
    daily_pnl_pct:
      daily === undefined || dayStartEquity === undefined || dayStartEquity <= 0 ? null : daily / dayStartEquity,
    reduce_only: reduceOnly,
    kill_switch: killSwitch,
  };
}
