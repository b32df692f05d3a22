import { readCandle } from '../../../border/market.js';
import { hold, type Decision } from '../../../domain/decision.js';
import type { Candle } from '../../../domain/market.js';
import { HOUR_MS } from '../../../domain/time-spans.js';
import type { MarketFeed } from '../../../ports/venue/market-feed.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { SymbolRules } from '../../../ports/configuration/settings/strategy-settings.js';
import { Throttles } from '../../../flow/throttle.js';
import { averageTrueRange, mean, rsi } from './indicators.js';
import { askUnlessHeld } from '../../../flow/left-alone.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';

/** Fewest candles asked for. */
const FEWEST = 10;
/** How long a venue may take to publish the candle of an hour that has ended. */
const PUBLISHING_MS = 300_000;
/** Between two attempts while candles are missing. */
const RETRY_MS = 30_000;

const blocked = (reason: string): Decision => hold(reason, { filterRejected: true, rejectionType: reason });
const UNAVAILABLE = blocked('indicator_data_unavailable');

/**
 * Conditions of the symbol's own rules that a buy into a flat position must meet, on closed hourly candles: volume,
 * momentum, trend, volatility, in this order. The first that fails, or has too few candles, holds the entry back.
 */
export class SpotEntryFilters {
  private readonly candles = new Map<string, readonly Candle[]>();
  private readonly attempts = new Throttles();

  constructor(
    private readonly feed: MarketFeed,
    private readonly config: ConfigController,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly budget: RequestBudget = UNLIMITED,
  ) {}

  /** Fetches candles once an hour, and again until the newest closed one has been published. */
  async refresh(symbol: string): Promise<void> {
    const windows = windowsOf(this.rules(symbol));
    if (windows.length === 0) return;
    const limit = Math.max(Math.max(...windows) + 2, FEWEST);
    const now = this.clock.now();
    if (this.has(symbol, limit, now) || this.attempts.pass(symbol, 'candles', now, RETRY_MS) === undefined) return;
    try {
      const { budget, clock } = this;
      const candles = await askUnlessHeld(() => this.feed.getCandles(symbol, HOUR_MS, limit), { budget, clock });
      this.keep(symbol, candles.map(readCandle));
    } catch (error) {
      this.logger.warn('Candles for the entry filters are not available', { symbol, error });
    }
  }

  applyTo(symbol: string): boolean {
    return windowsOf(this.rules(symbol)).length > 0;
  }

  block(symbol: string, now: number): Decision | undefined {
    const rules = this.rules(symbol);
    if (windowsOf(rules).length === 0) return undefined;
    const candles = this.candles.get(symbol);
    if (rules === undefined || candles === undefined || !isCurrent(candles, now, PUBLISHING_MS)) return UNAVAILABLE;
    return volume(rules, candles) ?? momentum(rules, candles) ?? trend(rules, candles) ?? volatility(rules, candles);
  }

  private has(symbol: string, limit: number, now: number): boolean {
    const kept = this.candles.get(symbol);
    return kept !== undefined && kept.length >= limit - 1 && isCurrent(kept, now, 0);
  }

  /** The candle of the hour that is still running is left out: it would understate volume and repaint the rest. */
  private keep(symbol: string, fetched: readonly Candle[]): void {
    const now = this.clock.now();
    const closed = fetched.filter((candle) => candle.openAt + HOUR_MS <= now);
    this.candles.set(
      symbol,
      closed.sort((a, b) => a.openAt - b.openAt),
    );
  }

  private rules(symbol: string): SymbolRules | undefined {
    return this.config.current.strategy.perSymbol[symbol];
  }
}

function windowsOf(rules: SymbolRules | undefined): number[] {
  return [rules?.volumeFilter, rules?.momentumFilter, rules?.trendFilter, rules?.volatilityFilter]
    .flatMap((filter) => filter?.window ?? [])
    .filter((window) => window > 0);
}

/** True when the newest candle is that of the hour that ended last, `slackMs` granted for its publication. */
function isCurrent(candles: readonly Candle[], now: number, slackMs: number): boolean {
  const newest = candles.at(-1);
  return newest !== undefined && now < newest.openAt + 2 * HOUR_MS + slackMs;
}

function volume({ volumeFilter }: SymbolRules, candles: readonly Candle[]): Decision | undefined {
  if (volumeFilter === undefined || volumeFilter.window <= 0) return undefined;
  const volumes = candles.slice(-volumeFilter.window - 1).map((candle) => candle.volume);
  const latest = volumes.pop();
  if (latest === undefined || volumes.length < volumeFilter.window) return blocked('volume_filter_wait');
  const average = mean(volumes);
  const passes = average !== undefined && average.gt(0) && latest.gte(average.times(volumeFilter.multiplier));
  return passes ? undefined : blocked('volume_filter_blocked');
}

function momentum({ momentumFilter }: SymbolRules, candles: readonly Candle[]): Decision | undefined {
  if (momentumFilter === undefined || momentumFilter.window <= 0) return undefined;
  const closes = candles.slice(-momentumFilter.window - 1).map((candle) => candle.close.toNumber());
  const strength = rsi(closes, momentumFilter.window);
  if (strength === undefined) return blocked('momentum_filter_wait');
  return strength <= momentumFilter.oversold ? undefined : blocked('momentum_filter_blocked');
}

function trend({ trendFilter }: SymbolRules, candles: readonly Candle[]): Decision | undefined {
  if (trendFilter === undefined || trendFilter.window <= 0) return undefined;
  const { window, minSlope } = trendFilter;
  const closes = candles.slice(-window - 1).map((candle) => candle.close);
  if (closes.length < window + 1) return blocked('trend_filter_wait');
  const now = mean(closes.slice(1));
  const before = mean(closes.slice(0, -1));
  const passes = now !== undefined && before !== undefined && now.minus(before).div(window).gte(minSlope);
  return passes ? undefined : blocked('trend_filter_blocked');
}

function volatility({ volatilityFilter }: SymbolRules, candles: readonly Candle[]): Decision | undefined {
  if (volatilityFilter === undefined || volatilityFilter.window <= 0) return undefined;
  const range = averageTrueRange(candles, volatilityFilter.window);
  const close = candles.at(-1)?.close;
  if (range === undefined || close === undefined) return blocked('volatility_filter_wait');
  const share = range.div(close);
  const passes = range.gt(0) && share.gte(volatilityFilter.min) && share.lte(volatilityFilter.max);
  return passes ? undefined : blocked('volatility_filter_blocked');
}
