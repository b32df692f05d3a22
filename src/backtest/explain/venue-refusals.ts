import type { Order } from '../../domain/order.js';
import type { OrderLog } from '../../ports/core-services/execution.js';
import type { Cause } from './explanation.js';

interface Tally {
  times: number;
  readonly at: number;
  readonly symbol: string;
  readonly detail: string | undefined;
}

const LOST = 'lost';
const LATE = 'the order ran out before the market had it; see simulation.latency';

/** Counts the orders that a venue refuses, or never got, while a run goes on. */
export class VenueRefusals {
  private readonly tallies = new Map<string, Tally>();
  private readonly unsubscribe: () => void;

  constructor(orders: Pick<OrderLog, 'onChange'>) {
    this.unsubscribe = orders.onChange((order, previous) => this.follow(order, previous));
  }

  close(): void {
    this.unsubscribe();
  }

  causes(): Cause[] {
    return [...this.tallies].map(([name, { times, at, symbol, detail }]) => ({
      kind: name === LOST ? 'lost' : 'venue',
      name,
      times,
      first: { at, symbol, ...(detail === undefined ? {} : { detail }) },
    }));
  }

  private follow({ status, reason, updatedAt, request }: Order, previous: Order | undefined): void {
    if (status === previous?.status || (status !== 'rejected' && status !== 'rejected_late' && status !== LOST)) return;
    const name = status === LOST ? LOST : codeOf(reason);
    const known = this.tallies.get(name);
    if (known === undefined)
      this.tallies.set(name, {
        times: 1,
        at: updatedAt,
        symbol: request.symbol,
        detail: status === LOST ? LATE : reason,
      });
    else known.times += 1;
  }
}

/** `min_notional: Notional must be …` is of the kind `min_notional`. */
export const codeOf = (reason: string | undefined): string => /^[a-z_]+(?=:|$)/.exec(reason ?? '')?.[0] ?? 'rejected';
