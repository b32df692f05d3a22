import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { EventStore, type Json } from '../../ports/storage/event-store.js';
import { FOLDS } from '../../ports/storage/journal-folds.js';
import type { Lifecycle } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { OrderLog } from '../../ports/core-services/execution.js';
import { StrategyRegistry } from '../../ports/core-services/strategy.js';

const RECORD = 'strategy_state';
/**
 * Carries what strategies remember across a restart: journals each symbol's state when it has changed, with every order
 * that is asked for, once a cycle and at the end, and gives the newest back at start. Starts after the journal has been
 * opened and the portfolio restored from it.
 */
@injectable()
export class StrategyStateKeeper implements Lifecycle {
  readonly name = 'strategy-state';
  private readonly saved = new Map<string, string>();
  private cancelTimer: (() => void) | undefined;
  private stopListening: (() => void) | undefined;
  /** Symbols of which an order was asked for in this turn. */
  private readonly asked = new Set<string>();

  constructor(
    @inject(EventStore) private readonly events: EventStore,
    @inject(StrategyRegistry) private readonly registry: StrategyRegistry,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
    @inject(OrderLog) private readonly orders: Pick<OrderLog, 'onChange'>,
  ) {}

  start(): void {
    if (this.cancelTimer !== undefined) return;
    this.restore();
    // Nobody reads it where the journal keeps nothing: a timer of the world at every step is only waited for.
    if (this.events.discards === true) return;
    this.schedule();
    this.stopListening = this.orders.onChange(({ request }, previous) => {
      if (previous === undefined) this.asksFor(request.symbol);
    });
  }

  stop(): void {
    if (this.cancelTimer === undefined) return;
    this.cancelTimer();
    this.cancelTimer = undefined;
    this.stopListening?.();
    this.stopListening = undefined;
    this.save();
  }

  private schedule(): void {
    this.cancelTimer = this.scheduler.after(this.config.current.updateIntervalMs, () => {
      this.save();
      this.schedule();
    });
  }

  /**
   * No order is known of which its strategy does not know: the state is on disk with the order, before that leaves.
   * What the strategy notes after it has asked follows in the same turn.
   */
  private asksFor(symbol: string): void {
    this.keep(symbol);
    if (this.asked.size === 0) queueMicrotask(() => this.endTurn());
    this.asked.add(symbol);
  }

  private endTurn(): void {
    // After its end the journal may be closed, and has the last word already.
    if (this.stopListening !== undefined) for (const symbol of this.asked) this.keep(symbol);
    this.asked.clear();
  }

  private save(): void {
    // A symbol that left may still have a position, and its stop.
    for (const symbol of new Set([...this.config.current.symbols, ...this.saved.keys()])) this.keep(symbol);
  }

  private keep(symbol: string): void {
    const strategy = this.registry.strategyFor(symbol);
    const state = strategy.snapshot(symbol) ?? null;
    const text = JSON.stringify([strategy.name, state]);
    if (text === this.saved.get(symbol) || (state === null && !this.saved.has(symbol))) return;
    this.saved.set(symbol, text);
    this.events.append(RECORD, { symbol, strategy: strategy.name, state });
  }

  private restore(): void {
    const newest = new Map<string, { readonly strategy: string; readonly state: Json | undefined }>();
    for (const { botId, payload } of this.events.fold(FOLDS.strategyStates)) {
      if (botId !== this.config.current.botId) continue;
      const { symbol, strategy, state } = payload;
      if (typeof symbol === 'string' && typeof strategy === 'string') newest.set(symbol, { strategy, state });
    }
    for (const [symbol, { strategy, state = null }] of newest)
      if (state !== null) this.giveBack(symbol, strategy, state);
  }

  /** A state that cannot be read is reported and left behind: the strategy then starts from the entry price. */
  private giveBack(symbol: string, name: string, state: Json): void {
    const strategy = this.registry.strategyFor(symbol);
    if (strategy.name !== name) return;
    try {
      strategy.restore(symbol, state);
      this.saved.set(symbol, JSON.stringify([name, state]));
    } catch (error) {
      this.logger.error('Strategy state could not be restored', { symbol, strategy: name, error });
    }
  }
}
