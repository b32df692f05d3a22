import type { VenuePosition } from '../../../domain/market.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarkUnits } from '../../../domain/units.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { RiskManager } from '../../../ports/core-services/risk-manager.js';
import type { SeriesStore } from '../../../ports/runtime-state/series.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { WindowStore } from '../../../ports/runtime-state/window-store.js';
import { GuardFailure } from './guard-failure.js';
import { ProfitReport } from './profit-report.js';
import type { VenuePositions } from './venue-positions.js';

/** Names what tripped. */
type Trip = (what: string) => void;

/** Watches one thing and names what tripped. Throws a GuardFailure when it cannot tell, or cannot tell all of it. */
export interface Guard {
  readonly name: string;
  evaluate(now: number, trip: Trip): void | Promise<void>;
}

export interface GuardParts {
  readonly config: ConfigController;
  readonly risk: RiskManager;
  readonly portfolio: Portfolio;
  readonly series: SeriesStore;
  readonly windows: WindowStore;
  readonly positions: VenuePositions;
  readonly logger: Logger;
}

/** The seven guards, in the order in which they run. */
export function guardSet(parts: GuardParts): readonly Guard[] {
  const { risk } = parts;
  const profit = new ProfitReport(parts.portfolio, parts.logger);
  return [
    { name: 'pnl_telemetry', evaluate: (now) => profit.run(now) },
    { name: 'daily_loss', evaluate: (now, trip) => checkLosses(parts, now, trip) },
    { name: 'liquidation_buffer', evaluate: (now, trip) => checkLiquidation(parts, now, trip) },
    { name: 'mark_staleness', evaluate: (now, trip) => checkStaleness(parts, now, trip) },
    { name: 'risk_metrics', evaluate: (now) => risk.recordSnapshot(now) },
    {
      name: 'correlation_risk',
      evaluate: (now, trip) => (risk.checkConcentration(now) ? trip('correlation_risk') : undefined),
    },
    { name: 'volatility_circuit_breaker', evaluate: (now, trip) => checkVolatility(parts, now, trip) },
  ];
}

/** Equity is the portfolio's, in one settlement currency: balances of different currencies are never added up. */
function checkLosses({ risk, portfolio }: GuardParts, now: number, trip: Trip): void {
  // The first round after midnight may come before the first cycle: the new day is measured from its own start.
  portfolio.observe(now);
  if (risk.checkDailyLoss(now)) trip('daily_loss');
  if (risk.checkDrawdown(now)) trip('max_drawdown');
  if (!portfolio.known)
    throw new GuardFailure(
      'daily_loss',
      'data_unavailable',
      'Positions are not confirmed, so the loss of the day is not known.',
    );
}

/**
 * Evaluates every position even when the venue is silent: without its liquidation price, by the equity that is left.
 */
async function checkLiquidation(parts: GuardParts, now: number, trip: Trip): Promise<void> {
  const { portfolio, risk } = parts;
  const venue = await parts.positions.get(now);
  const unmarked: string[] = [];
  for (const position of portfolio.positions()) {
    const { instrument } = position;
    const mark = venueMark(instrument, venue.positions) ?? markOf(parts, instrument.symbol);
    if (mark === undefined) {
      if (!position.isFlat) unmarked.push(instrument.symbol);
    } else if (risk.checkLiquidationBuffer(instrument, mark, liquidationPrice(instrument, venue.positions), now)) {
      trip(`liquidation_buffer ${instrument.symbol}`);
    }
  }
  if (venue.error !== undefined)
    throw new GuardFailure(
      'liquidation_buffer',
      'data_unavailable',
      `Positions of the venue are not available: ${venue.error}`,
    );
  if (unmarked.length > 0)
    throw new GuardFailure('liquidation_buffer', 'data_unavailable', `No mark for ${unmarked.join(', ')}.`);
}

function checkStaleness({ config, portfolio, risk }: GuardParts, now: number, trip: Trip): void {
  const symbols = new Set(config.current.symbols);
  for (const position of portfolio.positions()) if (!position.isFlat) symbols.add(position.instrument.symbol);
  for (const symbol of symbols) if (risk.checkMarkStaleness(symbol, now)) trip(`mark_staleness ${symbol}`);
}

/** Venues say 0 or nothing for a position that no price liquidates. */
function liquidationPrice(instrument: Instrument, venue: ReadonlyMap<string, VenuePosition>): MarkUnits | undefined {
  const price = venue.get(instrument.symbol)?.liquidationPrice;
  return price?.gt(0) === true ? instrument.toMarks(price) : undefined;
}

function checkVolatility({ config, risk, series, logger }: GuardParts, now: number, trip: Trip): void {
  if (!config.current.risk.volatility.enabled) return;
  for (const symbol of config.current.symbols) {
    const found = series.find(symbol);
    if (found === undefined) continue;
    const { action, volatility } = risk.checkVolatility(found, now);
    if (action === 'none') continue;
    trip(`volatility_circuit_breaker ${symbol}`);
    logger.warn('Volatility breaker', { symbol, action, volatility });
  }
}

/** What the venue itself liquidates by. */
function venueMark(instrument: Instrument, venue: ReadonlyMap<string, VenuePosition>): MarkUnits | undefined {
  const price = venue.get(instrument.symbol)?.markPrice;
  return price?.gt(0) === true ? instrument.toMarks(price) : undefined;
}

/** The valuation first: it is at the venue's mark where that is told. */
const markOf = ({ windows, portfolio }: GuardParts, symbol: string): MarkUnits | undefined =>
  portfolio.lastMark(symbol) ?? windows.find(symbol)?.last;
