import { SymbolMap } from '../../domain/symbol-map.js';
import type { Logger } from '../../ports/logger.js';
import type { MarkFreshness } from '../../ports/mark-freshness.js';
import type { ConfigController } from '../../ports/settings.js';
import type { RiskJournal } from './risk-journal.js';

type Level = 'fresh' | 'ageing' | 'stale';

/** Age of marks: beyond the limit they are stale for a decision, beyond twice the limit trading in the symbol is halted. */
export class StalenessWatch {
  private readonly levels = new SymbolMap<Level>();

  constructor(
    private readonly config: ConfigController,
    private readonly freshness: MarkFreshness,
    private readonly journal: RiskJournal,
    private readonly logger: Logger,
  ) {}

  isStale(symbol: string, now: number): boolean {
    return this.freshness.isStale(symbol, now, this.config.current.risk.maxMarkStalenessMs);
  }

  /** True beyond twice the limit, and for a symbol never seen. Says so when it begins, not while it lasts. */
  check(symbol: string, now: number): boolean {
    const limit = this.config.current.risk.maxMarkStalenessMs;
    const level: Level = !this.freshness.isStale(symbol, now, limit) ? 'fresh' : !this.freshness.isStale(symbol, now, 2 * limit) ? 'ageing' : 'stale';
    if (this.levels.get(symbol) !== level) {
      this.levels.set(symbol, level);
      this.announce(symbol, level, this.freshness.age(symbol, now), limit);
    }
    return level === 'stale';
  }

  private announce(symbol: string, level: Level, age: number | undefined, limit: number): void {
    if (level === 'ageing') this.logger.info('Mark is getting old', { symbol, ageMs: age, limitMs: limit });
    if (level === 'stale') {
      this.journal.record('stale_mark_price', { symbol, age_seconds: age === undefined ? null : age / 1_000, limit_seconds: limit / 1_000, action: 'halt_new_orders' });
    }
  }
}
