import { SymbolMap } from '../../../domain/symbol-map.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { BreakerOutcome } from '../../../ports/core-services/risk-manager.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { Series } from '../../../ports/runtime-state/series.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { VolatilitySettings } from '../../../ports/configuration/settings/volatility-settings.js';
import { tighten } from '../../../flow/tighten.js';
import type { RiskJournal } from '../risk-journal.js';

type Action = BreakerOutcome['action'];

const RECORD = 'volatility_circuit_breaker';
/** Fewer returns than this say nothing about a deviation. */
const FEWEST_RETURNS = 10;
const ACTIONS: readonly Action[] = ['none', 'warning', 'reduce_only', 'kill_switch'];

/** Keeps a bound on the safe side of the rounding of the deviation it stands for. */
const MARGIN = 1 - 1e-9;

/** What one symbol's breaker last saw and did. Also what `check` returns: read it, do not keep it. */
export class SymbolBreaker implements BreakerOutcome {
  action: Action = 'none';
  /** Undefined while the breaker is off or the series too short. */
  private series: Series | undefined = undefined;
  private settings: VolatilitySettings | undefined = undefined;
  private window = 0;
  private intervalMs = 0;
  /** Series count that was last looked at. */
  private count = -1;
  /** Returns below this in size cannot add up to the first threshold; so many in a row have been. */
  private bound = 0;
  private calm = 0;
  /** Strongest action of the current cooldown, as an index of ACTIONS. */
  rank = 0;
  quietUntil = -Infinity;

  get volatility(): number | undefined {
    return this.series === undefined ? undefined : deviationPerDay(this.series, this.window);
  }

  /** True when every return of the window is so small that the deviation need not be taken. */
  get isCalm(): boolean {
    return this.series === undefined || this.calm >= this.window - 1;
  }

  /** Takes in the values since the last look. More than one new value is a gap: nothing is known of what lies in it. */
  look(series: Series, settings: VolatilitySettings): void {
    if (settings !== this.settings || series.intervalMs !== this.intervalMs) this.adopt(settings, series.intervalMs);
    this.series = series.length < this.window ? undefined : series;
    const fresh = series.count - this.count;
    if (fresh === 0) return;
    this.calm = fresh === 1 && series.length > 1 && isSmall(series, this.bound) ? this.calm + 1 : 0;
    this.count = series.count;
  }

  off(): void {
    this.series = undefined;
    this.count = -1;
  }

  /** Goes on with the cooldown of an action that was taken at `at`. */
  resume(action: Action, at: number, cooldownMs: number): void {
    this.rank = Math.max(0, ACTIONS.indexOf(action));
    this.quietUntil = at + cooldownMs;
  }

  /** A sample deviation of n returns is at most sqrt(n / (n - 1)) times the largest of them. */
  private adopt(settings: VolatilitySettings, intervalMs: number): void {
    this.settings = settings;
    this.intervalMs = intervalMs;
    this.window = Math.max(settings.window, FEWEST_RETURNS + 1);
    const returns = this.window - 1;
    this.bound =
      (settings.warning.toNumber() * MARGIN * Math.sqrt((returns - 1) / returns)) / Math.sqrt(DAY_MS / intervalMs);
    this.calm = 0;
    this.count = -1;
  }
}

/**
 * Volatility per day of the strategy's own series: sample standard deviation of simple returns, times
 * `sqrt(86 400 000 / interval)`. A stronger action acts at once; the same or a weaker one waits for the cooldown, which
 * a restart does not end. Only an operator undoes what it did to the safety state.
 */
export class VolatilityBreaker {
  private readonly symbols = new SymbolMap<SymbolBreaker>();
  private thresholds: { readonly source: VolatilitySettings; readonly limits: readonly number[] } | undefined;
  /** The newest action by symbol, of earlier runs. */
  private taken: ReadonlyMap<string, { readonly action: Action; readonly at: number }> | undefined;

