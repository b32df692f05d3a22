import { injectable } from 'inversify';
import type { ExchangeState, ExchangeStore } from '../../ports/core-services/simulated-exchange.js';

/** Remembers the exchange inside for as long as the process lives. */
@injectable()
export class MemoryExchangeStore implements ExchangeStore {
  private core: string | undefined;
  private readonly candles = new Map<string, string>();
  private readonly orders = new Map<string, string>();
  private readonly events: string[] = [];

  load(): ExchangeState | undefined {
    if (this.core === undefined) return undefined;
    return {
      core: this.core,
      candles: new Map(this.candles),
      orders: new Map(this.orders),
      events: [...this.events],
    };
  }

  commit(state: ExchangeState): void {
    this.core = state.core;
    for (const [symbol, text] of state.candles) this.candles.set(symbol, text);
    for (const [id, body] of state.orders) this.orders.set(id, body);
    for (const event of state.events) this.events.push(event);
  }

  close(): void {
    // What it holds outlives it on purpose: a bot rebuilt in this process goes on where the last one stopped.
  }
}
