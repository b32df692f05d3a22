import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { EventStore, type Json } from '../../ports/storage/event-store.js';
import type { Lifecycle } from '../../ports/market-services/lifecycle.js';
import { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { GateLedger } from '../../ports/runtime-state/runtime-state.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import { StrategyHost } from '../../ports/strategy/strategy-host.js';

const EVERY_MS = 900_000;

/**
 * Leaves in the journal what the gates held back and why the strategy did what it did, counted since the start: every
 * quarter of an hour, and at the end. `perpsbot explain` reads it.
 */
@injectable()
export class TallyKeeper implements Lifecycle {
  readonly name = 'trading-tally';
  private since = 0;
  private written = '';
  private cancelTimer: (() => void) | undefined;

  constructor(
    @inject(EventStore) private readonly events: EventStore,
    @inject(GateLedger) private readonly ledger: GateLedger,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(StrategyHost) private readonly strategies: Pick<StrategyHost, 'handlerTimes'>,
  ) {}

  start(): void {
    // Where the journal keeps nothing nobody reads it, and a timer of the world is waited for.
    if (this.cancelTimer !== undefined || this.events.discards === true) return;
    this.since = this.clock.now();
    this.schedule();
  }

  stop(): void {
    if (this.cancelTimer === undefined) return;
    this.cancelTimer();
    this.cancelTimer = undefined;
    this.write();
  }

  private schedule(): void {
    this.cancelTimer = this.scheduler.after(EVERY_MS, () => {
      this.write();
      this.schedule();
    });
  }

  private write(): void {
    const gates = this.ledger.report().map(({ gate, times, heldMs, firstAt, firstSymbol, firstDetail }) => ({
      gate,
      times,
      held_ms: heldMs,
      first_at: firstAt,
      first_symbol: firstSymbol,
      detail: firstDetail ?? null,
    }));
    const reasons = (this.ledger.reasons?.() ?? []).map(({ kind, reason, times, firstAt, firstSymbol, firstMark }) => ({
      kind,
      reason,
      times,
      first_at: firstAt,
      first_symbol: firstSymbol,
      first_mark: this.price(firstSymbol, firstMark),
    }));
    const cuts = (this.ledger.cuts?.() ?? []).map(({ limit, times, firstAt, firstSymbol, firstDetail }) => ({
      limit,
      times,
      first_at: firstAt,
      first_symbol: firstSymbol,
      detail: firstDetail,
    }));
    const text = JSON.stringify([gates, reasons, cuts]);
    if (text === this.written || gates.length + reasons.length === 0) return;
    this.written = text;
    this.events.append('trading_tally', { since: this.since, gates, reasons, cuts, handlers: this.handlers() });
  }

  private handlers(): Json[] {
    return [...(this.strategies.handlerTimes?.() ?? [])].map(([instance, times]) => ({
      ...{ instance, calls: times.calls, over_budget: times.overBudget },
      ...{ p50_us: times.p50Us, p99_us: times.p99Us, worst_us: times.worstUs },
      ...{ worst_handler: times.worstHandler, worst_at: times.worstAt },
    }));
  }

  private price(
    symbol: string,
    mark: Parameters<NonNullable<ReturnType<ProductCatalogue['find']>>['markPrice']>[0],
  ): Json {
    return this.catalogue.find(symbol)?.markPrice(mark).toNumber() ?? null;
  }
}
