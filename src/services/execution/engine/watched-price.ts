import type { MarkUnits } from '../../../domain/units.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { QuotePrices } from '../../../ports/runtime-state/quote-prices.js';

/**
 * The price that a held stop waits for: the one by which its order at the venue would trigger, where the stop names
 * one. While that is not told, or is too old, the mark of the window stands in for it, because a stop that waits for
 * nothing protects nothing; it is said once.
 */
export class WatchedPrice {
  private readonly missing = new Set<string>();

  constructor(
    private readonly config: ConfigController,
    private readonly prices: QuotePrices,
    private readonly logger: Logger,
  ) {}

  of({ instrument: { symbol }, triggerBy }: OrderIntent, mark: MarkUnits, now: number): MarkUnits {
    if (triggerBy === undefined) return mark;
    const told = this.prices.fresh(symbol, triggerBy, now, this.config.current.risk.maxMarkStalenessMs);
    const key = `${symbol} ${triggerBy}`;
    if (told !== undefined) {
      this.missing.delete(key);
      return told;
    }
    if (this.missing.has(key)) return mark;
    this.missing.add(key);
    this.logger.warn('The price that a held stop watches is not told; the mark stands in for it', {
      symbol,
      trigger_by: triggerBy,
    });
    return mark;
  }
}