  constructor(
    private readonly config: ConfigController,
    private readonly ladder: SafetyLadder,
    private readonly events: EventStore,
    private readonly journal: RiskJournal,
    private readonly logger: Logger,
  ) {}

  /** Off, or no threshold can have been reached by the newest value. Looks at the series as `check` does. */
  isQuiet(breaker: SymbolBreaker, series: Series): boolean {
    const settings = this.config.current.risk.volatility;
    if (!settings.enabled) return true;
    breaker.look(series, settings);
    return breaker.isCalm;
  }

  check(series: Series, now: number): BreakerOutcome {
    const settings = this.config.current.risk.volatility;
    const breaker = this.breakerOf(series.instrument.symbol);
    breaker.action = 'none';
    if (!settings.enabled) {
      breaker.off();
      return breaker;
    }
    breaker.look(series, settings);
    if (!breaker.isCalm) this.act(breaker, series, settings, now);
    return breaker;
  }

  private act(breaker: SymbolBreaker, series: Series, settings: VolatilitySettings, now: number): void {
    const { volatility = 0 } = breaker;
    const rank = this.rankOf(volatility, settings);
    if (rank === 0) return;
    if (now < breaker.quietUntil && rank <= breaker.rank) return;
    breaker.rank = rank;
    breaker.quietUntil = now + settings.cooldownMs;
    const action = ACTIONS[rank] ?? 'kill_switch';
    breaker.action = action;
    this.journal.record(RECORD, {
      symbol: series.instrument.symbol,
      rolling_volatility: volatility,
      action,
      warning_threshold: settings.warning.toNumber(),
      reduce_only_threshold: settings.reduceOnly.toNumber(),
      kill_switch_threshold: settings.kill.toNumber(),
    });
    if (action === 'warning') this.logger.warn('Volatility is high', { symbol: series.instrument.symbol, volatility });
    else
      tighten(
        this.ladder,
        action === 'kill_switch' ? 'HALTED' : 'REDUCE_ONLY',
        'volatility_circuit_breaker',
        this.logger,
      );
  }

  /** Written so that a deviation that is no number ranks highest. */
  private rankOf(volatility: number, settings: VolatilitySettings): number {
    if (this.thresholds?.source !== settings) {
      this.thresholds = {
        source: settings,
        limits: [settings.warning.toNumber(), settings.reduceOnly.toNumber(), settings.kill.toNumber()],
      };
    }
    const [warning = 0, reduceOnly = 0, kill = 0] = this.thresholds.limits;
    if (!(volatility < kill)) return 3;
    if (volatility >= reduceOnly) return 2;
    return volatility >= warning ? 1 : 0;
  }

  /** The breaker of a symbol, made at first use. */
  breakerOf(symbol: string): SymbolBreaker {
    let breaker = this.symbols.get(symbol);
    if (breaker === undefined) this.symbols.set(symbol, (breaker = this.takeUp(symbol)));
    return breaker;
  }

  private takeUp(symbol: string): SymbolBreaker {
    this.taken ??= actionsOf(this.events);
    const breaker = new SymbolBreaker();
    const last = this.taken.get(symbol);
    if (last !== undefined) breaker.resume(last.action, last.at, this.config.current.risk.volatility.cooldownMs);
    return breaker;
  }
}

function actionsOf(events: EventStore): Map<string, { readonly action: Action; readonly at: number }> {
  const found = new Map<string, { readonly action: Action; readonly at: number }>();
  for (const { at, payload } of events.fold(FOLDS.volatilityActions)) {
    const { symbol, action } = payload;
    if (typeof symbol === 'string') found.set(symbol, { action: action as Action, at });
  }
  return found;
}

/** The newest return is smaller than `bound`. Written so that one that is no number is not. */
function isSmall(series: Series, bound: number): boolean {
  const older = series.at(1);
  return Math.abs(series.at(0) - older) < bound * older;
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
