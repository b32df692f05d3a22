import { injectable } from 'inversify';
import type { ExchangeState, ExchangeStore } from '../../../ports/core-services/simulated-exchange.js';

/** For worlds whose exchange ends with them: history. Every start is the first one. */
@injectable()
export class NoExchangeStore implements ExchangeStore {
  readonly discards = true;

  load(): ExchangeState | undefined {
    return undefined;
  }

  commit(): void {
    // Nothing is kept.
  }

  close(): void {
    // Nothing is open.
  }
}
