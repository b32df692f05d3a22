import type { Logger } from '../../../ports/configuration/logger.js';
import type { MarkFreshness } from '../../../ports/runtime-state/mark-freshness.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RiskJournal } from '../risk-journal.js';

type Level = 'ageing' | 'stale';

/**
 * Age of marks: beyond the limit they are stale for a decision, beyond twice the limit trading in the symbol is halted.
 */
export class StalenessWatch {
  /** Symbols whose marks are not fresh: nearly always none. */
  private readonly levels = new Map<string, Level>();

  constructor(
    private readonly config: ConfigController,
    private readonly freshness: MarkFreshness,
    private readonly journal: RiskJournal,
    private readonly logger: Logger,
  ) {}

  isStale(symbol: string, now: number): boolean {
    return this.freshness.isStale(symbol, now, this.config.current.risk.maxMarkStalenessMs);
  }

  /** Fresh, and nothing was said of any symbol that would have to be taken back. */
  isQuiet(symbol: string, now: number): boolean {
    return this.levels.size === 0 && !this.freshness.isStale(symbol, now, this.config.current.risk.maxMarkStalenessMs);
  }

  /** True beyond twice the limit, and for a symbol never seen. Says so when it begins, not while it lasts. */
  check(symbol: string, now: number): boolean {
    const limit = this.config.current.risk.maxMarkStalenessMs;
    if (!this.freshness.isStale(symbol, now, limit)) {
      if (this.levels.size > 0) this.levels.delete(symbol);
      return false;
    }
    const level = this.freshness.isStale(symbol, now, 2 * limit) ? 'stale' : 'ageing';
    if (this.levels.get(symbol) !== level) {
      this.levels.set(symbol, level);
      this.announce(symbol, level, this.freshness.age(symbol, now), limit);
    }
    return level === 'stale';
  }

  private announce(symbol: string, level: Level, age: number | undefined, limit: number): void {
    if (level === 'ageing') this.logger.info('Mark is getting old', { symbol, ageMs: age, limitMs: limit });
    if (level === 'stale') {
      this.journal.record('stale_mark_price', {
        symbol,
        age_seconds: age === undefined ? null : age / 1_000,
        limit_seconds: limit / 1_000,
        action: 'halt_new_orders',
      });
    }
  }
}
