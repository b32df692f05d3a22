import { SymbolMap } from '../../domain/symbol-map.js';
import type { Logger } from '../../ports/logger.js';
import type { BreakerOutcome } from '../../ports/risk-manager.js';
import type { SafetyLadder } from '../../ports/safety-ladder.js';
import type { Series } from '../../ports/series.js';
import type { ConfigController, VolatilitySettings } from '../../ports/settings.js';
import { tighten } from './drawdown.js';
import type { RiskJournal } from './risk-journal.js';

type Action = BreakerOutcome['action'];

const DAY_MS = 86_400_000;
/** Fewer returns than this say nothing about a deviation. */
const FEWEST_RETURNS = 10;
const ACTIONS: readonly Action[] = ['none', 'warning', 'reduce_only', 'kill_switch'];

/** What one symbol's breaker last saw and did. Also what `check` returns: read it, do not keep it. */
class SymbolBreaker implements BreakerOutcome {
  action: Action = 'none';
  volatility: number | undefined = undefined;
  /** Series count that `volatility` belongs to. */
  count = -1;
  window = 0;
  /** Strongest action of the current cooldown, as an index of ACTIONS. */
  rank = 0;
  quietUntil = -Infinity;
}

/**
 * Volatility per day of the strategy's own series: sample standard deviation of simple returns, times
 * `sqrt(86 400 000 / interval)`. A stronger action acts at once; the same or a weaker one waits for the cooldown.
 * Only an operator undoes what it did to the safety state.
 */
export class VolatilityBreaker {
  private readonly symbols = new SymbolMap<SymbolBreaker>();
  private thresholds: { readonly source: VolatilitySettings; readonly limits: readonly number[] } | undefined;

  constructor(
    private readonly config: ConfigController,
    private readonly ladder: SafetyLadder,
    private readonly journal: RiskJournal,
    private readonly logger: Logger,
  ) {}

  check(series: Series, now: number): BreakerOutcome {
    const settings = this.config.current.risk.volatility;
    const breaker = this.breakerOf(series.instrument.symbol);
    breaker.action = 'none';
    if (!settings.enabled) {
      breaker.volatility = undefined;
      breaker.count = -1;
      return breaker;
    }
    const window = Math.max(settings.window, FEWEST_RETURNS + 1);
    if (breaker.count !== series.count || breaker.window !== window) {
      breaker.count = series.count;
      breaker.window = window;
      breaker.volatility = series.length < window ? undefined : deviationPerDay(series, window);
    }
    if (breaker.volatility !== undefined) this.act(breaker, series, settings, now);
    return breaker;
  }

  private act(breaker: SymbolBreaker, series: Series, settings: VolatilitySettings, now: number): void {
    const volatility = breaker.volatility ?? 0;
    const rank = this.rankOf(volatility, settings);
    if (rank === 0) return;
    if (now < breaker.quietUntil && rank <= breaker.rank) return;
    breaker.rank = rank;
    breaker.quietUntil = now + settings.cooldownMs;
    const action = ACTIONS[rank] ?? 'kill_switch';
    breaker.action = action;
    this.journal.record('volatility_circuit_breaker', {
      symbol: series.instrument.symbol,
      rolling_volatility: volatility,
      action,
      warning_threshold: settings.warning.toNumber(),
      reduce_only_threshold: settings.reduceOnly.toNumber(),
      kill_switch_threshold: settings.kill.toNumber(),
    });
    if (action === 'warning') this.logger.warn('Volatility is high', { symbol: series.instrument.symbol, volatility });
    else tighten(this.ladder, action === 'kill_switch' ? 'HALTED' : 'REDUCE_ONLY', 'volatility_circuit_breaker', this.logger);
  }

  /** Written so that a deviation that is no number ranks highest. */
  private rankOf(volatility: number, settings: VolatilitySettings): number {
    if (this.thresholds?.source !== settings) {
      this.thresholds = { source: settings, limits: [settings.warning.toNumber(), settings.reduceOnly.toNumber(), settings.kill.toNumber()] };
    }
    const [warning = 0, reduceOnly = 0, kill = 0] = this.thresholds.limits;
    if (!(volatility < kill)) return 3;
    if (volatility >= reduceOnly) return 2;
    return volatility >= warning ? 1 : 0;
  }

  private breakerOf(symbol: string): SymbolBreaker {
    let breaker = this.symbols.get(symbol);
    if (breaker === undefined) this.symbols.set(symbol, (breaker = new SymbolBreaker()));
    return breaker;
  }
}

function deviationPerDay(series: Series, window: number): number {
  const returns = window - 1;
  let sum = 0;
  let newer: number = series.at(0);
  for (let back = 1; back <= returns; back += 1) {
    const older: number = series.at(back);
    sum += newer / older - 1;
    newer = older;
  }
  const mean = sum / returns;
  let squares = 0;
  newer = series.at(0);
  for (let back = 1; back <= returns; back += 1) {
    const older: number = series.at(back);
    const difference = newer / older - 1 - mean;
    squares += difference * difference;
    newer = older;
  }
  return Math.sqrt(squares / (returns - 1)) * Math.sqrt(DAY_MS / series.intervalMs);
}
