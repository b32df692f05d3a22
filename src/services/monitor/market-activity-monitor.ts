import { injectable } from 'inversify';
import { messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import type { StatusSource } from '../../ports/market-services/lifecycle.js';
import { Logger, type LogFields } from '../../ports/configuration/logger.js';
import { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import type { MarketMonitor } from '../../ports/market-services/market-monitor.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';

/** Failures in a row that a stream may have before polling is advised. */
const MAX_FAILURES = 3;
const MIN_STALENESS_MS = 5_000;
const NEVER = Number.NEGATIVE_INFINITY;
const NONE: readonly { readonly symbol: string; readonly stalenessMs: number }[] = Object.freeze([]);

/** What is known of one symbol's market data. Fields change in place; nothing is made per update. */
class Watch {
  updates = 0;
  lastUpdateAt = NEVER;
  streamedAt = NEVER;
  source: 'stream' | 'poll' | undefined = undefined;
  /** When silence began to count: the first look at a symbol that was never updated. */
  since = NEVER;
  /** In a row, until the stream delivers again. */
  failures = 0;
  lastError: string | undefined = undefined;
  isStale = false;
}

/**
 * Activity of market data per symbol. Silence is read from the shared freshness, so that marks count however they
 * came. Heartbeats go to the debug log and their failure never reaches market data; a symbol that falls silent is
 * warned about once. Follows the configured symbols; all others are ignored.
 */
@injectable()
export class MarketActivityMonitor implements MarketMonitor, StatusSource {
  readonly name = 'market-monitor';
  private readonly watches = new Map<string, Watch>();

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(MarkFreshness) private readonly freshness: MarkFreshness,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {
    this.setSymbols(config.current.symbols);
    config.onChange((change) => this.setSymbols(change.updated.symbols));
  }

  recordUpdate(symbol: string, source: 'stream' | 'poll', at: number): void {
    const watch = this.watches.get(symbol);
    if (watch === undefined) return;
    watch.updates += 1;
    watch.source = source;
    if (at > watch.lastUpdateAt) watch.lastUpdateAt = at;
    if (source === 'stream') {
      watch.failures = 0;
      if (at > watch.streamedAt) watch.streamedAt = at;
    }
    if (this.logger.debugEnabled)
      this.heartbeat({ symbol, source, last_update_ts: at, latency_ms: this.clock.now() - at });
  }

  recordFailure(symbol: string, error: unknown): void {
    const watch = this.watches.get(symbol);
    if (watch === undefined) return;
    watch.failures += 1;
    watch.lastError = messageOf(error);
  }

  checkStaleness(now: number): readonly { readonly symbol: string; readonly stalenessMs: number }[] {
    const threshold = this.maxStalenessMs;
    let stale: { readonly symbol: string; readonly stalenessMs: number }[] | undefined;
    for (const [symbol, watch] of this.watches) {
      const stalenessMs = now - this.heardAt(symbol, watch, now);
      if (stalenessMs <= threshold) {
        watch.isStale = false;
        continue;
      }
      (stale ??= []).push({ symbol, stalenessMs });
      this.reportStale(symbol, watch, stalenessMs, threshold);
    }
    return stale ?? NONE;
  }

  shouldFallBackToPolling(now: number): boolean {
    const threshold = this.maxStalenessMs;
    for (const [symbol, watch] of this.watches) {
      if (watch.failures > MAX_FAILURES || !(now - this.heardAt(symbol, watch, now) <= threshold)) return true;
      // Polls keep a symbol fresh while its stream is dead: the advice holds until the stream is back.
      if (watch.streamedAt !== NEVER && !(now - watch.streamedAt <= threshold)) return true;
    }
    return false;
  }

  setSymbols(symbols: readonly string[]): void {
    for (const symbol of this.watches.keys()) if (!symbols.includes(symbol)) this.watches.delete(symbol);
    for (const symbol of symbols) if (!this.watches.has(symbol)) this.watches.set(symbol, new Watch());
  }

  /** Asked once a cycle, which is also how a symbol that falls silent comes to be reported. */
  status(): Record<string, unknown> {
    const now = this.clock.now();
    return {
      fallback_advised: this.shouldFallBackToPolling(now),
      stale: this.checkStaleness(now).map(({ symbol }) => symbol),
      staleness_threshold_ms: this.maxStalenessMs,
      symbols: Object.fromEntries(
        [...this.watches].map(([symbol, watch]) => [
          symbol,
          {
            source: watch.source,
            updates: watch.updates,
            last_update_ts: this.lastUpdateOf(symbol, watch),
            staleness_ms: now - this.heardAt(symbol, watch, now),
            failures: watch.failures,
            last_error: watch.lastError,
          },
        ]),
      ),
    };
  }

  /** Silence shorter than two polls is no silence. */
  private get maxStalenessMs(): number {
    return Math.max(MIN_STALENESS_MS, 2 * this.config.current.updateIntervalMs);
  }

  private lastUpdateOf(symbol: string, watch: Watch): number | undefined {
    const at = Math.max(watch.lastUpdateAt, this.freshness.lastUpdate(symbol) ?? NEVER);
    return at === NEVER ? undefined : at;
  }

  /** When a symbol was last heard of. One that never was is silent since it was first looked at. */
  private heardAt(symbol: string, watch: Watch, now: number): number {
    const at = this.lastUpdateOf(symbol, watch);
    if (at !== undefined) return at;
    if (watch.since === NEVER) watch.since = now;
    return watch.since;
  }

  private reportStale(symbol: string, watch: Watch, stalenessMs: number, threshold: number): void {
    const isNew = !watch.isStale;
    watch.isStale = true;
    const fields = {
      symbol,
      source: 'staleness_guard',
      last_update_ts: this.lastUpdateOf(symbol, watch),
      staleness_ms: stalenessMs,
      staleness_threshold_ms: threshold,
    };
    this.heartbeat(fields, isNew ? 'warn' : 'debug');
  }

  private heartbeat(fields: LogFields, level: 'debug' | 'warn' = 'debug'): void {
    try {
      this.logger[level]('market_heartbeat', fields);
    } catch {
      // A heartbeat that cannot be written says nothing about the market; marks go on.
    }
  }
}
